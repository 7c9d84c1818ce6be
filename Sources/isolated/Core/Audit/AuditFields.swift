extension AuditRecord {
  /// SYSLOG_IDENTIFIER of all records.
  static let identifier = "isolated-audit"
  /// The most bytes of one value: what clients name is theirs to choose, and a record must fit a datagram.
  static let longestValue = 512

  /// The record as journal fields, in order.
  var fields: [(name: String, value: String)] {
    var fields: [(name: String, value: String)] = [
      ("MESSAGE", message), ("MESSAGE_ID", action.messageID), ("PRIORITY", priority),
      ("SYSLOG_IDENTIFIER", Self.identifier),
      // LOG_AUTHPRIV: syslog daemons keep it from those who may not see it.
      ("SYSLOG_FACILITY", "10"), ("ISOLATED_ACTION", action.rawValue), ("ISOLATED_RESULT", result.word),
    ]
    func add(_ name: String, _ value: String?) {
      if let value { fields.append(("ISOLATED_" + name, Self.bounded(value))) }
    }
    add("ERROR", result.code?.rawValue)
    add("UID", actor.map { "\($0.uid)" })
    add("GID", actor.map { "\($0.gid)" })
    add("PID", actor.map { "\($0.pid)" })
    add("PROCESS", actor?.process)
    add("TENANT", tenant)
    add("POLICY", policy)
    add("POLICY_SHA256", policyDigest)
    add("PROGRAM", program)
    add("ENVIRONMENT", changesEnvironment ? "changed" : nil)
    for detail in details { add(detail.name.rawValue, detail.value) }
    return fields
  }

  /// The record as a sentence.
  private var message: String {
    var text = action.rawValue
    if let tenant { text += " of \(Self.word(tenant))" }
    if let policy { text += " from policy \(Self.word(policy))" }
    if let program { text += " with the program \(Self.word(program))" }
    if let actor {
      text += " by user \(actor.uid) (\(Self.word(actor.process ?? "?")), pid \(actor.pid))"
    }
    text += ": \(result.word)"
    if let code = result.code { text += " (\(code.rawValue))" }
    for detail in details { text += " \(detail.name.rawValue.lowercased())=\(Self.word(detail.value))" }
    return text
  }

  /// syslog's: notice for what was done, warning for what was not.
  private var priority: String {
    switch (result, action) {
    case (.done, .lost), (.denied, _), (.refused, _): "4"
    case (.done, _): "5"
    }
  }

  private static func bounded(_ text: String) -> String {
    guard text.utf8.count > longestValue else { return text }
    return String(decoding: text.utf8.prefix(longestValue), as: UTF8.self) + "…"
  }

  /// A client's word within a sentence: without anything that could end the line or be taken for the next words.
  private static func word(_ text: String) -> String {
    let text = bounded(text)
    let isPlain =
      !text.isEmpty
      && text.unicodeScalars.allSatisfy { scalar in
        scalar.isASCII && scalar.value > 0x20 && scalar.value < 0x7f && scalar != "\"" && scalar != "\\"
      }
    return isPlain ? text : text.debugDescription
  }
}
