/// Decodes the members that a type declares, and refuses any other.
struct StrictlyDecoded<Value: ControlRequest>: Decodable {
  let value: Value

  init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: AnyMember.self)
    let known = Value.memberNames
    for member in members.allKeys where !known.contains(member.stringValue) {
      throw DecodingError.dataCorruptedError(
        forKey: member, in: members, debugDescription: "unknown parameter")
    }
    value = try Value(from: decoder)
  }
}

private struct AnyMember: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { return nil }
}
