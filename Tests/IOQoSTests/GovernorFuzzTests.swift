import IOQoS
import Testing

/// Nothing that a counter, a clock or a price can say makes the law trap or order a rate that isn't one.
@Suite struct GovernorFuzzTests {
  private static func hostile(_ random: inout SplitMix64, _ last: DeviceReading) -> DeviceReading {
    var reading = last
    func wild() -> UInt64 {
      switch random.next() % 5 {
      case 0: 0
      case 1: .max
      case 2: random.next()
      case 3: random.next() >> (random.next() % 64)
      default: 1 << 53
      }
    }
    switch random.next() % 8 {
    case 0: reading.time = Int64(bitPattern: wild())
    case 1: break
    case 2: reading.time &-= Int64(random.next() % 1_000_000_000)
    default: reading.time &+= Int64(random.next() % 60_000_000)
    }
    for direction in IODirection.allCases {
      if random.next() % 20 == 0 {
        reading.completed[direction] = IOCount(operations: wild(), bytes: wild())
      } else {
        reading.completed[direction].operations &+= random.next() % 40
        reading.completed[direction].bytes &+= random.next() % 1_000_000
      }
    }
    reading.latencySum = random.next() % 15 == 0 ? Int64(bitPattern: wild()) : last.latencySum &+ 1_000_000
    reading.inFlight = random.next() % 10 == 0 ? Int(truncatingIfNeeded: wild()) : Int(random.next() % 1024)
    return reading
  }

  @Test(arguments: 1...UInt64(20)) func `orders a finite rate above 0 whatever it reads`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let odd: [Double] = [0, -1, .nan, .infinity, 1e300, .leastNonzeroMagnitude, 1, 125_000]
    var governor = Governor(capacity: odd.randomElement(using: &random))
    var pacer = RatePacer()
    var reading = DeviceReading(
      time: 0, completed: PerDirection(read: .zero, write: .zero), latencySum: 0, inFlight: 0)
    for _ in 0..<1500 {
      reading = Self.hostile(&random, reading)
      let number = odd.randomElement(using: &random) ?? 1
      let price =
        random.next() % 3 == 0
        ? WorkPrice(
          perOperation: PerDirection(read: number, write: 1), perByte: PerDirection(read: number, write: number))
        : .operations
      let point =
        random.next() % 3 == 0
        ? nil
        : OperatingPoint(
          utilisation: number, delayAllowance: Int64(bitPattern: random.next()),
          unloadedLatency: random.next() % 2 == 0 ? nil : Int64(bitPattern: random.next()))
      let order = governor.step(reading, price: price, point: point)
      if let rate = order.rate { #expect(rate.isFinite && rate > 0, "seed \(seed): \(order)") }
      if let capacity = order.capacity { #expect(capacity.isFinite && capacity > 0, "seed \(seed): \(order)") }
      #expect(!order.reason.description.isEmpty)
      pacer.note(time: reading.time, dispatched: reading.completed, price: price)
      let period = RatePacer.period(heldBack: Int(truncatingIfNeeded: random.next()))
      let line = pacer.line(
        rate: random.next() % 9 == 0 ? number : order.rate, time: reading.time,
        jiffyTime: Int64(bitPattern: random.next()),
        period: period, price: price,
        limited: order.limited, steady: order.phase == .cruise)
      for limit in [line?.limits.read, line?.limits.write].compactMap({ $0 }) {
        #expect(limit.operations ?? 1 > 0 && limit.bytes ?? 1 > 0, "seed \(seed): io.max refuses 0")
      }
    }
  }

  @Test func `a clock that stands still changes nothing`() {
    var governor = Governor(capacity: 800)
    let reading = DeviceReading(
      time: 5, completed: PerDirection(read: .zero, write: .zero), latencySum: 0, inFlight: 3)
    _ = governor.step(reading, price: .operations, point: nil)
    let before = governor.order
    #expect(governor.step(reading, price: .operations, point: nil) == before)
  }
}
