import Faults

/// Reads one YAML document into a ``DocumentNode``, refusing the parts of YAML that make a text mean
/// something other than it seems to: anchors, aliases, merge keys, tags, duplicate keys, further documents.
///
/// Each is refused at its event, so nothing that an alias stands for is ever looked up, let alone copied. What
/// belongs to a refused key, or lies too deep, is passed over.
struct DocumentReader {
  /// The deepest nesting that is read; no valid document comes near it.
  static let maximumDepth = 16

  private typealias Parser = YAMLEventParser

  private let text: DocumentText
  private var faults = FaultList()

  private init(_ text: DocumentText) { self.text = text }

  /// Reads `text`, or tells everything that is wrong with it as YAML.
  static func read(_ text: DocumentText) throws(PolicyErrors) -> DocumentNode {
    try NestingBound.check(text)
    var reader = DocumentReader(text)
    var root: DocumentNode?
    do throws(Parser.Problem) {
      var parser = try Parser(text.utf8)
      root = try reader.root(&parser)
    } catch {
      reader.report(error)
    }
    if let errors = reader.faults.errors { throw errors }
    guard let root else { throw PolicyErrors(reader.fault(.empty, "the document is empty", nil)) }
    return root
  }

  /// The first document's root; a second document is reported and left unread.
  private mutating func root(_ parser: inout Parser) throws(Parser.Problem) -> DocumentNode? {
    var root: DocumentNode?
    var documents = 0
    while true {
      let event = try parser.next()
      switch event.kind {
      case .streamStart, .documentEnd: continue
      case .streamEnd: return root
      case .documentStart:
        documents += 1
        guard documents == 1 else {
          report(
            .multipleDocuments, "a second document starts here", event.mark, mend: "one file holds one document")
          return root
        }
      default: root = try node(event, depth: 0, &parser)
      }
    }
  }

  // MARK: Nodes

  /// The node that starts with `event`, read to its end; nil after a report that leaves nothing of it.
  private mutating func node(
    _ event: Parser.Event, depth: Int, _ parser: inout Parser
  ) throws(Parser.Problem) -> DocumentNode? {
    guard depth < Self.maximumDepth else {
      report(.tooDeep, "the document is nested more than \(Self.maximumDepth) levels deep", event.mark)
      try passOver(event, &parser)
      return nil
    }
    if event.isAnchored {
      report(.anchor, "anchors are not allowed", event.mark, mend: "write the value out where it is needed")
    }
    checkTag(of: event)
    switch event.kind {
    case .scalar(let string, let plain):
      return DocumentNode(content: .scalar(string, plain: plain), position: position(event.mark))
    case .sequenceStart:
      let items = try items(depth: depth + 1, &parser)
      return DocumentNode(content: .sequence(items), position: position(event.mark))
    case .mappingStart:
      let entries = try entries(depth: depth + 1, &parser)
      return DocumentNode(content: .mapping(entries), position: position(event.mark))
    case .alias:
      reportAlias(event.mark)
      return nil
    case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd: return nil
    }
  }

  private mutating func items(depth: Int, _ parser: inout Parser) throws(Parser.Problem) -> [DocumentNode] {
    var items: [DocumentNode] = []
    while true {
      let event = try parser.next()
      if case .sequenceEnd = event.kind { return items }
      if let item = try node(event, depth: depth, &parser) { items.append(item) }
    }
  }

  private mutating func entries(
    depth: Int, _ parser: inout Parser
  ) throws(Parser.Problem) -> [DocumentNode.Entry] {
    var entries: [DocumentNode.Entry] = []
    var places: [String: Fault.Position] = [:]
    while true {
      let event = try parser.next()
      if case .mappingEnd = event.kind { return entries }
      guard let (key, plain) = key(event), isFirst(key, event.mark, &places) else {
        try passOver(event, &parser)
        try passOver(parser.next(), &parser)
        continue
      }
      guard let value = try node(parser.next(), depth: depth, &parser) else { continue }
      entries.append(
        DocumentNode.Entry(key: key, plain: plain, position: position(event.mark), value: value))
    }
  }

