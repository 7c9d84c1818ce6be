import Faults
import Yams

/// Reads one YAML document into a ``DocumentNode``, refusing the parts of YAML that make a text mean
/// something other than it seems to: anchors, aliases, merge keys, tags, duplicate keys, further documents.
///
/// libyaml never sees an alias: every `*` is replaced by a private-use character first, which the checks on
/// the text keep free, and put back in the scalars afterwards. So no chain of aliases can grow, and a `*`
/// within a text stays.
struct DocumentReader {
  /// The deepest nesting that is read; no valid document comes near it.
  static let maximumDepth = 16
  /// The most duplicate keys that are told one by one.
  private static let maximumDuplicates = 32
  /// Stands for `*`.
  private static let asterisk: Unicode.Scalar = "\u{F8FF}"
  /// The first of the characters that take the place of a duplicate key's first one.
  private static let firstMask: UInt32 = 0xE000

  private let text: DocumentText
  private let lineStarts: [Int]
  private var masked: [Unicode.Scalar]
  private var masks: [Int: Unicode.Scalar] = [:]
  private var faults: [Fault] = []

  private init(_ text: DocumentText) {
    self.text = text
    lineStarts = text.lineStarts()
    masked = text.scalars.map { $0 == "*" ? Self.asterisk : $0 }
  }

  /// Reads `text`, or tells everything that is wrong with it as YAML.
  static func read(_ text: DocumentText) throws(PolicyErrors) -> DocumentNode {
    try NestingBound.check(text)
    var reader = DocumentReader(text)
    let root = reader.root()
    if let errors = PolicyErrors(reader.faults) { throw errors }
    guard let root else { throw PolicyErrors(reader.fault(.empty, "the document is empty", nil)) }
    return root
  }

