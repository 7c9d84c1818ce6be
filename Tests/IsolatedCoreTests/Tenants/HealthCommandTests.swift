import Faults
import Glibc
import Policy
import Sandbox
import Testing

@testable import IsolatedCore

@Suite struct HealthCommandTests {
  @Test(arguments: [
    (Entry.Ending.exited(0), HealthState.Outcome.passed), (.exited(3), .failed("exited 3")),
    (.exited(127), .failed("exited 127")), (.killed(9), .failed("killed by signal 9")),
    (.killed(31), .failed("killed by signal 31")), (.lost, .failed("killed before it could tell how it ended")),
  ])
  func onlyTheStatusZeroIsWell(ending: Entry.Ending, outcome: HealthState.Outcome) {
    #expect(HealthPolicy.outcome(of: ending) == outcome)
  }

  @Test func whatTheTenantHasNoRoomOrProgramForFailsItsCheck() {
    let missing = Fault(.commandNotRun, "no", errno: ErrorNumber(ENOENT))
    #expect(HealthPolicy.outcome(of: missing) == .failed("the command can't be run: ENOENT"))
    for number in [EAGAIN, ENOMEM] {
      let full = Fault(.stageFailed, "no", errno: ErrorNumber(number))
      #expect(HealthPolicy.outcome(of: full) == .failed("no room for the command: \(ErrorNumber(number).name)"))
    }
  }

  @Test(arguments: [
    Fault(.stageFailed, "it has just ended", errno: ErrorNumber(ESRCH)), Fault(.stageFailed, "why"),
    Fault(.systemCallFailed, "the daemon has none left", errno: ErrorNumber(EAGAIN)),
    Fault(.wrongTenantState, "frozen"), Fault(.initLost, "gone"), Fault(.invalidSandbox, "damaged"),
  ])
  func whatTheDaemonCantDoSaysNothingOfTheTenant(fault: Fault) {
    #expect(HealthPolicy.outcome(of: fault) == nil)
  }

  @Test func whatHappensFirstIsWhatBecameOfIt() async {
    let events: [(String, (HealthCommand) -> Void)] = [
      ("ended", { $0.gone() }), ("givenUp", { $0.giveUp() }), ("late", { $0.abandon() }),
    ]
    for (name, first) in events {
      for (_, second) in events {
        let command = HealthCommand()
        first(command)
        second(command)
        #expect(await "\(command.result())" == name)
      }
    }
  }

  @Test func oneThatIsLateIsSoAlsoIfItEndsForThat() async {
    let command = HealthCommand()
    command.expire()
    #expect(!command.isGone)
    command.gone()
    #expect(await command.result() == .late)
    #expect(command.isGone)
    let early = HealthCommand()
    early.gone()
    early.expire()
    #expect(await early.result() == .ended)
  }

  @Test func whoWaitsIsToldOnceWhicheverThreadIsFirst() async {
    for _ in 0..<500 {
      let command = HealthCommand()
      await withTaskGroup(of: Void.self) { group in
        group.addTask { command.giveUp() }
        group.addTask { command.expire() }
        group.addTask { command.gone() }
        group.addTask { command.abandon() }
        group.addTask { _ = await command.result() }
      }
      #expect(command.isGone)
    }
  }
}
