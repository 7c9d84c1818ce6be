import Faults
import Policy
import Sandbox
import Testing

@testable import PolicyTools

@Suite struct LearntPolicyTests {
  private func setup(
    _ command: [String] = ["/usr/bin/redis-server", "--save", ""], user: String = "redis", network: Bool = true,
    capabilities: [Sandbox.Capability] = [], environment: [String: String] = [:]
  ) -> LearntPolicy.Setup {
    LearntPolicy.Setup(
      tenant: "redis", command: command, user: user, group: nil, directory: "/", environment: environment,
      base: .init(directory: nil, configuration: ["passwd"], temporary: ["/run"]), hadNetwork: network,
      capabilities: capabilities, allowedCalls: [], stopSignal: "SIGTERM")
  }

  private func learn(_ setup: LearntPolicy.Setup, _ edit: (inout ProgramUse) -> Void = { _ in }) -> LearntPolicy {
    var use = ProgramUse()
    for name in ["read", "write", "openat", "mmap"] { use.calls[name] = CallUse(count: 3, refused: 0) }
    edit(&use)
    return LearntPolicy(use, setup) { path in
      path.hasPrefix("/srv") || path.hasPrefix("/var/lib")
        ? HostFile(kind: path.hasSuffix(".conf") ? .file : .directory, mode: 0o755, user: 101) : nil
    }
  }

  private func parse(_ learnt: LearntPolicy) throws -> TenantPolicy {
    do {
      return try PolicyDocument.parse(text: learnt.text, file: "learnt.yaml")
    } catch {
      Issue.record("\(error)\n\(learnt.text)")
      throw error
    }
  }

  @Test func `what is learnt is a policy with a filter smaller than the default's`() throws {
    let learnt = learn(setup()) {
      $0.files = ["/srv/redis.conf": .read, "/var/lib/redis/dump.rdb": .change, "/run/redis.pid": .change]
      $0.peakMemory = 20 << 20
      $0.peakTasks = 5
    }
    let policy = try parse(learnt)
    #expect(policy.tenant.value.text == "redis")
    #expect(policy.command.value == ["/usr/bin/redis-server", "--save", ""])
    #expect(policy.root.readable.map(\.value.path) == ["/srv/redis.conf"])
    #expect(policy.root.writable.map(\.value.path) == ["/var/lib/redis"])
    #expect(policy.root.temporary.map(\.path.value).contains("/run"))
    #expect(policy.memory.max.value.bytes == (42 + 16) << 20)
    #expect(policy.network.mode.value == .none)
    let only = try #require(policy.seccomp.only).map(\.value)
    #expect(only == (["mmap", "openat", "read", "write"] + LearntPolicy.essentialCalls).sorted())
    #expect(only.count < learnt.defaultCallCount)
    #expect(policy.seccomp.unknownNames.isEmpty)
  }

  @Test func `calls that the default refuses are told of, and not granted`() throws {
    let learnt = learn(setup()) {
      $0.calls["io_uring_setup"] = CallUse(count: 2, refused: 2)
      $0.calls["clone3"] = CallUse(count: 1, refused: 1)
      $0.calls["socket"] = CallUse(count: 2, refused: 1)
    }
    #expect(learnt.calls.contains("socket"))
    #expect(!learnt.calls.contains("io_uring_setup") && !learnt.calls.contains("clone3"))
    #expect(learnt.text.contains("clone3 io_uring_setup"))
    _ = try parse(learnt)
  }

  @Test func `the host's network is granted to those who use more than a loopback of their own`() throws {
    func mode(
      _ listens: [NetworkEndpoint], _ connects: [NetworkEndpoint], had: Bool = true
    ) throws -> NetworkPolicy.Mode {
      try parse(
        learn(setup(network: had)) {
          $0.listens = Set(listens)
          $0.connects = Set(connects)
        }
      ).network.mode.value
    }
    let web = NetworkEndpoint(transport: "tcp", address: "::", port: 8080, isLoopback: false)
    let own = NetworkEndpoint(transport: "tcp", address: "127.0.0.1", port: 8080, isLoopback: true)
    let other = NetworkEndpoint(transport: "tcp", address: "127.0.0.1", port: 5432, isLoopback: true)
    #expect(try mode([], []) == .none)
    #expect(try mode([web], []) == .host)
    #expect(try mode([web], [], had: false) == .none)
    #expect(try mode([], [other]) == .host)
    #expect(try mode([own], [own]) == .host)
  }

  @Test func `a capability stays if its use was seen or can't be seen, and never where it has no effect`() throws {
    let held: [Sandbox.Capability] = [.setuid, .chown, .kill, .netBindService]
    let web = NetworkEndpoint(transport: "tcp", address: "::", port: 80, isLoopback: false)
    let learnt = learn(setup(capabilities: held)) {
      $0.usedCapabilities = ["CAP_SETUID", "CAP_NET_BIND_SERVICE"]
      $0.listens = [web]
    }
    #expect(try parse(learnt).capabilities.map(\.value.description) == ["CAP_KILL", "CAP_SETUID"])
    #expect(learnt.text.contains("held CAP_CHOWN, CAP_NET_BIND_SERVICE without using it"))
  }

  @Test(arguments: [
    ["/bin/sh", "-c", "echo \"a\\b\"\nexec x: y # z"],
    ["yes", "on", "0x10", "1e3", "~", "", " ", "- a", "{b}", "a, b"],
    ["/bin/echo", "\t", "é ü", "\u{1F600}", "'", "%", "@", "`", "!tag", "&anchor", "*alias", "|", ">", "12:30"],
    ["/bin/echo", "null", String(repeating: "long ", count: 100)],
  ])
  func `arguments come through whatever they hold`(command: [String]) throws {
    let whole = command.first?.hasPrefix("/") == true ? command : ["/bin/echo"] + command
    let policy = try parse(learn(setup(whole, environment: ["A": "no", "B_1": "x: y"])))
    #expect(policy.command.value == whole)
    #expect(policy.environment.mapValues(\.value) == ["A": "no", "B_1": "x: y"])
  }

  @Test func `what a program is called or names can't end a comment or drive a terminal`() throws {
    let learnt = learn(setup()) {
      $0.refusedPaths = ["/a\u{2028}b\u{85}c\u{1B}[2J": "EACCES"]
      $0.abstractSockets = ["@x\nnetwork: {mode: host}"]
    }
    #expect(try parse(learnt).network.mode.value == .none)
    #expect(learnt.text.utf8.allSatisfy { $0 == 10 || (32..<127).contains($0) })
  }

  @Test func `numbers and names of users stay what they are`() throws {
    #expect(try parse(learn(setup(user: "33"))).identity.user.value == .id(33))
    #expect(try parse(learn(setup(user: "www-data"))).identity.user.value == .name("www-data"))
  }

  @Test func `a program's name becomes a tenant's`() {
    #expect(LearntPolicy.tenantName(for: "/usr/sbin/nginx") == "nginx")
    #expect(LearntPolicy.tenantName(for: "/usr/bin/python3.13") == "python3-13")
    #expect(LearntPolicy.tenantName(for: "/opt/7-Zip.Bin-") == "zip-bin")
    #expect(LearntPolicy.tenantName(for: "/") == "learnt")
    #expect(TenantName(LearntPolicy.tenantName(for: String(repeating: "ä-", count: 90) + "x")) != nil)
  }
}
