import CgroupKit
import Faults
import Glibc
import Kernel

extension Fault.Code {
  /// The groups above the tenants' don't carry what a tenant is promised of memory.
  public static let protectionNotCarried: Self = "group.protection-not-carried"
}

/// Carries `memory.min` and `memory.low` of all tenants through the groups above theirs, each of which caps what it
/// hands down (cgroup-v2.rst, "memory.min"): they get the sum of what running tenants are promised.
///
/// Where these groups are systemd's units, systemd must know, since it writes its own values at any time:
/// `systemctl set-property --runtime`. Its methods block: they are for threads that may.
final class MemoryProtection: Sendable {
  /// What is protected, in bytes.
  struct Amount: Sendable, Equatable {
    /// From all reclaim.
    var min: UInt64 = 0
    /// As long as there is something else to reclaim.
    var low: UInt64 = 0

    var isNone: Bool { min == 0 && low == 0 }

    /// The greater of two, each by itself.
    func greater(_ other: Amount) -> Amount { Amount(min: Swift.max(min, other.min), low: Swift.max(low, other.low)) }

    static func + (left: Amount, right: Amount) -> Amount {
      func sum(_ one: UInt64, _ other: UInt64) -> UInt64 {
        let (sum, overflow) = one.addingReportingOverflow(other)
        return overflow ? .max : sum
      }
      return Amount(min: sum(left.min, right.min), low: sum(left.low, right.low))
    }
  }

  /// A tenant's share, to give back.
  struct Promise: Sendable, Equatable { fileprivate var number: UInt64 }

  private struct State {
    var next: UInt64 = 0
    var promised: [UInt64: Amount] = [:]
  }

  private let state = Guarded(State())
  /// What the groups carry, as far as it is known. The lock is held while they are written, so that the last write is of
  /// the last sum; nobody waits for it but threads that may.
  private let carried: Guarded<Amount?>
  private let write: @Sendable (Amount) throws(Fault) -> Void

  /// - Parameters:
  ///   - carried: what the groups carry already.
  ///   - write: has them carry an amount.
  init(carried: Amount?, write: @escaping @Sendable (Amount) throws(Fault) -> Void) {
    self.carried = Guarded(carried)
    self.write = write
  }

  /// Takes on what a tenant is promised; returns once the groups carry it.
  ///
  /// - Returns: nil for nothing.
  /// - Throws: `group.protection-not-carried`; then nothing is taken on.
  func promise(_ amount: Amount) throws(Fault) -> Promise? {
    guard let promise = adopt(amount) else { return nil }
    do throws(Fault) {
      try settle()
    } catch {
      state.withLock { $0.promised[promise.number] = nil }
      throw error
    }
    return promise
  }

  /// Takes on what a tenant is promised that runs already; ``settle()`` has the groups carry it.
  func adopt(_ amount: Amount) -> Promise? {
    guard !amount.isNone else { return nil }
    return state.withLock { state in
      state.next += 1
      state.promised[state.next] = amount
      return Promise(number: state.next)
    }
  }

  /// Changes what a tenant is promised; returns once the groups carry it.
  ///
  /// - Parameter promise: what it was promised before; nil for nothing.
  /// - Returns: nil for nothing.
  /// - Throws: `group.protection-not-carried`; then what was promised before stays.
  func change(_ promise: Promise?, to amount: Amount) throws(Fault) -> Promise? {
    guard let promise else { return try self.promise(amount) }
    let before = state.withLock { state in
      defer { state.promised[promise.number] = amount.isNone ? nil : amount }
      return state.promised[promise.number]
    }
    do throws(Fault) {
      try settle()
    } catch {
      state.withLock { $0.promised[promise.number] = before }
      throw error
    }
    return amount.isNone ? nil : promise
  }

  /// Forgets a tenant that has ended; ``settle()`` lowers what the groups carry.
  func release(_ promise: Promise) { state.withLock { $0.promised[promise.number] = nil } }

  /// Has the groups carry the sum of what is promised now.
  ///
  /// - Throws: `group.protection-not-carried`.
  func settle() throws(Fault) {
    try carried.withLock { carried throws(Fault) in
      let sum = state.withLock { $0.promised.values.reduce(Amount(), +) }
      guard sum != carried else { return }
      carried = nil
      do throws(Fault) {
        try write(sum)
      } catch {
        throw Fault(
          .protectionNotCarried,
          "the groups above the tenants don't carry memory.min=\(sum.min) and memory.low=\(sum.low): \(error.message)",
          systemCall: error.systemCall, path: error.path, errno: error.errno, mend: error.mend)
      }
      carried = sum
    }
  }
}

extension MemoryProtection {
  private static let programs = ["/usr/bin/systemctl", "/bin/systemctl"]

  /// Carries through the tenants' root group, and where it is systemd's through all units that hold it.
  convenience init(above root: Cgroup, in hierarchy: Cgroup?) {
    let names = Self.names(of: root.path, in: hierarchy?.path)
    let areUnits = !names.isEmpty && names.allSatisfy(Self.isUnit) && access("/run/systemd/system", F_OK) == 0
    var groups = [root]
    if areUnits, let hierarchy {
      for count in 1..<names.count {
        let path = ([hierarchy.path] + names.prefix(count)).joined(separator: "/")
        if let group = try? Cgroup(path: path) { groups.append(group) }
      }
    }
    let all = groups
    self.init(carried: Self.common(all)) { amount throws(Fault) in
      if areUnits {
        let program = Self.programs.first { access($0, X_OK) == 0 } ?? Self.programs[0]
        for unit in names {
          try ChildProcess.run(
            program,
            [
              "--no-ask-password", "set-property", "--runtime", unit, "MemoryMin=\(amount.min)",
              "MemoryLow=\(amount.low)",
            ])
        }
      }
      // systemd writes its groups a moment after it has answered.
      for group in all {
        try group.memory.min.write(.at(Bytes(amount.min)))
        try group.memory.low.write(.at(Bytes(amount.low)))
      }
    }
  }

  /// The names of a group and those above it, from the top of the hierarchy on.
  static func names(of group: String, in hierarchy: String?) -> [String] {
    guard let hierarchy, group.hasPrefix(hierarchy + "/") else { return [] }
    return group.dropFirst(hierarchy.count + 1).split(separator: "/").map(String.init)
  }

  static func isUnit(_ name: String) -> Bool {
    [".slice", ".service", ".scope"].contains { name.hasSuffix($0) && name.count > $0.count }
  }

  /// What all of the groups carry; nil where they differ.
  private static func common(_ groups: [Cgroup]) -> Amount? {
    var found: Amount?
    for group in groups {
      guard case .at(let min)? = try? group.memory.min.read(), case .at(let low)? = try? group.memory.low.read() else {
        return nil
      }
      let amount = Amount(min: min.rawValue, low: low.rawValue)
      if let found, found != amount { return nil }
      found = amount
    }
    return found
  }
}

extension MemoryProtection.Amount {
  /// What the limits of a tenant ask for.
  init(files: [(String, String)]) {
    for (file, text) in files {
      let bytes = text == "max" ? UInt64.max : UInt64(text) ?? 0
      if file == "memory.min" { min = bytes }
      if file == "memory.low" { low = bytes }
    }
  }
}
