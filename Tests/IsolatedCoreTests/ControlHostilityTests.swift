import ControlProtocol
import Faults
import Glibc
import IsolatedCore
import Kernel
import Testing

/// Clients that break the rules: each is dealt with alone, while a decent one beside it is answered.
@Suite(.serialized) struct ControlHostilityTests {
  @Test func disconnectsAClientThatNeverFinishesItsCall() async throws {
    var limits = ControlLimits()
    limits.callTimeout = .milliseconds(100)
    try await StubServer.with(limits: limits) { stub in
      let frames = try await DetachedThread.result {
        let idle = try RawClient(path: stub.path)
        let hostile = try RawClient(path: stub.path)
        try hostile.send("{\"method\":\"org.varlink")
        let left = try hostile.framesToTheEnd()
        // Merely idle is no offence.
        try idle.send(Call.info)
        return (left, try idle.frames(1))
      }
      #expect(frames.0.isEmpty)
      #expect(frames.1.count == 1)
    }
  }

  @Test func refusesAGigabyteBeforeItIsThere() async throws {
    try await StubServer.with { stub in
      let (sent, frames) = try await DetachedThread.result {
        let client = try RawClient(path: stub.path)
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 16)
        var sent = 0
        do throws(Fault) {
          while sent < 1 << 30 {
            sent += try piece.sent(to: client.socket.rawValue)
          }
        } catch {
          try #require(error.errno?.number == EPIPE || error.errno?.number == ECONNRESET)
        }
        return (sent, try client.framesToTheEnd())
      }
      #expect(sent < 4 << 20)
      #expect(frames.count == 1)
      #expect(frames.first?.contains("control.frame-too-large") == true)
    }
  }

  @Test(arguments: [
    "\0", "garbage\0", "[]\0", "7\0", "{}\0", "{\"method\":7}\0", "{\"method\":\"a.B\",\"more\":\"yes\"}\0",
    "{\"method\":\"a.B\"\0", String(repeating: "[", count: 9000) + "\0",
  ])
  func refusesWhatIsNoCall(_ text: String) async throws {
    try await StubServer.with { stub in
      let frames = try await DetachedThread.result {
        let client = try RawClient(path: stub.path)
        try client.send(text + Call.info)
        return try client.framesToTheEnd()
      }
      #expect(frames.count == 1)
      #expect(frames.first?.contains("control.malformed-message") == true)
    }
  }

  @Test func refusesBytesThatAreNoText() async throws {
    try await StubServer.with { stub in
      let frames = try await DetachedThread.result {
        let client = try RawClient(path: stub.path)
        try client.send(Array("{\"method\":\"".utf8) + [0xc3, 0x28, 0xff, 0xfe] + Array("\"}\0".utf8))
        return try client.framesToTheEnd()
      }
      #expect(frames.count == 1)
    }
  }

  @Test func servesAThousandConnectionsAndRefusesTheNext() async throws {
    var limits = ControlLimits()
    limits.connections = 1000
    try raiseOpenFileLimit()
    try await StubServer.with(limits: limits) { stub in
      let (answered, refusal) = try await DetachedThread.result {
        let clients = try (0..<1000).map { _ in try RawClient(path: stub.path) }
        for client in clients { try client.send(Call.info) }
        let answered = try clients.map { try $0.frames(1).count }.reduce(0, +)
        return (answered, try RawClient(path: stub.path).framesToTheEnd())
      }
      #expect(answered == 1000)
      #expect(refusal.count == 1)
      #expect(refusal.first?.contains("control.too-many-connections") == true)
      // Those who left make room.
      try await eventually {
        (try? ControlClient.version(path: stub.path)) != nil
      }
    }
  }

  @Test func countsAConnectionUntilItsCallHasEndedWhoeverHangsUp() async throws {
    var limits = ControlLimits()
    limits.connections = 3
    try await StubServer.with(limits: limits) { stub in
      let refusal = try await DetachedThread.result {
        for _ in 0..<3 {
          let client = try RawClient(path: stub.path)
          try client.send(Call.named("io.isolated.Wait", "{\"name\":\"short\"}", ",\"oneway\":true"))
        }
        return try RawClient(path: stub.path).framesToTheEnd()
      }
      #expect(refusal.first?.contains("control.too-many-connections") == true)
      stub.service.state.withLock { $0.exits["short"] = Exit(status: 0, cause: .exited, durationUsec: 1) }
      try await eventually { (try? ControlClient.version(path: stub.path)) != nil }
    }
  }

  @Test func disconnectsAClientThatNeverReadsAndServesTheOthers() async throws {
    var limits = ControlLimits()
    limits.outputTimeout = .milliseconds(200)
    limits.outputBytes = 1 << 16
    try await StubServer.with(limits: limits) { stub in
      stub.service.state.withLock { $0.tenants = (0..<500).map { TenantSummary.sample("tenant-\($0)") } }
      let (hostileSent, answers) = try await DetachedThread.result {
        let hostile = try RawClient(path: stub.path)
        var sent = 0
        do throws(Fault) {
          // Ends when the server has closed; without that, sending would block and fail after ten seconds.
          while true { sent += try Array(Call.list.utf8).sent(to: hostile.socket.rawValue) }
        } catch {
          try #require(error.errno?.number == EPIPE || error.errno?.number == ECONNRESET)
        }
        let decent = try RawClient(path: stub.path)
        try decent.send(Call.list)
        return (sent, try decent.frames(1))
      }
      #expect(hostileSent < 4 << 20)
      #expect(answers.count == 1)
    }
  }

  @Test func disconnectsAReaderThatIsSlowerThanItsStream() async throws {
    var limits = ControlLimits()
    limits.outputBytes = 1 << 18
    let handler = EndlessHandler()
    let (server, path, directory) = try serve(handler, limits: limits)
    let client = try RawClient(path: path)
    try client.send(Call.named("any.Thing", "{}", ",\"more\":true"))
    try await eventually { handler.ended.withLock { $0 } == "control.disconnected" }
    await server.stop()
    rmdir(directory)
    // What the kernel holds for the client comes on top of the bound.
    #expect(handler.sentBytes.withLock { $0 } < 2 << 20)
  }

  @Test func closesDescriptorsThatNobodyAskedFor() async throws {
    try await StubServer.with { stub in
      let (frames, closed) = try await DetachedThread.result {
        let client = try RawClient(path: stub.path)
        let (reading, writing) = try pipeEnds()
        try client.send(Call.list, descriptors: Array(repeating: writing.take(), count: 8))
        return (try client.frames(1), try endOfFile(reading))
      }
      #expect(frames.count == 1)
      #expect(closed)
    }
  }

  @Test func refusesAFloodOfDescriptorsAndClosesThemAll() async throws {
    try await StubServer.with { stub in
      for count in [9, 16] {
        let (frames, closed) = try await DetachedThread.result {
          let client = try RawClient(path: stub.path)
          let (reading, writing) = try pipeEnds()
          try client.send(Call.list, descriptors: Array(repeating: writing.take(), count: count))
          return (try client.framesToTheEnd(), try endOfFile(reading))
        }
        #expect(frames.count == 1)
        #expect(frames.first?.contains("control.too-many-descriptors") == true)
        #expect(closed)
      }
    }
  }

  @Test func boundsTheDescriptorsThatComeInManyPieces() async throws {
    try await StubServer.with { stub in
      let (frames, closed) = try await DetachedThread.result {
        let client = try RawClient(path: stub.path)
        let (reading, writing) = try pipeEnds()
        try attachToManyBytes(writing.take(), client)
        return (try client.framesToTheEnd(), try endOfFile(reading))
      }
      #expect(frames.first?.contains("control.too-many-descriptors") == true)
      #expect(closed)
    }
  }

  @Test func closesTheDescriptorsOfACallThatNeverEnds() async throws {
    try await StubServer.with { stub in
      let closed = try await DetachedThread.result {
        let client = try RawClient(path: stub.path)
        let (reading, writing) = try pipeEnds()
        try client.send("{\"method\":", descriptors: [writing.take()])
        _ = shutdown(client.socket.rawValue, Int32(SHUT_RDWR))
        return try endOfFile(reading)
      }
      #expect(closed)
    }
  }

  @Test func survivesRandomBytesFromManyClients() async throws {
    try await StubServer.with { stub in
      try await DetachedThread.result {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
          let client = try RawClient(path: stub.path)
          let noise = (0..<Int.random(in: 0..<3000, using: &random)).map { _ in UInt8.random(in: 0...255) }
          do throws(Fault) { _ = try noise.sent(to: client.socket.rawValue) } catch {}
        }
      }
      let version = try await DetachedThread.result { try ControlClient.version(path: stub.path) }
      #expect(version == "0.0-stub")
    }
  }
}

/// Sends a byte at a time, each with the descriptor, and keeps no reference.
private func attachToManyBytes(_ end: SharedDescriptor, _ client: RawClient) throws {
  do throws(Fault) {
    for _ in 0..<20 { _ = try [UInt8(ascii: " ")].sent(to: client.socket.rawValue, [end]) }
  } catch {
    try #require(error.errno?.number == EPIPE || error.errno?.number == ECONNRESET)
  }
}

/// Sends intermediate answers for as long as the client is there.
private final class EndlessHandler: ControlHandler {
  let sentBytes = Guarded(0)
  let ended = Guarded("")

  func handle(_ call: ControlCall) async -> ControlReply {
    let filler = String(repeating: "x", count: 10_000)
    do throws(Fault) {
      while true {
        try call.sendIntermediate(["filler": filler])
        sentBytes.withLock { $0 += filler.utf8.count }
      }
    } catch {
      ended.withLock { $0 = error.code.rawValue }
    }
    return ControlReply(.permissionDenied)
  }
}
