import CYaml

/// The events of a YAML text, one after the other: libyaml's parser (yaml.h), owned.
struct YAMLEventParser: ~Copyable {
  /// A place in the text, in characters.
  struct Mark {
    /// How many characters stand before it in the text.
    let index: Int
    /// How many lines stand before its own.
    let line: Int
    /// How many characters stand before it on its line.
    let column: Int
  }

  /// One event (YAML 1.2.2, section 3.2.1, "serialization").
  struct Event {
    /// What the event says.
    enum Kind {
      case streamStart
      case streamEnd
      case documentStart
      case documentEnd
      case alias
      case scalar(String, plain: Bool)
      case sequenceStart
      case sequenceEnd
      case mappingStart
      case mappingEnd

      /// How many collections the event opens; negative where it closes one.
      var levels: Int {
        switch self {
        case .sequenceStart, .mappingStart: 1
        case .sequenceEnd, .mappingEnd: -1
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .alias, .scalar: 0
        }
      }
    }

    /// What the event says.
    let kind: Kind
    /// Where it starts: at its anchor or tag, if it has one.
    let mark: Mark
    /// Whether the node has an anchor.
    let isAnchored: Bool
    /// The node's tag, apart from a scalar's `!`, which libyaml keeps to itself.
    let tag: String?
  }

  /// Why libyaml reads no further.
  enum Problem: Error {
    /// No memory is left, or the text is beyond libyaml's own limits.
    case outOfMemory
    /// A character that has no place in YAML.
    case unreadable(String)
    /// What was found, where, and what was being read.
    case syntax(String, Mark, context: (message: String, mark: Mark)?)
  }

  // libyaml keeps pointers to both, so neither may move.
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let text: UnsafeMutableBufferPointer<UInt8>

  /// Takes a text in UTF-8, without a byte order mark.
  init(_ bytes: [UInt8]) throws(Problem) {
    parser = .allocate(capacity: 1)
    guard yaml_parser_initialize(parser) == 1 else {
      parser.deallocate()
      throw .outOfMemory
    }
    text = .allocate(capacity: bytes.count)
    _ = text.initialize(fromContentsOf: bytes)
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, text.baseAddress, text.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    text.deallocate()
  }

  /// The next event. A problem, and the end of the stream, is the last.
  mutating func next() throws(Problem) -> Event {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw Problem(parser.pointee) }
    defer { yaml_event_delete(&event) }
    guard let copy = Event(event) else {
      throw .syntax("did not find expected event", Mark(event.start_mark), context: nil)
    }
    return copy
  }
}

extension YAMLEventParser.Mark {
  fileprivate init(_ mark: yaml_mark_t) {
    self.init(index: mark.index, line: mark.line, column: mark.column)
  }
}

extension YAMLEventParser.Event {
  /// Copies what libyaml's event owns; nil for no event, which is what comes after the last.
  fileprivate init?(_ event: yaml_event_t) {
    var anchor: UnsafeMutablePointer<yaml_char_t>?
    var tag: UnsafeMutablePointer<yaml_char_t>?
    switch event.type {
    case YAML_STREAM_START_EVENT: kind = .streamStart
    case YAML_STREAM_END_EVENT: kind = .streamEnd
    case YAML_DOCUMENT_START_EVENT: kind = .documentStart
    case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
    case YAML_ALIAS_EVENT: kind = .alias
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      (anchor, tag) = (scalar.anchor, scalar.tag)
      let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      kind = .scalar(String(decoding: bytes, as: UTF8.self), plain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
    case YAML_SEQUENCE_START_EVENT:
      (anchor, tag) = (event.data.sequence_start.anchor, event.data.sequence_start.tag)
      kind = .sequenceStart
    case YAML_SEQUENCE_END_EVENT: kind = .sequenceEnd
    case YAML_MAPPING_START_EVENT:
      (anchor, tag) = (event.data.mapping_start.anchor, event.data.mapping_start.tag)
      kind = .mappingStart
    case YAML_MAPPING_END_EVENT: kind = .mappingEnd
    default: return nil
    }
    mark = YAMLEventParser.Mark(event.start_mark)
    isAnchored = anchor != nil
    self.tag = tag.map { String(cString: $0) }
  }
}

extension YAMLEventParser.Problem {
  fileprivate init(_ parser: yaml_parser_t) {
    let message = parser.problem.map { String(cString: $0) } ?? "the text can't be read"
    switch parser.error {
    case YAML_MEMORY_ERROR: self = .outOfMemory
    case YAML_SCANNER_ERROR, YAML_PARSER_ERROR:
      let context = parser.context.map {
        (message: String(cString: $0), mark: YAMLEventParser.Mark(parser.context_mark))
      }
      self = .syntax(message, YAMLEventParser.Mark(parser.problem_mark), context: context)
    default: self = .unreadable(message)
    }
  }
}
