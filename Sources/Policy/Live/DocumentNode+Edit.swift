import Faults

extension DocumentNode {
  /// The value of a key, where this is a mapping that has it.
  subscript(_ key: String) -> DocumentNode? {
    guard case .mapping(let entries) = content else { return nil }
    return entries.first { $0.key == key }?.value
  }

  /// The keys, where this is a mapping.
  var keys: [String] {
    guard case .mapping(let entries) = content else { return [] }
    return entries.map(\.key)
  }

  /// The text, where this is a scalar.
  var scalar: String? {
    guard case .scalar(let text, _) = content else { return nil }
    return text
  }

  /// Where a key stands, where this is a mapping that has it.
  func position(of key: String) -> Fault.Position? {
    guard case .mapping(let entries) = content else { return nil }
    return entries.first { $0.key == key }?.position
  }

  /// The node with a value at a path of keys; mappings on the way are made, and what is no mapping gives way to one.
  ///
  /// - Parameters:
  ///   - value: `nil` takes the key away, and with it mappings that are empty then.
  ///   - position: where new keys stand.
  /// - Returns: `nil` where nothing is left.
  func setting(_ path: ArraySlice<String>, to value: DocumentNode?, at position: Fault.Position) -> DocumentNode? {
    guard let key = path.first else { return value }
    var entries: [Entry] = []
    if case .mapping(let present) = content {
      entries = present
    } else if value == nil {
      return self
    }
    let index = entries.firstIndex { $0.key == key }
    if index == nil, value == nil { return self }
    let before = index.map { entries[$0].value } ?? DocumentNode(content: .mapping([]), position: position)
    if let after = before.setting(path.dropFirst(), to: value, at: position) {
      let isNew = path.count == 1 || index == nil
      let place = isNew ? position : index.map { entries[$0].position } ?? position
      let entry = Entry(key: key, plain: true, position: place, value: after)
      if let index { entries[index] = entry } else { entries.append(entry) }
    } else if let index {
      entries.remove(at: index)
    }
    return entries.isEmpty && value == nil ? nil : DocumentNode(content: .mapping(entries), position: self.position)
  }

  /// Whether it says the same, wherever it stands and in whatever order its keys are.
  func saysTheSame(as other: DocumentNode) -> Bool {
    switch (content, other.content) {
    case (.scalar(let one, let onePlain), .scalar(let two, let twoPlain)): return one == two && onePlain == twoPlain
    case (.sequence(let one), .sequence(let two)):
      return one.count == two.count && zip(one, two).allSatisfy { $0.saysTheSame(as: $1) }
    case (.mapping(let one), .mapping(let two)):
      return one.count == two.count
        && one.allSatisfy { entry in other[entry.key].map { entry.value.saysTheSame(as: $0) } ?? false }
    default: return false
    }
  }
}
