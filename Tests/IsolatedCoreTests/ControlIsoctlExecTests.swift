import ControlProtocol
import Faults
import Glibc
import IsolatedCore
import Kernel
import Testing

/// `isoctl exec`, the real program against a stub daemon that runs commands as plain children.
@Suite struct ControlIsoctlExecTests {
  @Test func passesStreamsThroughAndReturnsTheStatus() async throws {
    try await StubServer.with { stub in
      let outcome = try await IsoctlProcess.run(
        ["exec", "-i", "web", "--", "/bin/sh", "-c", "cat; echo oops >&2; exit 7"], socket: stub.path,
        input: "hello\n")
      #expect(outcome.status == 7)
      #expect(outcome.output == "hello\n")
      #expect(outcome.errors == "oops\n")
    }
  }

  @Test func anInputThatNobodyAskedForIsEmpty() async throws {
    try await StubServer.with { stub in
      let outcome = try await IsoctlProcess.run(
        ["exec", "web", "--", "/bin/cat"], socket: stub.path, input: "not for you\n")
      #expect(outcome.status == 0)
      #expect(outcome.output.isEmpty)
    }
  }

  @Test func everyOptionTravels() async throws {
    try await StubServer.with { stub in
      let outcome = try await IsoctlProcess.run(
        [
          "exec", "--user", "www-data:adm", "-e", "A=1", "--env", "B=", "-w", "/srv", "web", "--", "/bin/echo", "-n",
          "--", "x",
        ], socket: stub.path)
      #expect(outcome.status == 0)
      #expect(outcome.output == "-- x")
      let request = try #require(stub.service.state.withLock { $0.executed.first })
      #expect(
        request
          == Exec.Request(
            name: "web", command: ["/bin/echo", "-n", "--", "x"], user: "www-data:adm",
            environment: ["A": "1", "B": ""], directory: "/srv", stdio: Stdio(stdin: 0, stdout: 1, stderr: 2)))
    }
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2])
  func forwardsASignalAndReportsItsEffect(_ signal: Int32) async throws {
    try await StubServer.with { stub in
      let process = try IsoctlProcess(["exec", "web", "--", "/bin/sleep", "100"], socket: stub.path)
      try await eventually { stub.service.state.withLock { $0.executed.count == 1 } }
      // Its answer may still be on the way, and a signal before that ends the wait as well: the same status.
      process.send(signal)
      #expect(try await process.outcome().status == 128 + signal)
    }
  }

  @Test func goesOnWhileTheDaemonIsGone() async throws {
    let stub = try StubServer()
    let marks = try TemporaryDirectory()
    let script = "trap 'touch $0/heard' WINCH; until test -e $0/go; do sleep 0.01; done; exit 9"
    let process = try IsoctlProcess(["exec", "web", "--", "/bin/sh", "-c", script, marks.path], socket: stub.path)
    // A change of the window's size does nothing before isoctl has its session, and arrives once it has.
    try await eventually {
      process.send(SIGWINCH)
      return access(marks.path + "/heard", F_OK) == 0
    }
    await stub.close()
    try SmallFile.replace(marks.path + "/go", with: [])
    let outcome = try await process.outcome()
    #expect(outcome.status == 9)
    #expect(outcome.errors.isEmpty)
  }

  @Test func aRefusalIsToldAndIsNoStatusOfACommand() async throws {
    try await StubServer.with { stub in
      stub.service.state.withLock {
        $0.refusal = Fault("tenant.wrong-state", "the tenant 'web' is frozen", mend: "thaw it first")
      }
      let outcome = try await IsoctlProcess.run(["exec", "web", "--", "/bin/true"], socket: stub.path)
      #expect(outcome.status == 125)
      #expect(outcome.errors.contains("is frozen"))
      #expect(outcome.errors.contains("thaw it first"))
    }
  }

  @Test func returnsTheStatusesOfEnvForWhatCannotRun() async throws {
    try await StubServer.with { stub in
      let missing = try await IsoctlProcess.run(["exec", "web", "--", "/no/such/program"], socket: stub.path)
      #expect(missing.status == 127)
      let forbidden = try await IsoctlProcess.run(["exec", "web", "--", "/etc/passwd"], socket: stub.path)
      #expect(forbidden.status == 126)
    }
  }

  @Test func aWrongCommandLineIsNotTakenForACommandsStatus() async throws {
    for arguments in [
      ["exec"], ["exec", "web"], ["exec", "web", "--"], ["exec", "web", "ps"], ["exec", "--bogus", "web"],
    ] {
      let outcome = try await IsoctlProcess.run(arguments)
      #expect(outcome.status == 125, "\(arguments)")
      #expect(!outcome.errors.isEmpty)
    }
  }

  @Test(arguments: [
    ["exec", "-it", "web", "--", "/bin/sh"], ["run", "-it", "p", "--", "/bin/sh"], ["attach", "web"],
  ])
  func aTerminalThatIsNotThereIsAClearErrorAndNothingIsStarted(arguments: [String]) async throws {
    try await StubServer.with { stub in
      let outcome = try await IsoctlProcess.run(arguments, socket: stub.path)
      #expect(outcome.status == 125)
      #expect(outcome.errors.contains("standard input is no terminal"))
      #expect(stub.service.state.withLock { $0.executed.isEmpty && $0.spawned.isEmpty })
    }
  }
}
