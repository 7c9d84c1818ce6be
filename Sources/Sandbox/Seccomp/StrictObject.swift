import Faults

/// A JSON object whose keys are all known.
struct StrictObject {
  private let members: [String: StrictJSON]
  private let position: Fault.Position
  private let subject: String

  /// - Throws: ``Faults/Fault`` `seccomp.malformed-profile` at a key that isn't one of `keys`.
  init(_ json: StrictJSON, _ subject: String, keys: [String]) throws(Fault) {
    guard case .object(let members) = json.value else {
      throw Fault(.malformedSeccompProfile, "\(subject) is an object", position: json.position)
    }
    var values: [String: StrictJSON] = [:]
    for member in members {
      guard keys.contains(member.key) else {
        throw Fault(
          .malformedSeccompProfile, "\(subject) has no key \(quotedName(member.key))",
          position: member.position,
          mend: nearestName(to: member.key, among: keys).map { "did you mean \($0)?" }
            ?? "its keys are \(keys.joined(separator: ", "))")
      }
      // Engines write null for what is absent.
      if case .null = member.value.value { continue }
      values[member.key] = member.value
    }
    self.members = values
    self.subject = subject
    position = json.position
  }

  subscript(key: String) -> StrictJSON? { members[key] }

  func missing(_ key: String) -> Fault {
    Fault(.malformedSeccompProfile, "\(subject) needs \(key)", position: position)
  }
}

extension StrictJSON {
  func elements(_ what: String) throws(Fault) -> [StrictJSON] {
    if case .array(let elements) = value { return elements }
    throw Fault(.malformedSeccompProfile, "\(what) is a list", position: position)
  }

  func string(_ what: String) throws(Fault) -> String {
    if case .string(let text) = value { return text }
    throw Fault(.malformedSeccompProfile, "\(what) is a string", position: position)
  }

  func number(_ what: String) throws(Fault) -> UInt64 {
    if case .number(let number) = value { return number }
    throw Fault(.malformedSeccompProfile, "\(what) is a whole number, not negative", position: position)
  }
}
