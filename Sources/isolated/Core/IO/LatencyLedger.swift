import CgroupKit
import ControlProtocol
import IOQoS
import IOSensor

/// What the sensor measured of one tenant: windows of a second, and whether targets held in them.
struct LatencyLedger {
  /// A kind of IO on a disk.
  struct Key: Hashable {
    var disk: DeviceNumber
    var operation: IOSensor.IOOperation
  }

  private struct Row {
    var windows: [(time: Int64, window: IOLatencyWindow)] = []
    var kept: [(time: Int64, isKept: Bool)] = []
    var measures: IOMeasures.Latency
  }

  /// Nanoseconds over which percentiles are pooled, and over which kept windows are counted; a window in which the
  /// tenant did nothing of that kind is none.
  private static let pooled: Int64 = 10_000_000_000
  private static let counted: Int64 = 60_000_000_000
  /// A hold that is shorter than this part of the whole is within the width of the sensor's buckets.
  private static let resolution: UInt64 = 16

  private var rows: [Key: Row] = [:]

  /// Takes a second's window, without which there was no IO of that kind.
  ///
  /// - Parameter time: when it ended, in nanoseconds of a clock that doesn't go back.
  mutating func note(_ window: IOLatencyWindow, _ key: Key, at time: Int64, target: LatencyTarget?) {
    var row = rows.removeValue(forKey: key) ?? Row(measures: .init(operation: key.operation))
    row.measures.totals.add(window)
    row.windows.removeAll { $0.time <= time - Self.pooled }
    row.windows.append((time, window))
    row.kept.removeAll { $0.time <= time - Self.counted }
    if let target, let latency = Self.latency(window, target.percentile) {
      let isKept = latency <= UInt64(clamping: target.latency)
      row.kept.append((time, isKept))
      if isKept { row.measures.windowsMet += 1 } else { row.measures.windowsMissed += 1 }
    }
    rows[key] = row
  }

  /// Figures for each kind of IO that a disk saw of the tenant in the last seconds.
  func figures(on disk: DeviceNumber, promise: Promise, at time: Int64) -> [IOLatencyFigures] {
    guard !rows.isEmpty else { return [] }
    return IOSensor.IOOperation.allCases.compactMap { operation in
      guard let name = Self.name(operation), let row = rows[Key(disk: disk, operation: operation)] else { return nil }
      let windows = row.windows.drop { $0.time <= time - Self.pooled }
      guard let first = windows.first?.window else { return nil }
      let all = windows.dropFirst().reduce(into: first) { $0.merge($1.window) }
      let kept = row.kept.drop { $0.time <= time - Self.counted }
      func microseconds(_ value: UInt64?) -> Int { Int(clamping: (value ?? 0) / 1000) }
      func percentile(_ share: Double) -> Int { microseconds(Self.latency(all, share)) }
      let target = Self.target(of: promise, operation)
      return IOLatencyFigures(
        operation: name, samples: Int(clamping: all.count), p50Usec: percentile(0.5), p99Usec: percentile(0.99),
        p999Usec: percentile(0.999), waitP99Usec: microseconds(all.quantile(0.99, of: .held)),
        targetUsec: target.map { Int($0.latency / 1000) },
        kept: kept.isEmpty ? nil : Double(kept.count { $0.isKept }) / Double(kept.count))
    }
  }

  /// What was counted of each kind of IO that a disk ever saw of the tenant.
  func totals(on disk: DeviceNumber) -> [IOMeasures.Latency] {
    guard !rows.isEmpty else { return [] }
    return IOSensor.IOOperation.allCases.compactMap { rows[Key(disk: disk, operation: $0)]?.measures }
  }

  /// The target that a promise has for a kind of IO.
  static func target(of promise: Promise, _ operation: IOSensor.IOOperation) -> LatencyTarget? {
    let asked: IOQoS.IOOperation
    switch operation {
    case .read: asked = .read
    case .write: asked = .write
    case .syncWrite, .flush: asked = .syncWrite
    case .discard: return nil
    }
    return promise.targets.first { $0.operation == asked }
  }

  /// What of an operation's time counts against a target: all but the wait for the tenant's own limit. The phases'
  /// percentiles don't add up exactly, so where something was held back the sum is an upper bound.
  private static func latency(_ window: IOLatencyWindow, _ share: Double) -> UInt64? {
    guard let total = window.quantile(share, of: .total) else { return nil }
    let longestHold = window.quantile(1, of: .held) ?? 0
    guard longestHold > total / resolution, let device = window.quantile(share, of: .device) else { return total }
    return min(total, device + (window.quantile(share, of: .queue) ?? 0))
  }

  private static func name(_ operation: IOSensor.IOOperation) -> IOLatencyFigures.Operation? {
    switch operation {
    case .read: .read
    case .write: .write
    case .syncWrite: .syncWrite
    case .discard, .flush: nil
    }
  }
}
