import Faults

/// Turns the nodes of one document into values and collects everything that is wrong on the way.
///
/// Each reading method returns `nil` after it has reported why, so a caller goes on with the next key and the
/// reader of the messages sees all of them at once. ``finish()`` throws what was collected.
public final class DocumentDecoder {
  /// The top mapping; empty where the text held none.
  public private(set) var root: StrictMapping

  /// The first word of every code: `policy`.
  let domain: String
  /// What each mapping may hold.
  let table: KeyTable
  private var faults = FaultList()

  /// Reads `bytes` as one YAML document whose top is a mapping.
  ///
  /// - Parameters:
  ///   - bytes: the text in UTF-8, at most 64 KiB.
  ///   - file: the file's name for positions; it is not opened.
  ///   - domain: the first word of every fault's code.
  ///   - table: the keys that the document may hold.
  ///   - emptyAllowed: whether a document without any key is a mapping without entries rather than a fault.
  /// - Throws: what makes the text unreadable as YAML, with codes as ``DocumentProblem`` names them.
  public init(
    _ bytes: some Collection<UInt8>, file: String, domain: String, table: KeyTable, emptyAllowed: Bool = false
  ) throws(PolicyErrors) {
    self.domain = domain
    self.table = table
    let start = Fault.Position(file: file, line: 1, column: 1)
    root = StrictMapping(path: "", position: start, entries: [])
    let text = try DocumentText(bytes, file: file, domain: domain)
    guard let node = try Self.node(of: text, emptyAllowed: emptyAllowed) else { return }
    try take(node)
  }

  /// Takes a document that was read already.
  init(_ node: DocumentNode, domain: String, table: KeyTable) throws(PolicyErrors) {
    self.domain = domain
    self.table = table
    root = StrictMapping(path: "", position: node.position, entries: [])
    try take(node)
  }

  private func take(_ node: DocumentNode) throws(PolicyErrors) {
    guard case .mapping = node.content else {
      throw PolicyErrors(
        Fault(
          DocumentProblem.wrongType.code(in: domain),
          "the document is \(node.kind), not a mapping of keys to values",
          position: node.position))
    }
    if let mapping = mapping(node, path: "") { root = mapping }
  }

  private static func node(of text: DocumentText, emptyAllowed: Bool) throws(PolicyErrors) -> DocumentNode? {
    do {
      let node = try DocumentReader.read(text)
      if emptyAllowed, case .scalar("", plain: true) = node.content { return nil }
      return node
    } catch {
      let emptyCode = DocumentProblem.empty.code(in: text.domain)
      if emptyAllowed, error.faults.allSatisfy({ $0.code == emptyCode }) { return nil }
      throw error
    }
  }

  /// Throws everything that was reported, if anything was.
  public func finish() throws(PolicyErrors) {
    if let errors = faults.errors { throw errors }
  }

  // MARK: Reporting

  /// Reports a fault at `position`.
  public func report(
    _ problem: DocumentProblem, _ message: String, at position: Fault.Position?, mend: String? = nil
  ) {
    faults.add(Fault(problem.code(in: domain), message, position: position, mend: mend))
  }

  private func reportKind(_ node: DocumentNode, wanted: String, mend: String? = nil) {
    report(.wrongType, "expected \(wanted), found \(node.kind)", at: node.position, mend: mend)
  }

  // MARK: Collections

  /// The node as a mapping of known keys; each key that `path` doesn't know is reported.
  public func mapping(_ node: DocumentNode, path: String) -> StrictMapping? {
    guard case .mapping(let entries) = node.content else {
      reportKind(node, wanted: "a mapping of keys to values")
      return nil
    }
    let known = table.keys[path] ?? []
    for entry in entries where !known.contains(entry.key) { reportUnknown(entry, path: path, known: known) }
    return StrictMapping(
      path: path, position: node.position, entries: entries.filter { known.contains($0.key) })
  }

  private func reportUnknown(_ entry: DocumentNode.Entry, path: String, known: [String]) {
    var mend = "the keys here are \(known.joined(separator: ", "))"
    if let likely = nearMiss(of: entry.key, among: known) {
      mend = "did you mean \"\(likely)\"?"
    } else if let home = table.home(of: entry.key, otherThan: path) {
      mend = "it belongs in \(home)"
    } else if let likely = nearMiss(of: entry.key, among: table.keys.values.joined()),
      let home = table.home(of: likely, otherThan: path)
    {
      mend = "did you mean \"\(likely)\", which belongs in \(home)?"
    }
    let place = path.isEmpty ? "" : " in \"\(path)\""
    report(.unknownKey, "unknown key \"\(entry.key.shortened)\"\(place)", at: entry.position, mend: mend)
  }

  /// The node as a mapping whose keys are free. A key that some readers take for another type is reported.
  public func freeMapping(_ node: DocumentNode) -> [DocumentNode.Entry]? {
    guard case .mapping(let entries) = node.content else {
      reportKind(node, wanted: "a mapping of names to values")
      return nil
    }
    return entries.filter { entry in
      guard entry.plain, PlainScalar(entry.key) != .text else { return true }
      report(
        .implicitBoolean,
        "the key \"\(entry.key.shortened)\" is \(PlainScalar(entry.key).kind) to a YAML reader",
        at: entry.position, mend: "quote it")
      return false
    }
  }

  /// The node as a list.
  public func list(_ node: DocumentNode) -> [DocumentNode]? {
    guard case .sequence(let items) = node.content else {
      reportKind(node, wanted: "a list", mend: "write it in brackets, or one \"- item\" a line")
      return nil
    }
    return items
  }

