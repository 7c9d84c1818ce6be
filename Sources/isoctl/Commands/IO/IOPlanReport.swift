import ControlProtocol
import IOPlanning
import IOQoS

/// One disk of a plan for programs: `isoctl io plan --json`. Device time is in nanoseconds each second.
struct IOPlanReport: Encodable {
  /// What one tenant is promised.
  struct Tenant: Encodable {
    var name: String
    /// The device time that the reservation takes; nil without a calibration.
    var reservedTime: Double?
    var weight: Int
  }

  /// What is left to sell beside the set.
  struct Offer: Encodable {
    /// Nanoseconds; nil without a target.
    var readP99: Int?
    var operations: Double
    var bytes: Double
  }

  var disk: String
  var number: String
  var isCalibrated: Bool
  var fits: Bool
  var tenants: [Tenant]
  var reserved: Double?
  var capacity: Double?
  var offers: [Offer]
  var faults: [Failed]
  var warnings: [String]

  init(_ disk: IOPlan.Disk) {
    self.disk = disk.facts.name
    number = disk.facts.number
    isCalibrated = disk.model != nil
    fits = disk.faults.isEmpty
    tenants = disk.promises.map { promise in
      Tenant(
        name: promise.tenant, reservedTime: disk.model.map { promise.reservedTime(by: $0.cost) }, weight: promise.weight
      )
    }
    reserved = disk.model == nil ? nil : disk.verdict?.reserved
    capacity = disk.model == nil ? nil : disk.verdict?.capacity
    offers = (disk.verdict?.offers ?? []).map { offer in
      Offer(readP99: offer.p99.map { Int($0) }, operations: offer.operations, bytes: offer.bytes)
    }
    faults = disk.faults.map(Failed.init)
    warnings = disk.warnings
  }
}
