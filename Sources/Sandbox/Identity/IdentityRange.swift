import Faults

extension Fault.Code {
  /// A range of ids is empty, too long, or reaches past what the kernel can map.
  public static let invalidIdentityRange: Self = "identity.invalid-range"
}

/// The host ids that a tenant's ids 0…65535 stand for.
public struct IdentityRange: Hashable, Sendable {
  /// How many ids every tenant has: enough for any 16-bit uid of a distribution, `nobody` (65534) included.
  public static let tenantCount: UInt32 = 65_536

  /// The host id that is 0 inside.
  public let first: UInt32
  /// How many ids there are.
  public let count: UInt32

  /// Names a range.
  ///
  /// - Throws: ``Faults/Fault`` `identity.invalid-range` if it is empty, starts at 0 (root inside would be root
  ///   outside), or reaches 4294967295, which the kernel keeps for "no id".
  public init(first: UInt32, count: UInt32 = tenantCount) throws(Fault) {
    guard count > 0, first > 0, !first.addingReportingOverflow(count).overflow else {
      throw Fault(
        .invalidIdentityRange, "the id range of \(count) from \(first) can't be mapped",
        mend: "a range starts above 0, holds at least one id and ends below 4294967295")
    }
    self.first = first
    self.count = count
  }

  /// The line to write to `/proc/PID/uid_map` and `gid_map`; see user_namespaces(7).
  public var mapLine: String { "0 \(first) \(count)\n" }

  /// Whether the two share an id.
  public func overlaps(_ other: IdentityRange) -> Bool {
    let end = UInt64(first) + UInt64(count)
    let otherEnd = UInt64(other.first) + UInt64(other.count)
    return UInt64(first) < otherEnd && UInt64(other.first) < end
  }

  /// The host's id for an id inside, or nil if the range doesn't hold it.
  public func hostIdentity(of inside: UInt32) -> UInt32? { inside < count ? first + inside : nil }
}
