import ControlProtocol
import Faults
import Glibc
import Kernel
import Policy
import Sandbox

/// `health: {command: …}`: a further command in the tenant, as `isoctl exec` sends one in, which the daemon holds the
/// session of. It ends with that session, so with the daemon too, and what it leaves in its process group with it.
extension Supervisor {
  /// How long a command may take to end once its session is over.
  private static let endPatience: Duration = .seconds(5)
  /// How long the end of a tenant may take to be seen after the end of what ran in it.
  private static let seenPatience: Duration = .seconds(1)

  /// Runs a check's command; nil where it says nothing about the tenant, or is no longer asked for.
  func runCheck(
    _ command: [String], in name: String, timeout: TimeSpan, row: UInt64
  ) async throws(Fault) -> HealthState.Outcome? {
    if let earlier = tenants[name]?.healthCommand, await !isGone(earlier, within: timeout.duration) {
      return .failed("the command of an earlier check can't be ended")
    }
    guard let tenant = followed(name, row: row) else { return nil }
    let place = try EntryPlace(tenant)
    let run = HealthCommand()
    tenants[name]?.healthCommand = run
    do throws(Fault) {
      let entry = try await begin(run, Exec.Request(name: name, command: command), place)
      let timer = Task {
        try await Task.sleep(for: timeout.duration)
        run.expire()
        try await Task.sleep(for: Self.endPatience)
        run.abandon()
      }
      let result = await run.result()
      timer.cancel()
      switch result {
      case .givenUp: return nil
      case .late: return .failed("did not end within \(timeout)")
      case .ended:
        let ending = try entry.ending()
        if ending == .lost || ending == .killed(SIGKILL) { await untilEndIsSeen() }
        return HealthPolicy.outcome(of: ending)
      }
    } catch {
      guard let outcome = HealthPolicy.outcome(of: error) else { throw error }
      await untilEndIsSeen()
      return outcome
    }
  }

  /// A tenant's end takes the check's command along first, and that one isn't the tenant's failure then: whoever asked
  /// for the check finds the tenant gone.
  private func untilEndIsSeen() async {
    await pause(for: Self.seenPatience, waitingFor: "the end of a tenant")
  }

  private func isGone(_ command: HealthCommand, within patience: Duration) async -> Bool {
    let deadline = ContinuousClock.now + patience
    while !command.isGone, ContinuousClock.now < deadline {
      await pause(for: .milliseconds(20), waitingFor: "the end of a health check's command")
    }
    return command.isGone
  }

  /// Sends the command in, and has its attendant reaped, whatever becomes of the check.
  private func begin(
    _ run: HealthCommand, _ request: Exec.Request, _ place: EntryPlace
  ) async throws(Fault) -> Entry {
    do throws(Fault) {
      let entry = try await parts.threads.run { [parts] () throws(Fault) in
        try place.enter(request, streams: nil, isBound: true, parts: parts)
      }
      run.began(entry)
      try watch(entry) { run.gone() }
      return entry
    } catch {
      run.gone()
      throw error
    }
  }
}
