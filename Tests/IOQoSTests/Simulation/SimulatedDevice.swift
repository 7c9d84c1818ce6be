import IOQoS

/// A disk in virtual time: parallel channels behind a first-in-first-out queue, and perhaps a token bucket before them.
///
/// Since nothing overtakes and the schedule of capacities is known, an operation's end is known when it comes in.
struct SimulatedDevice {
  /// Speed against nominal from a time on.
  struct Speed {
    var from: Int64
    var factor: Double
  }

  var channels = 1
  /// Nanoseconds per operation and per byte.
  var base = PerDirection(read: 100_000.0, write: 100_000.0)
  var perByte = PerDirection(read: 0.0, write: 0.0)
  var sigma = 0.0
  /// Operations per second; nil: no bucket. As in QEMU, it holds a tenth of a second's worth.
  var bucketRate: Double?
  var bucketSeconds = 0.1
  /// Bytes per second that a bucket of their own lets through, beside the one of operations; nil: none.
  var bucketBytes: Double?
  var speeds: [Speed] = [Speed(from: 0, factor: 1)]
  /// While one of these lasts, nothing begins.
  var stalls: [Range<Int64>] = []
  /// Requests. With no more of them than channels, whoever waits waits for one, and no counter knows of him.
  var tags = 1023

  private(set) var completed = PerDirection(read: IOCount.zero, write: IOCount.zero)
  private(set) var latencySum: Int64 = 0
  private(set) var held = 0
  private var channelFree: [Int64] = []
  private var level = 0.0
  private var leaked: Int64 = 0
  private var byteLevel = 0.0
  private var byteTime: Int64 = 0
  private var lastStart: Int64 = 0
  private var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  /// A volume behind a token bucket or a bare disk of some hundred to some thousand operations a second.
  init(random: inout SplitMix64, seed: UInt64, isVolume: Bool? = nil) {
    self.init(seed: seed)
    sigma = [0, 0.1, 0.3, 0.5].randomElement(using: &random) ?? 0
    let hasBucket = random.unit() < 0.5
    if isVolume ?? hasBucket {
      channels = 64
      base = PerDirection(read: 100_000 + 300_000 * random.unit(), write: 100_000 + 300_000 * random.unit())
      bucketRate = 400 * (1 + 4 * random.unit())
    } else {
      // The faster the channels, the more of them fit below a few thousand operations per second.
      channels = [1, 2, 4, 8].randomElement(using: &random) ?? 1
      let pace = 500 * (1 + 3 * random.unit())
      let base = Double(channels) / pace * 1e9
      self.base = PerDirection(read: base, write: base * (0.7 + 0.8 * random.unit()))
      perByte = PerDirection(read: base / 1e6 * random.unit(), write: base / 1e6 * random.unit())
    }
  }

  /// What its operations cost, so that its capacity at nominal speed is ``CostModel/wholeDevice``.
  var cost: CostModel {
    func prices(_ base: Double, _ perByte: Double) -> CostModel.Prices {
      CostModel.Prices(randomBase: base, sequentialBase: base, perPage: perByte * CostModel.pageSize)
    }
    if let bucketRate {
      if let bucketBytes { return CostModel(operationsCap: bucketRate, bytesCap: bucketBytes) }
      let one = prices(CostModel.wholeDevice / bucketRate, 0)
      return CostModel(read: one, write: one)
    }
    let k = Double(channels)
    return CostModel(
      read: prices(base.read / k, perByte.read / k), write: prices(base.write / k, perByte.write / k))
  }

  var price: WorkPrice {
    let prices = cost.prices
    var price = WorkPrice(
      perOperation: PerDirection(read: prices.read.randomBase, write: prices.write.randomBase),
      perByte: PerDirection(
        read: prices.read.perPage / CostModel.pageSize, write: prices.write.perPage / CostModel.pageSize))
    price.isCapped = cost.isCapped
    return price
  }

  /// The true capacity in cost per second.
  func capacity(at time: Int64) -> Double { CostModel.wholeDevice * speed(at: time) }

  func speed(at time: Int64) -> Double {
    var factor = 1.0
    for speed in speeds where speed.from <= time { factor = speed.factor }
    return factor
  }

  /// Takes an operation in and says when it will end.
  mutating func submit(_ operation: inout SimulatedOperation, at now: Int64) -> Int64 {
    if channelFree.isEmpty { channelFree = [Int64](repeating: 0, count: channels) }
    held += 1
    var start = max(now, lastStart)
    if let bucketRate { start = passBucket(from: start, rate: bucketRate, bytes: operation.bytes) }
    var best = 0
    for channel in 1..<max(1, channels) where channelFree[channel] < channelFree[best] { best = channel }
    start = max(start, channelFree[best])
    for stall in stalls where stall.contains(start) { start = stall.upperBound }
    if bucketRate == nil { lastStart = max(lastStart, start) }
    let direction = operation.isWrite ? IODirection.write : .read
    let mean = base[direction] + Double(operation.bytes) * perByte[direction]
    let slowness = bucketRate == nil ? speed(at: start) : 1
    let end = start + max(1, Int64(mean * random.logNormal(sigma: sigma) / slowness))
    channelFree[best] = end
    operation.entered = tags <= channels ? start : now
    return end
  }

  mutating func complete(_ operation: SimulatedOperation, at now: Int64) {
    held -= 1
    let direction = operation.isWrite ? IODirection.write : .read
    completed[direction].operations += 1
    completed[direction].bytes += UInt64(operation.bytes)
    latencySum += now - operation.entered
  }

  /// What the kernel's counters would say.
  func reading(at time: Int64) -> DeviceReading {
    DeviceReading(
      time: time, jiffyTime: time / SimulatedThrottle.jiffy * SimulatedThrottle.jiffy, completed: completed,
      latencySum: latencySum, inFlight: min(held, tags))
  }

  /// QEMU's leaky bucket: waits until the level leaves room, through changes of the rate.
  private mutating func passBucket(from start: Int64, rate: Double, bytes: Int) -> Int64 {
    var now = start
    if let bucketBytes {
      byteLevel = max(0, byteLevel - Double(start - byteTime) / 1e9 * bucketBytes)
      now += Int64(max(0, byteLevel - bucketSeconds * bucketBytes) / bucketBytes * 1e9)
      byteLevel = max(0, byteLevel - Double(now - start) / 1e9 * bucketBytes) + Double(bytes)
      byteTime = now
    }
    level = max(0, level - leak(from: leaked, to: now, rate: rate))
    while true {
      let speed = rate * self.speed(at: now)
      let excess = level - bucketSeconds * speed
      if excess <= 1e-9 { break }
      let wait = max(1, Int64(excess / speed * 1e9) + 1)
      let change = speeds.first { $0.from > now && $0.from < now + wait }?.from ?? now + wait
      level = max(0, level - leak(from: now, to: change, rate: rate))
      now = change
    }
    leaked = now
    lastStart = now
    level += 1
    return now
  }

  private func leak(from: Int64, to: Int64, rate: Double) -> Double {
    var amount = 0.0
    var begin = from
    while begin < to {
      let end = speeds.first { $0.from > begin && $0.from < to }?.from ?? to
      amount += rate * speed(at: begin) * Double(end - begin) / 1e9
      begin = end
    }
    return amount
  }
}
