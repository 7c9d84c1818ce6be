import CTenantPlan

/// Writes a plan's bytes: the header, then records padded to 8 bytes. See `tenant_plan.h`.
struct PlanWriter {
  private var bytes: [UInt8] = []
  private var recordCount: UInt32 = 0

  /// A record of `type` whose payload `fill` appends.
  mutating func record(_ type: tenant_record, _ fill: (inout Payload) -> Void = { _ in }) {
    var payload = Payload()
    fill(&payload)
    record(PlanRecords.Record(type: UInt16(truncatingIfNeeded: type.rawValue), payload: payload.bytes))
  }

  /// A record as it was read.
  mutating func record(_ record: PlanRecords.Record) {
    var head = tenant_plan_record()
    head.type = record.type
    head.size = UInt32(truncatingIfNeeded: record.payload.count)
    withUnsafeBytes(of: head) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: record.payload)
    bytes.append(contentsOf: repeatElement(0, count: (8 - record.payload.count % 8) % 8))
    recordCount += 1
  }

  /// The records without a header.
  var records: [UInt8] { bytes }

  /// The whole plan.
  func finished() -> [UInt8] {
    var header = tenant_plan_header()
    header.magic = UInt32(TENANT_PLAN_MAGIC)
    header.version = UInt32(TENANT_PLAN_VERSION)
    header.size = UInt32(truncatingIfNeeded: MemoryLayout<tenant_plan_header>.size + bytes.count)
    header.record_count = recordCount
    return withUnsafeBytes(of: header) { Array($0) } + bytes
  }

  /// One record's payload.
  struct Payload {
    fileprivate(set) var bytes: [UInt8] = []

    /// A C struct or number, as it lies in memory.
    mutating func value(_ value: some BitwiseCopyable) {
      withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
    }

    /// A string with its terminator. The caller has refused strings that hold a NUL.
    mutating func text(_ text: String) {
      bytes.append(contentsOf: text.utf8)
      bytes.append(0)
    }

    /// Bytes as they are.
    mutating func raw(_ raw: [UInt8]) { bytes.append(contentsOf: raw) }
  }
}
