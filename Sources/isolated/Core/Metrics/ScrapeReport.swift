import Faults
import FoundationEssentials
import Glibc
import Kernel

/// What the daemon tells on its scrape endpoint: metrics, the status page's data, and whether it serves.
///
/// The supervisor is asked for one list of plain values; reading files and writing text happen on a thread of its own.
/// Each call costs a whole scrape: who serves many clients gives them one answer.
package final class ScrapeReport: ScrapeSource {
  /// Confined to the scrape's thread.
  private struct State {
    var collector: TenantCollector
    var rates = StatusRates()
    /// The size of the last exposition, which the next one's is like.
    var size = 64 << 10
    var nanoseconds: UInt64 = 0
  }

  private let inputs: ScrapeInputs
  private let readiness: Readiness
  private let thread: BlockingThreads
  private let state: Guarded<State>
  private let started = ProcessReadings.startTime()

  /// Starts the thread.
  ///
  /// - Parameter readiness: whether the daemon serves.
  package init(_ inputs: ScrapeInputs, readiness: Readiness = Readiness()) throws(Fault) {
    self.inputs = inputs
    self.readiness = readiness
    thread = try BlockingThreads(count: 1, name: "metrics")
    // The rest is for tenants' starts.
    state = Guarded(
      State(collector: TenantCollector(mostKept: Int(clamping: (ProcessReadings.mostDescriptors ?? 0) / 2))))
  }

  /// Tells of a daemon.
  convenience init(of supervisor: Supervisor, readiness: Readiness) throws(Fault) {
    try self.init(ScrapeInputs(supervisor), readiness: readiness)
  }

  /// One exposition, whole.
  package func exposition(_ format: ExpositionFormat) async -> [UInt8] {
    await scrape { [inputs] readings, state in
      let bytes = readings.exposition(
        format, devices: DeviceNames(directory: inputs.devices), capacity: state.size + state.size / 8)
      state.size = bytes.count
      return bytes
    }
  }

  /// What the status page shows: a ``StatusDocument``.
  package func status() async -> [UInt8] {
    await scrape { [inputs] readings, state in
      let now = MonotonicClock.nanoseconds()
      state.rates.note(readings.tenants, at: now)
      return Self.encode(readings.status(rates: state.rates, at: now, warnings: inputs.warnings))
    }
  }

  /// Nil where the daemon serves; else why it doesn't, or does so without its IO scheduler.
  package func unreadiness() async -> String? {
    if let reason = readiness.reason { return reason }
    let report = inputs.io()
    let silence = (MonotonicClock.nanoseconds() - report.time) / 1_000_000_000
    guard !report.disks.isEmpty, silence >= Self.patience else { return nil }
    return "the IO scheduler has said nothing for \(silence) s"
  }

  /// Seconds; the IO loop reports each second while it has a disk.
  private static let patience: Int64 = 10

  /// Reads all there is, and has `body` make a text of it; both on the thread.
  private func scrape(_ body: @escaping @Sendable (ScrapeReadings, inout State) -> [UInt8]) async -> [UInt8] {
    let snapshot = await inputs.supervisor()
    return await thread.answer { [self] in
      state.withLock { state in
        let before = Self.threadTime()
        defer { state.nanoseconds &+= UInt64(max(0, Self.threadTime() - before)) }
        let tenants = state.collector.collect(snapshot.tenants)
        let readings = ScrapeReadings(
          supervisor: snapshot, tenants: tenants, io: inputs.io(), sold: inputs.sold(), daemon: inputs.daemon(),
          process: ProcessReadings(start: started), scrapeErrors: state.collector.errors,
          scrapeNanoseconds: state.nanoseconds)
        return body(readings, &state)
      }
    }
  }

  private static func encode(_ document: StatusDocument) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Every number is finite: nothing else can fail.
    return (try? encoder.encode(document)).map { Array($0) } ?? Array("{}".utf8)
  }

  private static func threadTime() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
    return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
  }
}
