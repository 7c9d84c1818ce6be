import Faults

/// What a policy was made from: a text, and values given beside it. It parses to the same policy again.
public struct PolicySource: Sendable, Hashable, Codable {
  /// The whole document.
  public var text: String
  /// The file's name, for positions; it is not opened.
  public var file: String
  /// Values that take the place of what the text says, in the order in which they were given.
  public var settings: [PolicySetting]

  /// The most values that are kept beside a text: more than there are keys that could have one.
  public static let mostSettings = 256

  /// Takes a text, with values beside it.
  public init(text: String, file: String, settings: [PolicySetting] = []) {
    self.text = text
    self.file = file
    self.settings = settings
  }

  /// The source with more values; the last about a key counts.
  public func with(_ more: [PolicySetting]) -> PolicySource {
    var source = self
    for setting in more {
      source.settings.removeAll { setting.replaces($0) }
      source.settings.append(setting)
    }
    return source
  }

  /// The policy.
  ///
  /// - Throws: every fault that was found, each with its position.
  public func parse() throws(PolicyErrors) -> TenantPolicy { try PolicyDocument.policy(from: document()) }

  /// The document with the values in their places.
  func document() throws(PolicyErrors) -> DocumentNode {
    guard settings.count <= Self.mostSettings else {
      throw PolicyErrors(
        Fault(
          DocumentProblem.tooLong.code(in: PolicyDocument.domain),
          "more than \(Self.mostSettings) values were given beside the policy", position: settings.last?.position))
    }
    var node = try DocumentReader.read(try DocumentText(text.utf8, file: file, domain: PolicyDocument.domain))
    do throws(Fault) {
      for setting in settings { node = try setting.applied(to: node) }
    } catch {
      throw PolicyErrors(error)
    }
    return node
  }
}
