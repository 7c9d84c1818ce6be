import Faults

/// Why a set of promises can't be kept, with the numbers. Times are nanoseconds, device time is nanoseconds each second.
public enum AdmissionRefusal: Sendable, Equatable {
  /// Nothing is known of the device.
  case uncalibrated
  /// The calibration is of another device.
  case otherDevice(measured: DeviceIdentity, present: DeviceIdentity)
  /// The calibration has another version.
  case otherVersion(measured: Int, current: Int)
  /// The calibration is too old, or from the future, in seconds.
  case outdated(age: Int64, most: Int64)
  /// A weight is outside 1 to 10,000.
  case weight(tenant: String, weight: Int)
  /// A rate isn't a finite number above 0, or a share isn't 0 to 1.
  case rate(tenant: String)
  /// A target isn't a latency above 0 with a percentile from 0.5 to 0.9999.
  case target(tenant: String)
  /// A limit is below the reservation.
  case limitBelowReservation(tenant: String, what: String, reservation: Double, limit: Double)
  /// A target is below what the device does.
  case targetUnreachable(tenant: String, target: LatencyTarget, least: Int64)
  /// The reservations exceed what the device holds at the tightest target.
  case reservations(Shortage)

  /// How much is wanted and what would fit.
  public struct Shortage: Sendable, Equatable {
    /// The device time that the reservations need.
    public var reserved: Double
    /// The device time that can be promised.
    public var capacity: Double
    /// Whose target sets the capacity; `nil` where nobody has one.
    public var tightest: (tenant: String, target: LatencyTarget)?
    /// The latency of that target at which all would fit; `nil` where none does.
    public var fittingLatency: Int64?
    /// Who asks, and the part of its reservation that would fit, 0 to 1; `nil` where it has none.
    public var asking: (tenant: String, part: Double, fitting: PromisedRates)?

    /// Compares all the numbers.
    public static func == (left: Shortage, right: Shortage) -> Bool {
      left.reserved == right.reserved && left.capacity == right.capacity
        && left.tightest?.tenant == right.tightest?.tenant && left.tightest?.target == right.tightest?.target
        && left.fittingLatency == right.fittingLatency && left.asking?.tenant == right.asking?.tenant
        && left.asking?.part == right.asking?.part && left.asking?.fitting == right.asking?.fitting
    }
  }

  /// Whose promise it is about; nil where it is about the disk or the whole set.
  public var tenant: String? {
    switch self {
    case .uncalibrated, .otherDevice, .otherVersion, .outdated, .reservations: nil
    case .weight(let tenant, _), .rate(let tenant), .target(let tenant), .limitBelowReservation(let tenant, _, _, _),
      .targetUnreachable(let tenant, _, _):
      tenant
    }
  }

  /// The refusal for people and for the protocol.
  public var fault: Fault {
    switch self {
    case .uncalibrated:
      Fault(
        .ioUncalibrated, "the device was never calibrated, so nothing can be promised of it",
        mend: "run isoctl io calibrate, or leave out reservation and latency")
    case .otherDevice(let measured, let present):
      Fault(
        .ioCalibrationStale, "the calibration is of another disk: \(measured.text); now there is \(present.text)",
        mend: "run isoctl io calibrate")
    case .otherVersion(let measured, let current):
      Fault(
        .ioCalibrationStale, "the calibration has version \(measured), and this program reads version \(current)",
        mend: "run isoctl io calibrate")
    case .outdated(let age, let most):
      age < 0
        ? Fault(
          .ioCalibrationStale, "the calibration is from the future, by \(0 &- age) s",
          mend: "set the clock, or run isoctl io calibrate")
        : Fault(
          .ioCalibrationStale, "the calibration is \(age / 86_400) days old, more than \(most / 86_400)",
          mend: "run isoctl io calibrate")
    case .weight(let tenant, let weight):
      Fault(
        .ioPromiseInvalid, "the IO weight of \(tenant) is \(weight), outside 1 to 10000",
        mend: "the kernel's default is 100")
    case .rate(let tenant):
      Fault(
        .ioPromiseInvalid, "a reservation or limit of \(tenant) is no finite number above 0",
        mend: "leave it out, or give operations or bytes a second")
    case .target(let tenant):
      Fault(
        .ioPromiseInvalid, "a latency target of \(tenant) isn't above 0 with a percentile from 50 to 99.99",
        mend: "write a time such as p99: 5ms")
    case .limitBelowReservation(let tenant, let what, let reservation, let limit):
      Fault(
        .ioLimitBelowReservation,
        "\(tenant) has \(Wording.number(reservation)) \(what) reserved, but is limited to \(Wording.number(limit))",
        mend: "raise the limit or lower the reservation")
    case .targetUnreachable(let tenant, let target, let least):
      Fault(
        .ioTargetUnreachable,
        "\(tenant) asks for \(Wording.target(target)), and the least that can be promised on this disk is "
          + "\(Wording.timeOrMore(least))",
        mend: "raise the target to \(Wording.timeOrMore(least)) or more")
    case .reservations(let shortage): shortage.fault
    }
  }
}

extension AdmissionRefusal.Shortage {
  /// The shortage for people.
  fileprivate var fault: Fault {
    var message = "the reservations need \(Wording.deviceTime(reserved)), but the disk has "
    message += Wording.deviceTime(capacity)
    if let tightest { message += " while it keeps \(Wording.target(tightest.target)) of \(tightest.tenant)" }
    var mends: [String] = []
    if let asking {
      let fitting = Wording.rates(asking.fitting)
      if asking.part <= 0 {
        mends.append("nothing is left for \(asking.tenant)")
      } else if fitting.isEmpty {
        mends.append("\(asking.tenant) could have \(Wording.number(asking.part * 100)) % of what it asks for")
      } else {
        mends.append("\(asking.tenant) could have \(fitting)")
      }
    }
    if let tightest, let fittingLatency {
      let asked = Wording.time(tightest.target.latency)
      mends.append("all fit with \(Wording.timeOrMore(fittingLatency)) in place of \(asked)")
    }
    return Fault(
      .ioReservationsExceedCapacity, message,
      mend: mends.isEmpty ? "lower a reservation" : mends.joined(separator: ", or "))
  }
}

extension Fault.Code {
  /// A promise was asked of a device that was never calibrated.
  public static let ioUncalibrated: Self = "io.uncalibrated"
  /// A calibration is of another device, of another version, or too old.
  public static let ioCalibrationStale: Self = "io.calibration-stale"
  /// A weight, rate or target can't be meant.
  public static let ioPromiseInvalid: Self = "io.promise-invalid"
  /// A limit is below the reservation.
  public static let ioLimitBelowReservation: Self = "io.limit-below-reservation"
  /// A latency target is below what the device does.
  public static let ioTargetUnreachable: Self = "io.target-unreachable"
  /// The reservations exceed the device.
  public static let ioReservationsExceedCapacity: Self = "io.reservations-exceed-capacity"
}
