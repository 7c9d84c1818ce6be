import FoundationEssentials
import Testing

@testable import Policy

/// Any JSON value; integers are told apart from other numbers.
enum JSONValue: Equatable, Decodable {
  case null
  case boolean(Bool)
  case integer(UInt64)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .boolean(value)
    } else if let value = try? container.decode(UInt64.self) {
      self = .integer(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  /// What an editor's YAML reader makes of a node.
  init(_ node: DocumentNode) {
    switch node.content {
    case .scalar(let text, plain: false): self = .string(text)
    case .scalar(let text, plain: true):
      switch PlainScalar(text) {
      case .null: self = .null
      case .boolean(let value): self = .boolean(value)
      case .integer: self = UInt64(text).map { .integer($0) } ?? .null
      default: self = .string(text)
      }
    case .sequence(let items): self = .array(items.map { JSONValue($0) })
    case .mapping(let entries):
      self = .object(Dictionary(entries.map { ($0.key, JSONValue($0.value)) }) { first, _ in first })
    }
  }

  subscript(_ key: String) -> JSONValue? {
    if case .object(let members) = self { return members[key] }
    return nil
  }

  var string: String? {
    if case .string(let text) = self { return text }
    return nil
  }

  var integer: UInt64? {
    if case .integer(let number) = self { return number }
    return nil
  }

  var array: [JSONValue] {
    if case .array(let items) = self { return items }
    return []
  }

  var object: [String: JSONValue] {
    if case .object(let members) = self { return members }
    return [:]
  }
}

/// A file of the repository.
func repositoryFile(_ path: String) throws -> String {
  let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  return String(decoding: try Data(contentsOf: root.appendingPathComponent(path)), as: UTF8.self)
}

/// The names of a directory's files that end in `suffix`.
func repositoryFiles(in directory: String, suffix: String) throws -> [String] {
  let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  return try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(directory).path)
    .filter { $0.hasSuffix(suffix) }.sorted()
}
