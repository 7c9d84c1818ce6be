import Faults
import Glibc
import Testing

@testable import Sandbox

/// The standard filter in the running kernel. Every attempt happens in a child process; the arguments are such that
/// even an unfiltered kernel would do nothing to the host.
@Suite("The standard filter in the kernel")
struct SeccompKernelTests {
  private func number(_ name: String) throws -> UInt32? {
    switch try SystemCallTable.entry(name, .native) {
    case .absent: nil
    case .library(let number): UInt32(bitPattern: number)
    case .recent(let number): number
    }
  }

  /// Runs the probe under the standard policy, or without a filter.
  private func probe(_ arguments: [String], filtered: Bool = true) async throws -> ProgramResult {
    let bytes = try SeccompCompiler.compile(.standard()).bytes
    return try await onOwnThread {
      let directory = try TemporaryDirectory()
      let program = try SeccompProbe.build(in: directory)
      try directory.write("filter", bytes)
      return try runProgram([program, filtered ? directory.path + "/filter" : "-"] + arguments)
    }
  }

  /// Tries calls by name and expects one answer each.
  private func expect(_ attempts: [(name: String, arguments: String, answer: String)]) async throws {
    var calls: [String] = []
    var expected: [(name: String, answer: String)] = []
    for attempt in attempts {
      guard let number = try number(attempt.name) else { continue }
      calls.append("\(number)" + (attempt.arguments.isEmpty ? "" : "," + attempt.arguments))
      expected.append((attempt.name, attempt.answer))
    }
    let result = try await probe(["calls"] + calls)
    let answers = result.output.split(separator: "\n").map(String.init)
    #expect(answers.count == expected.count, "\(result)")
    for (answer, (name, wanted)) in zip(answers, expected) { #expect(answer == wanted, "\(name)") }
  }

  @Test func `every refused call answers EPERM`() async throws {
    // 1 stands for a bad pointer, descriptor or magic number.
    let attempts = SystemCallGroups.refused.flatMap(\.names).map { ($0, "1,1,1,1,1,1", "errno \(EPERM)") }
    #expect(attempts.count > 40)
    try await expect(attempts)
  }

  @Test func `no flag of clone makes a namespace, with any upper half`() async throws {
    var attempts: [(String, String, String)] = [("clone", "0x11", "OK"), ("clone", "0x100000011", "OK")]
    for flag in [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000] as [UInt64] {
      attempts.append(("clone", "\(flag | 0x11)", "errno \(EPERM)"))
      attempts.append(("clone", "\(flag | 0x11 | 1 << 40)", "errno \(EPERM)"))
    }
    try await expect(attempts)
  }

  @Test func `clone3 and unknown calls don't exist`() async throws {
    try await expect([
      ("clone3", "0,0", "errno \(ENOSYS)"), ("cachestat", "0", "errno \(ENOSYS)"),
      ("lsm_list_modules", "0", "errno \(ENOSYS)"),
    ])
    let result = try await probe(["calls", "9999", "460", "1073741823"])
    #expect(result.output == String(repeating: "errno \(ENOSYS)\n", count: 3))
  }

  @Test func `no ioctl types into a terminal, whatever the upper half of its command`() async throws {
    let commands = ["0x5412", "0x100005412", "0x8000000000005412", "0x541c", "0xffffffff0000541c", "0x5423"]
    try await expect(
      commands.map { ("ioctl", "0,\($0),1", "errno \(EPERM)") } + [("ioctl", "0,0x5413,1", "errno \(ENOTTY)")]
    )
  }

  @Test func `sockets are UNIX, IPv4, IPv6 and netlink`() async throws {
    try await expect([
      ("socket", "1,1,0", "OK"), ("socket", "2,1,0", "OK"), ("socket", "16,3,0", "OK"),
      ("socketpair", "1,1,0,1", "errno \(EFAULT)"),
      ("socket", "40,1,0", "errno \(EAFNOSUPPORT)"), ("socket", "38,5,0", "errno \(EAFNOSUPPORT)"),
      ("socket", "17,3,0", "errno \(EAFNOSUPPORT)"), ("socket", "0x100000028,1,0", "errno \(EAFNOSUPPORT)"),
      ("socket", "16,3,9", "errno \(EINVAL)"), ("socket", "0,1,0", "errno \(EAFNOSUPPORT)"),
      ("socketpair", "40,1,0,1", "errno \(EAFNOSUPPORT)"),
    ])
  }

  @Test func `personalities keep the hardening on`() async throws {
    try await expect([
      ("personality", "0xffffffff", "OK"), ("personality", "0", "OK"),
      ("personality", "0x40000", "errno \(EPERM)"),
      ("personality", "0x100040000", "errno \(EPERM)"), ("personality", "0x400000", "errno \(EPERM)"),
    ])
  }

  @Test func `calls that need a capability answer EPERM without it`() async throws {
    try await expect(SystemCallGroups.withCapability.flatMap(\.1).map { ($0, "1,1,1,1,1", "errno \(EPERM)") })
  }

  #if arch(x86_64)
    @Test func `calls by another convention kill`() async throws {
      let free = try await probe(["int80"], filtered: false)
      let filtered = try await probe(["int80"])
      // A kernel without 32-bit emulation has no such gate: there the instruction itself is a fault.
      #expect(filtered.output == (free.output == "exit 0\n" ? "signal \(SIGSYS)\n" : free.output))
      let x32 = try await probe(["calls", "0x40000027", "0x40000000"])
      #expect(x32.output == "signal \(SIGSYS)\nsignal \(SIGSYS)\n")
    }
  #endif

  @Test(
    arguments: [
      ["cat", "/proc/self/status"],
      ["bash", "-c", "for i in 1 2 3; do echo $i; done | sort -r | head -1 && ulimit -n"],
      [
        "perl", "-e",
        "use POSIX; my $p = fork(); if (!$p) { POSIX::_exit(7) } waitpid($p, 0); exit($? >> 8 == 7 ? 0 : 1)",
      ],
      ["curl", "--version"], ["cc", "--version"],
      [
        "python3", "-c",
        """
        import asyncio, concurrent.futures, mmap, multiprocessing, os, select, signal, socket, subprocess, tempfile, threading
        assert subprocess.run(["true"]).returncode == 0
        t = threading.Thread(target=lambda: None); t.start(); t.join()
        a, b = socket.socketpair(); a.send(b"x"); assert b.recv(1) == b"x"
        s = socket.create_server(("127.0.0.1", 0)); c = socket.create_connection(s.getsockname()); s.accept()
        with concurrent.futures.ProcessPoolExecutor(2) as pool: assert sum(pool.map(abs, [-1, -2])) == 3
        async def main():
            process = await asyncio.create_subprocess_exec("echo", "hi", stdout=subprocess.PIPE)
            assert (await process.communicate())[0] == b"hi\\n"
        asyncio.run(main())
        with tempfile.NamedTemporaryFile() as f: f.write(b"x" * 8192); f.flush(); os.fsync(f.fileno()); mmap.mmap(f.fileno(), 8192)
        assert os.sched_getaffinity(0) and os.getrandom(8) and os.times()
        signal.setitimer(signal.ITIMER_REAL, 30); select.epoll().close()
        """,
      ],
    ]) func `ordinary programs run`(_ command: [String]) async throws
  {
    let result = try await probe(["exec"] + command)
    #expect(result.exitStatus == 0, "\(command): \(result)")
  }

  @Test func `a program sees its filter and that it can't gain privileges`() async throws {
    let result = try await probe(["exec", "cat", "/proc/self/status"])
    let status = try ProcessStatus(parsing: Array(result.output.utf8))
    #expect(status.seccompMode == 2)
    #expect(status.noNewPrivileges)
  }
}
