import Faults
import IOCalibration

/// A disk in virtual time: parallel channels, linear service times, a token bucket in front, and burst credits.
final class SimulatedDisk {
  struct Parameters {
    var channels = 1
    /// Nanoseconds.
    var readBase = 100_000.0
    var writeBase = 150_000.0
    var readPage = 2_000.0
    var writePage = 4_000.0
    /// Taken off where an IO continues the last one.
    var seek = 0.0
    /// By how much a service time varies, as a share of it.
    var jitter = 0.0
    /// A token bucket: IOs in a second, bytes in a second, and the seconds of them that it holds.
    var iops: Double?
    var bandwidth: Double?
    var depth = 0.1
    /// IOs that are let through at `creditedIOPS` before `iops` holds.
    var credits = 0.0
    var creditedIOPS = 0.0
    /// After so many IOs, each fails.
    var failsAfter = Int.max
    /// By chance, one wait in `pauses` ends so many nanoseconds late: the processor was elsewhere.
    var pauses = 0
    var pause: Int64 = 0
  }

  let parameters: Parameters
  var now: Int64 = 0
  private var free: [Int64]
  private var pending: [IOCompletion] = []
  private var random: UInt64 = 0x9e37_79b9
  private var nextOffset = -1
  private var ioTokens: Double
  private var byteTokens: Double
  private var credits: Double
  private var gate: Int64 = 0
  private var done = 0

  init(_ parameters: Parameters) {
    self.parameters = parameters
    free = Array(repeating: 0, count: parameters.channels)
    ioTokens = (parameters.iops ?? 0) * parameters.depth
    byteTokens = (parameters.bandwidth ?? 0) * parameters.depth
    credits = parameters.credits
  }

  func submit(_ request: IORequest) throws(Fault) {
    done += 1
    guard done <= parameters.failsAfter else {
      throw Fault(.ioFailed, "an IO failed while the disk was measured", path: "simulated")
    }
    // A system call takes its time, and so virtual time goes on in any case.
    now += 500
    let admitted = admit(request)
    let channel = free.indices.min { free[$0] < free[$1] } ?? 0
    let pages = Double(max(request.length / 4096, 1))
    var service =
      request.isWrite
      ? parameters.writeBase + pages * parameters.writePage : parameters.readBase + pages * parameters.readPage
    if request.offset == nextOffset { service -= parameters.seek }
    nextOffset = request.offset + request.length
    service *= 1 + parameters.jitter * (unit() * 2 - 1)
    let start = max(admitted, free[channel])
    free[channel] = start + Int64(service)
    insert(IOCompletion(slot: request.slot, time: free[channel]))
  }

  func reap(until deadline: Int64, into completions: inout [IOCompletion]) {
    completions.removeAll(keepingCapacity: true)
    if let first = pending.last, first.time <= max(deadline, now) {
      now = max(now, first.time)
      hesitate()
      while let next = pending.last, next.time <= now {
        completions.append(IOCompletion(slot: next.slot, time: now))
        pending.removeLast()
      }
    } else {
      now = max(now, deadline)
      hesitate()
      while let next = pending.last, next.time <= now {
        completions.append(IOCompletion(slot: next.slot, time: now))
        pending.removeLast()
      }
    }
  }

  /// When the buckets let an IO through; in order.
  private func admit(_ request: IORequest) -> Int64 {
    let from = max(now, gate)
    let passed = Double(from - gate) / 1e9
    gate = from
    var wait = 0.0
    if let iops = parameters.iops {
      let rate = credits > 0 ? parameters.creditedIOPS : iops
      credits -= 1
      ioTokens = min(ioTokens + passed * rate, rate * parameters.depth) - 1
      if ioTokens < 0 {
        wait = -ioTokens / rate
      }
    }
    if let bandwidth = parameters.bandwidth {
      byteTokens = min(byteTokens + passed * bandwidth, bandwidth * parameters.depth) - Double(request.length)
      if byteTokens < 0 { wait = max(wait, -byteTokens / bandwidth) }
    }
    // The wait refills what was overdrawn.
    if wait > 0 {
      if let iops = parameters.iops { ioTokens += wait * (credits > 0 ? parameters.creditedIOPS : iops) }
      if let bandwidth = parameters.bandwidth { byteTokens += wait * bandwidth }
      gate += Int64(wait * 1e9)
    }
    return gate
  }

  /// Keeps `pending` by falling time.
  private func insert(_ completion: IOCompletion) {
    var index = pending.count
    while index > 0, pending[index - 1].time < completion.time { index -= 1 }
    pending.insert(completion, at: index)
  }

  private func hesitate() {
    guard parameters.pauses > 0, unit() * Double(parameters.pauses) < 1 else { return }
    now += parameters.pause
  }

  private func unit() -> Double {
    random ^= random << 13
    random ^= random >> 7
    random ^= random << 17
    return Double(random >> 11) / 9_007_199_254_740_992
  }
}

/// The engine that measures a simulated disk.
struct SimulatedEngine: IOEngine {
  let disk: SimulatedDisk
  let method = "simulated"
  var slots = 1024
  let size = 64 << 20
  let largestIO = 256 << 10
  var now: Int64 { disk.now }
  var processorTime: Int64 { 0 }

  mutating func submit(_ request: IORequest) throws(Fault) { try disk.submit(request) }
  mutating func reap(until deadline: Int64, into completions: inout [IOCompletion]) throws(Fault) {
    disk.reap(until: deadline, into: &completions)
  }
}

extension SimulatedDisk {
  static let measured = MeasuredDisk(id: "sim/ulated", name: "sim", number: "1:2", model: "A & <B>", size: 1 << 30)

  /// Measures a disk with these parameters.
  static func calibrate(_ parameters: Parameters, plan: CalibrationPlan = .quick) throws(Fault) -> Calibration {
    let calibrator = Calibrator(
      SimulatedEngine(disk: SimulatedDisk(parameters)), plan: plan, isCancelled: { false }, report: { _ in })
    return try calibrator.calibrate(disk: measured, target: "nothing", date: 1_700_000_000)
  }
}
