import Policy
import Sandbox
import Testing

@testable import PolicyTools

@Suite struct PolicyLintTests {
  private func findings(
    _ lines: String..., profile: Sandbox.SeccompPolicy = .standard()
  ) throws -> [LintFinding] {
    let whole = ["tenant: web", "command: [/bin/true]", "memory: {high: 224MiB, max: 256MiB}"] + lines
    let text = whole.joined(separator: "\n") + "\n"
    do {
      return PolicyLint.findings(in: try PolicyDocument.parse(text: text, file: "p.yaml"), profile: profile)
    } catch {
      Issue.record("\(error)")
      throw error
    }
  }

  private func codes(_ lines: String..., profile: Sandbox.SeccompPolicy = .standard()) throws -> [String] {
    try findings(lines.joined(separator: "\n"), profile: profile).map {
      "\($0.severity.rawValue) \($0.code.dropFirst("lint.".count)) \($0.position?.line ?? 0):\($0.position?.column ?? 0)"
    }
  }

  @Test func `a plain policy has nothing to be said about`() throws {
    #expect(try findings() == [])
  }

  @Test(arguments: [
    ("capabilities: [CAP_SYS_ADMIN]", "error cap-sys-admin 4:16"),
    ("capabilities: [CAP_SYS_PTRACE]", "warning cap-sys-ptrace 4:16"),
    ("capabilities: [CAP_SYS_MODULE]", "warning cap-sys-module 4:16"),
    ("capabilities: [CAP_DAC_READ_SEARCH]", "warning cap-dac-read-search 4:16"),
    ("capabilities: [CAP_SETUID]", "note cap-setuid 4:16"),
    ("network: {mode: host}", "warning host-network 4:17"),
    ("user: root", "warning root-inside 4:7"), ("user: 0", "warning root-inside 4:7"),
    ("pids: {max: max}", "warning no-process-limit 4:13"),
    ("namespaces: {user_namespaces: 1}", "warning nested-user-namespaces 4:31"),
    ("enforcement: best-effort", "warning best-effort 0:0"),
    ("allow: {groups: [a], command_override: true}", "warning command-override 4:40"),
    ("sysctls: {net.core.somaxconn: 100}", "note sysctl 4:11"),
    ("rlimits: {rtprio: 5}", "warning realtime-priority 4:11"), ("rlimits: {core: unlimited}", "note core-dumps 4:11"),
    ("environment: {DB_PASSWORD: hunter2}", "warning secret-in-environment 4:28"),
    ("devices: [{path: /dev/mem}]", "error device-memory 4:18"),
    ("devices: [{path: /dev/sda1, access: r}]", "error device-disk 4:18"),
    ("devices: [{path: /dev/kmsg}]", "warning device-kernel-log 4:18"),
    ("devices: [{path: /dev/fuse}]", "warning device-kernel-surface 4:18"),
    ("devices: [{path: /dev/foo}]", "note device 4:18"),
    ("root: {writable: [/etc]}", "error writable-system-path 4:19"),
    ("root: {writable: [/etc/redis]}", "warning writable-configuration 4:19"),
    ("root: {writable: [/var]}", "error writable-system-path 4:19"),
    ("root: {writable: [{path: /x, source: /usr/local/bin}]}", "error writable-system-path 4:26"),
    ("root: {readable: [{path: /d, source: /var/run/docker.sock}]}", "error control-socket 4:26"),
    ("root: {readable: [{path: /r, source: /run}]}", "error control-socket 4:26"),
    ("root: {readable: [{path: /p, source: /proc/1}]}", "error kernel-file-system 4:26"),
    ("root: {writable: [/home/ada]}", "warning writable-home 4:19"),
    ("root: {writable: [{path: /t, source: /tmp}]}", "warning writable-shared-directory 4:26"),
    ("root: {base: /, overlay: tmpfs, size: 1MiB}", "error host-root 4:14"),
    ("root: {base: /i, overlay: /o}", "note overlay-on-disk 4:27"),
    ("root: {tmpfs: [{path: /tmp, size: 1GiB}]}", "note tmpfs-exceeds-memory 3:29"),
    ("seccomp: {mode: log}", "error seccomp-log-mode 4:17"),
    ("seccomp: {allow: [bpf]}", "error call-kernel-code 4:19"),
    ("seccomp: {allow: [ptrace]}", "warning call-ptrace 4:19"),
    ("seccomp: {allow: [io_uring_setup]}", "warning call-io-uring 4:19"),
    ("seccomp: {allow: [unshare]}", "warning call-namespace 4:19"),
    ("seccomp: {allow: [mount]}", "warning call-mount 4:19"),
    ("seccomp: {allow: [keyctl]}", "warning call-keyring 4:19"),
    ("seccomp: {allow: [perf_event_open]}", "warning call-perf 4:19"),
    ("seccomp: {allow: [userfaultfd]}", "warning call-userfaultfd 4:19"),
  ])
  func `each dangerous grant has its code, its severity and its place`(line: String, expected: String) throws {
    #expect(try codes(line) == [expected])
  }

