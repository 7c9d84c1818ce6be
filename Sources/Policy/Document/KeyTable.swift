/// The keys that each mapping of a kind of document knows.
///
/// A mapping's name is the path of keys to it: `""` is the top, `cpu.max` the mapping in `max` in `cpu`, and
/// `io[]` an item of the list in `io`. Mappings whose keys are free, such as `environment`, have no entry.
public struct KeyTable: Sendable, Hashable {
  /// The keys by the mapping's name, in the order of the reference.
  public let keys: [String: [String]]

  /// Takes the keys by the mapping's name.
  public init(_ keys: [String: [String]]) { self.keys = keys }

  /// The one mapping other than `path` that knows `key`, as a person would write it.
  func home(of key: String, otherThan path: String) -> String? {
    let homes = keys.filter { $0.key != path && $0.value.contains(key) }.map(\.key)
    guard homes.count == 1, let home = homes.first, !home.hasPrefix("rlimits.") else { return nil }
    return home.isEmpty ? "the top level" : "\"\(home)\""
  }
}