  private mutating func root() -> DocumentNode? {
    while true {
      do {
        let parser = try Parser(yaml: string(masked), resolver: .basic, encoding: .utf8)
        guard let node = try parser.singleRoot() else { return nil }
        // The parser owns the anchors; the nodes only refer to them.
        return withExtendedLifetime(parser) { convert(node, depth: 0) }
      } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
        guard masks.count < Self.maximumDuplicates, mask(context.mark) else {
          let key = keys.first.map { restored($0, at: context.mark) } ?? ""
          report(.duplicateKey, "duplicate key \"\(key.shortened)\"", context.mark, mend: "keep one of them")
          return nil
        }
      } catch {
        report(error)
        return nil
      }
    }
  }

  // MARK: Nodes

  private mutating func convert(_ node: Node, depth: Int) -> DocumentNode? {
    let mark = node.mark
    guard depth < Self.maximumDepth else {
      report(.tooDeep, "the document is nested more than \(Self.maximumDepth) levels deep", mark)
      return nil
    }
    if node.anchor != nil {
      report(.anchor, "anchors are not allowed", mark, mend: "write the value out where it is needed")
    }
    switch node {
    case .scalar(let scalar): return convert(scalar, isKey: false, at: mark)
    case .sequence(let sequence):
      checkTag(sequence.tag, at: mark)
      var items: [DocumentNode] = []
      for item in sequence {
        if let item = convert(item, depth: depth + 1) { items.append(item) }
      }
      return DocumentNode(content: .sequence(items), position: position(mark))
    case .mapping(let mapping):
      checkTag(mapping.tag, at: mark)
      return DocumentNode(content: .mapping(entries(of: mapping, depth: depth)), position: position(mark))
    case .alias:
      report(.anchor, "aliases are not allowed", mark)
      return nil
    }
  }

  private mutating func convert(_ scalar: Node.Scalar, isKey: Bool, at mark: Mark?) -> DocumentNode? {
    let plain = scalar.style == .plain
    if plain, scalar.string.unicodeScalars.first == Self.asterisk {
      report(
        .anchor, "aliases are not allowed", mark,
        mend: "write the value out, or quote a text that starts with an asterisk")
      return nil
    }
    // A quoted scalar carries the tag of a string without having one in the text; so does a key, since Yams
    // compared it with the others.
    if (plain && !isKey) || scalar.tag.rawValue != Tag.Name.str.rawValue { checkTag(scalar.tag, at: mark) }
    return DocumentNode(
      content: .scalar(restored(scalar.string, at: mark), plain: plain), position: position(mark))
  }

  private mutating func entries(of mapping: Node.Mapping, depth: Int) -> [DocumentNode.Entry] {
    var entries: [DocumentNode.Entry] = []
    var places: [String: Fault.Position] = [:]
    for (key, value) in mapping {
      let mark = key.mark
      guard case .scalar(let scalar) = key else {
        report(.wrongType, "a key must be a plain word", mark)
        continue
      }
      if key.anchor != nil { report(.anchor, "anchors are not allowed", mark, mend: "remove it") }
      guard case .scalar(let text, let plain)? = convert(scalar, isKey: true, at: mark)?.content else {
        continue
      }
      if scalar.style == .plain, text == "<<" {
        report(.anchor, "merge keys are not allowed", mark, mend: "write the keys out")
        continue
      }
      if let first = places[text] {
        report(
          .duplicateKey, "duplicate key \"\(text.shortened)\", first given on line \(first.line)", mark,
          mend: "keep one of them")
        continue
      }
      places[text] = position(mark)
      guard let value = convert(value, depth: depth + 1) else { continue }
      entries.append(DocumentNode.Entry(key: text, plain: plain, position: position(mark), value: value))
    }
    return entries
  }

  private mutating func checkTag(_ tag: Tag, at mark: Mark?) {
    guard tag.rawValue != Tag.Name.implicit.rawValue else { return }
    report(.tag, "tags are not allowed: \"\(tag.rawValue.shortened)\"", mark, mend: "remove it")
  }

  // MARK: Duplicate keys

  /// Changes the first character of the key at `mark`, so that the next reading gets past it and finds the
  /// others.
  ///
  /// Yams gives up at the first mapping with a duplicate key and tells only where the key was first. A
  /// private-use character instead of a letter or digit leaves the text's structure as it is.
  private mutating func mask(_ mark: Mark?) -> Bool {
    guard var index = index(of: mark), masked.indices.contains(index) else { return false }
    if masked[index] == "\"" || masked[index] == "'" { index += 1 }
    guard masked.indices.contains(index), masks[index] == nil else { return false }
    let original = masked[index]
    guard
      original == "_" || (original.isASCII && original.properties.isAlphabetic)
        || ("0"..."9").contains(original),
      let mask = Unicode.Scalar(Self.firstMask + UInt32(masks.count))
    else { return false }
    masks[index] = original
    masked[index] = mask
    return true
  }

  /// The text of a scalar as it was before the replacements.
  private func restored(_ string: String, at mark: Mark?) -> String {
    var scalars = Array(string.unicodeScalars)
    if let first = scalars.first, (Self.firstMask..<Self.asterisk.value).contains(first.value),
      let index = index(of: mark), let original = masks[index] ?? masks[index + 1]
    {
      scalars[0] = original
    }
    return self.string(scalars.map { $0 == Self.asterisk ? "*" : $0 })
  }

  private func index(of mark: Mark?) -> Int? {
    guard let mark, lineStarts.indices.contains(mark.line - 1), mark.column >= 1 else { return nil }
    return lineStarts[mark.line - 1] + mark.column - 1
  }

  private func string(_ scalars: [Unicode.Scalar]) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  // MARK: Faults

  private mutating func report(
    _ problem: DocumentProblem, _ message: String, _ mark: Mark?, mend: String? = nil
  ) {
    faults.append(fault(problem, message, mark, mend: mend))
  }

  private func fault(_ problem: DocumentProblem, _ message: String, _ mark: Mark?, mend: String? = nil)
    -> Fault
  {
    Fault(problem.code(in: text.domain), message, position: position(mark), mend: mend)
  }

  private func position(_ mark: Mark?) -> Fault.Position {
    Fault.Position(file: text.file, line: max(1, mark?.line ?? 1), column: max(1, mark?.column ?? 1))
  }

  private mutating func report(_ error: any Error) {
    guard let error = error as? YamlError else {
      return report(.syntax, "the text can't be read: \(error)", nil)
    }
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
      report(.syntax, sentence(context, problem), mark, mend: advice(at: mark))
    case .composer(_, let problem, let mark, _):
      // Aliases are masked, so the one thing left for the composer to refuse is a second document.
      guard problem.contains("another document") else { return report(.syntax, problem, mark) }
      report(.multipleDocuments, "a second document starts here", mark, mend: "one file holds one document")
    case .reader(let problem, _, _, _): report(.encoding, problem, nil)
    case .memory: report(.tooDeep, "the document is nested too deeply", nil)
    default: report(.syntax, "the text can't be read: \(error)", nil)
    }
  }

  private func sentence(_ context: YamlError.Context?, _ problem: String) -> String {
    guard let context else { return "this is not YAML: \(problem)" }
    return "this is not YAML: \(problem) \(context.text) that starts on line \(max(1, context.mark.line))"
  }

  private func advice(at mark: Mark?) -> String? {
    guard let index = index(of: mark), text.scalars.indices.contains(index) else { return nil }
    switch text.scalars[index] {
    case "\t": return "indent with spaces, not with tabs"
    case "@", "`", "%": return "quote the text"
    default: return nil
    }
  }
}
