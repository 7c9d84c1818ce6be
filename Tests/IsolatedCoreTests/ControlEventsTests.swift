import ControlProtocol
import Faults
import FoundationEssentials
import Glibc
import Kernel
import Testing

@testable import IsolatedCore

/// Streams of events over the control socket.
@Suite struct ControlEventsTests {
  private static let listen = Call.named("io.isolated.Events", "{}", ",\"more\":true")

  private func tell(_ stub: StubServer, _ kind: TenantEvent.Kind = .limit, count: Int? = nil, times: Int = 1) {
    for _ in 0..<times {
      stub.service.happenings.publish(
        TenantEvent(timeUsec: 7, event: kind, tenant: "web", count: count), owner: 0)
    }
  }

  private static func count(in frame: String) -> Int {
    frame.split(separator: "\"count\":").last.flatMap { Int($0.prefix { $0.isNumber }) } ?? 0
  }

  @Test func aStreamNeedsMore() async throws {
    try await StubServer.with { stub in
      let frames = try await DetachedThread.result {
        let client = try RawClient(path: stub.path)
        try client.send(
          Call.named("io.isolated.Events") + Call.named("io.isolated.Events", "{}", ",\"oneway\":true") + Call.info)
        return try client.frames(2)
      }
      #expect(frames.first?.contains("org.varlink.service.ExpectedMore") == true && frames.count == 2)
      #expect(!stub.service.happenings.hasListeners)
    }
  }

  @Test func eachEventIsAnAnswerAndTheStreamEndsWithItsClient() async throws {
    try await StubServer.with { stub in
      let client = try RawClient(path: stub.path)
      let first = try await DetachedThread.result {
        try client.send(Self.listen)
        return try client.frames(1)
      }
      #expect(
        first.first?.contains("\"event\":\"listening\"") == true && first.first?.contains("\"continues\":true") == true)
      tell(stub, .exited, count: 3)
      let second = try await DetachedThread.result { try client.frames(1) }
      #expect(second.first?.contains("\"tenant\":\"web\"") == true && second.first?.contains("\"count\":3") == true)
      client.finishSending()
      _ = shutdown(client.socket.rawValue, Int32(SHUT_RDWR))
      while stub.service.happenings.hasListeners { try await Task.sleep(for: .milliseconds(2)) }
    }
  }

  @Test func fiftySlowReadersHoldUpNobodyAndHearHowMuchTheyMissed() async throws {
    var limits = ControlLimits()
    limits.outputTimeout = .milliseconds(50)
    try await StubServer.with(limits: limits) { stub in
      let slow = try (0..<50).map { _ in try RawClient(path: stub.path) }
      let quick = try RawClient(path: stub.path)
      try await DetachedThread.result {
        for client in slow + [quick] {
          try client.send(Self.listen)
          _ = try client.frames(1)
        }
      }
      // More than any socket's buffer holds, while one reader keeps up and others make calls.
      let total = 20_000
      for round in 0..<(total / 100) {
        tell(stub, times: 100)
        #expect(try await DetachedThread.result { try quick.frames(100).count } == 100)
        if round.isMultiple(of: 50) {
          #expect(try await DetachedThread.result { try ControlClient.version(path: stub.path) } == "0.0-stub")
        }
      }
      for client in slow {
        let (told, lost) = try await DetachedThread.result { () throws -> (Int, Int) in
          var (told, lost) = (0, 0)
          _ = try client.frames { frame in
            if frame.contains("\"event\":\"lost\"") { lost += Self.count(in: frame) } else { told += 1 }
            return told + lost == total
          }
          return (told, lost)
        }
        #expect(told + lost == total && lost > 0 && told >= TenantEventStream.mostWaiting)
      }
    }
  }

  @Test func isoctlPrintsALineForEachEvent() async throws {
    try await StubServer.with { stub in
      func first(_ count: Int, _ arguments: String) throws -> IsoctlProcess {
        try IsoctlProcess(
          ["-c", "\"$0\" events \(arguments) | head -n \(count)", IsoctlProcess.path], socket: stub.path,
          executable: "/bin/sh")
      }
      let (process, json) = (try first(1, "web"), try first(3, "--json"))
      let happenings = stub.service.happenings
      while happenings.listenerCount < 2 { try await Task.sleep(for: .milliseconds(2)) }
      happenings.publish(
        TenantEvent(
          timeUsec: 1_795_410_083_250_000, event: .exited, tenant: "web",
          exit: Exit(status: 3, cause: .exited, durationUsec: 2_000_000),
          usage: ResourceSummary(
            cpuUsec: 1_200_000, memoryPeakBytes: 31_457_280, ioReadBytes: 1_048_576, ioWriteBytes: 0,
            lifetimeUsec: 2_000_000)), owner: 0)
      happenings.publish(
        TenantEvent(timeUsec: 0, event: .updated, tenant: "other", text: "a\u{1b}[2J\nb"), owner: 0)
      // A reader whose output nobody takes ends with the next event.
      let more = Task {
        while !Task.isCancelled {
          happenings.publish(TenantEvent(timeUsec: 1, event: .frozen, tenant: "web"), owner: 0)
          try await Task.sleep(for: .milliseconds(5))
        }
      }
      let outcome = try await process.outcome()
      let lines = try await json.outcome().output.split(separator: "\n")
      more.cancel()
      let expected = "web exited: exited 3, lived 2.0s, processor 1.2s, memory at most 30MiB, read 1.0MiB, written 0B"
      #expect(
        outcome.output.split(separator: "\n").map { $0.split(separator: " ").dropFirst(2).joined(separator: " ") } == [
          expected
        ])
      let events = try lines.map { try JSONDecoder().decode(TenantEvent.self, from: Data($0.utf8)) }
      #expect(events.map(\.event) == [.listening, .exited, .updated])
      #expect(lines.allSatisfy { !$0.contains("\u{1b}") })
    }
  }
}
