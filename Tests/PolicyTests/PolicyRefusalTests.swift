import Testing

@testable import Policy

@Suite struct PolicyRefusalTests {
  @Test(arguments: [
    "", "Web", "1web", "-web", "web-", "web_1", "web.1", "wéb", "a/b", "..",
    String(repeating: "a", count: 64), "we b",
  ])
  func aNameThatCouldHarmAPathOrHostNameIsRefused(name: String) {
    #expect(TenantName(name) == nil)
    let text = "tenant: \"\(name)\"\ncommand: [/bin/true]\nmemory: {max: 64MiB}"
    #expect(places(text) == ["policy.invalid-value 1:9"])
  }

  @Test(arguments: ["[]", "[\"\"]", "[./a]", "[a/b]", "[/]", "[/a/../b]", "[/a//b]", "[..]"])
  func aCommandIsAnAbsolutePathOrABareName(command: String) {
    #expect(
      faults("tenant: web\ncommand: \(command)\nmemory: {max: 64MiB}").map(\.code) == ["policy.invalid-value"]
    )
  }

  @Test func aPolicyWithoutMemoryMaxIsToldSo() {
    let mend = "every tenant has a hard limit: give memory: {max: 256MiB}, for example"
    #expect(
      refusals("tenant: web\ncommand: [a]\n") == ["p.yaml:1:1: the key \"memory\" is missing; \(mend)"])
    #expect(
      refusals("tenant: web\ncommand: [a]\nmemory: {high: 1GiB}\n") == [
        "p.yaml:3:9: the key \"max\" is missing in \"memory\"; \(mend)"
      ])
  }

  @Test(arguments: [
    ("cpu: {weight: 10001}", "out-of-range 4:15"), ("cpu: {idle: true, weight: 5}", "conflict 4:27"),
    ("cpu: {burst: 5ms}", "conflict 4:14"), ("cpu: {max: 10%, burst: 11ms}", "conflict 4:24"),
    ("cpu: {max: 0.5%}", "out-of-range 4:12"), ("cpu: {max: 0%}", "out-of-range 4:12"),
    ("cpu: {max: {quota: 1ms, period: 2s}}", "out-of-range 4:33"),
    ("cpu: {max: {quota: 500us}}", "out-of-range 4:20"), ("cpu: {max: {period: 1ms}}", "missing-key 4:12"),
    ("cpu: {max: 900000%}", "out-of-range 4:12"), ("cpu: {max: 184467440737095516%}", "out-of-range 4:12"),
    ("cpu: {max: {quota: 1000000000h}}", "out-of-range 4:20"), ("cpu: {cpus: 3-1}", "invalid-value 4:13"),
    ("cpu: {uclamp: {min: 50%, max: 20%}}", "conflict 4:21"),
    ("cpu: {uclamp: {max: 101%}}", "out-of-range 4:21"),
    ("pids: {max: 1}", "out-of-range 4:13"), ("pids: {max: 4194305}", "out-of-range 4:13"),
  ])
  func processorBoundsThatTheKernelWouldRefuseAreRefused(line: String, place: String) {
    #expect(places(minimal(line)) == ["policy.\(place)"])
  }

  @Test(arguments: [
    ("{min: 2GiB, max: 1GiB}", "conflict 3:15"), ("{low: 1MiB, min: 2MiB, max: 1GiB}", "conflict 3:26"),
    ("{high: 2GiB, max: 1GiB}", "conflict 3:16"), ("{max: max}", "invalid-value 3:15"),
    ("{max: 0}", "out-of-range 3:15"), ("{max: 512}", "invalid-value 3:15"),
    ("{max: 1GiB, zswap: 1MiB}", "conflict 3:28"), ("{max: 17000000TiB}", "invalid-value 3:15"),
  ])
  func memoryBoundsThatCantHoldAreRefused(memory: String, place: String) {
    #expect(places("tenant: web\ncommand: [a]\nmemory: \(memory)\n") == ["policy.\(place)"])
  }

  @Test(arguments: [
    ("root: {base: srv}", "invalid-value 4:14"), ("root: {base: /}", "invalid-value 4:14"),
    ("root: {base: /srv/a, overlay: tmpfs}", "missing-key 4:31"),
    ("root: {overlay: /srv/a}", "conflict 4:17"), ("root: {size: 1MiB}", "conflict 4:8"),
    ("root: {writable: [/a, /a]}", "conflict 4:23"),
    ("root: {writable: [/a], readable: [/a]}", "conflict 4:35"),
    ("root: {writable: [/tmp]}", "conflict 4:19"), ("root: {readable: [/dev/shm]}", "conflict 4:19"),
    ("root: {writable: [/proc/sys]}", "invalid-value 4:19"),
    ("root: {writable: [/sys]}", "invalid-value 4:19"),
    ("root: {writable: [/dev/sda]}", "invalid-value 4:19"),
    ("root: {writable: [/a/../etc]}", "invalid-value 4:19"),
    ("root: {writable: [\"/a\\nb\"]}", "invalid-value 4:19"),
    ("root: {writable: [/a/]}", "invalid-value 4:19"),
    ("root: {writable: [{path: /a, source: b}]}", "invalid-value 4:38"),
    ("root: {writable: [{source: /b}]}", "missing-key 4:19"),
    ("root: {tmpfs: [{path: /run}]}", "missing-key 4:16"),
    ("root: {tmpfs: [{path: /run, size: 0}]}", "out-of-range 4:35"),
    ("root: {tmpfs: [{path: /run, size: 1MiB, mode: 0755}]}", "implicit-number 4:47"),
    ("root: {tmpfs: [{path: /run, size: 1MiB, mode: \"0899\"}]}", "invalid-value 4:47"),
    ("umask: \"1777\"", "invalid-value 4:8"), ("directory: a", "invalid-value 4:12"),
    ("hostname: a_b", "invalid-value 4:11"), ("hostname: a..b", "invalid-value 4:11"),
  ])
  func pathsThatCouldEscapeOrCollideAreRefused(line: String, place: String) {
    #expect(places(minimal(line)) == ["policy.\(place)"])
  }

  @Test(arguments: [
    ("user: -1", "out-of-range 4:7"), ("user: +1", "implicit-number 4:7"),
    ("user: \" 1\"", "invalid-value 4:7"),
    ("user: \"0\"", "invalid-value 4:7"), ("user: 65536", "out-of-range 4:7"),
    ("user: 4294967296", "out-of-range 4:7"),
    ("user: 18446744073709551616", "out-of-range 4:7"), ("user: 0x0", "implicit-number 4:7"),
    ("user: 1000:1000", "invalid-value 4:7"), ("user: \"a b\"", "invalid-value 4:7"),
    ("user: \"a:b\"", "invalid-value 4:7"), ("user: \"\"", "invalid-value 4:7"),
    ("user: null", "wrong-type 4:7"),
    ("groups: [01]", "implicit-number 4:10"), ("allow: {users: [4294967295]}", "out-of-range 4:17"),
    ("environment: {\"A B\": x}", "invalid-value 4:15"), ("environment: {\"A=B\": x}", "invalid-value 4:15"),
    ("rlimits: {nofile: {soft: 10, hard: 5}}", "conflict 4:26"),
    ("rlimits: {nofile: 1KiB}", "wrong-type 4:19"),
    ("rlimits: {as: 1024}", "invalid-value 4:15"), ("rlimits: {cpu: 1500ms}", "invalid-value 4:16"),
    ("rlimits: {nofile: {soft: 1}}", "missing-key 4:19"), ("rlimits: {nofiles: 1}", "unknown-key 4:11"),
    ("rlimits: {stack: 18446744073709551615B}", "out-of-range 4:18"),
    ("rlimits: {nice: 41}", "out-of-range 4:17"),
  ])
  func identitiesAndLimitsAreReadStrictly(line: String, place: String) {
    #expect(places(minimal(line)) == ["policy.\(place)"])
  }

  @Test(arguments: [
    ("capabilities: [CAP_NET_BIND]", "invalid-value 4:16"), ("capabilities: [net_raw]", "invalid-value 4:16"),
    ("capabilities: [CAP_CHOWN, CAP_CHOWN]", "conflict 4:27"),
    ("seccomp: unconfined", "invalid-value 4:10"), ("seccomp: p.json", "invalid-value 4:10"),
    ("seccomp: {allow: [ptrace], deny: [ptrace]}", "conflict 4:35"),
    ("seccomp: {allow: [\"a b\"]}", "invalid-value 4:19"),
    ("seccomp: {only: [read]}", "conflict 4:17"), ("seccomp: {only: []}", "conflict 4:17"),
    ("seccomp: {only: [execve, read], deny: [read]}", "conflict 4:26"),
    ("seccomp: {mode: audit}", "invalid-value 4:17"),
    ("devices: [{path: /etc/passwd}]", "invalid-value 4:18"),
    ("devices: [{path: /dev/../etc}]", "invalid-value 4:18"),
    ("devices: [{path: /dev/kvm, access: rr}]", "invalid-value 4:36"),
    ("devices: [{path: /dev/kvm, access: x}]", "invalid-value 4:36"),
    ("devices: [{path: /dev/a}, {path: /dev/a}]", "conflict 4:34"),
    ("network: {mode: bridge}", "invalid-value 4:17"),
    ("sysctls: {kernel.core_pattern: x}", "invalid-value 4:11"),
    ("sysctls: {kernel.shm_rmid_forced+kernel.core_pattern: x}", "invalid-value 4:11"),
    ("sysctls: {net/../kernel/core_pattern: x}", "invalid-value 4:11"),
    ("sysctls: {net.ipv4..x: x}", "invalid-value 4:11"), ("sysctls: {net.ipv4/x.y: x}", "invalid-value 4:11"),
    ("sysctls: {kernel.shmax: 1}", "invalid-value 4:11"),
    ("sysctls: {vm.overcommit_memory: 1}", "invalid-value 4:11"),
    ("sysctls: {fs.mqueue.a.b: 1}", "invalid-value 4:11"),
    ("sysctls: {kernel.sem: \"1\\n2\"}", "invalid-value 4:23"),
    ("namespaces: {user_namespaces: -1}", "out-of-range 4:31"),
    ("namespaces: {time: {monotonic: 900000h}}", "out-of-range 4:32"),
    ("namespaces: {time: {boottime: --1h}}", "invalid-value 4:31"),
    ("stop: {signal: TERM}", "invalid-value 4:16"), ("stop: {grace: 2h}", "out-of-range 4:15"),
    ("restart: {on: failures}", "invalid-value 4:15"), ("restart: {backoff: 30s..1s}", "out-of-range 4:20"),
    ("restart: {backoff: 1s...30s}", "invalid-value 4:20"),
    ("restart: {backoff: 0..1s}", "out-of-range 4:20"), ("restart: {reset_after: 0}", "out-of-range 4:24"),
    ("restart: {reset_after: 25h}", "out-of-range 4:24"),
    ("health: {command: []}", "invalid-value 4:19"), ("health: {command: [\"\"]}", "invalid-value 4:20"),
    ("health: {command: [bin/true]}", "invalid-value 4:20"), ("health: {command: [..]}", "invalid-value 4:20"),
    ("health: {command: [/bin/../true]}", "invalid-value 4:20"), ("health: {command: /bin/true}", "wrong-type 4:19"),
    ("health: {command: [/bin/true, 5]}", "wrong-type 4:31"),
    ("health: {command: {shell: x}}", "wrong-type 4:19"),
    ("health: {command: [/bin/true], tcp: 80}", "conflict 4:32"),
    ("health: {command: [/bin/true], interval: 0}", "out-of-range 4:42"),
    ("health: {}", "missing-key 4:9"), ("health: {tcp: 80, http: {port: 80}}", "conflict 4:19"),
    ("health: {tcp: 70000}", "out-of-range 4:15"), ("health: {http: {port: 80, path: x}}", "invalid-value 4:33"),
    ("health: {http: {port: 80, path: \"/a\\r\\nX: y\"}}", "invalid-value 4:33"),
    ("health: {http: {port: 80, status: 299..200}}", "invalid-value 4:35"),
    ("health: {http: {port: 80, status: 600}}", "invalid-value 4:35"),
    ("health: {tcp: 80, interval: 0}", "out-of-range 4:29"), ("health: {tcp: 80, timeout: 2h}", "out-of-range 4:28"),
    ("health: {tcp: 80, action: restart}", "conflict 4:27"), ("after: [web]", "conflict 4:9"),
    ("after: [a, b, a]", "conflict 4:15"), ("after: [A]", "invalid-value 4:9"),
    ("logs: {rate: 1MiB}", "invalid-value 4:14"), ("logs: {rate: 1B/s}", "out-of-range 4:14"),
    ("enforcement: lax", "invalid-value 4:14"),
  ])
  func whatWouldWeakenATenantIsRefused(line: String, place: String) {
    #expect(places(minimal(line)) == ["policy.\(place)"])
  }

  @Test func namesThatAreNearlyRightAreMetWithTheRightOnes() {
    #expect(
      refusals(minimal("capabilities: [net_raw]")).first?.hasSuffix("did you mean CAP_NET_RAW?") == true)
    #expect(
      refusals(minimal("capabilities: [CAP_NET_ADMN]")).first?.hasSuffix("did you mean CAP_NET_ADMIN?")
        == true)
    #expect(refusals(minimal("stop: {signal: term}")).first?.hasSuffix("did you mean SIGTERM?") == true)
    #expect(refusals(minimal("network: {mode: bridge}")).first?.hasSuffix("it can be none, host") == true)
    #expect(refusals(minimal("network: {mode: hots}")).first?.hasSuffix("did you mean host?") == true)
  }

  @Test(arguments: [
    ("limit: {bandwidth: 80MiB}", "invalid-value 5:23"), ("limit: {bandwidth: 0/s}", "out-of-range 5:23"),
    ("limit: {iops: 0}", "out-of-range 5:18"), ("limit: {iops: 4294967296}", "out-of-range 5:18"),
    ("limit: {}", "missing-key 5:11"), ("limit: {read: {}}", "missing-key 5:18"),
    ("weight: 0", "out-of-range 5:12"), ("latency: {read: {p99: 0}}", "out-of-range 5:26"),
    ("latency: {read: {p95: 1ms}}", "unknown-key 5:21"), ("class: rt", "invalid-value 5:11"),
  ])
  func ioIsReadStrictly(line: String, place: String) {
    #expect(places(minimal("io: [{device: /a,", "   \(line)}]")).contains("policy.\(place)"))
  }

  @Test func anIOEntryNamesItsDeviceOnceAndSaysSomething() {
    #expect(places(minimal("io: [{weight: 5}]")) == ["policy.missing-key 4:6"])
    #expect(places(minimal("io: [{device: /a}]")) == ["policy.missing-key 4:15"])
    #expect(
      places(minimal("io: [{device: /a, weight: 5}, {device: /a, weight: 6}]")) == ["policy.conflict 4:40"])
  }

  @Test func aChecksCommandNeedsRoomForItsProcesses() {
    let check = "health: {command: [/bin/true]}"
    #expect(places(minimal(check, "pids: {max: 3}")) == ["policy.conflict 4:19"])
    for most in ["4", "max"] { #expect(places(minimal(check, "pids: {max: \(most)}")).isEmpty) }
    #expect(places(minimal("health: {tcp: 80}", "pids: {max: 2}")).isEmpty)
  }

  @Test func theHostsNetworkIsNotTheTenantsToChange() {
    #expect(
      places(minimal("network: {mode: host}", "capabilities: [CAP_CHOWN, CAP_NET_ADMIN]")) == [
        "policy.conflict 5:27"
      ])
    #expect(
      places(minimal("network: {mode: host}", "sysctls: {net.ipv4.ip_forward: 1}")) == [
        "policy.conflict 5:11"
      ])
  }
}
