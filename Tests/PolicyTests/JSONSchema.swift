import FoundationEssentials

@testable import Policy

/// The keywords of JSON Schema, draft 2020-12, that the published schema uses; any other is an error here.
struct JSONSchema {
  struct UnknownKeyword: Error { let keyword: String }

  let root: JSONValue

  init(_ text: String) throws {
    root = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
  }

  /// What is wrong with `value`, as one line for each violation.
  func violations(_ value: JSONValue) throws -> [String] { try violations(value, root, at: "") }

  /// The keys of every mapping that the schema describes, as ``KeyTable`` names them.
  func keys() -> [String: [String]] {
    var table: [String: Set<String>] = [:]
    collect(root, at: "", into: &table)
    return table.mapValues { $0.sorted() }
  }

  private func resolved(_ schema: JSONValue) -> JSONValue {
    guard let reference = schema["$ref"]?.string, let name = reference.split(separator: "/").last else {
      return schema
    }
    return root["$defs"]?[String(name)] ?? .null
  }

  private func collect(_ schema: JSONValue, at path: String, into table: inout [String: Set<String>]) {
    let schema = resolved(schema)
    for choice in ["anyOf", "oneOf"] {
      for branch in schema[choice]?.array ?? [] { collect(branch, at: path, into: &table) }
    }
    if let items = schema["items"] { collect(items, at: path + "[]", into: &table) }
    guard let properties = schema["properties"]?.object else { return }
    table[path, default: []].formUnion(properties.keys)
    for (key, value) in properties { collect(value, at: path.isEmpty ? key : "\(path).\(key)", into: &table) }
  }

  private func violations(_ value: JSONValue, _ schema: JSONValue, at path: String) throws -> [String] {
    var found: [String] = []
    for (keyword, argument) in schema.object {
      if try !holds(keyword, argument, value, schema) { found.append("\(path): \(keyword)") }
      switch keyword {
      case "$ref": found += try violations(value, resolved(schema), at: path)
      case "items": for item in value.array { found += try violations(item, argument, at: path + "[]") }
      case "properties":
        for (key, member) in value.object {
          if let inner = argument[key] { found += try violations(member, inner, at: "\(path).\(key)") }
        }
      case "additionalProperties" where argument != .boolean(false):
        for (key, member) in value.object { found += try violations(member, argument, at: "\(path).\(key)") }
      case "propertyNames":
        for key in value.object.keys { found += try violations(.string(key), argument, at: "\(path).\(key)") }
      default: break
      }
    }
    return found
  }

  private func holds(_ keyword: String, _ argument: JSONValue, _ value: JSONValue, _ schema: JSONValue) throws
    -> Bool
  {
    switch keyword {
    case "$schema", "$id", "$defs", "title", "description", "properties", "items", "propertyNames", "$ref":
      true
    case "type":
      (argument.string.map { [$0] } ?? argument.array.compactMap(\.string)).contains(type(of: value))
    case "const": argument == value
    case "enum": argument.array.contains(value)
    case "anyOf": try argument.array.contains { try violations(value, $0, at: "").isEmpty }
    case "oneOf": try argument.array.count(where: { try violations(value, $0, at: "").isEmpty }) == 1
    case "pattern":
      try value.string.map { try $0.firstMatch(of: Regex(argument.string ?? "")) != nil } ?? true
    case "minimum": value.integer.map { $0 >= argument.integer ?? 0 } ?? true
    case "maximum": value.integer.map { $0 <= argument.integer ?? 0 } ?? true
    case "maxLength": UInt64(value.string?.count ?? 0) <= argument.integer ?? 0
    case "minItems": type(of: value) != "array" || UInt64(value.array.count) >= argument.integer ?? 0
    case "maxItems": UInt64(value.array.count) <= argument.integer ?? 0
    case "minProperties": type(of: value) != "object" || UInt64(value.object.count) >= argument.integer ?? 0
    case "uniqueItems": Set(value.array.compactMap(\.string)).count == value.array.count
    case "required":
      type(of: value) != "object" || argument.array.allSatisfy { value[$0.string ?? ""] != nil }
    case "additionalProperties":
      argument != .boolean(false) || value.object.keys.allSatisfy { schema["properties"]?[$0] != nil }
    default: throw UnknownKeyword(keyword: keyword)
    }
  }

  private func type(of value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .boolean: "boolean"
    case .integer: "integer"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }
}
