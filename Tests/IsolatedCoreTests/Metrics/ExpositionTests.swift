import ControlProtocol
import Testing

@testable import IsolatedCore

@Suite struct ExpositionTests {
  private func parsed(_ format: ExpositionFormat) throws -> ParsedExposition {
    let host = try FakeIOHost()
    let bytes = try SampleReadings.all(host).exposition(format, capacity: 1024)
    return try ParsedExposition(bytes, isOpenMetrics: format == .openMetrics)
  }

  @Test func everyFamilyIsThereInItsOrderWithItsMetadata() throws {
    let open = try parsed(.openMetrics).families
    #expect(open.map(\.name) == Metrics.all.map(\.name))
    for (family, declared) in zip(open, Metrics.all) {
      #expect(family.type == declared.kind.rawValue && family.help == declared.help)
      #expect(family.unit == declared.unit?.rawValue)
    }
    #expect(try parsed(.prometheusText).families.map(\.name) == Metrics.all.map(\.sampleName))
  }

  @Test func samplesHaveTheLabelsThatTheirFamilyDeclares() throws {
    for format in ExpositionFormat.allCases {
      for (family, declared) in zip(try parsed(format).families, Metrics.all) {
        for sample in family.samples {
          #expect(sample.labels.keys.filter { $0 != "le" }.sorted() == declared.labels.sorted(), "\(sample)")
        }
      }
    }
  }

  @Test func aTenantHasTheNumberOfSeriesThatThePageSays() throws {
    let series = try parsed(.prometheusText).samples.filter { $0.labels["tenant"] == "web" }
    #expect(series.count { $0.labels["device"] == nil } == 30)
    #expect(series.count { $0.labels["device"] == "259:3" } == 6)
    // One kind of operation, two targets, a reservation.
    #expect(series.count { $0.labels["device"] == "nvme0n1" } == 23 + 4 + 2 + 5)
  }

  @Test func namesFollowPrometheussConventions() {
    #expect(Set(Metrics.all.map(\.name)).count == Metrics.all.count)
    for family in Metrics.all {
      #expect(family.name.hasPrefix("isolated_") || family.name.hasPrefix("process_"))
      #expect(family.name.allSatisfy { $0 == "_" || ("a"..."z") ~= $0 })
      #expect(!["_total", "_info", "_sum", "_count", "_bucket", "_created"].contains { family.name.hasSuffix($0) })
      let unit = ["seconds", "bytes", "ratio"].first { family.name.hasSuffix("_" + $0) }
      #expect(family.unit?.rawValue == unit)
      #expect(family.help.hasSuffix(".") && !family.help.contains { $0 == "\n" || $0 == "\\" })
    }
  }

  @Test func whatTheKernelSaysComesOutInBaseUnits() throws {
    let parsed = try parsed(.prometheusText)
    let web = ["tenant": "web"]
    #expect(parsed.value("isolated_tenant_cpu_usage_seconds_total", web) == 3)
    #expect(parsed.value("isolated_tenant_cpu_mode_seconds_total", ["tenant": "web", "mode": "system"]) == 1)
    #expect(parsed.value("isolated_tenant_cpu_limit_ratio", web) == 1.5)
    #expect(parsed.value("isolated_tenant_cpu_throttled_seconds_total", web) == 0.25)
    #expect(parsed.value("isolated_tenant_memory_peak_bytes", web) == 2_097_152)
    #expect(parsed.value("isolated_tenant_memory_events_total", ["event": "oom_kill"]) == 5)
    #expect(parsed.value("isolated_tenant_pressure_stalled_seconds_total", ["resource": "io"]) == 1.5)
    #expect(parsed.value("isolated_tenant_io_bytes_total", ["device": "259:3", "operation": "write"]) == 8192)
    #expect(parsed.value("isolated_tenant_pids_max", web) == 64)
    #expect(parsed.value("isolated_tenant_start_time_seconds", web) == 1_700_000_000.5)
  }

  @Test func whatTheSchedulerSawComesOut() throws {
    let parsed = try parsed(.prometheusText)
    let read = ["tenant": "web", "device": "nvme0n1", "operation": "read"]
    func with(_ key: String, _ value: String) -> [String: String] { read.merging([key: value]) { $1 } }
    #expect(parsed.value("isolated_tenant_io_latency_seconds_bucket", with("le", "0.001")) == 10)
    #expect(parsed.value("isolated_tenant_io_latency_seconds_bucket", with("le", "+Inf")) == 11)
    #expect(parsed.value("isolated_tenant_io_latency_seconds_count", read) == 11)
    #expect(parsed.value("isolated_tenant_io_slo_windows_total", with("result", "missed")) == 2)
    #expect(parsed.value("isolated_tenant_io_target_seconds", read) == 0.005)
    #expect(parsed.value("isolated_tenant_io_held_seconds_total") == 1.5)
    #expect(parsed.value("isolated_tenant_io_reservation_windows_total", ["result": "met"]) == 9)
    #expect(parsed.value("isolated_io_decisions_total", ["reason": "share"]) == 4)
    #expect(parsed.value("isolated_disk_phase", ["phase": "cruise"]) == 1)
    #expect(parsed.value("isolated_admission_refusals_total") == 1)
    #expect(parsed.samples.count { $0.name == "isolated_spawn_failures_total" } == 2)
  }

  @Test func ofWhoHasGoneNothingOfTheSchedulersIsTold() throws {
    let host = try FakeIOHost()
    var readings = try SampleReadings.all(host)
    readings.tenants = []
    let parsed = try ParsedExposition(readings.exposition(.openMetrics, capacity: 0), isOpenMetrics: true)
    #expect(!parsed.samples.contains { $0.labels["tenant"] != nil })
    #expect(parsed.value("isolated_disk_in_flight") == 3)
  }

  @Test func aFreshDaemonWithoutTenantsHasAValidExposition() throws {
    let readings = ScrapeReadings(
      supervisor: SupervisorSnapshot(tenants: []), tenants: [], io: .init(), sold: [:], daemon: .init(),
      process: ProcessReadings(start: nil), scrapeErrors: [:], scrapeNanoseconds: 0)
    for format in ExpositionFormat.allCases {
      let parsed = try ParsedExposition(
        readings.exposition(format, capacity: 0), isOpenMetrics: format == .openMetrics)
      #expect(parsed.value("isolated_tenants", ["state": "running"]) == 0)
      #expect(parsed.value("isolated_build_info", ["version": isolatedVersion]) == 1)
      #expect(parsed.value("isolated_spawns_total") == 0)
      #expect(parsed.value("process_open_fds") ?? 0 > 2)
      #expect(parsed.value("process_resident_memory_bytes") ?? 0 > 1_048_576)
      // When it began isn't known, so nothing claims it.
      #expect(!parsed.samples.contains { $0.name.hasSuffix("_created") || $0.name == "process_start_time_seconds" })
    }
  }

  @Test func codesWithoutBoundMakeNoSeriesWithoutBound() {
    let measures = DaemonMeasures()
    for number in 0..<10_000 { measures.failed(.init(rawValue: "code.\(number)")) }
    #expect(measures.snapshot.failures.count <= 129)
    #expect(measures.snapshot.failures.values.reduce(0, +) == 10_000)
  }
}
