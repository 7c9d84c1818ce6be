/// In which order the installed tenants are started, and for how long one waits for those that it comes after. A pure
/// value: times (microseconds) and the tenants' standings come in.
///
/// `after` orders, it doesn't require: a tenant whose predecessor doesn't come is late, and not lost.
struct BootSequence {
  /// How far a predecessor is.
  enum Standing: Sendable, Hashable {
    /// It may still come: it is being started, backs off, or its health isn't known yet.
    case coming
    /// It runs, and is healthy where its health is checked; or it has ended with the status 0, as it was meant to.
    case ready
    /// It won't come by itself: it was not started, has ended otherwise, or is unhealthy.
    case failed
  }

  /// A tenant to start, in its turn.
  struct Entry: Sendable, Hashable {
    var name: String
    var after: [String]
  }

  /// An entry whose turn it is, and those that it didn't wait for any longer.
  struct Turn: Sendable, Hashable {
    var entry: Entry
    var missing: [String]
  }

  /// The longest that a tenant waits for those that it comes after, from when the last of them was started.
  static let patience = 300_000_000

  private var entries: [(entry: Entry, since: Int?)]

  /// Takes the tenants in the order of their files.
  init(_ entries: [Entry]) { self.entries = entries.map { ($0, nil) } }

  /// Whether all have had their turn.
  var isOver: Bool { entries.isEmpty }

  /// Takes out those whose turn it is now, in order.
  mutating func turns(at now: Int, standing: (String) -> Standing) -> [Turn] {
    var waiting: Set<String> = []
    for index in entries.indices { waiting.insert(entries[index].entry.name) }
    var turns: [Turn] = []
    entries = entries.compactMap { entry, since -> (entry: Entry, since: Int?)? in
      guard !entry.after.contains(where: { waiting.contains($0) && $0 != entry.name }) else { return (entry, nil) }
      let since = since ?? now
      let standings = entry.after.map { (name: $0, standing: standing($0)) }
      let hasPatience = now >= since && now - since < Self.patience
      if hasPatience, standings.contains(where: { $0.standing == .coming }) { return (entry, since) }
      turns.append(Turn(entry: entry, missing: standings.filter { $0.standing != .ready }.map(\.name)))
      return nil
    }
    return turns
  }
}
