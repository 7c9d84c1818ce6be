import ControlProtocol
import Faults
import Glibc
import IsolatedCore
import Testing

/// `isoctl attach` and `isoctl run -t`, the real program on a terminal, against a stub daemon.
@Suite struct ControlIsoctlTerminalTests {
  /// Runs a command that ends with 7 on a terminal that it doesn't get: its status must come all the same.
  private func expectItsStatus(of stub: StubServer) async throws {
    let outcome = try await IsoctlProcess.run(
      ["run", "-t", "p", "--", "/bin/sh", "-c", "exit 7"], socket: stub.path, onTerminal: true)
    #expect(outcome.status == 7)
    #expect(outcome.errors.isEmpty)
  }

  @Test func theKillOfATenantThatIsStartedAgainEndsAnAttachmentToIt() async throws {
    try await StubServer.with { stub in
      let terminal = try StubTerminal()
      // Whoever asks the stub for this one's end waits for ever.
      stub.service.state.withLock { $0.terminals["forever"] = terminal }
      let process = try IsoctlProcess(["attach", "forever"], socket: stub.path, onTerminal: true)
      try await eventually { process.hasTakenItsTerminal }
      terminal.hangUp()
      let outcome = try await process.outcome()
      #expect(outcome.status == 128 + SIGKILL)
      #expect(outcome.errors == "isoctl: the tenant was killed\n")
      #expect(!process.hasTakenItsTerminal)
    }
  }

  @Test(arguments: [
    Fault("tenant.unknown", "there is no tenant 'p'"), Fault("tenant.wrong-state", "the tenant 'p' does not run"),
    Fault(
      "system.call-failed", "the tenant's first process takes no client for its terminal", systemCall: "connect",
      path: "/run/isolated/tenants/p.attach", errno: ErrorNumber(ECONNREFUSED)),
  ])
  func aTenantThatEndsBeforeItCanBeAttachedToStillHasItsStatus(refusal: Fault) async throws {
    try await StubServer.with { stub in
      stub.service.state.withLock { $0.attachRefusal = refusal }
      try await expectItsStatus(of: stub)
    }
  }

  @Test func soDoesOneWhoseFirstProcessIsKilledBeforeItHandsItsTerminalOver() async throws {
    try await StubServer.with { stub in
      let terminal = try StubTerminal(isHandedOver: false)
      terminal.hangUp()
      stub.service.state.withLock { $0.terminals["p"] = terminal }
      try await expectItsStatus(of: stub)
    }
  }

  @Test func anotherRefusalOfATerminalEndsTheRun() async throws {
    try await StubServer.with { stub in
      stub.service.state.withLock { $0.attachRefusal = Fault("control.not-yours", "it is somebody else's") }
      let outcome = try await IsoctlProcess.run(
        ["run", "-t", "p", "--", "/bin/sleep", "100"], socket: stub.path, onTerminal: true)
      #expect(outcome.status == 125)
      #expect(outcome.errors == "isoctl: it is somebody else's\n")
      try await eventually { stub.service.state.withLock { $0.attendedAfterCancellation == 1 } }
    }
  }

  @Test func detachingSucceedsWhileTheDaemonIsAway() async throws {
    let stub = try StubServer()
    let terminal = try StubTerminal()
    stub.service.state.withLock { $0.terminals["p"] = terminal }
    let process = try IsoctlProcess(
      ["run", "-t", "p", "--", "/bin/sleep", "100"], socket: stub.path, onTerminal: true)
    try await eventually { process.hasTakenItsTerminal }
    await stub.close()
    process.press([16, 17])
    let outcome = try await process.outcome()
    #expect(outcome.status == 0)
    #expect(outcome.errors == "\nisoctl: detached; back with: isoctl attach p\n")
    #expect(!process.hasTakenItsTerminal)
    for child in stub.service.state.withLock({ $0.children.values }) { kill(child, SIGKILL) }
  }

  @Test(arguments: [
    SIGTERM, SIGHUP, SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU, SIGXFSZ, SIGPOLL, SIGPWR, SIGSTKFLT, 34, 64,
  ])
  func aSignalThatEndsAnAttachmentGivesTheTerminalBack(_ signal: Int32) async throws {
    try await StubServer.with { stub in
      let terminal = try StubTerminal()
      stub.service.state.withLock { $0.terminals["web"] = terminal }
      let process = try IsoctlProcess(["attach", "web"], socket: stub.path, onTerminal: true)
      try await eventually { process.hasTakenItsTerminal }
      process.send(signal)
      #expect(try await process.outcome().status == 128 + signal)
      #expect(!process.hasTakenItsTerminal)
    }
  }

  @Test func signalsThatAreIgnoredStaySoOnATerminal() async throws {
    try await StubServer.with { stub in
      let terminal = try StubTerminal()
      stub.service.state.withLock { $0.terminals["web"] = terminal }
      let script = "trap '' HUP TERM ALRM; exec \"$0\" attach web"
      let process = try IsoctlProcess(
        ["-c", script, IsoctlProcess.path], socket: stub.path, onTerminal: true, executable: "/bin/sh")
      try await eventually { process.hasTakenItsTerminal }
      for signal in [SIGHUP, SIGTERM, SIGALRM] { process.send(signal) }
      terminal.hangUp()
      #expect(try await process.outcome().status == 128 + SIGKILL)
    }
  }

  @Test func aRunOnATerminalPassesSignalsOnAndHasItsStatusFromTheDaemon() async throws {
    try await StubServer.with { stub in
      let terminal = try StubTerminal()
      stub.service.state.withLock { $0.terminals["p"] = terminal }
      let process = try IsoctlProcess(
        ["run", "-t", "p", "--", "/bin/sleep", "100"], socket: stub.path, onTerminal: true)
      try await eventually { process.hasTakenItsTerminal }
      process.send(SIGUSR1)
      try await eventually { stub.service.state.withLock { $0.kills.contains { $0.signal == Int(SIGUSR1) } } }
      terminal.hangUp()
      let outcome = try await process.outcome()
      #expect(outcome.status == 128 + SIGUSR1)
      #expect(outcome.errors.isEmpty)
      #expect(!process.hasTakenItsTerminal)
    }
  }
}
