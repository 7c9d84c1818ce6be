import Faults

/// One value given beside a policy's text, such as by an option of a command line: it takes the place of what the text
/// says, and is checked as if it stood there.
public struct PolicySetting: Sendable, Hashable, Codable {
  /// The path of keys: `memory.max`, and within an entry of `io`, `io.weight`.
  public var key: String
  /// The entry of `io` that is meant, by its `device`.
  public var device: String?
  /// The value's text; `nil` takes the key away, and with `io` as the key the whole entry.
  public var value: String?
  /// What messages call the place, `--memory-max` for example; the key if absent.
  public var origin: String?

  /// Gives a value.
  public init(key: String, device: String? = nil, value: String?, origin: String? = nil) {
    self.key = key
    self.device = device
    self.value = value
    self.origin = origin
  }

  /// Where it stands, for messages.
  public var position: Fault.Position { Fault.Position(file: origin ?? key, line: 1, column: 1) }

  /// Whether it is about the same key as another.
  public func replaces(_ other: PolicySetting) -> Bool { key == other.key && device == other.device }
}

extension PolicySetting {
  /// The longest path that any table of keys has, and the longest text.
  private static let most = (keys: 8, bytes: 4096)

  /// The document with this value in its place.
  ///
  /// - Throws: what the document has no place for.
  func applied(to document: DocumentNode) throws(Fault) -> DocumentNode {
    guard (value ?? "").utf8.count <= Self.most.bytes, (device ?? "").utf8.count <= Self.most.bytes else {
      throw refusal("the value is longer than \(Self.most.bytes) bytes")
    }
    let path = key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard path.count <= Self.most.keys, path.allSatisfy({ !$0.isEmpty }) else {
      throw refusal("\"\(key.shortened)\" is no key", mend: "write it as memory.max, for example")
    }
    let node = value.map { DocumentNode(content: .scalar($0, plain: true), position: position) }
    guard path.first == "io" else {
      guard device == nil else { throw refusal("only io has entries for devices") }
      return document.setting(path[...], to: node, at: position) ?? document
    }
    guard let device else { throw refusal("\"\(key.shortened)\" needs a device", mend: "name a path on the disk") }
    return try ioEntry(of: device, in: document, path.dropFirst(), node)
  }

  private func ioEntry(
    of device: String, in document: DocumentNode, _ path: ArraySlice<String>, _ node: DocumentNode?
  ) throws(Fault) -> DocumentNode {
    var items: [DocumentNode] = []
    if case .sequence(let present)? = document["io"]?.content { items = present }
    let index = items.firstIndex { $0["device"]?.scalar == device }
    if let index {
      let changed = path.isEmpty ? nil : items[index].setting(path, to: node, at: position)
      if let changed, changed.keys != ["device"] { items[index] = changed } else { items.remove(at: index) }
    } else {
      guard let node, !path.isEmpty else {
        throw refusal("there is no entry for \(device.shortened) that could go")
      }
      let name = DocumentNode(content: .scalar(device, plain: false), position: position)
      let entry = DocumentNode(content: .mapping([]), position: position)
        .setting(["device"], to: name, at: position)?.setting(path, to: node, at: position)
      items += [entry].compactMap { $0 }
    }
    let list =
      items.isEmpty ? nil : DocumentNode(content: .sequence(items), position: document["io"]?.position ?? position)
    return document.setting(["io"], to: list, at: position) ?? document
  }

  private func refusal(_ message: String, mend: String? = nil) -> Fault {
    Fault(
      DocumentProblem.invalidValue.code(in: PolicyDocument.domain), message, position: position, mend: mend)
  }
}
