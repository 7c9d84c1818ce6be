import Faults

extension UInt8 {
  /// Whether the byte is an ASCII letter or digit.
  var isLetterOrDigit: Bool { isDigit || (65...90).contains(self) || (97...122).contains(self) }
  /// Whether the byte is an ASCII digit.
  var isDigit: Bool { (48...57).contains(self) }
}

extension DocumentDecoder {
  /// The node as an absolute, normalised path.
  public func absolutePath(_ node: DocumentNode, rootAllowed: Bool = false) -> Positioned<String>? {
    guard let path = string(node) else { return nil }
    if path.value == "/", rootAllowed { return path }
    guard let objection = objection(toPath: path.value) else { return path }
    report(.invalidValue, objection, at: node.position)
    return nil
  }

  /// Why `path` is not an absolute, normalised path below `/`; `nil` where it is one.
  func objection(toPath path: String) -> String? {
    let name = "\"\(path.shortened)\""
    guard path.utf8.first == 47 else { return "\(name) is not an absolute path" }
    guard path != "/" else { return "the path can't be / itself" }
    // PATH_MAX counts the terminating NUL; NAME_MAX is every Linux file system's.
    guard path.utf8.count < 4096 else { return "the path is longer than 4095 bytes" }
    guard path.utf8.allSatisfy({ $0 >= 32 && $0 != 127 }) else { return "\(name) holds a control character" }
    for component in path.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
      switch component {
      case "": return "\(name) has a repeated or trailing slash"
      case ".", "..": return "\(name) has the component \"\(component)\""
      default:
        guard component.utf8.count <= 255 else { return "\(name) has a component longer than 255 bytes" }
      }
    }
    return nil
  }

  /// The node as permission bits: a quoted octal number.
  func octalMode(_ node: DocumentNode, highest: UInt32, example: String) -> UInt32? {
    guard case .scalar(let text, let plain) = node.content else {
      report(.wrongType, "expected a file mode, found \(node.kind)", at: node.position)
      return nil
    }
    guard !plain else {
      report(
        .implicitNumber, "a file mode without quotes is octal to some YAML readers and decimal to others",
        at: node.position, mend: "quote it: \"\(text.isEmpty ? example : text.shortened)\"")
      return nil
    }
    let valid = (3...4).contains(text.utf8.count) && text.utf8.allSatisfy { (48...55).contains($0) }
    guard valid, let mode = UInt32(text, radix: 8), mode <= highest else {
      report(
        .invalidValue, "\"\(text.shortened)\" is not a file mode", at: node.position,
        mend: "write three or four octal digits, at most \"0\(String(highest, radix: 8))\"")
      return nil
    }
    return mode
  }

  /// The node as a user or group: a name, or a number up to `highest`.
  public func principal(_ node: DocumentNode, highest: UInt64) -> Positioned<Principal>? {
    if case .scalar(let text, plain: true) = node.content {
      switch PlainScalar(text) {
      case .integer, .oddNumber:
        return integer(node, in: 0...highest)?.map { .id(UInt32(clamping: $0)) }
      default: break
      }
    }
    guard let name = string(node) else { return nil }
    guard isAccountName(name.value) else {
      let isNumber = !name.value.isEmpty && name.value.utf8.allSatisfy(\.isDigit)
      report(
        .invalidValue, "\"\(name.value.shortened)\" can't be a user's or group's name", at: node.position,
        mend: isNumber
          ? "write a number without quotes" : "a name holds a-z, 0-9, _ and -, and starts with a letter")
      return nil
    }
    return name.map { .name($0) }
  }

  /// Whether `name` is one that useradd(8) makes: 32 characters, no leading digit; dots and capitals as
  /// adduser(8) may be told to allow.
  private func isAccountName(_ name: String) -> Bool {
    let bytes = name.utf8
    guard let first = bytes.first, bytes.count <= 32, first.isLetterOrDigit || first == 95, !first.isDigit
    else {
      return false
    }
    return bytes.allSatisfy { $0.isLetterOrDigit || $0 == 95 || $0 == 45 || $0 == 46 }
  }
}
