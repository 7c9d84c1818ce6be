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
    var windows: [IOLatencyWindow] = []
    var kept: [Bool] = []
  }

  /// Seconds over which percentiles are pooled.
  private static let pooled = 10
  /// Seconds over which kept windows are counted.
  private static let counted = 60

  private var rows: [Key: Row] = [:]

  /// Takes a second's window; a window without any IO of that kind is none.
  mutating func note(_ window: IOLatencyWindow, _ key: Key, target: LatencyTarget?, isHeld: Bool) {
    var row = rows[key] ?? Row()
    if row.windows.count == Self.pooled { row.windows.removeFirst() }
    row.windows.append(window)
    if let target, let latency = Self.latency(window, target.percentile, isHeld: isHeld) {
      if row.kept.count == Self.counted { row.kept.removeFirst() }
      row.kept.append(latency <= UInt64(clamping: target.latency))
    }
    rows[key] = row
  }

  /// Figures for each kind of IO that a disk saw lately.
  func figures(on disk: DeviceNumber, promise: Promise, isHeld: Bool) -> [IOLatencyFigures] {
    IOSensor.IOOperation.allCases.compactMap { operation in
      guard let name = Self.name(operation), let row = rows[Key(disk: disk, operation: operation)],
        let first = row.windows.first
      else { return nil }
      let all = row.windows.dropFirst().reduce(into: first) { $0.merge($1) }
      func microseconds(_ value: UInt64?) -> Int { Int(clamping: (value ?? 0) / 1000) }
      func percentile(_ share: Double) -> Int { microseconds(Self.latency(all, share, isHeld: isHeld)) }
      let target = Self.target(of: promise, operation)
      return IOLatencyFigures(
        operation: name, samples: Int(clamping: all.count), p50Usec: percentile(0.5), p99Usec: percentile(0.99),
        p999Usec: percentile(0.999), waitP99Usec: microseconds(all.quantile(0.99, of: .held)),
        targetUsec: target.map { Int($0.latency / 1000) },
        kept: row.kept.isEmpty ? nil : Double(row.kept.count { $0 }) / Double(row.kept.count))
    }
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
  /// percentiles don't add up exactly, so for a tenant that is held back the sum is an upper bound.
  private static func latency(_ window: IOLatencyWindow, _ share: Double, isHeld: Bool) -> UInt64? {
    guard isHeld else { return window.quantile(share, of: .total) }
    guard let device = window.quantile(share, of: .device) else { return window.quantile(share, of: .total) }
    return device + (window.quantile(share, of: .queue) ?? 0)
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
