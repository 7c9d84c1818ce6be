import CTenantPlan

/// Reads a plan back, so that tests see what tenant-init sees.
struct PlanReader {
  struct Record {
    var type: UInt16
    var payload: [UInt8]

    /// The strings after the first `fixed` bytes.
    func texts(after fixed: Int = 0) -> [String] {
      payload.dropFirst(fixed).split(separator: 0, omittingEmptySubsequences: false).dropLast()
        .map { String(decoding: $0, as: UTF8.self) }
    }
  }

  var records: [Record] = []

  init?(_ bytes: [UInt8]) {
    let headerSize = MemoryLayout<tenant_plan_header>.size
    let recordSize = MemoryLayout<tenant_plan_record>.size
    guard bytes.count >= headerSize else { return nil }
    let header = bytes.withUnsafeBytes { $0.loadUnaligned(as: tenant_plan_header.self) }
    guard header.magic == UInt32(TENANT_PLAN_MAGIC), Int(header.size) == bytes.count else { return nil }
    var offset = headerSize
    for _ in 0..<header.record_count {
      guard bytes.count - offset >= recordSize else { return nil }
      let head = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: tenant_plan_record.self) }
      offset += recordSize
      guard bytes.count - offset >= Int(head.size) else { return nil }
      records.append(Record(type: head.type, payload: Array(bytes[offset..<offset + Int(head.size)])))
      offset += (Int(head.size) + 7) & ~7
    }
    guard offset == bytes.count else { return nil }
  }

  func all(_ type: tenant_record) -> [Record] { records.filter { UInt32($0.type) == type.rawValue } }
}
