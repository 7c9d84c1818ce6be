/// How much a device does per second, measured while it has more to do than it can.
///
/// A saturated disk measures itself: what completes is its capacity. So the estimate falls only by measurement over
/// a run of saturation, and never by a factor; cuts by factors ratchet. It is the counterpart of the bandwidth
/// filter of BBR (Cardwell et al., ACM Queue 14(5), 2016).
public struct CapacityEstimator: Sendable {
  /// The capacity in cost per second; nil until it was measured once or given.
  public private(set) var capacity: Double?
  /// What the present run of saturation measures, in cost per second; nil while it is too short.
  public private(set) var measured: Double?
  /// What the present run shows so far, however short, in cost per second; nil below 40 ms.
  public private(set) var provisional: Double?
  /// How long the last run was that showed anything, in nanoseconds, and what it showed in cost per second; it stays
  /// after the run's end, since a queue that was emptied has ended it.
  private(set) var shown: (run: Int64, capacity: Double, time: Int64)?
  /// For how long the device has been saturated without a break, in nanoseconds.
  public private(set) var run: Int64 = 0
  /// Whether the device has work and has completed nothing for far longer than its pace explains.
  public private(set) var stalled = false

  private var runStart: Int64?
  private let parameters: GovernorParameters

  /// Begins with a capacity that is known from calibration or from before a restart, or with none.
  public init(capacity: Double?, parameters: GovernorParameters) {
    self.capacity = capacity.flatMap { $0.isFinite && $0 > 0 ? min($0, 1e18) : nil }
    self.parameters = parameters
  }

  /// Takes a step's signals; `saturated` says whether a queue stood in the device throughout it.
  mutating func note(_ signals: DeviceSignals, saturated: Bool) {
    let silence = signals.time &- signals.lastCompletion
    let pace = signals.operations(over: 1_000_000_000)
    let patience = max(parameters.stallPatience, pace > 0 ? Int64(4e9 / pace) : 0)
    stalled = signals.inFlight > 0 && silence > patience
    if !saturated || stalled {
      runStart = nil
    } else if runStart == nil {
      runStart = signals.time
    }
    run = runStart.map { signals.time &- $0 } ?? 0
    provisional = run >= parameters.provisionalRun ? signals.delivered(over: run) : nil
    if let provisional, provisional > 0 { shown = (run, provisional, signals.time) }
    measured =
      run >= parameters.measuringRun ? signals.delivered(over: min(run, parameters.measuringWindow)) : nil
    if let value = measured, value <= 0 { measured = nil }
  }

  /// Forgets the present run, for instance since the readings have a gap.
  mutating func restart() {
    shown = nil
    runStart = nil
    run = 0
    measured = nil
    provisional = nil
    stalled = false
  }

  /// Forgets what earlier runs have shown.
  mutating func forgetShown() { shown = nil }

  /// Sets the estimate.
  mutating func set(_ value: Double) {
    guard value.isFinite, value > 0 else { return }
    capacity = min(max(value, 1e-6), 1e18)
  }

  /// Moves the estimate towards `value` with the time constant of ``GovernorParameters/followTime``.
  mutating func follow(_ value: Double, elapsed: Double) {
    guard let capacity else { return set(value) }
    let share = min(1, max(0, elapsed / (elapsed + parameters.followTime)))
    set(capacity + (value - capacity) * share)
  }
}
