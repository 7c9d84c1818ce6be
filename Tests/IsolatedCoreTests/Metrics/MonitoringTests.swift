import FoundationEssentials
import Glibc
import Testing

@testable import IsolatedCore

/// The page, the rules and the dashboard against the code.
@Suite struct MonitoringTests {
  private static let top = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private func text(_ path: String) throws -> String {
    try String(contentsOf: Self.top.appending(path: path), encoding: .utf8)
  }

  @Test func thePageDescribesEveryFamilyAsTheCodeDeclaresItAndNoOther() throws {
    var rows: [String: [String]] = [:]
    for line in try text("docs/metrics.md").split(separator: "\n") where line.hasPrefix("| `") {
      let cells = line.split(separator: "|", omittingEmptySubsequences: true).map {
        $0.split(separator: " ").joined(separator: " ")
      }
      let name = cells[0].filter { $0 != "`" }
      #expect(rows.updateValue(cells, forKey: name) == nil, "\(name) is there twice")
    }
    #expect(Set(rows.keys) == Set(Metrics.all.map(\.sampleName)))
    for family in Metrics.all {
      let labels = family.labels.map { "`\($0)`" }.joined(separator: ", ")
      let expected = [
        "`\(family.sampleName)`", family.kind.rawValue, family.unit?.rawValue ?? "–", labels.isEmpty ? "–" : labels,
        family.help,
      ]
      #expect(rows[family.sampleName] == expected)
    }
  }

  /// Words of an expression that begin as our metrics do.
  private func names(_ text: String) -> Set<String> {
    let words = text.split { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":")) }.map(String.init)
    return Set(words.filter { $0.contains("isolated_") || $0.hasPrefix("isolated:") || $0.hasPrefix("process_") })
  }

  private var exported: Set<String> {
    Set(
      Metrics.all.flatMap { family in
        family.kind == .histogram ? ["_bucket", "_sum", "_count"].map { family.name + $0 } : [family.sampleName]
      })
  }

  @Test func rulesAndDashboardNameOnlyWhatIsExportedOrRecorded() throws {
    let rules = try text("monitoring/isolated.rules.yaml")
    let recorded = Set(
      rules.split(separator: "\n").compactMap { line in
        let words = line.split(separator: " ")
        return words.prefix(2) == ["-", "record:"] ? words.last.map(String.init) : nil
      })
    #expect(recorded.count > 8)
    let known = exported.union(recorded)
    for file in ["isolated.rules.yaml", "isolated.rules.test.yaml", "isolated.dashboard.json"] {
      let named = names(try text("monitoring/\(file)")).filter { !$0.hasSuffix("isolated:") }
      #expect(named.count > 10)
      #expect(named.subtracting(known).isEmpty, "\(file)")
    }
    // What is recorded is there to be looked at.
    let used = names(try text("monitoring/isolated.dashboard.json") + alerts(rules))
    #expect(recorded.subtracting(used).isEmpty)
  }

  private func alerts(_ rules: String) -> String {
    rules.split(separator: "\n").filter { !$0.contains("record:") }.joined(separator: "\n")
  }

  @Test func everyAlertIsTested() throws {
    func words(_ file: String, after key: String) throws -> Set<String> {
      let parts = try text("monitoring/\(file)").split(separator: key + " ").dropFirst()
      return Set(parts.map { String($0.prefix { $0.isLetter }) })
    }
    let alerts = try words("isolated.rules.yaml", after: "- alert:")
    #expect(alerts.count > 10)
    #expect(try words("isolated.rules.test.yaml", after: "alertname:") == alerts)
  }

  @Test func prometheussOwnToolFindsNoFaultWithAnExposition() throws {
    let host = try FakeIOHost()
    let readings = try SampleReadings.all(host)
    host.put(
      String(decoding: readings.exposition(.prometheusText, capacity: 0), as: UTF8.self), "exposition.prom")
    let status = shell("promtool check metrics <'\(host.root)/exposition.prom' >'\(host.root)/said' 2>&1")
    #expect(status == 0 && host.text("said") == "", "promtool is of Debian's package prometheus: make deps")
    // It does look.
    host.put("isolated_spawn 1\nisolated_spawn 1\n", "exposition.prom")
    #expect(shell("promtool check metrics <'\(host.root)/exposition.prom' >/dev/null 2>&1") != 0)
  }

  /// The exit status of a command; a short one, since it blocks.
  private func shell(_ command: String) -> Int32 {
    let status = system(command)
    return status & 0x7f == 0 ? status >> 8 & 0xff : -1
  }
}
