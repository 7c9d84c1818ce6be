/// A JSON value of the kinds that the interface uses.
enum JSONValue: Equatable, Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)
}

/// A JSON object of few members.
///
/// A list, for the first dictionary in a fresh process costs the runtime a search through every conformance of the
/// program; to look through a dozen names costs nothing beside that.
struct JSONObject: Equatable, Sendable {
  /// A name and its value.
  struct Member: Equatable, Sendable {
    let name: String
    let value: JSONValue
  }

  /// The most members that an object takes, so that looking for each name stays cheap.
  static let limit = 64

  private(set) var members: [Member] = []

  /// The value of the member `name`; nil if there is none.
  subscript(_ name: String) -> JSONValue? {
    for member in members where member.name == name { return member.value }
    return nil
  }

  /// Adds a member; false if the name is taken or there are as many as ``limit``.
  mutating func add(_ name: String, _ value: JSONValue) -> Bool {
    guard members.count < Self.limit, self[name] == nil else { return false }
    members.append(Member(name: name, value: value))
    return true
  }

  /// Whether both have the same members, in whatever order.
  static func == (left: Self, right: Self) -> Bool {
    left.members.count == right.members.count && left.members.allSatisfy { right[$0.name] == $0.value }
  }
}