  @Test func `neighbours of dangerous paths and devices are not taken for them`() throws {
    #expect(try codes("root: {writable: [/var/lib/redis, /srv/usr, /run/redis, /etcetera]}") == [])
    #expect(try codes("root: {readable: [/usr/share/doc, /etc/ssl, /srv]}") == [])
    #expect(try codes("seccomp: {deny: [ptrace], allow: [getpid]}") == [])
    #expect(try codes("allow: {command_override: true}") == [])
    #expect(try codes("environment: {TOKENIZER: fast, SECRET_FILE: /run/secrets/x}") == [])
  }

  @Test func `memory without bounds is told`() throws {
    let text = "tenant: web\ncommand: [/bin/true]\nmemory: {max: 256MiB, swap: max}\n"
    let policy = try PolicyDocument.parse(text: text, file: "p.yaml")
    let codes = PolicyLint.findings(in: policy, profile: .standard()).map(\.code)
    #expect(codes == ["lint.no-memory-high", "lint.unlimited-swap"])
  }

  @Test func `a profile is judged by what it allows beyond the default's`() throws {
    let open = SeccompPolicy(
      defaultAction: .allow, rules: [SeccompRule(["mount", "umount2"], .errno(1))], flags: .speculationAllowed)
    let all = try findings("seccomp: /etc/p.json", profile: open)
    let codes = Set(all.map(\.code))
    #expect(codes.isSuperset(of: ["lint.seccomp-deny-list", "lint.seccomp-speculation", "lint.call-kernel-code"]))
    #expect(codes.isSuperset(of: ["lint.call-io-uring", "lint.call-keyring", "lint.call-mount"]))
    // What the default allows too is no finding.
    #expect(!all.contains { $0.message.contains("process_vm_readv") })
    let narrowed = try findings("seccomp: {profile: /etc/p.json, only: [execve, read]}", profile: open).map(\.code)
    #expect(narrowed == ["lint.seccomp-speculation"])
    let denied = try findings("seccomp: {profile: /etc/p.json, deny: [bpf]}", profile: open)
    #expect(!denied.contains { $0.message.contains("bpf") })
  }

  @Test func `findings stand in the order of the file, and each explains itself`() throws {
    let all = try findings(
      "capabilities: [CAP_SYS_ADMIN, CAP_NET_RAW]", "network: {mode: none}", "user: root", "pids: {max: max}",
      "enforcement: best-effort")
    let lines = all.compactMap { $0.position?.line }
    #expect(lines == lines.sorted() && lines.count == all.count - 1 && all.last?.code == "lint.best-effort")
    for finding in all {
      #expect(!finding.reason.isEmpty && !finding.mend.isEmpty && !finding.message.hasSuffix("."))
    }
  }
}
