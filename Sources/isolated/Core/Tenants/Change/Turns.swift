import Faults

/// Lets the changes of each tenant go one after the other. A part of the supervisor, confined to it.
struct Turns {
  /// By the name of whose turn somebody has: those who wait for it, in order.
  private var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]

  /// Takes the turn if nobody has it.
  mutating func take(_ name: String) -> Bool {
    guard waiting[name] == nil else { return false }
    waiting[name] = []
    return true
  }

  /// Waits for the turn, which somebody has.
  mutating func wait(_ name: String, _ continuation: CheckedContinuation<Void, Never>) {
    waiting[name, default: []].append(continuation)
  }

  /// Gives the turn to whoever has waited longest.
  mutating func end(_ name: String) {
    guard var others = waiting[name], !others.isEmpty else {
      waiting[name] = nil
      return
    }
    let next = others.removeFirst()
    waiting[name] = others
    next.resume()
  }
}

extension Supervisor {
  /// Does something with a tenant while nobody else changes it. What a tenant's end takes away stays until then.
  func inTurn<Result>(_ name: String, _ body: () async throws(Fault) -> Result) async throws(Fault) -> Result {
    await takeTurn(name)
    defer { turns.end(name) }
    return try await body()
  }

  /// Waits until nobody else changes the tenant; ``Turns/end(_:)`` must follow.
  func takeTurn(_ name: String) async {
    if turns.take(name) { return }
    await withCheckedContinuation { turns.wait(name, $0) }
  }
}
