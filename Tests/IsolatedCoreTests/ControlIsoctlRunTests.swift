import ControlProtocol
import Faults
import Glibc
import IsolatedCore
import Testing

/// `isoctl run`, the real program against a stub daemon that runs commands as plain children.
@Suite struct ControlIsoctlRunTests {
  @Test func passesStreamsThroughAndReturnsTheStatus() async throws {
    try await StubServer.with { stub in
      let outcome = try await IsoctlProcess.run(
        ["run", "p", "--", "/bin/sh", "-c", "cat; echo oops >&2; exit 7"], socket: stub.path, input: "hello\n"
      )
      #expect(outcome.status == 7)
      #expect(outcome.output == "hello\n")
      #expect(outcome.errors == "oops\n")
    }
  }

  @Test func saysOnStandardErrorWhatIsNotEnforced() async throws {
    try await StubServer.with { stub in
      let outcome = try await IsoctlProcess.run(["run", "-f", "-"], socket: stub.path, input: "lax")
      #expect(outcome.status == 0)
      #expect(outcome.errors == "isoctl: not enforced on this host: io.latency\n")
    }
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2])
  func forwardsASignalAndReportsItsEffect(_ signal: Int32) async throws {
    try await StubServer.with { stub in
      let process = try IsoctlProcess(["run", "p", "--", "/bin/sleep", "100"], socket: stub.path)
      try await eventually { stub.service.state.withLock { $0.attending == 1 } }
      // Its first answer may still be on the way, and a signal before that ends the run as well: the same status.
      process.send(signal)
      let outcome = try await process.outcome()
      #expect(outcome.status == 128 + signal)
    }
  }

  @Test func forwardsSignalsThatTheCommandHandles() async throws {
    try await StubServer.with { stub in
      let script =
        "trap 'echo resized' WINCH; trap 'echo usr1; exit 5' USR1; echo ready >&2; while :; do sleep 0.01; done"
      let process = try IsoctlProcess(["run", "p", "--", "/bin/sh", "-c", script], socket: stub.path)
      try await eventually { stub.service.state.withLock { $0.attending == 1 } }
      // Until a signal has come through, it is sent again: isoctl may not have heard of the start yet.
      try await eventually {
        process.send(SIGWINCH)
        return stub.service.state.withLock { $0.kills.contains { $0.signal == Int(SIGWINCH) } }
      }
      process.send(SIGUSR1)
      let outcome = try await process.outcome()
      #expect(outcome.status == 5)
      #expect(outcome.output.hasSuffix("usr1\n"))
    }
  }

  @Test func theTenantEndsWhenIsoctlIsKilled() async throws {
    try await StubServer.with { stub in
      let process = try IsoctlProcess(["run", "p", "--", "/bin/sleep", "100"], socket: stub.path)
      try await eventually { stub.service.state.withLock { $0.attending == 1 } }
      process.send(SIGKILL)
      #expect(try await process.outcome().status == 137)
      try await eventually { stub.service.state.withLock { $0.attendedAfterCancellation == 1 } }
    }
  }

  @Test func returnsTheStatusesOfEnvForWhatCannotRun() async throws {
    try await StubServer.with { stub in
      let missing = try await IsoctlProcess.run(["run", "p", "--", "/no/such/program"], socket: stub.path)
      #expect(missing.status == 127)
      #expect(missing.errors.contains("ENOENT"))
      let forbidden = try await IsoctlProcess.run(["run", "p", "--", "/etc/passwd"], socket: stub.path)
      #expect(forbidden.status == 126)
      #expect(forbidden.output.isEmpty)
    }
  }

  @Test func returns125ForItsOwnFailures() async throws {
    for arguments in [["run", "p"], ["run"], ["run", "p", "-f", "x"], ["run", "--bogus", "p"]] {
      let outcome = try await IsoctlProcess.run(arguments)
      #expect(outcome.status == 125, "\(arguments)")
      #expect(!outcome.errors.isEmpty)
    }
    try await StubServer.with { stub in
      stub.service.state.withLock {
        $0.refusal = Fault(
          "admission.memory", "no memory is left", position: .init(file: "a.yaml", line: 2, column: 3),
          mend: "ask for less")
      }
      let outcome = try await IsoctlProcess.run(["run", "p"], socket: stub.path)
      #expect(outcome.status == 125)
      #expect(outcome.errors == "isoctl: a.yaml:2:3: no memory is left\n  mend: ask for less\n")
    }
  }

  @Test func saysHowToStartADaemonThatDoesNotRun() async throws {
    for arguments in [["run", "p"], ["ps"], ["spawn", "p"]] {
      let outcome = try await IsoctlProcess.run(arguments)
      #expect(outcome.errors.contains("the daemon isn't running"))
      #expect(outcome.errors.contains("  mend: start it: systemctl start isolated"))
    }
  }

  @Test(arguments: [[0], [1], [2], [0, 1, 2]] as [[Int32]])
  func worksWithStandardStreamsClosed(_ closed: [Int32]) async throws {
    try await StubServer.with { stub in
      let outcome = try await IsoctlProcess.run(
        ["run", "p", "--", "/bin/sh", "-c", "echo out; echo err >&2; read x; exit 3"], socket: stub.path,
        closing: closed)
      #expect(outcome.status == 3)
      #expect(outcome.output == (closed.contains(1) ? "" : "out\n"))
      #expect(outcome.errors == (closed.contains(2) ? "" : "err\n"))
    }
  }

  @Test func staysWithATenantWhoseDaemonIsReplaced() async throws {
    let first = try StubServer()
    let process = try IsoctlProcess(["run", "p", "--", "/bin/sleep", "100"], socket: first.path)
    try await eventually { first.service.state.withLock { $0.attending == 1 } }
    // The first answer is in the socket's buffer by the time the server closes the connection.
    try await Task.sleep(for: .milliseconds(50))
    await first.stop()
    // Nobody else ends the command, which has isoctl's streams open.
    for child in first.service.state.withLock({ $0.children.values }) { kill(child, SIGKILL) }
    // Known before it serves: isoctl asks as soon as it can.
    let service = StubService()
    service.state.withLock { $0.exits["p"] = Exit(status: 11, cause: .exited, durationUsec: 1) }
    let second = try StubServer(directory: first.directory, service: service)
    let outcome = try await process.outcome()
    #expect(outcome.status == 11)
    #expect(outcome.errors.contains("the daemon went away"))
    await second.close()
  }

  @Test func aSignalEndsTheWaitForADaemonThatStaysAway() async throws {
    let stub = try StubServer()
    let process = try IsoctlProcess(["run", "p", "--", "/bin/sleep", "100"], socket: stub.path)
    try await eventually { stub.service.state.withLock { $0.attending == 1 } }
    try await Task.sleep(for: .milliseconds(50))
    await stub.stop()
    for child in stub.service.state.withLock({ $0.children.values }) { kill(child, SIGKILL) }
    process.send(SIGTERM)
    let outcome = try await process.outcome()
    #expect(outcome.status == 128 + SIGTERM)
    #expect(outcome.errors.contains("`isoctl stop p` ends it"))
    await stub.close()
  }

  @Test func keepsAnIgnoredHangUpIgnored() async throws {
    try await StubServer.with { stub in
      let process = try IsoctlProcess(
        [IsoctlProcess.path, "run", "p", "--", "/bin/sh", "-c", "sleep 0.3; exit 4"], socket: stub.path,
        executable: "/usr/bin/nohup")
      try await eventually { stub.service.state.withLock { $0.attending == 1 } }
      process.send(SIGHUP)
      #expect(try await process.outcome().status == 4)
      #expect(stub.service.state.withLock { $0.kills }.isEmpty)
    }
  }

  @Test func spawnsFromAFileWithEverythingThatWasAsked() async throws {
    try await StubServer.with { stub in
      let file = "\(stub.directory)/p.yaml"
      try writeFile(file, "tenant: a # \u{e9}\n")
      defer { unlink(file) }
      for arguments in [
        ["run", "-f", file, "--name", "n", "-e", "A=1", "-e", "B=x=y", "--", "/bin/true", "--", "-x"],
        ["run", "--file=\(file)", "--name=n", "--env=A=1", "-e", "B=x=y", "--", "/bin/true", "--", "-x"],
      ] {
        let outcome = try await IsoctlProcess.run(arguments, socket: stub.path)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let request = stub.service.state.withLock { $0.spawned.last }
        #expect(
          request
            == Spawn.Request(
              document: "tenant: a # \u{e9}\n", documentName: file, name: "n",
              command: ["/bin/true", "--", "-x"], environment: ["A": "1", "B": "x=y"],
              stdio: Stdio(stdin: 0, stdout: 1, stderr: 2), foreground: true))
      }
    }
  }
}

/// Makes a file with a text.
func writeFile(_ path: String, _ text: String, append: Bool = false) throws {
  guard let file = fopen(path, append ? "ae" : "we") else {
    throw Fault("test.setup", "cannot write", path: path, errno: ErrorNumber(errno))
  }
  fputs(text, file)
  fclose(file)
}
