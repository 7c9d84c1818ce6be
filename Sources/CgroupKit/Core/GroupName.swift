import Faults

/// Checks the names of groups: one component of a path, never a way out of the parent.
enum GroupName {
  /// Refuses whatever can't be one directory entry that people can read.
  static func check(_ name: String, in parent: String) throws(Fault) {
    let complaint: String? =
      if name.isEmpty {
        "it is empty"
      } else if name == "." || name == ".." {
        "it stands for another directory"
      } else if name.utf8.contains(UInt8(ascii: "/")) {
        "it holds a slash"
      } else if name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
        "it holds a control character"
      } else if name.utf8.count > 255 {
        "it is longer than 255 bytes"
      } else {
        nil
      }
    guard let complaint else { return }
    throw Fault(
      .invalidGroupName, "\(excerpt(name)) is no name for a group: \(complaint)", path: parent,
      mend: "give one name without slashes or control characters, at most 255 bytes long")
  }

  /// Refuses, beyond ``check(_:in:)``, names that the kernel keeps for its own files.
  static func checkNew(_ name: String, in parent: String) throws(Fault) {
    try check(name, in: parent)
    guard name.hasPrefix("cgroup.") else { return }
    throw Fault(
      .invalidGroupName,
      "\(excerpt(name)) is no name for a group: the kernel's own files start with \"cgroup.\"",
      path: parent, mend: "choose another name")
  }
}

/// A text in quotes, cut to a length fit for a message, with control characters made visible.
func excerpt(_ text: some StringProtocol) -> String {
  var shown = "\""
  for scalar in text.unicodeScalars.prefix(80) {
    shown += scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : String(scalar)
  }
  if text.unicodeScalars.dropFirst(80).first != nil { shown += "…" }
  return shown + "\""
}
