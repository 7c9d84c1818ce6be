import Testing

@testable import IOQoS

@Suite struct ThrottlePressureTests {
  private let size = PerDirection(read: 4096.0, write: 4096.0)

  private func line(operations: UInt64? = nil, bytes: UInt64? = nil) -> ThrottlePressure.Bounds {
    let direction = IOMaxLimits.Direction(operations: operations, bytes: bytes)
    return .init(standing: IOMaxLimits(PerDirection(read: direction, write: direction)))
  }

  private func reads(_ count: Double) -> PerDirection<Work> {
    PerDirection(read: Work(operations: count, bytes: count * 4096), write: .none)
  }

  private func hungry(_ perTick: Double, _ bounds: ThrottlePressure.Bounds, ticks: Int = 50) -> Bool {
    var pressure = ThrottlePressure()
    for _ in 0..<ticks { pressure.note(reads(perTick), size: size, bounds, 0.02, calm: true) }
    return pressure.isHungry
  }

  @Test func `who takes all that its line lets through waits, who takes half doesn't`() {
    #expect(hungry(4, line(operations: 205)))
    #expect(!hungry(2, line(operations: 205)))
    // Of 15 operations a second blk-throttle lets 10 through.
    #expect(hungry(0.2, line(operations: 15)))
  }

  @Test func `any number that binds is enough`() {
    #expect(hungry(1, line(operations: 100_000, bytes: 50 * 4096)))
    var pressure = ThrottlePressure()
    // Writes wait, reads hardly happen.
    for _ in 0..<50 {
      let work = PerDirection(read: Work(operations: 0.1, bytes: 410), write: Work(operations: 2, bytes: 8192))
      let bounds = ThrottlePressure.Bounds(paces: PerDirection(read: 100, write: 100), within: .none)
      pressure.note(work, size: size, bounds, 0.02, calm: true)
    }
    #expect(pressure.isHungry)
  }

  @Test func `without a line nobody waits`() {
    #expect(!hungry(1e6, line()))
  }

  @Test func `it takes half a second of asking for less to be believed, and no drain may have cut it short`() {
    var pressure = ThrottlePressure()
    let bounds = line(operations: 205)
    for _ in 0..<50 { pressure.note(reads(4), size: size, bounds, 0.02, calm: true) }
    for _ in 0..<5 { pressure.note(reads(0), size: size, bounds, 0.02, calm: true) }
    #expect(pressure.isHungry)
    for _ in 0..<50 { pressure.note(reads(0), size: size, bounds, 0.02, calm: false) }
    #expect(pressure.isHungry)
    for _ in 0..<5 { pressure.note(reads(0), size: size, bounds, 0.02, calm: true) }
    #expect(!pressure.isHungry)
  }
}
