import ControlProtocol
import Dispatch
import Faults
import Glibc
import Kernel
import Logging
import Testing

@testable import IsolatedCore

@Suite struct LivenessTests {
  private static let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  @Test func aLoopThatDoesNotComeRoundIsNamed() {
    let liveness = Liveness()
    let (well, stuck) = (Liveness.Pulse(name: "well"), Liveness.Pulse(name: "stuck"))
    liveness.join(well) { well.beat() }
    liveness.join(stuck) {}
    #expect(liveness.silent().isEmpty, "at first, all have just come round")
    #expect(liveness.silent() == ["stuck"])
    #expect(liveness.silent() == ["stuck"])
    stuck.beat()
    #expect(liveness.silent().isEmpty)
  }

  @Test func theManagerHearsNothingWhileALoopIsStuckAndIsToldAgainAfterwards() throws {
    let liveness = Liveness()
    let pulse = Liveness.Pulse(name: "loop")
    liveness.join(pulse) {}
    var watchdog = try #require(
      Watchdog(liveness, log: Self.log, environment: { $0 == "WATCHDOG_USEC" ? "4000000" : nil }, pid: 42))
    #expect(watchdog.interval == .seconds(1))
    var told: [String] = []
    let notify: (String) throws(Fault) -> Void = { told.append($0) }
    watchdog.look(notify: notify)
    #expect(told == ["WATCHDOG=1"])
    watchdog.look(notify: notify)
    watchdog.look(notify: notify)
    #expect(told == ["WATCHDOG=1"])
    pulse.beat()
    watchdog.look(notify: notify)
    #expect(told == ["WATCHDOG=1", "WATCHDOG=1"])
  }

  @Test func aManagerThatCannotBeReachedIsNoReasonToStop() throws {
    let liveness = Liveness()
    var watchdog = try #require(Watchdog(liveness, log: Self.log, environment: { _ in "42" }, pid: 42))
    watchdog.look { _ throws(Fault) in throw Fault(.internalError, "gone") }
    var told = 0
    watchdog.look { _ throws(Fault) in told += 1 }
    #expect(told == 1)
  }

  @Test(
    arguments: [
      ("20", nil, Duration.microseconds(5)), ("3", nil, .microseconds(1)), ("20", "42", .microseconds(5)),
      ("20", "41", nil), ("20", "x", nil), ("0", nil, nil), ("-5", nil, nil), ("x", nil, nil), (nil, "42", nil),
    ] as [(String?, String?, Duration?)])
  func whoIsNotWatchedDoesNotLook(patience: String?, process: String?, interval: Duration?) {
    let variables = ["WATCHDOG_USEC": patience, "WATCHDOG_PID": process]
    #expect(Watchdog.interval(in: { variables[$0].flatMap { $0 } }, pid: 42) == interval)
  }

  /// Waits on a thread that may block until a look finds what is expected.
  private func finds(_ expected: [String], _ liveness: Liveness) async throws -> Bool {
    try await DetachedThread.result {
      for _ in 0..<5000 {
        if liveness.silent() == expected { return true }
        usleep(2000)
      }
      return false
    }
  }

  @Test func aControlLoopThatHangsIsNoticedAndOneThatIsIdleIsNot() async throws {
    let liveness = Liveness()
    let executor = try LoopExecutor()
    let directory = try temporaryDirectory()
    let server = try ControlServer(
      listener: ControlListener(path: "\(directory)/socket", group: nil), limits: ControlLimits(),
      handler: ControlDispatcher(StubService(), version: "0"), executor: executor, exits: nil, liveness: liveness,
      report: { _ in })
    _ = liveness.silent()
    #expect(try await finds([], liveness), "it sleeps, and answers when it is asked")
    let (stuck, go) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    Task(executorPreference: executor) {
      stuck.signal()
      Self.block(on: go)
    }
    try await DetachedThread.result { Self.block(on: stuck) }
    #expect(try await finds(["control"], liveness))
    go.signal()
    #expect(try await finds([], liveness))
    await server.stop()
    rmdir(directory)
  }

  private static func block(on semaphore: DispatchSemaphore) { semaphore.wait() }
}
