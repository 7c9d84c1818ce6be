import CTenantPlan
import FoundationEssentials

/// What a tenant's command was given, so that another command can be given the same later, also by another daemon: the
/// records of its plan that make a process into the payload, whatever they are.
///
/// Records keep their meaning as long as the plan's version does, so those of an older version can be used if
/// ``isUsable`` says so.
public struct PayloadProfile: Codable, Sendable, Hashable {
  /// The version of the plan that they were a part of.
  public var planVersion: Int
  /// The records, one after the other, in base64.
  public var records: String

  /// The oldest version whose records mean what today's mean.
  private static let oldestVersion = 1

  /// Takes records that were kept.
  public init(planVersion: Int, records: String) {
    self.planVersion = planVersion
    self.records = records
  }

  /// Takes them from a plan.
  init?(plan: [UInt8]) {
    guard let all = PlanRecords(plan: plan) else { return nil }
    var writer = PlanWriter()
    for record in all.records where Self.makesThePayload(record) { writer.record(record) }
    planVersion = Int(TENANT_PLAN_VERSION)
    records = Data(writer.records).base64EncodedString()
  }

  /// Whether today's tenant-init can carry them out.
  public var isUsable: Bool {
    (Self.oldestVersion...Int(TENANT_PLAN_VERSION)).contains(planVersion) && decoded != nil
  }

  /// The variables of the payload's environment, as `NAME=value`.
  public var environment: [String] { decoded?.records.first { $0.isA(TENANT_RECORD_ENVIRONMENT) }?.texts ?? [] }

  /// The records; nil if they are damaged.
  var decoded: PlanRecords? { Data(base64Encoded: records).flatMap { PlanRecords($0) } }

  /// The payload's own phase but its command, the limits that it runs under, and with whom it shares processors.
  private static func makesThePayload(_ record: PlanRecords.Record) -> Bool {
    if record.isA(TENANT_RECORD_ARGUMENTS) { return false }
    return record.phase >= UInt16(TENANT_RECORD_IDENTITY.rawValue >> 4) || record.isA(TENANT_RECORD_RLIMIT)
      || record.isA(TENANT_RECORD_OOM_SCORE) || record.isA(TENANT_RECORD_CORE_SCHEDULING)
  }
}
