import Faults

/// What admission found.
public struct AdmissionVerdict: Sendable, Equatable {
  /// Why not; empty where the set is admitted.
  public var refusals: [AdmissionRefusal]
  /// The utilisation at which every target is kept.
  public var utilisation: Double
  /// The device time that can be promised there, in nanoseconds each second; 0 without a calibration.
  public var capacity: Double
  /// The device time that the reservations need, the host's among them, in nanoseconds each second.
  public var reserved: Double
  /// What is left to sell at each latency, from the tightest to the loosest.
  public var offers: [Offer]

  /// Whether the set is admitted.
  public var isAdmitted: Bool { refusals.isEmpty }

  /// The refusals as one error, the first with the others behind it; `nil` where the set is admitted.
  public var fault: Fault? { Fault(joining: refusals.lazy.map(\.fault)) }

  /// What could still be promised beside the set to one whose reads keep a p99.
  public struct Offer: Sendable, Equatable {
    /// The p99 of reads, in nanoseconds; `nil` without any target of its own.
    public var p99: Int64?
    /// The utilisation that keeps it and the set's targets.
    public var utilisation: Double
    /// The device time left there, in nanoseconds each second.
    public var deviceTime: Double
    /// So many random reads of 4 KiB a second, or
    public var operations: Double
    /// so many bytes a second, read in 128 KiB.
    public var bytes: Double
  }
}
