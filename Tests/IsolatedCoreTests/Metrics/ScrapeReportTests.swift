import ControlProtocol
import FoundationEssentials
import Kernel
import Testing

@testable import IsolatedCore

@Suite struct ScrapeReportTests {
  private static let sample = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Scrape/status-sample.json")

  private func report(
    _ host: FakeIOHost, readiness: Readiness = Readiness(), io: IOControlLoop.Report? = nil
  ) throws -> ScrapeReport {
    let tenant = try SampleReadings.tenant(host, "web")
    let report = io ?? SampleReadings.report("web")
    var inputs = ScrapeInputs(supervisor: { SupervisorSnapshot(tenants: [tenant]) }, io: { report })
    inputs.sold = { ["nvme0n1": 0.3] }
    inputs.warnings = { ["the disk \($0) is old"] }
    return try ScrapeReport(inputs, readiness: readiness)
  }

  @Test func bothFormatsTellTheSame() async throws {
    let host = try FakeIOHost()
    let report = try report(host)
    let old = try ParsedExposition(await report.exposition(.prometheusText), isOpenMetrics: false)
    let open = try ParsedExposition(await report.exposition(.openMetrics), isOpenMetrics: true)
    func tenants(_ parsed: ParsedExposition) -> Set<ParsedExposition.Sample> {
      // The bounds of buckets are written differently.
      Set(parsed.samples.filter { $0.labels["tenant"] != nil && $0.labels["le"] == nil })
    }
    #expect(tenants(old) == tenants(open) && tenants(old).count > 40)
  }

  @Test func theStatusHasTheShapeThatThePageKnows() async throws {
    let host = try FakeIOHost()
    let report = try report(host)
    let document = try JSONDecoder().decode(StatusDocument.self, from: Data(await report.status()))
    let tenant = try #require(document.tenants.first)
    #expect(tenant.name == "web" && tenant.state == "running" && tenant.since == 1_700_000_000.5)
    #expect(tenant.memoryBytes == 1_048_576 && tenant.oomKills == 5 && tenant.pidsMax == 64)
    #expect(tenant.cpuPercent == nil)
    let io = try #require(tenant.io.first)
    #expect(io.device == "nvme0n1" && io.reservation == "300 iops" && io.limit == "80 MiB/s read")
    #expect(
      io.attained == 0.9 && io.latencies.first?.windowsMissed == 2 && io.latencies.first?.targetPercentile == 0.99)
    #expect(document.disks.first?.reserved == 0.3 && document.disks.first?.warnings == ["the disk 259:3 is old"])
  }

  @Test func theSampleThatThePageIsMadeWithIsOfThatShape() throws {
    let bytes = try Data(contentsOf: Self.sample)
    let document = try JSONDecoder().decode(StatusDocument.self, from: bytes)
    #expect(document.tenants.count == 4 && document.disks.count == 1)
    // What the decoder passes over would be missing here.
    let again = try JSONDecoder().decode(Keys.self, from: JSONEncoder().encode(document))
    #expect(try JSONDecoder().decode(Keys.self, from: bytes).paths == again.paths)
  }

  @Test func ratesAreOverASecondOrMoreHoweverOftenSomebodyLooks() throws {
    let host = try FakeIOHost()
    let snapshot = try SampleReadings.tenant(host, "a")
    let collector = TenantCollector(mostKept: 10)
    var rates = StatusRates()
    func look(_ usage: UInt64, _ milliseconds: Int64) throws -> Double? {
      host.put("usage_usec \(usage)\nuser_usec 0\nsystem_usec 0\n", "groups/tenants/a/cpu.stat")
      let tenants = collector.collect([snapshot])
      rates.note(tenants, at: milliseconds * 1_000_000)
      return rates.percent(try #require(tenants.first), at: milliseconds * 1_000_000) { $0.cpu?.usage.rawValue }
    }
    #expect(try look(1_000_000, 1000) == nil)
    #expect(try look(1_100_000, 1500) == nil)
    #expect(try look(2_000_000, 3000) == 50)
    #expect(try look(2_000_001, 3001) ?? 0 < 50.1)
    #expect(try look(4_000_000, 4000) == 200)
    // A counter that fell is another tenant's.
    #expect(try look(0, 5000) == nil)
  }

  @Test func manyWhoAskAtOnceEachGetAWholeExposition() async throws {
    let host = try FakeIOHost()
    let report = try report(host)
    let first = try ParsedExposition(await report.exposition(.openMetrics), isOpenMetrics: true).families.map(\.name)
    #expect(first.count > 40)
    await withTaskGroup(of: [UInt8].self) { group in
      for _ in 0..<50 { group.addTask { await report.exposition(.openMetrics) } }
      for await bytes in group {
        #expect((try? ParsedExposition(bytes, isOpenMetrics: true))?.families.map(\.name) == first)
      }
    }
  }

  @Test func whoDoesntServeSaysWhy() async throws {
    let host = try FakeIOHost()
    let readiness = Readiness("taking tenants over")
    let starting = try report(host, readiness: readiness, io: .init())
    #expect(await starting.unreadiness() == "taking tenants over")
    readiness.serves()
    #expect(await starting.unreadiness() == nil)
    readiness.serves(notSince: "stopping")
    #expect(await starting.unreadiness() == "stopping")
    // Its last word is of the boot's first moment.
    #expect(await (try report(host)).unreadiness()?.contains("IO scheduler") == true)
    var fresh = SampleReadings.report("web")
    fresh.time = MonotonicClock.nanoseconds()
    #expect(await (try report(host, io: fresh)).unreadiness() == nil)
  }
}

/// The paths of all keys of a JSON text.
private struct Keys: Decodable {
  struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  var paths: Set<String> = []

  init(from decoder: any Decoder) throws {
    if let object = try? decoder.container(keyedBy: Key.self) {
      for key in object.allKeys {
        paths.insert(key.stringValue)
        for path in try object.decode(Keys.self, forKey: key).paths { paths.insert("\(key.stringValue).\(path)") }
      }
    } else if var list = try? decoder.unkeyedContainer() {
      while !list.isAtEnd {
        for path in try list.decode(Keys.self).paths { paths.insert("[].\(path)") }
      }
    }
  }
}
