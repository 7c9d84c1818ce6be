import CgroupKit
import Faults
import Policy

/// One file of a tenant's group, or one line of `io.max`, that is to say something else.
struct LimitChange: Sendable, Equatable {
  /// The file's name.
  var file: String
  /// What was asked before; nil where nothing was.
  var before: String?
  /// What is asked now; nil where nothing is.
  var after: String?
  /// What is written: ``after``, or the kernel's default.
  var text: String
  /// Where the policy asks for it; nil for a default.
  var position: Fault.Position?

  /// The disk that a line of `io.max` is about.
  var device: DeviceNumber? { file == "io.max" ? Self.device(of: text) : nil }

  /// The number at the start of a line of `io.max`.
  static func device(of line: String) -> DeviceNumber? {
    let parts = line.prefix { $0 != " " }.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let major = UInt32(parts[0]), let minor = UInt32(parts[1]) else { return nil }
    return DeviceNumber(major: major, minor: minor)
  }
}

/// What must be written to get from what was asked of the cgroup controllers to something else.
enum LimitChanges {
  /// The changes, in an order in which the kernel takes each of them and none is stricter than need be on the way.
  ///
  /// - Parameters:
  ///   - old: what was written.
  ///   - asked: what is to hold.
  /// - Throws: where something is no longer asked and no default is known for it.
  static func between(
    _ old: [TenantRecord.WrittenLimit], _ asked: [AskedLimit]
  ) throws(Fault) -> [LimitChange] {
    let before = Dictionary(old.map { (key($0.file, $0.text), $0.text) }) { _, last in last }
    let present = Set(asked.map { key($0.file, $0.text) })
    var changes: [LimitChange] = asked.compactMap { limit in
      let known = before[key(limit.file, limit.text)]
      guard known != limit.text else { return nil }
      return LimitChange(
        file: limit.file, before: known, after: limit.text, text: limit.text, position: limit.position)
    }
    let becomesIdle = asked.contains { $0.file == "cpu.idle" && $0.text == "1" }
    for limit in old where !present.contains(key(limit.file, limit.text)) {
      // The weight goes with the switch: it can't be written to an idle group.
      if becomesIdle, limit.file == "cpu.weight" { continue }
      guard let text = standard(limit) else {
        throw Fault(.notChangeable, "\(limit.file) can't be taken away while the tenant runs")
      }
      changes.append(LimitChange(file: limit.file, before: limit.text, after: nil, text: text))
    }
    return changes.map { ($0, stage($0)) }.enumerated().sorted { left, right in
      (left.element.1, left.offset) < (right.element.1, right.offset)
    }.map(\.element.0)
  }

  /// What the kernel says where nothing was ever written.
  private static func standard(_ limit: TenantRecord.WrittenLimit) -> String? {
    switch limit.file {
    case "cpu.weight": "100"
    case "cpu.max": "max 100000"
    case "cpu.idle", "cpu.max.burst", "memory.low", "memory.min", "memory.oom.group": "0"
    case "cpu.uclamp.min": "0.00"
    case "cpuset.cpus": "\n"
    case "cpu.uclamp.max", "memory.high", "memory.zswap.max", "memory.swap.max", "pids.max": "max"
    case "io.max": LimitChange.device(of: limit.text).map { IOMax(device: $0).kernelText }
    default: nil
    }
  }

  private static func key(_ file: String, _ text: String) -> String {
    file == "io.max" ? "\(file) \(text.prefix { $0 != " " })" : file
  }

  /// When a change is made. The burst never exceeds the quota, the weight needs a group that isn't idle, and what is
  /// hard to take back, a lower `memory.max`, comes last.
  private static func stage(_ change: LimitChange) -> Int {
    switch change.file {
    case "cpu.idle": change.text == "0" ? 0 : 4
    case "cpu.max.burst": grows(change) ? 3 : 1
    case "cpu.max": 2
    case "memory.max": grows(change) ? 5 : 9
    case "pids.max": 7
    case "io.max": 8
    default: change.file.hasPrefix("memory.") ? 6 : 3
    }
  }

  private static func grows(_ change: LimitChange) -> Bool {
    let before = change.before.map { $0 == "max" ? UInt64.max : UInt64($0) ?? 0 } ?? 0
    let after = change.text == "max" ? UInt64.max : UInt64(change.text) ?? 0
    return after > before
  }
}
