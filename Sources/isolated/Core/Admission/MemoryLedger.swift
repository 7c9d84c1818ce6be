import Faults

extension Fault.Code {
  /// The machine has too little memory left for what a policy asks.
  public static let memoryRefused: Self = "admission.memory"
}

/// Sells the machine's memory, and never the same byte twice. A pure value: readings come in, verdicts come out.
struct MemoryLedger: Sendable {
  /// RAM in bytes.
  let total: UInt64
  /// Bytes that the host keeps for itself.
  private(set) var hostReserve: UInt64
  /// Whether the maxima together may exceed what there is; the reservations never may.
  private(set) var allowsOvercommit: Bool
  private var entries: [String: (reserved: UInt64, maximum: UInt64)] = [:]

  init(total: UInt64, hostReserve: UInt64, allowsOvercommit: Bool) {
    self.total = total
    self.hostReserve = hostReserve
    self.allowsOvercommit = allowsOvercommit
  }

  /// What can be sold at all.
  var sellable: UInt64 { total > hostReserve ? total - hostReserve : 0 }
  /// Bytes that are reserved (memory.min).
  var reserved: UInt64 { entries.values.reduce(0) { $0.saturatingAdd($1.reserved) } }
  /// The sum of all maxima (memory.max).
  var maximum: UInt64 { entries.values.reduce(0) { $0.saturatingAdd($1.maximum) } }

  /// Takes a tenant in. What it holds already doesn't speak against it, and stays its own if it is refused.
  ///
  /// - Throws: `admission.memory`, with what is left and which setting would allow it.
  mutating func admit(_ name: String, reserved asked: UInt64, maximum limit: UInt64) throws(Fault) {
    var others = self
    others.release(name)
    let freeReserve = sellable > others.reserved ? sellable - others.reserved : 0
    guard asked <= freeReserve else {
      throw Fault(
        .memoryRefused,
        "memory.min of \(asked.mebibytes) can't be kept: \(freeReserve.mebibytes) of \(sellable.mebibytes) is left",
        mend: "ask for less, end a tenant, or lower `admission: {memory: {reserve}}` (\(hostReserve.mebibytes))")
    }
    let freeMaximum = sellable > others.maximum ? sellable - others.maximum : 0
    guard allowsOvercommit || limit <= freeMaximum else {
      throw Fault(
        .memoryRefused,
        "memory.max of \(limit.mebibytes) exceeds the \(freeMaximum.mebibytes) of \(sellable.mebibytes) that are left",
        mend: "lower `memory: {max}`, end a tenant, or set `admission: {memory: {overcommit: true}}` in isolated.yaml")
    }
    entries[name] = (asked, limit)
  }

  /// Takes a tenant in that runs already.
  mutating func adopt(_ name: String, reserved: UInt64, maximum: UInt64) { entries[name] = (reserved, maximum) }

  /// What a tenant holds.
  func holding(of name: String) -> (reserved: UInt64, maximum: UInt64) { entries[name] ?? (0, 0) }

  /// Has a tenant hold the greater of what it has and what it is to have, until ``adopt(_:reserved:maximum:)`` says what
  /// became of it. Only more than it has must fit: what is sold stays sold.
  ///
  /// - Throws: `admission.memory`, with the most that it could have.
  mutating func extend(_ name: String, reserved asked: UInt64, maximum limit: UInt64) throws(Fault) {
    let present = holding(of: name)
    let mostReserved = present.reserved.saturatingAdd(sellable > reserved ? sellable - reserved : 0)
    guard asked <= mostReserved else {
      throw Fault(
        .memoryRefused,
        "memory.min of \(asked.mebibytes) can't be kept: the tenant could have \(mostReserved.mebibytes) at most",
        mend: "ask for less, end a tenant, or lower `admission: {memory: {reserve}}` (\(hostReserve.mebibytes))")
    }
    let mostMaximum = present.maximum.saturatingAdd(sellable > maximum ? sellable - maximum : 0)
    guard allowsOvercommit || limit <= mostMaximum else {
      throw Fault(
        .memoryRefused,
        "memory.max of \(limit.mebibytes) exceeds what is left: the tenant could have \(mostMaximum.mebibytes) at most",
        mend: "ask for less, end a tenant, or set `admission: {memory: {overcommit: true}}` in isolated.yaml")
    }
    entries[name] = (max(present.reserved, asked), max(present.maximum, limit))
  }

  /// Sells by other rules from now on; what is sold stays sold.
  mutating func change(hostReserve: UInt64, allowsOvercommit: Bool) {
    self.hostReserve = hostReserve
    self.allowsOvercommit = allowsOvercommit
  }

  /// Gives back what a tenant held.
  mutating func release(_ name: String) { entries[name] = nil }
}

extension UInt64 {
  fileprivate func saturatingAdd(_ other: UInt64) -> UInt64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }

  /// The size for people, in whole mebibytes.
  fileprivate var mebibytes: String { "\(self >> 20) MiB" }
}
