import ControlProtocol
import Faults
import Glibc
import IsolatedCore
import Kernel
import Testing

@Suite struct ControlServerTests {
  @Test func answersACallThatComesByteByByte() async throws {
    try await StubServer.with { stub in
      let frames = try await DetachedThread.result {
        let client = try RawClient(path: stub.path)
        for byte in Array(Call.info.utf8) { try client.send([byte]) }
        return try client.frames(1)
      }
      #expect(frames.first?.contains("\"interfaces\":[\"org.varlink.service\",\"io.isolated\"]") == true)
    }
  }

  @Test func answersPipelinedCallsInOrder() async throws {
    try await StubServer.with { stub in
      let frames = try await DetachedThread.result {
        let client = try RawClient(path: stub.path)
        try client.send(
          (0..<200).map { Call.named("io.isolated.Wait", "{\"name\":\"tenant-\($0)\"}") }.joined())
        return try client.frames(200)
      }
      for (index, frame) in frames.enumerated() { #expect(frame.contains("tenant-\(index)\"")) }
      #expect(frames.count == 200)
    }
  }

  @Test func answersAClientThatHasFinishedSending() async throws {
    try await StubServer.with { stub in
      let frames = try await DetachedThread.result {
        let client = try RawClient(path: stub.path)
        try client.send(Call.info + Call.list)
        client.finishSending()
        return try client.framesToTheEnd()
      }
      #expect(frames.count == 2)
    }
  }

  @Test func sendsNoAnswerToAOnewayCall() async throws {
    try await StubServer.with { stub in
      let frames = try await DetachedThread.result {
        let client = try RawClient(path: stub.path)
        try client.send(Call.named("io.isolated.Forget", "{\"name\":\"a\"}", ",\"oneway\":true") + Call.list)
        return try client.frames(1)
      }
      #expect(frames == [#"{"parameters":{"tenants":[]}}"#])
      #expect(stub.service.state.withLock { $0.forgotten } == ["a"])
    }
  }

  @Test func carriesOutAOnewayCallWhoseClientLeftAtOnce() async throws {
    try await StubServer.with { stub in
      try await DetachedThread.result {
        let client = try RawClient(path: stub.path)
        try client.send(Call.named("io.isolated.Forget", "{\"name\":\"left\"}", ",\"oneway\":true"))
      }
      try await eventually { stub.service.state.withLock { $0.forgotten == ["left"] } }
    }
  }

  @Test func cancelsACallWhoseClientHangsUp() async throws {
    try await StubServer.with { stub in
      let client = try RawClient(path: stub.path)
      try client.send(Call.named("io.isolated.Wait", "{\"name\":\"forever\"}"))
      try await eventually { stub.service.state.withLock { $0.waitsStarted == 1 } }
      _ = shutdown(client.socket.rawValue, Int32(SHUT_RDWR))
      try await eventually { stub.service.state.withLock { $0.waitsCancelled == 1 } }
    }
  }

  @Test func endsAForegroundTenantWhoseClientHangsUp() async throws {
    try await StubServer.with { stub in
      let client = try RawClient(path: stub.path)
      let parameters = #"{"policy":"p","command":["/bin/sleep","1000"],"foreground":true}"#
      try client.send(Call.named("io.isolated.Spawn", parameters, ",\"more\":true"))
      let first = try await DetachedThread.result { try client.frames(1) }
      #expect(first.first?.contains("\"continues\":true") == true)
      _ = shutdown(client.socket.rawValue, Int32(SHUT_RDWR))
      try await eventually { stub.service.state.withLock { $0.attendedAfterCancellation == 1 } }
    }
  }

  @Test func answersAForegroundSpawnTwice() async throws {
    try await StubServer.with { stub in
      let frames = try await DetachedThread.result {
        let client = try RawClient(path: stub.path)
        let parameters = #"{"policy":"p","command":["/bin/sh","-c","exit 7"],"foreground":true}"#
        try client.send(Call.named("io.isolated.Spawn", parameters, ",\"more\":true"))
        return try client.frames(2)
      }
      #expect(frames.count == 2)
      #expect(frames.first?.contains("\"exit\"") == false)
      #expect(frames.last?.contains("\"status\":7") == true)
      #expect(frames.last?.contains("continues") == false)
    }
  }

  @Test func keepsNoStreamOfAForegroundTenantOpen() async throws {
    try await StubServer.with { stub in
      let client = try RawClient(path: stub.path)
      let closed = try await DetachedThread.result {
        let (reading, writing) = try pipeEnds()
        let parameters =
          #"{"policy":"p","command":["/bin/sh","-c","exec >&- 2>&-; sleep 100"],"foreground":true,"#
          + #""stdio":{"stdin":1,"stdout":0,"stderr":0}}"#
        let input = SharedDescriptor(
          owning: try systemCall("open") { open("/dev/null", O_RDONLY | O_CLOEXEC) })
        try client.send(
          Call.named("io.isolated.Spawn", parameters, ",\"more\":true"), descriptors: [writing.take(), input])
        return try endOfFile(reading)
      }
      #expect(closed)
      _ = shutdown(client.socket.rawValue, Int32(SHUT_RDWR))
      try await eventually { stub.service.state.withLock { $0.attendedAfterCancellation == 1 } }
    }
  }

  @Test func stopLeavesNoSocketAndCancelsNobody() async throws {
    let stub = try StubServer()
    let client = try RawClient(path: stub.path)
    try client.send(Call.named("io.isolated.Wait", "{\"name\":\"forever\"}"))
    try await eventually { stub.service.state.withLock { $0.waitsStarted == 1 } }
    await stub.close()
    #expect(access(stub.path, F_OK) == -1)
    #expect(access(stub.directory, F_OK) == -1)
    #expect(try await DetachedThread.result { try client.framesToTheEnd() }.isEmpty)
    #expect(stub.service.state.withLock { $0.waitsCancelled } == 0)
  }

  @Test func refusesWhatTheInterfaceDoesNotSay() async throws {
    let calls: [(call: String, answer: String)] = [
      (Call.named("io.isolated.Explode"), "MethodNotFound\""),
      (Call.named("org.varlink.service.Explode"), "MethodNotFound\""),
      (Call.named("io.other.List"), "\"interface\":\"io.other\""),
      (Call.named("List"), "\"parameter\":\"method\""),
      (Call.named(""), "\"parameter\":\"method\""),
      (Call.named("io.isolated."), "\"parameter\":\"method\""),
      (Call.named("io.isolated.List", "{\"all\":true}"), "\"parameter\":\"all\""),
      (Call.named("io.isolated.Wait"), "\"parameter\":\"name\""),
      (Call.named("io.isolated.Wait", "null"), "\"parameter\":\"name\""),
      (Call.named("io.isolated.Wait", "[]"), "InvalidParameter\""),
      (Call.named("io.isolated.Wait", "{\"name\":7}"), "\"parameter\":\"name\""),
      (Call.named("io.isolated.Kill", "{\"name\":\"a\",\"signal\":\"9\"}"), "\"parameter\":\"signal\""),
      (Call.named("io.isolated.Kill", "{\"name\":\"a\",\"signal\":65}"), "\"parameter\":\"signal\""),
      (Call.named("io.isolated.Kill", "{\"name\":\"a\",\"signal\":1e99}"), "InvalidParameter\""),
      (Call.named("io.isolated.Stop", "{\"name\":\"a\",\"graceUsec\":-1}"), "\"parameter\":\"graceUsec\""),
      (Call.named("io.isolated.Spawn"), "\"parameter\":\"policy\""),
      (
        Call.named("io.isolated.Spawn", "{\"policy\":\"a\",\"document\":\"b\"}"), "\"parameter\":\"document\""
      ),
      (Call.named("io.isolated.Spawn", "{\"policy\":\"a\",\"command\":[]}"), "\"parameter\":\"command\""),
      (Call.named("io.isolated.Spawn", "{\"policy\":\"a\",\"command\":[1]}"), "\"parameter\":\"command.0\""),
      (
        Call.named("io.isolated.Spawn", #"{"policy":"a","stdio":{"stdin":0,"stdout":1,"stderr":2}}"#),
        "\"parameter\":\"stdio.stdin\""
      ),
      (
        Call.named("io.isolated.Spawn", #"{"policy":"a","stdio":{"stdin":0,"stdout":1,"stderr":2,"tty":3}}"#),
        "\"parameter\":\"stdio.tty\""
      ),
      (Call.named("io.isolated.Spawn", "{\"policy\":\"a\",\"foreground\":true}"), "ExpectedMore\""),
      (Call.named("io.isolated.List", "{}", ",\"upgrade\":true"), "\"parameter\":\"upgrade\""),
      (
        Call.named("org.varlink.service.GetInterfaceDescription", #"{"interface":"io.other"}"#),
        "InterfaceNotFound\""
      ),
    ]
    try await StubServer.with { stub in
      let frames = try await DetachedThread.result {
        let client = try RawClient(path: stub.path)
        try client.send(calls.map(\.call).joined())
        return try client.frames(calls.count)
      }
      try #require(frames.count == calls.count)
      for (expected, frame) in zip(calls, frames) {
        #expect(frame.contains("\"error\":\"org.varlink.service."), "\(expected.call): \(frame)")
        #expect(frame.contains(expected.answer), "\(expected.call): \(frame)")
      }
      #expect(stub.service.state.withLock { $0.spawned.isEmpty && $0.kills.isEmpty && $0.stops.isEmpty })
    }
  }
}

/// Waits until a condition holds that another thread brings about; gives up after ten seconds.
func eventually(_ condition: () -> Bool) async throws {
  for _ in 0..<2000 {
    if condition() { return }
    try await Task.sleep(for: .milliseconds(5))
  }
  Issue.record("the condition never came to hold")
}
