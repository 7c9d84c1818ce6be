/// The governor's constants: times in nanoseconds, shares of the capacity as factors.
///
/// "Spike" names the measurements on throttled and service-model disks in the lab that the law comes from;
/// "simulation" the scenarios in Tests/IOQoSTests.
public struct GovernorParameters: Sendable {
  /// What the device lets through for free after a pause, in seconds of its capacity: 0 where calibration found no
  /// token bucket. QEMU's throttle has 0.1 (util/throttle.c: a bucket without a maximum holds a tenth of a second);
  /// 0.12 covers that where nothing is known.
  public var freeBurst = 0.12
  /// Whether that is more than a tick's burst: what calibration finds of a bare disk is its own noise.
  public var hasFreeBurst: Bool { freeBurst >= 0.05 }
  /// Mean latency without a queue that is assumed until it is known: a flash disk's, including the host's path.
  public var assumedLatency: Int64 = 500_000

  /// Saturation that must last before it measures: shorter and the tick's own bursts decide (spike).
  public var measuringRun: Int64 = 150_000_000
  /// The longest stretch that one measurement averages over (spike).
  public var measuringWindow: Int64 = 500_000_000
  /// Saturation after which the pace of draining, and nothing else, trusts what it shows: two ticks (simulation).
  public var provisionalRun: Int64 = 40_000_000
  /// Saturation that shows a fall below a share of the estimate without measuring for longer: so great a difference
  /// is no noise (simulation).
  public var decisiveRun: Int64 = 80_000_000
  /// That share.
  public var decisiveFall = 0.8
  /// A queue that is kept for measuring is given up after this (simulation).
  public var measuringPatience: Int64 = 400_000_000
  /// So many queues, each within a time of the one before, make the estimate suspect (simulation).
  public var suspicion = (queues: 3, time: Int64(1_000_000_000))
  /// Saturation that a first estimate takes (spike).
  public var learningRun: Int64 = 800_000_000
  /// Silence of a busy device that counts as a stall: more than two ticks; garbage collection takes 10-300 ms.
  public var stallPatience: Int64 = 50_000_000
  /// Time constant in seconds with which the estimate follows measurements in ``Order/Phase/share`` (spike).
  public var followTime = 0.15
  /// The share of the granted rate that counts as using it: BBR's rule for application-limited samples (spike: 0.93).
  public var limitedShare = 0.93

  /// For how long a target counts as active after its tenant's last operation (spike).
  public var targetHold: Int64 = 1_000_000_000

  /// The standing queue of ``Order/Phase/share`` in seconds of capacity: covers a tick and its jitter (spike).
  public var standingQueue = 0.02
  /// The least standing queue in operations: on a token bucket (spike), and on a bare disk, which orders what it has by
  /// position and is the faster the more that is. 32 is what a SATA disk takes (NCQ).
  public var leastStandingQueue = (bucket: 4.0, bare: 32.0)
  /// Time in seconds within which the standing queue's error is to be corrected (spike).
  public var shareTime = 0.2
  /// Least and greatest rate of ``Order/Phase/share`` (spike).
  public var shareRange = (least: 0.2, most: 1.25)
  /// How much more than the estimate is let in there while nothing waits: the first step and the greatest, as shares, each
  /// after so long (simulation).
  public var shareGain = (first: 0.05, most: 0.5, patience: Int64(150_000_000))
  /// The share of the standing queue that counts as saturation: near its own set point, for with a low one an
  /// actuator that falls short makes the estimate spiral down (spike).
  public var shareSaturation = 0.4

  /// Time in seconds in which a queue is to be emptied (spike).
  public var drainTime = 0.1
  /// The share of the capacity that is let in besides, behind a token bucket: with all of it the bucket stays without
  /// credit until the last of the queue (simulation).
  public var drainShare = 0.9
  /// A queue that takes longer than this is drained the more firmly, in proportion (simulation).
  public var drainExpected: Int64 = 200_000_000
  /// Least rate of ``Order/Phase/drain``, so that nobody's rate is 0 (spike).
  public var drainFloor = 0.03
  /// A queue that doesn't shrink for this long while it is drained isn't one (simulation).
  public var drainPatience: Int64 = 500_000_000
  /// How long at least, and at what share, credits are given back (spike), and for how many operations, as far as the
  /// bucket holds them (lab).
  public var refill = (time: Int64(200_000_000), share: 0.9, operations: 6.0)

  /// The time between two steps.
  public var tick: Int64 = 8_000_000

  /// Cruising on a device without a free burst: the parts of the delay allowance that the kept queue takes and that it
  /// may exceed it by before it is drained, its least in operations and in parts of a tick's burst, the time in seconds
  /// within which its error is corrected, the time constant in seconds with which the capacity follows that, and the
  /// first and the greatest step, as a share, by which the capacity is raised each time that nothing has waited for
  /// `patience` (simulation).
  public var steering = (
    part: 0.6, excess: 2.0, least: 1.0, tickPart: 0.4, time: 0.06, integralTime: 1.0, gain: 0.05, mostGain: 0.25,
    patience: Int64(150_000_000)
  )

  /// The part of the requests that the kernel keeps for a device without a free burst that may be in use while a target
  /// is active (lab).
  public var requestsPart = 0.8

  /// What an unexplained queue takes off the utilisation, what all of them may take, and what returns per second:
  /// the guard band absorbs them and the capacity doesn't (spike).
  public var guardBand = (step: 0.004, most: 0.04, returned: 0.001)
  /// How much higher than in ``Order/Phase/probe`` the latency may rise while cruising (spike: 2.5).
  public var cruiseTolerance = 2.5
  /// For how long evidence is ignored after cruising begins, while the drained queue is still in the mean.
  public var settling: Int64 = 100_000_000
  /// When cruising has lasted this long, its mean latency becomes the base (spike).
  public var baseAfter: Int64 = 300_000_000
  /// Time constant in seconds with which the base rises (spike).
  public var baseRise = 5.0
  /// A queue is evidence above: operations + seconds of capacity + share of what service explains (spike).
  public var queueEvidence = (operations: 2.0, seconds: 0.005, service: 0.7)
  /// A device is saturated above: operations + share of what service explains (spike).
  public var saturation = (operations: 1.5, service: 0.4)

  /// Time between probes (spike: 8 s), and the shorter one for so long after the capacity fell: what was taken away
  /// for a while comes back (simulation).
  public var probeInterval = (
    usual: Int64(8_000_000_000), afterFall: Int64(2_000_000_000), soon: Int64(60_000_000_000)
  )
  /// The first gain of a probe above 1; the queue that it makes until it is noticed is 60 ms of it (spike: 3-5 %).
  public var probeGain = 0.05
  /// The greatest gain above 1, and the same in seconds of noticing that the delay allowance has to cover (simulation).
  public var probeGainMost = (gain: 0.25, noticing: 0.006)
  /// A probe that shows nothing ends after this (spike).
  public var probeTime: Int64 = 8_000_000_000
  /// A probe that nobody's demand feeds ends after this (spike).
  public var probeIdle: Int64 = 500_000_000

  /// The constants as measured.
  public init() {}

}
