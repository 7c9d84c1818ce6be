import ControlProtocol
import Faults
import FoundationEssentials
import IsolatedCore
import Testing

@testable import isoctl

/// The commands that change running tenants and watch them, the real program against a stub daemon.
@Suite struct ControlIsoctlChangeTests {
  @Test func freezeTakesManyAndOneThatFailsKeepsNoOtherFromIt() async throws {
    try await StubServer.with { stub in
      let outcome = try await IsoctlProcess.run(["freeze", "a", "nobody", "b"], socket: stub.path)
      #expect(outcome.status == 1 && outcome.output == "" && outcome.errors.contains("no tenant nobody"))
      #expect(stub.service.state.withLock { $0.frozen } == ["a", "b"])
      #expect(try await IsoctlProcess.run(["thaw", "a", "b"], socket: stub.path).status == 0)
      #expect(stub.service.state.withLock { $0.frozen } == [])
    }
  }

  @Test func updateSendsEachValueWithTheOptionItCameFrom() async throws {
    try await StubServer.with { stub in
      let outcome = try await IsoctlProcess.run(
        [
          "update", "small", "--memory-max", "128MiB", "--cpu-max", "none", "--pids-max=9", "--cpus", "0-1",
          "--io", "/srv/a:b:limit.iops=5", "--io", "/srv:none", "--io=/srv:weight=none", "--set", "memory.zswap=max",
          "-f", "-", "--dry-run",
        ], socket: stub.path, input: "tenant: t\n")
      #expect(outcome.status == 0)
      #expect(
        outcome.output == """
          WOULD CHANGE  FROM      TO
          memory.max    67108864  134217728
          warning: it is slowed down

          """)
      let request = try #require(stub.service.state.withLock { $0.updates.first })
      #expect(request.document == "tenant: t\n" && request.documentName == "-" && request.dryRun)
      #expect(
        request.settings == [
          .init(key: "memory.max", value: "128MiB", origin: "--memory-max"),
          .init(key: "cpu.max", origin: "--cpu-max"), .init(key: "cpu.cpus", value: "0-1", origin: "--cpus"),
          .init(key: "pids.max", value: "9", origin: "--pids-max"),
          .init(key: "io.limit.iops", device: "/srv/a:b", value: "5", origin: "--io"),
          .init(key: "io", device: "/srv", origin: "--io"), .init(key: "io.weight", device: "/srv", origin: "--io"),
          .init(key: "memory.zswap", value: "max", origin: "--set"),
        ])
      #expect(
        try await IsoctlProcess.run(["update", "same", "--pids-max", "9"], socket: stub.path).output
          == "nothing had to change\n")
    }
  }

  @Test(arguments: [
    ["update", "a"], ["update"], ["update", "a", "--dry-run"], ["freeze"], ["top", "--sort", "size"],
    ["top", "--interval", "1ms"], ["events", "--since", "yesterday"],
  ])
  func aCommandLineThatMakesNoSenseIsRefused(arguments: [String]) async throws {
    #expect(try await IsoctlProcess.run(arguments).status == 64)
  }

  @Test(arguments: ["--io=/srv", "--io=weight=5", "--io=/srv:=5", "--io=:weight=5", "--set==5", "--set=memory.max"])
  func aValueWithoutItsPlaceIsRefused(argument: String) async throws {
    let outcome = try await IsoctlProcess.run(["update", "a", argument])
    #expect(outcome.status == 1 && outcome.errors.contains("doesn't take"))
  }

  @Test func anUpdateWithoutAnythingToChangeIsNoCall() async throws {
    try await StubServer.with { stub in
      let frames = try await DetachedThread.result {
        let client = try RawClient(path: stub.path)
        try client.send(
          Call.named("io.isolated.Update", "{\"name\":\"a\"}")
            + Call.named("io.isolated.Update", "{\"name\":\"a\",\"settings\":[]}")
            + Call.named("io.isolated.Update", "{\"name\":\"a\",\"settings\":[{\"key\":\"a\",\"odd\":1}]}"))
        return try client.frames(3)
      }
      #expect(frames.count == 3 && frames.allSatisfy { $0.contains("InvalidParameter") })
      #expect(stub.service.state.withLock { $0.updates.isEmpty })
    }
  }

  @Test func topMeasuresOnceWhereThereIsNoTerminal() async throws {
    try await StubServer.with { stub in
      var (first, second) = (
        TenantUsage(name: "web", state: "running", pid: 7), TenantUsage(name: "web", state: "frozen", pid: 7)
      )
      (first.cpuUsec, second.cpuUsec, second.memoryBytes) = (0, 250_000, 1 << 20)
      stub.service.state.withLock {
        $0.usages = [
          Usage.Reply(clockUsec: 0, processors: 4, tenants: [first]),
          Usage.Reply(clockUsec: 1_000_000, processors: 4, tenants: [second]),
        ]
      }
      let outcome = try await IsoctlProcess.run(["top", "--interval", "100ms"], socket: stub.path)
      #expect(outcome.status == 0 && !outcome.output.contains("\u{1b}"))
      #expect(outcome.output.hasPrefix("one tenant uses 25% of 400% processor time and 1.0MiB of memory\nNAME"))
      #expect(outcome.output.contains("web   frozen   25%"))
      stub.service.state.withLock { $0.usageAsked = 0 }
      let json = try await IsoctlProcess.run(["top", "--json", "--interval=100ms"], socket: stub.path).output
      #expect(json.contains("\"cpuPercent\":25") && json.contains("\"processors\":4"))
      let once = try await IsoctlProcess.run(["top", "--once", "--interval=100ms"], socket: stub.path, columns: 40)
      #expect(once.status == 0 && once.output.split(whereSeparator: \.isNewline).allSatisfy { $0.count <= 48 })
    }
  }
}
