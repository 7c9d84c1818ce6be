import Testing

@testable import IOQoS

@Suite struct UseHistoryTests {
  private static let price = WorkPrice(
    perOperation: PerDirection(read: 2, write: 3), perByte: PerDirection(read: 0, write: 0))

  private func count(_ reads: UInt64, _ writes: UInt64 = 0) -> PerDirection<IOCount> {
    PerDirection(
      read: IOCount(operations: reads, bytes: reads * 4096), write: IOCount(operations: writes, bytes: writes * 512))
  }

  @Test func `use is what was added over the window, in both directions`() {
    var history = UseHistory()
    for step in 0...100 {
      _ = history.note(count(UInt64(step), UInt64(2 * step)), at: Int64(step) * 20_000_000, price: Self.price)
    }
    // 50 reads and 100 writes a second.
    #expect(abs(history.used(over: 500_000_000) - 400) < 1e-6)
    let rates = history.rates(over: 500_000_000)
    #expect(abs(rates.read.operations - 50) < 1e-6 && abs(rates.write.operations - 100) < 1e-6)
    #expect(abs(rates.write.bytes - 51_200) < 1e-6)
  }

  @Test func `readings closer than its grain don't shorten its reach`() {
    var history = UseHistory()
    for step in 0...1000 { _ = history.note(count(UInt64(step)), at: Int64(step) * 1_000_000, price: Self.price) }
    // Busy for the first half of the last second only.
    for step in 1001...1500 { _ = history.note(count(1000), at: Int64(step) * 1_000_000, price: Self.price) }
    #expect(history.used(over: 100_000_000) == 0)
    #expect(history.used(over: 500_000_000) < 100)
  }

  @Test func `a counter that goes back begins anew and nothing is made up`() {
    var history = UseHistory()
    _ = history.note(count(1000), at: 0, price: Self.price)
    #expect(history.note(count(1100), at: 20_000_000, price: Self.price) != nil)
    #expect(history.note(count(50), at: 40_000_000, price: Self.price) == nil)
    #expect(history.used(over: 500_000_000) == 0)
    #expect(history.note(count(60), at: 60_000_000, price: Self.price)?.read.operations == 10)
    #expect(abs(history.used(over: 500_000_000) - 1000) < 1e-6)
  }

  @Test func `a clock that stands still changes nothing, and one that goes back begins anew`() {
    var history = UseHistory()
    _ = history.note(count(0), at: 0, price: Self.price)
    _ = history.note(count(10), at: 20_000_000, price: Self.price)
    let before = history.used(over: 500_000_000)
    #expect(history.note(count(5000), at: 20_000_000, price: Self.price) == nil)
    #expect(history.used(over: 500_000_000) == before)
    #expect(history.note(count(5000), at: 10_000_000, price: Self.price) == nil)
    #expect(history.used(over: 500_000_000) == 0)
  }

  @Test func `it survives the ends of the clock and the counters`() {
    var history = UseHistory()
    let ends: [Int64] = [.min, .max, 0, -1, .max - 1, .min + 1]
    for (index, time) in (ends + ends.reversed()).enumerated() {
      _ = history.note(count(index % 2 == 0 ? 0 : UInt64.max >> 12), at: time, price: Self.price)
      for window in [Int64.min, -1, 0, 1, .max] {
        #expect(history.used(over: window) >= 0)
        #expect(history.rates(over: window).read.operations >= 0)
      }
    }
  }
}
