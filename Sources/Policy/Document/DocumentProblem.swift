import Faults

/// The ways in which a document can be wrong. With a document's domain in front, each is a fault's code:
/// `policy.unknown-key`.
public enum DocumentProblem: String, Sendable, CaseIterable {
  /// An anchor, an alias or a merge key.
  case anchor
  /// Two values that can't both hold.
  case conflict
  /// A key that is given twice.
  case duplicateKey = "duplicate-key"
  /// Nothing but comments.
  case empty
  /// Bytes that aren't UTF-8, or a character that has no business in a document.
  case encoding
  /// A word such as `yes` or `on`, which some YAML readers take for a boolean.
  case implicitBoolean = "implicit-boolean"
  /// A number in a spelling that YAML readers disagree on, such as `0755` or `1_000`.
  case implicitNumber = "implicit-number"
  /// A value that its key doesn't take.
  case invalidValue = "invalid-value"
  /// A key that must be given and isn't.
  case missingKey = "missing-key"
  /// More than one document in one file.
  case multipleDocuments = "multiple-documents"
  /// A number beyond what its key takes.
  case outOfRange = "out-of-range"
  /// Text that isn't YAML.
  case syntax
  /// A YAML tag.
  case tag
  /// Deeper nesting than any valid document has.
  case tooDeep = "too-deep"
  /// More text or more values than any valid document has.
  case tooLong = "too-long"
  /// A key that nobody knows.
  case unknownKey = "unknown-key"
  /// A scalar where a mapping belongs, a number where a text belongs, and so on.
  case wrongType = "wrong-type"

  /// The fault's code for a document of `domain`.
  public func code(in domain: String) -> Fault.Code { Fault.Code(rawValue: "\(domain).\(rawValue)") }
}