  // MARK: Scalars

  /// The node as text. Without quotes it must be text to every YAML reader.
  public func string(_ node: DocumentNode) -> Positioned<String>? {
    guard case .scalar(let text, let plain) = node.content else {
      reportKind(node, wanted: "a text")
      return nil
    }
    guard plain else { return checkedText(text, node) }
    let quote = "quote it: \"\(text.shortened)\""
    switch PlainScalar(text) {
    case .text: return checkedText(text, node)
    case .null: report(.wrongType, "the value is missing", at: node.position)
    case .boolean: reportKind(node, wanted: "a text", mend: quote)
    case .implicitBoolean:
      report(
        .implicitBoolean, "\"\(text)\" without quotes is a boolean to some YAML readers", at: node.position,
        mend: quote)
    case .integer: reportKind(node, wanted: "a text", mend: quote)
    case .oddNumber:
      report(
        .implicitNumber, "\"\(text.shortened)\" without quotes is a number to some YAML readers",
        at: node.position, mend: quote)
    case .timestamp: reportKind(node, wanted: "a text", mend: quote)
    }
    return nil
  }

  /// No text in a policy may hold a NUL, for it ends up in a system call or a file of the kernel.
  private func checkedText(_ text: String, _ node: DocumentNode) -> Positioned<String>? {
    guard !text.utf8.contains(0) else {
      report(.encoding, "a text can't hold the character U+0000", at: node.position)
      return nil
    }
    return Positioned(text, at: node.position)
  }

  /// The node as `true` or `false`.
  public func boolean(_ node: DocumentNode) -> Positioned<Bool>? {
    guard case .scalar(let text, plain: true) = node.content else {
      reportKind(node, wanted: "true or false")
      return nil
    }
    switch PlainScalar(text) {
    case .boolean(let value): return Positioned(value, at: node.position)
    case .implicitBoolean:
      let meant = ["y", "yes", "on", "true"].contains(text.lowercased())
      report(
        .implicitBoolean, "\"\(text)\" is a boolean to some YAML readers only", at: node.position,
        mend: "write \(meant)")
    default: reportKind(node, wanted: "true or false")
    }
    return nil
  }

  /// The node as a decimal integer in `range`.
  public func integer(_ node: DocumentNode, in range: ClosedRange<UInt64>) -> Positioned<UInt64>? {
    guard case .scalar(let text, let plain) = node.content else {
      reportKind(node, wanted: "a whole number")
      return nil
    }
    switch PlainScalar(text) {
    case .integer where plain: break
    case .integer:
      reportKind(node, wanted: "a whole number", mend: "write \(text.shortened) without quotes")
      return nil
    case .oddNumber:
      report(
        .implicitNumber, "\"\(text.shortened)\" is not a number in plain decimal digits", at: node.position,
        mend: "write it in decimal, without sign, leading zero, separator, fraction or exponent")
      return nil
    default:
      reportKind(node, wanted: "a whole number")
      return nil
    }
    guard let number = UInt64(text), range.contains(number) else {
      report(
        .outOfRange, "\(text.shortened) is out of range", at: node.position,
        mend: "it can be \(range.lowerBound) to \(range.upperBound)")
      return nil
    }
    return Positioned(number, at: node.position)
  }

  /// The node as one of an enumeration's words.
  public func choice<Choice>(_ node: DocumentNode, as type: Choice.Type) -> Positioned<Choice>?
  where Choice: CaseIterable & RawRepresentable & Sendable, Choice.RawValue == String {
    let words = Choice.allCases.map(\.rawValue)
    guard let text = string(node) else { return nil }
    guard let choice = Choice(rawValue: text.value) else {
      let likely = nearMiss(of: text.value, among: words).map { "did you mean \($0)?" }
      report(
        .invalidValue, "\"\(text.value.shortened)\" is not one of the choices", at: node.position,
        mend: likely ?? "it can be \(words.joined(separator: ", "))")
      return nil
    }
    return Positioned(choice, at: node.position)
  }

  /// The node as a quantity, with or without quotes.
  public func quantity<Value: Quantity>(_ node: DocumentNode, as type: Value.Type) -> Positioned<Value>? {
    guard let text = quantityText(node, expectation: Value.expectation) else { return nil }
    do {
      return Positioned(try Value(parsing: text), at: node.position)
    } catch {
      report(.invalidValue, error.message, at: node.position, mend: error.mend)
      return nil
    }
  }

  /// The text of a scalar that should be a quantity.
  func quantityText(_ node: DocumentNode, expectation: String) -> String? {
    guard case .scalar(let text, let plain) = node.content else {
      reportKind(node, wanted: expectation)
      return nil
    }
    guard plain else { return text }
    switch PlainScalar(text) {
    case .text, .integer: return text
    case .oddNumber:
      report(
        .implicitNumber, "\"\(text.shortened)\" is not \(expectation)", at: node.position,
        mend: "write it in plain decimal digits with its unit")
    default: reportKind(node, wanted: expectation)
    }
    return nil
  }

  /// The node as a quantity, or as `word` for no limit.
  public func limit<Value: Quantity>(
    _ node: DocumentNode, as type: Value.Type, unlimited word: String
  ) -> Positioned<Limit<Value>>? {
    if case .scalar(word, _) = node.content { return Positioned(.unlimited, at: node.position) }
    return quantity(node, as: type)?.map { .atMost($0) }
  }
}
