import CTenantPlan

/// Reads records as ``PlanWriter`` writes them, also such as come from a file: nothing is believed of their lengths.
struct PlanRecords {
  /// One record.
  struct Record: Hashable {
    var type: UInt16
    var payload: [UInt8]

    /// Whether it is of `type`.
    func isA(_ type: tenant_record) -> Bool { UInt32(self.type) == type.rawValue }

    /// The phase that it belongs to; see `tenant_plan.h`.
    var phase: UInt16 { type >> 4 }

    /// Its NUL-terminated strings, for records that hold nothing else.
    var texts: [String] {
      payload.split(separator: 0, omittingEmptySubsequences: false).dropLast()
        .map { String(decoding: $0, as: UTF8.self) }
    }
  }

  var records: [Record] = []

  /// Takes records apart that follow each other without a header; nil if they aren't whole.
  init?(_ bytes: some Collection<UInt8>) {
    var rest = Array(bytes)[...]
    let headSize = MemoryLayout<tenant_plan_record>.size
    while !rest.isEmpty {
      guard rest.count >= headSize else { return nil }
      let head = rest.prefix(headSize).withUnsafeBytes { $0.loadUnaligned(as: tenant_plan_record.self) }
      rest = rest.dropFirst(headSize)
      let padded = (Int(head.size) + 7) & ~7
      guard head.reserved == 0, rest.count >= padded else { return nil }
      records.append(Record(type: head.type, payload: Array(rest.prefix(Int(head.size)))))
      rest = rest.dropFirst(padded)
    }
  }

  /// Those of earlier phases, and the rest.
  func split(beforePhase phase: UInt16) -> (before: [Record], rest: [Record]) {
    (records.filter { $0.phase < phase }, records.filter { $0.phase >= phase })
  }

  /// Takes a whole plan apart, which this process has written.
  init?(plan: [UInt8]) { self.init(plan.dropFirst(MemoryLayout<tenant_plan_header>.size)) }
}
