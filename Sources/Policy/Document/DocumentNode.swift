import Faults

/// A node of a YAML document that passed the reader: no anchors, no tags, no duplicate keys, bounded depth.
public struct DocumentNode: Sendable {
  /// What a node holds.
  public enum Content: Sendable {
    /// A scalar's text, and whether it stood without quotes.
    case scalar(String, plain: Bool)
    /// A sequence's items.
    case sequence([DocumentNode])
    /// A mapping's entries in the order of the text.
    case mapping([Entry])
  }

  /// A key and its value.
  public struct Entry: Sendable {
    /// The key's text.
    public let key: String
    /// Whether the key stood without quotes.
    public let plain: Bool
    /// Where the key stands.
    public let position: Fault.Position
    /// The value.
    public let value: DocumentNode
  }

  /// What the node holds.
  public let content: Content
  /// Where the node starts.
  public let position: Fault.Position

  /// The kind of node, for a message.
  var kind: String {
    switch content {
    case .scalar(let text, plain: true): PlainScalar(text).kind
    case .scalar: "a text"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }
}
