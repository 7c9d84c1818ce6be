import Kernel

/// Tells whether the daemon's loops still go round, by asking each and looking whether it has answered.
///
/// A loop sleeps for as long as there is nothing to do: so it is woken, and whoever doesn't come round until the next
/// look is stuck. Threads that wait for a disk or the kernel are no members: a dead disk is no reason to restart.
final class Liveness: Sendable {
  /// One loop's part.
  final class Pulse: Sendable {
    /// What messages call the loop.
    let name: String
    private let answered = Guarded(true)

    init(name: String) { self.name = name }

    /// The loop has come round.
    func beat() { answered.withLock { $0 = true } }

    /// Whether it has since the last time this was asked.
    fileprivate func take() -> Bool {
      answered.withLock { answered in
        defer { answered = false }
        return answered
      }
    }
  }

  private let members = Guarded([(pulse: Pulse, wake: @Sendable () -> Void)]())

  /// Takes a loop in.
  ///
  /// - Parameter wake: makes the loop go round once.
  func join(_ pulse: Pulse, wake: @escaping @Sendable () -> Void) {
    members.withLock { $0.append((pulse, wake)) }
  }

  /// The loops that haven't come round since the last call; and asks all of them anew.
  func silent() -> [String] {
    let members = members.withLock { $0 }
    let silent = members.filter { !$0.pulse.take() }.map(\.pulse.name)
    for member in members { member.wake() }
    return silent
  }
}
