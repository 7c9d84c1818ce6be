import Faults
import Glibc

/// Puts loads on an engine's disk, one after the other, and measures them.
///
/// Nothing is allocated while a load runs: on a slow processor that would be measured too.
///
/// In an open load an IO's latency counts from its intended start, so that what the disk holds up (no slot free, a
/// submission that blocks) is in it. A pause of this thread's own is not: where a wait ended much later than it was to,
/// the arrivals that follow are put off by as much, and IOs that ended meanwhile, nobody knows when, aren't counted.
/// How much time was lost so is reported. What a timer is usually late by counts as latency: putting off arrivals for
/// it would thin the load out.
struct LoadGenerator<Engine: IOEngine & ~Copyable>: ~Copyable {
  var engine: Engine
  private var random = SplitMix(seed: 0x10ca1)
  private var latencies = TimeHistogram()
  /// For each slot, when its IO was meant to start.
  private var starts: [Int64]
  private var free: [Int]
  private var completions: [IOCompletion] = []
  private var position = 0
  /// Whether to stop; asked every 50 ms or so.
  private let isCancelled: () -> Bool
  private var asked: Int64 = 0

  init(_ engine: consuming Engine, isCancelled: @escaping () -> Bool) {
    starts = Array(repeating: 0, count: engine.slots)
    free = Array(0..<engine.slots)
    completions.reserveCapacity(engine.slots)
    self.engine = engine
    self.isCancelled = isCancelled
  }

  /// Runs a load to its end and waits for its last IO.
  mutating func run(_ load: Load) throws(Fault) -> LoadResult {
    latencies.clear()
    var windows = [UInt32](
      repeating: 0, count: Int((load.warmUp + load.duration) / LoadResult.window) + 1)
    let start = engine.now
    let measured = start + load.warmUp
    let end = measured + load.duration
    let depth: Int
    var intended = start
    var interval = 0.0
    switch load.arrival {
    case .closed(let wanted): depth = min(max(wanted, 1), engine.slots)
    case .open(let rate):
      depth = engine.slots
      interval = 1e9 / max(rate, 0.001)
      intended += gap(interval)
    }
    let isOpen = interval > 0
    var now = start
    var processor = engine.processorTime
    var completed = 0
    var isWarm = load.warmUp == 0
    var lost: Int64 = 0
    var unseen = 0
    while now < end {
      if !isWarm, now >= measured {
        isWarm = true
        processor = engine.processorTime
      }
      while inFlight < depth, now < end, !isOpen || intended <= now {
        let began = isOpen ? intended : now
        try startOne(load, intended: began)
        if isOpen { intended += gap(interval) }
        now = engine.now
      }
      // Never longer than the question whether to stop may wait.
      let patience = isOpen && inFlight < depth ? min(end, intended) : end
      let until = max(now, min(patience, now + 50_000_000))
      try engine.reap(until: until, into: &completions)
      now = engine.now
      let pause = now - until
      let isBlind = isOpen && pause > Self.blindness
      if isBlind {
        intended += pause
        if isWarm { lost += min(pause, now - measured) }
      }
      for completion in completions {
        free.append(completion.slot)
        let window = Int((completion.time - start) / LoadResult.window)
        if windows.indices.contains(window) { windows[window] &+= 1 }
        guard completion.time >= measured, completion.time <= end else { continue }
        completed += 1
        guard !isBlind else {
          unseen += 1
          continue
        }
        latencies.note(completion.time - starts[completion.slot])
      }
      try askWhetherToStop(now)
    }
    let processorUsed = engine.processorTime - processor
    // What is still under way in an open loop counts as well: those are the slow ones.
    try drain(counting: isOpen)
    return LoadResult(
      completed: completed, elapsed: load.duration, length: load.length,
      p50: latencies.percentile(0.5) ?? 0, p99: latencies.percentile(0.99) ?? 0,
      p999: latencies.count >= 1000 ? latencies.percentile(0.999) : nil,
      lost: min(lost, load.duration), unseen: unseen,
      processorShare: Double(processorUsed) / Double(max(load.duration, 1)), windows: windows)
  }

  /// Writes the whole region from its start, so that no hole and no unwritten block is measured later; ends early at
  /// the deadline, in nanoseconds from now. Answers how many bytes were written.
  mutating func writeAll(within patience: Int64) throws(Fault) -> Int {
    let length = min(1 << 20, engine.largestIO)
    let deadline = engine.now + patience
    var offset = 0
    while engine.size - offset >= length, engine.now < deadline {
      while inFlight < 8, engine.size - offset >= length {
        guard let slot = free.popLast() else { break }
        try engine.submit(IORequest(slot: slot, isWrite: true, offset: offset, length: length))
        offset += length
      }
      try engine.reap(until: engine.now + 50_000_000, into: &completions)
      for completion in completions { free.append(completion.slot) }
      try askWhetherToStop(engine.now)
    }
    try drain(counting: false)
    region = offset
    return offset
  }

  /// The bytes, from the region's start, that loads use.
  private var region = 0

  /// Lets the disk be for so many nanoseconds.
  mutating func rest(_ nanoseconds: Int64) throws(Fault) {
    let end = engine.now + nanoseconds
    while engine.now < end {
      try engine.reap(until: min(end, engine.now + 50_000_000), into: &completions)
      try askWhetherToStop(engine.now)
    }
  }

  /// A wait that ends later than this, in nanoseconds, wasn't the timer's: the processor was elsewhere.
  private static var blindness: Int64 { 1_000_000 }

  private var inFlight: Int { engine.slots - free.count }

  private mutating func gap(_ interval: Double) -> Int64 { max(1, Int64(-log(random.unit()) * interval)) }

  private mutating func startOne(_ load: Load, intended: Int64) throws(Fault) {
    guard let slot = free.popLast() else { return }
    let places = max(1, (region > 0 ? region : engine.size) / load.length)
    if load.isSequential {
      position = position + 1 < places ? position + 1 : 0
    } else {
      position = random.below(places)
    }
    let isWrite = load.writeShare > 0 && random.unit() <= load.writeShare
    starts[slot] = intended
    try engine.submit(IORequest(slot: slot, isWrite: isWrite, offset: position * load.length, length: load.length))
  }

  private mutating func drain(counting: Bool) throws(Fault) {
    while inFlight > 0 {
      try engine.reap(until: engine.now + 50_000_000, into: &completions)
      for completion in completions {
        free.append(completion.slot)
        if counting { latencies.note(completion.time - starts[completion.slot]) }
      }
      try askWhetherToStop(engine.now)
    }
  }

  private mutating func askWhetherToStop(_ now: Int64) throws(Fault) {
    guard now - asked >= 50_000_000 else { return }
    asked = now
    if isCancelled() { throw Fault(.ioInterrupted, "the measurement was interrupted") }
  }
}
