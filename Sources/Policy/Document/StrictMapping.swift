import Faults

/// A mapping all of whose keys are known.
public struct StrictMapping: Sendable {
  /// The path of keys that leads here; empty at the top.
  public let path: String
  /// Where the mapping starts.
  public let position: Fault.Position

  private let nodes: [String: DocumentNode]
  private let positions: [String: Fault.Position]

  init(path: String, position: Fault.Position, entries: [DocumentNode.Entry]) {
    self.path = path
    self.position = position
    nodes = Dictionary(entries.map { ($0.key, $0.value) }) { first, _ in first }
    positions = Dictionary(entries.map { ($0.key, $0.position) }) { first, _ in first }
  }

  /// The value of `key`, if it is given.
  public subscript(_ key: String) -> DocumentNode? { nodes[key] }

  /// Where `key` stands, if it is given.
  public func position(of key: String) -> Fault.Position? { positions[key] }

  /// The name of the mapping in `key`.
  public func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}

/// Reading a mapping's key: `nil` where it isn't given, and where it is wrong, after that has been reported.
extension DocumentDecoder {
  /// The value of `key`; its absence is reported at the mapping.
  public func required(_ key: String, in mapping: StrictMapping, mend: String? = nil) -> DocumentNode? {
    if let node = mapping[key] { return node }
    let place = mapping.path.isEmpty ? "" : " in \"\(mapping.path)\""
    report(.missingKey, "the key \"\(key)\" is missing\(place)", at: mapping.position, mend: mend)
    return nil
  }

  /// The mapping in `key`.
  public func mapping(_ key: String, in mapping: StrictMapping) -> StrictMapping? {
    mapping[key].flatMap { self.mapping($0, path: mapping.path(of: key)) }
  }

  /// The items of the list in `key`.
  public func list(_ key: String, in mapping: StrictMapping) -> [DocumentNode] {
    mapping[key].flatMap { list($0) } ?? []
  }

  /// The text in `key`.
  public func string(_ key: String, in mapping: StrictMapping) -> Positioned<String>? {
    mapping[key].flatMap { string($0) }
  }

  /// The boolean in `key`.
  public func boolean(_ key: String, in mapping: StrictMapping) -> Positioned<Bool>? {
    mapping[key].flatMap { boolean($0) }
  }

  /// The integer in `key`.
  public func integer(
    _ key: String, in mapping: StrictMapping, range: ClosedRange<UInt64>
  ) -> Positioned<UInt64>? {
    mapping[key].flatMap { integer($0, in: range) }
  }

  /// The word in `key`.
  public func choice<Choice>(
    _ key: String, in mapping: StrictMapping, as type: Choice.Type
  ) -> Positioned<Choice>?
  where Choice: CaseIterable & RawRepresentable & Sendable, Choice.RawValue == String {
    mapping[key].flatMap { choice($0, as: type) }
  }

  /// The quantity in `key`.
  public func quantity<Value: Quantity>(
    _ key: String, in mapping: StrictMapping, as type: Value.Type
  ) -> Positioned<Value>? {
    mapping[key].flatMap { quantity($0, as: type) }
  }
}
