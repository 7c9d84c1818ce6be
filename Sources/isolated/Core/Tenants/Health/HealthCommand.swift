import Kernel
import Sandbox

/// A command in a tenant that checks its health. What happens to it is told from several threads, in any order.
final class HealthCommand: Sendable {
  /// What became of it, for whoever waits.
  enum Result: Sendable {
    /// It has come to its end by itself.
    case ended
    /// It took longer than it may.
    case late
    /// It was no longer asked for.
    case givenUp
  }

  private struct State {
    var entry: Entry?
    var isLate = false
    var isGone = false
    var result: Result?
    var waiter: CheckedContinuation<Result, Never>?
  }

  private let state = Guarded(State())

  /// Whether nothing of it is left that could run.
  var isGone: Bool { state.withLock { $0.isGone } }

  /// Takes note that it is on its way in.
  func began(_ entry: Entry) {
    let isGivenUp = state.withLock { state in
      state.entry = entry
      return state.result != nil
    }
    if isGivenUp { entry.endSession() }
  }

  /// Takes note that whoever attended to it has ended, or that it never came so far.
  func gone() {
    change { state in
      state.isGone = true
      state.entry = nil
      state.result = state.result ?? (state.isLate ? .late : .ended)
    }
  }

  /// Ends it, since nobody asks for it any more. One that stands still ends when it can.
  func giveUp() {
    change { $0.result = $0.result ?? .givenUp }?.endSession()
  }

  /// Ends it, since its time is over.
  func expire() {
    change { $0.isLate = $0.result == nil }?.endSession()
  }

  /// Kills what hasn't ended although its time is over, and waits for it no longer.
  func abandon() {
    change { $0.result = $0.result ?? .late }?.abandon()
  }

  /// What became of it; waits for that. To be asked once.
  func result() async -> Result {
    await withCheckedContinuation { continuation in
      change { $0.waiter = continuation }
    }
  }

  @discardableResult private func change(_ body: (inout State) -> Void) -> Entry? {
    let (entry, waiter, result) = state.withLock { state in
      body(&state)
      let waiter = state.result == nil ? nil : state.waiter
      if waiter != nil { state.waiter = nil }
      return (state.entry, waiter, state.result)
    }
    if let waiter, let result { waiter.resume(returning: result) }
    return entry
  }
}
