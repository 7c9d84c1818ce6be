import CLinux
import Faults
import Glibc
import PolicyTools
import Sandbox
import Testing

@testable import isoctl

/// The tracer on real processes of this machine, which it watches without any sandbox.
@Suite struct CallTracerTests {
  private struct Seen: Sendable {
    var use: ProgramUse
    var status: Int32?
  }

  /// Runs a shell that stops itself, and then becomes `command`, to its end.
  private func trace(_ command: String) async throws -> Seen {
    try await DetachedThread.result {
      let process = try Self.start("kill -STOP $$; exec /bin/sh -c '\(command)'")
      try Self.waitUntilStopped(process)
      let recorder = UseRecorder(names: SystemCallNames.native) { _, _ in true }
      var tracer = try CallTracer(process, recorder: recorder, firstIdentity: 0) { 4096 }
      while true {
        try tracer.advance()
        if tracer.isOver { return Seen(use: tracer.recorder.use, status: tracer.status) }
        // SIGCHLD goes to any thread of the tests, so it isn't waited for.
        usleep(1000)
      }
    }
  }

  private static func start(_ script: String) throws -> Int32 {
    // The child inherits this thread's mask, and threads of Dispatch block nearly all.
    var none = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, nil)
    let words: [String] = ["sh", "-c", script]
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    arguments.append(nil)
    defer { for argument in arguments { free(argument) } }
    var environment: [UnsafeMutablePointer<CChar>?] = [strdup("PATH=/usr/bin:/bin"), nil]
    defer { for variable in environment { free(variable) } }
    var process: pid_t = 0
    let failure = posix_spawn(&process, "/bin/sh", nil, nil, &arguments, &environment)
    guard failure == 0 else { throw Fault(.internalError, "posix_spawn", errno: ErrorNumber(failure)) }
    return process
  }

  private static func waitUntilStopped(_ process: Int32) throws {
    var status: Int32 = 0
    guard waitpid(process, &status, Int32(WUNTRACED)) == process, status & 0xFF == 0x7F else {
      throw Fault(.internalError, "the shell didn't stop itself")
    }
  }

  @Test func `files, directories and programs are seen, and the held start's own aren't`() async throws {
    let seen = try await trace("cat /etc/hostname >/dev/null; ls /etc/default >/dev/null; cat /no/such; true")
    #expect(seen.status == 0)
    #expect(seen.use.files["/etc/hostname"]?.contains(.read) == true)
    #expect(seen.use.files["/etc/default"]?.contains(.list) == true)
    #expect(seen.use.files["/no/such"] == nil)
    #expect(seen.use.files.contains { $0.key.hasSuffix("/cat") && $0.value.contains(.execute) })
    #expect(seen.use.files.contains { $0.key.contains("libc.so") })
    for name in ["execve", "openat", "exit_group", "wait4"] {
      #expect((seen.use.calls[name]?.count ?? 0) > 0, "\(name)")
    }
    #expect(seen.use.peakTasks >= 2)
    #expect(seen.use.peakMemory == 4096)
  }

  @Test func `statuses, signals and stops of a program come out as they are`() async throws {
    let failed = try await trace("exit 3")
    #expect(failed.status == 3 << 8)
    let killed = try await trace("kill -TERM $$")
    #expect(killed.status == 15)
    let caught = try await trace("trap \"exit 7\" USR1; kill -USR1 $$; sleep 5")
    #expect(caught.status == 7 << 8)
    let stopped = try await trace("sleep 30 & kill -STOP $!; kill -CONT $!; kill $!; wait $!; echo over >/dev/null")
    #expect(stopped.status == 0)
  }

  @Test func `children that outlive their parents are watched to their end`() async throws {
    let seen = try await trace("(sleep 0.2; cat /etc/hostname >/dev/null) & exit 0")
    #expect(seen.status == 0)
    #expect(seen.use.files["/etc/hostname"]?.contains(.read) == true)
  }

  @Test func `a process that isn't there can't be watched, and the fault says what to do`() async throws {
    let fault = await #expect(throws: Fault.self) {
      try await DetachedThread.result {
        _ = try CallTracer(
          .max, recorder: UseRecorder(names: []) { _, _ in true }, firstIdentity: 0
        ) { nil }
      }
    }
    #expect(fault?.code == .cannotTrace && fault?.mend?.contains("root") == true)
  }
}
