@testable import ControlProtocol

/// A reader of varlink's interface language, as far as `io.isolated` uses it: https://varlink.org/Interface-Definition.
struct InterfaceText {
  indirect enum Kind: Equatable {
    case bool, int, float, string
    case named(String)
    case optional(Kind), list(Kind), map(Kind)
  }

  typealias Members = [(name: String, kind: Kind)]

  var name = ""
  var types: [String: Members] = [:]
  var methods: [String: (request: Members, reply: Members)] = [:]
  var errors: [String: Members] = [:]

  struct SyntaxError: Error { var at: String }

  private var words: [String] = []

  init(_ text: String) throws {
    let code = text.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("#") }
      .joined(separator: "\n")
    words = Self.words(in: code)[...].reversed()
    while let word = words.popLast() {
      switch word {
      case "interface": name = try take()
      case "type": types[try take()] = try members()
      case "error": errors[try take()] = try members()
      case "method":
        let method = try take()
        let request = try members()
        try expect("->")
        methods[method] = (request, try members())
      default: throw SyntaxError(at: word)
      }
    }
  }

  private static func words(in code: String) -> [String] {
    var words: [String] = []
    var word = ""
    for character in code.replacing("->", with: " → ") {
      if character.isLetter || character.isNumber || character == "." || character == "_" {
        word.append(character)
        continue
      }
      if !word.isEmpty { words.append(word) }
      word = ""
      if !character.isWhitespace { words.append(character == "→" ? "->" : String(character)) }
    }
    return word.isEmpty ? words : words + [word]
  }

  private mutating func take() throws -> String {
    guard let word = words.popLast() else { throw SyntaxError(at: "the end") }
    return word
  }

  private mutating func expect(_ word: String) throws {
    guard try take() == word else { throw SyntaxError(at: word) }
  }

  private mutating func members() throws -> Members {
    try expect("(")
    var members: Members = []
    while words.last != ")" {
      let name = try take()
      try expect(":")
      members.append((name, try kind()))
      if words.last == "," { _ = try take() }
    }
    try expect(")")
    return members
  }

  private mutating func kind() throws -> Kind {
    switch try take() {
    case "?": return .optional(try kind())
    case "[":
      if words.last == "string" {
        _ = try take()
        try expect("]")
        return .map(try kind())
      }
      try expect("]")
      return .list(try kind())
    case "bool": return .bool
    case "int": return .int
    case "float": return .float
    case "string": return .string
    case let name: return .named(name)
    }
  }

  /// What in a value disagrees with the members: a path and a reason; nil if it agrees wholly, every optional one given.
  func disagreement(_ value: JSONValue, _ members: Members) -> String? {
    guard case .object(let object) = value else { return "no object" }
    let given = object.members.map(\.name)
    let names = Set(members.map(\.name))
    if let stranger = given.first(where: { !names.contains($0) }) {
      return "\(stranger): not in the text"
    }
    for member in members {
      guard let value = object[member.name] else { return "\(member.name): missing" }
      if let why = disagreement(value, member.kind) { return "\(member.name).\(why)" }
    }
    return nil
  }

  private func disagreement(_ value: JSONValue, _ kind: Kind) -> String? {
    switch (kind, value) {
    case (.bool, .bool), (.int, .integer), (.float, .integer), (.string, .string): return nil
    case (.optional(let kind), _): return disagreement(value, kind)
    case (.list(let kind), .array(let elements)):
      return elements.isEmpty ? "empty" : elements.lazy.compactMap { disagreement($0, kind) }.first
    case (.map(let kind), .object(let object)):
      let values = object.members.map(\.value)
      return values.isEmpty ? "empty" : values.lazy.compactMap { disagreement($0, kind) }.first
    case (.named(let name), _):
      guard let members = types[name] else { return "unknown type \(name)" }
      return disagreement(value, members)
    default: return "\(value) is no \(kind)"
    }
  }
}