  /// Reads past the node that starts with `event`.
  private func passOver(_ event: Parser.Event, _ parser: inout Parser) throws(Parser.Problem) {
    var open = event.kind.levels
    while open > 0 { open += try parser.next().kind.levels }
  }

  // MARK: Keys

  /// A key's text, and whether it stood without quotes; nil after a report that leaves nothing of the entry.
  private mutating func key(_ event: Parser.Event) -> (text: String, plain: Bool)? {
    switch event.kind {
    case .scalar("<<", plain: true):
      report(.anchor, "merge keys are not allowed", event.mark, mend: "write the keys out")
      return nil
    case .scalar(let text, let plain):
      if event.isAnchored { report(.anchor, "anchors are not allowed", event.mark, mend: "remove it") }
      checkTag(of: event)
      return (text, plain)
    case .alias:
      reportAlias(event.mark)
      return nil
    default:
      report(.wrongType, "a key must be a plain word", event.mark)
      return nil
    }
  }

  /// Whether the key isn't among `places` yet, where it is put; reports it if it is.
  private mutating func isFirst(
    _ key: String, _ mark: Parser.Mark, _ places: inout [String: Fault.Position]
  ) -> Bool {
    if let first = places[key] {
      report(
        .duplicateKey, "duplicate key \"\(key.shortened)\", first given on line \(first.line)", mark,
        mend: "keep one of them")
      return false
    }
    places[key] = position(mark)
    return true
  }

  // MARK: Faults

  /// libyaml doesn't tell a scalar with the tag `!` from one without a tag, but for where it starts.
  private mutating func checkTag(of event: Parser.Event) {
    var tag = event.tag
    if tag == nil, case .scalar = event.kind, character(at: event.mark) == "!" { tag = "!" }
    guard let tag else { return }
    report(.tag, "tags are not allowed: \"\(tag.shortened)\"", event.mark, mend: "remove it")
  }

  private mutating func reportAlias(_ mark: Parser.Mark) {
    report(
      .anchor, "aliases are not allowed", mark,
      mend: "write the value out, or quote a text that starts with an asterisk")
  }

  private mutating func report(_ problem: Parser.Problem) {
    switch problem {
    case .outOfMemory: report(.tooDeep, "the document is nested too deeply", nil)
    case .unreadable(let message): report(.encoding, message, nil)
    case .syntax(let message, let mark, nil):
      report(.syntax, "this is not YAML: \(message)", mark, mend: advice(at: mark))
    case .syntax(let message, let mark, let context?):
      // An asterisk before anything but a name.
      if context.message == "while scanning an alias" { return reportAlias(context.mark) }
      report(
        .syntax,
        "this is not YAML: \(message) \(context.message) that starts on line \(context.mark.line + 1)",
        mark, mend: advice(at: mark))
    }
  }

  private mutating func report(
    _ problem: DocumentProblem, _ message: String, _ mark: Parser.Mark?, mend: String? = nil
  ) {
    faults.add(fault(problem, message, mark, mend: mend))
  }

  private func fault(
    _ problem: DocumentProblem, _ message: String, _ mark: Parser.Mark?, mend: String? = nil
  ) -> Fault {
    Fault(problem.code(in: text.domain), message, position: position(mark), mend: mend)
  }

  private func advice(at mark: Parser.Mark) -> String? {
    switch character(at: mark) {
    case "\t": "indent with spaces, not with tabs"
    case "@", "`", "%": "quote the text"
    default: nil
    }
  }

  // MARK: Places

  private func position(_ mark: Parser.Mark?) -> Fault.Position {
    Fault.Position(file: text.file, line: (mark?.line ?? 0) + 1, column: (mark?.column ?? 0) + 1)
  }

  private func character(at mark: Parser.Mark) -> Unicode.Scalar? {
    text.scalars.indices.contains(mark.index) ? text.scalars[mark.index] : nil
  }
}
