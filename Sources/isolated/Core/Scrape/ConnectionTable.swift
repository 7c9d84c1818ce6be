import NIOCore

/// A connection, as far as the bounds that all share are concerned.
protocol BoundedConnection: AnyObject {
  /// Whether an answer is being made for it or sent to it.
  var isAnswering: Bool { get }
  /// Whether it has had an answer before.
  var isKnown: Bool { get }
  /// When it last sent or read something.
  var lastActivity: NIODeadline { get }
  /// The shared answer that it is reading.
  var answer: HeldAnswer? { get }
  /// Ends it at once.
  func abort()
}

/// The open connections of the scrape endpoint. Confined to one event loop.
final class ConnectionTable {
  private var connections: [ObjectIdentifier: any BoundedConnection] = [:]
  private let most: Int
  private let mostHeldBytes: Int

  /// - Parameters:
  ///   - most: how many connections there may be.
  ///   - mostHeldBytes: what the answers that they read may take, each counted once.
  init(most: Int, mostHeldBytes: Int) {
    self.most = most
    self.mostHeldBytes = mostHeldBytes
  }

  var count: Int { connections.count }

  /// Adds a connection. Where there are too many, another one goes: see ``evict()``.
  func add(_ connection: some BoundedConnection) {
    if connections.count >= most { evict() }
    connections[ObjectIdentifier(connection)] = connection
  }

  func remove(_ connection: some BoundedConnection) { connections[ObjectIdentifier(connection)] = nil }

  /// Ends the connection that is the easiest to do without.
  ///
  /// That is the one of those without anything to do that has been so for longest: of those that never asked for
  /// anything if they hold half of the places, otherwise of those that were served before. So neither can a flood of new
  /// connections end those of a scraper, nor can many old ones leave a newcomer no time to ask. If every connection is
  /// being answered, it is the one whose client has read nothing for longest.
  func evict() {
    let idle = connections.values.filter { !$0.isAnswering }
    let strangers = idle.filter { !$0.isKnown }
    let known = idle.filter(\.isKnown)
    let candidates =
      idle.isEmpty ? Array(connections.values) : strangers.count * 2 >= most || known.isEmpty ? strangers : known
    guard let victim = candidates.min(by: { $0.lastActivity < $1.lastActivity }) else { return }
    connections[ObjectIdentifier(victim)] = nil
    victim.abort()
  }

  /// Ends the connections that read the oldest answers until the rest takes no more than it may beside `newest`.
  func makeRoom(for newest: HeldAnswer) {
    var bytes: [UInt64: Int] = [:]
    for case let answer? in connections.values.map(\.answer) { bytes[answer.number] = answer.body.readableBytes }
    var sum = bytes.values.reduce(newest.body.readableBytes, +)
    for number in bytes.keys.sorted() where sum > mostHeldBytes {
      for connection in Array(connections.values) where connection.answer?.number == number { connection.abort() }
      sum -= bytes[number] ?? 0
    }
  }

  /// Ends them all.
  func abortAll() {
    for connection in Array(connections.values) { connection.abort() }
  }
}
