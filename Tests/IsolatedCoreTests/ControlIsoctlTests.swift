import ControlProtocol
import Faults
import FoundationEssentials
import Glibc
import IsolatedCore
import Testing

/// Every command but `run`, the real program against a stub daemon.
@Suite struct ControlIsoctlTests {
  @Test func spawnPrintsTheNameAndSendsNoStreams() async throws {
    try await StubServer.with { stub in
      let outcome = try await IsoctlProcess.run(["spawn", "web", "--name", "web-1"], socket: stub.path)
      #expect(outcome.output == "web-1\n")
      #expect(outcome.status == 0)
      let request = stub.service.state.withLock { $0.spawned.last }
      #expect(request == Spawn.Request(policy: "web", name: "web-1"))
      let json = try await IsoctlProcess.run(["spawn", "--json", "-f", "-"], socket: stub.path, input: "lax")
      let reply = try JSONDecoder().decode(Spawn.Reply.self, from: Data(json.output.utf8))
      #expect(reply.name == "stub")
      #expect(reply.notEnforced == ["io.latency"])
    }
  }

  @Test func psFitsTheTerminal() async throws {
    try await StubServer.with { stub in
      stub.service.state.withLock {
        $0.tenants = [.sample("web"), .sample("a-tenant-with-quite-a-long-name-indeed")]
        $0.tenants[1].exit = Exit(signal: 9, cause: .signaled, durationUsec: 3_200_000)
        $0.tenants[1].pid = nil
      }
      for columns in [40, 60, 80, 100, 132] {
        let outcome = try await IsoctlProcess.run(
          ["ps"], socket: stub.path, environment: ["NO_COLOR": "1"], columns: columns)
        let lines = outcome.output.split(whereSeparator: \.isNewline)
        #expect(lines.count == 3)
        for line in lines { #expect(line.count <= columns, "\(columns): \(line)") }
        #expect(!outcome.output.contains("\u{1b}"))
        if columns >= 80 {
          #expect(lines[1].contains("174MiB/512MiB"))
          #expect(lines[1].contains("1.0MiB"))
        }
        if columns == 132 { #expect(lines[2].contains("signaled SIGKILL")) }
        if columns == 60 { #expect(lines[2].contains("…")) }
      }
      let coloured = try await IsoctlProcess.run(["ps"], socket: stub.path, columns: 80)
      #expect(coloured.output.hasPrefix("\u{1b}[1mNAME"))
      let piped = try await IsoctlProcess.run(["ps"], socket: stub.path)
      #expect(piped.output.contains("a-tenant-with-quite-a-long-name-indeed  signaled SIGKILL  web-role"))
      #expect(!piped.output.contains("\u{1b}"))
    }
  }

  @Test func psTellsWhoWaitsForItsNextStartAndHowOftenItWasStartedAgain() async throws {
    try await StubServer.with { stub in
      stub.service.state.withLock { $0.tenants = [.sample("web"), .sample("loop")] }
      #expect(try await !IsoctlProcess.run(["ps"], socket: stub.path).output.contains("RESTARTS"))
      stub.service.state.withLock {
        $0.tenants[1].state = "backing-off"
        $0.tenants[1].restarts = 7
        $0.tenants[1].pid = nil
        $0.tenants[1].nextStartUsec = .max
      }
      let lines = try await IsoctlProcess.run(["ps"], socket: stub.path).output.split(separator: "\n")
      #expect(lines.first?.hasSuffix("  RESTARTS") == true)
      #expect(lines.dropFirst().first?.hasSuffix("  -") == true)
      #expect(lines.last?.contains("loop  backing-off 1") == true && lines.last?.hasSuffix("  7") == true)
    }
  }

  @Test func namesCannotDriveTheTerminal() async throws {
    try await StubServer.with { stub in
      stub.service.state.withLock { $0.tenants = [.sample("a\u{1b}[2Jb\n\u{9b}c")] }
      let outcome = try await IsoctlProcess.run(["ps"], socket: stub.path)
      #expect(outcome.output.contains("a\\x1b[2Jb \\x9bc"))
    }
  }

  @Test func psAndInspectPrintJSON() async throws {
    try await StubServer.with { stub in
      stub.service.state.withLock { $0.tenants = [.sample("web")] }
      let list = try await IsoctlProcess.run(["ps", "--json"], socket: stub.path)
      #expect(
        try JSONDecoder().decode(List.Reply.self, from: Data(list.output.utf8)).tenants == [.sample("web")])
      let json = try await IsoctlProcess.run(["inspect", "web", "--json"], socket: stub.path)
      let inspection = try JSONDecoder().decode(Inspection.self, from: Data(json.output.utf8))
      #expect(inspection.limits.first?.kernel == "536870912")
      let text = try await IsoctlProcess.run(["inspect", "web"], socket: stub.path)
      for part in [
        "Command       /usr/sbin/nginx -g 'daemon off;'", "memory.max  512M   536870912", "net   4026531992",
        "Not enforced  io.latency", "/usr    /usr    ro,nosuid,nodev",
      ] {
        #expect(text.output.contains(part), "\(part)")
      }
    }
  }

  @Test func ioTopPrintsOnceOnAPipe() async throws {
    try await StubServer.with { stub in
      stub.service.state.withLock { $0.disks = [.sample] }
      let text = try await IsoctlProcess.run(["io", "top"], socket: stub.path)
      #expect(text.status == 0)
      #expect(text.output.hasPrefix("nvme0n1: 76% used of what it can do now"))
      #expect(!text.output.contains("\u{1b}"))
      let json = try await IsoctlProcess.run(["io", "top", "--json"], socket: stub.path)
      #expect(try JSONDecoder().decode(IOStatus.Reply.self, from: Data(json.output.utf8)).disks == [.sample])
      let once = try await IsoctlProcess.run(["io", "top", "--once"], socket: stub.path, columns: 80)
      #expect(once.status == 0 && !once.output.contains("\u{1b}[?1049h"))
      #expect(once.output.contains("\u{1b}[1mnvme0n1"))
    }
    let alone = try await IsoctlProcess.run(["io", "top"], columns: 80)
    #expect(alone.status == 1 && alone.output.isEmpty && alone.errors.contains("the daemon isn't running"))
    for wrong in ["5", "0s", "99ms", "2h"] {
      #expect(try await IsoctlProcess.run(["io", "top", "--interval", wrong]).status == 64)
    }
  }

  @Test(arguments: [(SIGINT, 0), (SIGTERM, 143), (SIGHUP, 129)] as [(Int32, Int32)])
  func ioTopGivesTheTerminalBack(signal: Int32, status: Int32) async throws {
    try await StubServer.with { stub in
      stub.service.state.withLock { $0.disks = [.sample] }
      let top = try IsoctlProcess(["io", "top", "--interval", "100ms"], socket: stub.path, columns: 80)
      // Shown for the third time, it has waited twice.
      while stub.service.state.withLock({ $0.statusAsked }) < 3 { try await Task.sleep(for: .milliseconds(5)) }
      top.send(signal)
      let outcome = try await top.outcome()
      #expect(outcome.status == status)
      #expect(outcome.output.hasPrefix("\u{1b}[?1049h\u{1b}[?25l\u{1b}[Hisoctl io top, each 100ms; q ends"))
      #expect(outcome.output.hasSuffix("\u{1b}[?25h\u{1b}[?1049l"))
      #expect(outcome.output.contains("nvme0n1: 76% used"))
    }
  }

  @Test func inspectTellsWhatDisksPromiseAndWhatWasDecided() async throws {
    try await StubServer.with { stub in
      stub.service.state.withLock { $0.tenants = [.sample("web")] }
      let text = try await IsoctlProcess.run(["inspect", "web"], socket: stub.path, environment: ["TZ": "UTC"])
      #expect(text.output.contains("IO promises:\nnvme0n1, by /srv/web: weight 500\n"))
      #expect(text.output.contains("IO latencies:\nnot measured: the kernel doesn't describe its types\n"))
      #expect(
        text.output.contains("IO decisions:\n2026-11-23 05:01:23.250 nvme0n1: held to a fifth: others wait\n"))
    }
  }

  @Test func anUnknownTenantIsAnError() async throws {
    try await StubServer.with { stub in
      let text = try await IsoctlProcess.run(["inspect", "nobody"], socket: stub.path)
      #expect(text.status == 1)
      #expect(text.errors == "isoctl: there is no tenant nobody\n  mend: see isoctl ps\n")
      let json = try await IsoctlProcess.run(["inspect", "nobody", "--json"], socket: stub.path)
      #expect(json.status == 1)
      #expect(json.output.isEmpty)
      let failed = try JSONDecoder().decode(Failed.self, from: Data(json.errors.utf8))
      #expect(failed.fault == StubService.unknown("nobody"))
    }
  }

  @Test func killTakesSignalsByNameAndNumber() async throws {
    try await StubServer.with { stub in
      for (argument, number) in [("HUP", 1), ("SIGKILL", 9), ("usr1", 10), ("35", 35), ("RTMIN+2", 36)] {
        _ = try await IsoctlProcess.run(["kill", "-s", argument, "a"], socket: stub.path)
        #expect(stub.service.state.withLock { $0.kills.last } == .init(name: "a", signal: number))
      }
      _ = try await IsoctlProcess.run(["kill", "a"], socket: stub.path)
      #expect(stub.service.state.withLock { $0.kills.last?.signal } == 15)
      for wrong in ["0", "65", "-1", "NOPE", ""] {
        #expect(try await IsoctlProcess.run(["kill", "-s", wrong, "a"], socket: stub.path).status == 64)
      }
    }
  }

  @Test func stopSendsTheGraceAndSaysHowItEnded() async throws {
    try await StubServer.with { stub in
      let outcome = try await IsoctlProcess.run(["stop", "--grace", "1.5s", "web"], socket: stub.path)
      #expect(outcome.output == "web signaled SIGTERM after 2.5s\n")
      #expect(stub.service.state.withLock { $0.stops } == [.init(name: "web", graceUsec: 1_500_000)])
      #expect(try await IsoctlProcess.run(["stop", "--grace", "5", "web"], socket: stub.path).status == 64)
    }
  }

  @Test func stopTellsOfThoseThatWereStoppedBefore() async throws {
    try await StubServer.with { stub in
      let outcome = try await IsoctlProcess.run(["stop", "base"], socket: stub.path)
      #expect(outcome.output == "proxy exited 0 after 1.0s\nbase signaled SIGTERM after 2.5s\n")
      let json = try await IsoctlProcess.run(["stop", "base", "--only", "--json"], socket: stub.path)
      #expect(try JSONDecoder().decode(Stop.Reply.self, from: Data(json.output.utf8)).dependants?.count == 1)
      #expect(stub.service.state.withLock { $0.stops.map(\.only) } == [nil, true])
    }
  }

  @Test func waitReturnsTheStatus() async throws {
    try await StubServer.with { stub in
      stub.service.state.withLock {
        $0.exits = [
          "a": Exit(status: 9, cause: .exited, durationUsec: 90_000_000),
          "b": Exit(cause: .outOfMemory, durationUsec: 5),
        ]
      }
      let ended = try await IsoctlProcess.run(["wait", "a"], socket: stub.path)
      #expect(ended.status == 9)
      #expect(ended.output == "a exited 9 after 1m30s\n")
      let killed = try await IsoctlProcess.run(["wait", "b"], socket: stub.path)
      #expect(killed.status == 137)
      #expect(killed.output == "b oom-killed after 5us\n")
    }
  }

  @Test func forgetForgets() async throws {
    try await StubServer.with { stub in
      let outcome = try await IsoctlProcess.run(["forget", "a"], socket: stub.path)
      #expect(outcome.status == 0)
      #expect(stub.service.state.withLock { $0.forgotten } == ["a"])
    }
  }

  @Test func versionTellsItsOwnEvenWithoutADaemon() async throws {
    let alone = try await IsoctlProcess.run(["version"])
    #expect(alone.output == "isoctl    \(isolatedVersion)\n")
    #expect(alone.status == 1)
    try await StubServer.with { stub in
      let both = try await IsoctlProcess.run(["version", "--socket", stub.path])
      #expect(both.output.contains("isolated  0.0-stub\nkernel    6.12.0 x86_64\ncgroup v2 cpu memory\n"))
      let json = try await IsoctlProcess.run(["version", "--json"], socket: stub.path)
      #expect(json.output.contains("\"client\":\"\(isolatedVersion)\""))
    }
  }

  @Test func policyCheckPrintsEveryFaultWithItsPlace() async throws {
    let directory = try temporaryDirectory()
    defer { rmdir(directory) }
    let good = "\(directory)/good.yaml"
    let bad = "\(directory)/bad.yaml"
    try writeFile(good, "tenant: a\ncommand: [/bin/true]\nmemory: {max: 64MiB}\n")
    try writeFile(bad, "tenant: a\ncomand: [/bin/true]\nmemory: {max: 64XiB}\n")
    defer { for file in [good, bad] { unlink(file) } }
    let fine = try await IsoctlProcess.run(["policy", "check", good])
    #expect(fine.status == 0)
    #expect(fine.output == "\(good): good\n")
    let outcome = try await IsoctlProcess.run(["policy", "check", good, bad, "/nonexistent"])
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("\(bad):2:1: unknown key \"comand\"; did you mean \"command\"?"))
    #expect(outcome.output.contains("\(bad):3:15: "))
    #expect(outcome.output.contains("open /nonexistent: ENOENT"))
    try writeFile(bad, "tenant: b\ncommand: [/bin/true]\nmemory: {max: 64MiB}\nafter: [c, a]\n")
    let order = try await IsoctlProcess.run(["policy", "check", good, bad])
    #expect(order.status == 1)
    #expect(order.output.hasPrefix("\(good): good\n\(bad):4:9: b comes after c, and there is no such tenant"))
    #expect(try await IsoctlProcess.run(["policy", "check", bad]).status == 0, "one alone can't know")
    let json = try await IsoctlProcess.run(["policy", "check", "--json", "-"], input: "x: 1\n")
    #expect(json.status == 1)
    #expect(json.output.contains("\"line\":1"))
  }
}
