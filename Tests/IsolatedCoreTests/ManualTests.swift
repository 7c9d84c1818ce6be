import Faults
import Kernel
import Policy
import Testing

@testable import IsolatedCore

/// The manual pages in man/ say all that there is.
@Suite struct ManualTests {
  private func page(_ name: String) throws -> [Substring] {
    let top = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    return try SmallFile.read("/\(top)/man/\(name)", limit: 1 << 20).split(separator: "\n")
  }

  /// The words that a page marks as keys (Cm of mdoc).
  private func keys(_ page: [Substring]) -> Set<String> {
    var keys: Set<String> = []
    for line in page where line.hasPrefix(".") {
      var isKey = false
      for word in line.dropFirst().split(separator: " ") {
        if word.count == 2, word.first?.isUppercase == true { isKey = word == "Cm" }
        if isKey { keys.insert(String(word)) }
      }
    }
    return keys
  }

  @Test(arguments: [
    ("isolated-policy.5", PolicyDocument.keys), ("isolated.yaml.5", ConfigurationDocument.keys),
  ])
  func everyKeyIsDescribed(_ name: String, _ table: KeyTable) throws {
    let page = try page(name)
    let known = keys(page)
    for (path, keys) in table.keys {
      // A mapping at the top may have a section of its own.
      for key in keys {
        #expect(known.contains(key) || path.isEmpty && page.contains { $0 == ".Ss \(key)" }, "\(path).\(key)")
      }
    }
  }

  @Test func everyActionAndFieldOfTheAuditTrailIsDescribed() throws {
    let text = try page("isolated.8").joined(separator: "\n").replacing("\\-", with: "-")
    let words = Set(text.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }.map(String.init))
    for action in AuditRecord.Action.allCases { #expect(words.contains(action.rawValue), "\(action)") }
    var record = AuditRecord(.spawn, tenant: "t", result: .denied("x"))
    record.actor = AuditActor(uid: 1, gid: 1, pid: 1, process: "x")
    record.policy = "p"
    record.policyDigest = "d"
    record.program = "/bin/x"
    record.changesEnvironment = true
    for name in AuditRecord.Detail.Name.allCases { record = record.with(name, 1) }
    for (name, _) in record.fields where name.hasPrefix("ISOLATED_") { #expect(words.contains(name), "\(name)") }
  }
}
