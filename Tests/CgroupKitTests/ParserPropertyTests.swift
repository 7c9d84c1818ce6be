import Faults
import Testing

@testable import CgroupKit

@Suite struct ParserPropertyTests {
  /// Values made at random print text that parses to the same values.
  @Test func everyValueSurvivesItsText() throws {
    var random = Randomness(seed: 42)
    func survives<Value: KernelValue>(_ value: Value) throws {
      let again = try Value(parsing: value.kernelText)
      #expect(again == value, "\(value.kernelText)")
    }
    for _ in 0..<2000 {
      let device = DeviceNumber(
        major: UInt32(truncatingIfNeeded: random.number()), minor: UInt32(truncatingIfNeeded: random.number())
      )
      func limit<Amount: Quantity>() -> Limit<Amount> {
        random.next() % 3 == 0 ? .max : .at(Amount(random.number()))
      }
      func percent() -> Percent { Percent(hundredths: random.number()) }
      func time() -> Microseconds { Microseconds(random.number()) }
      try survives(Bytes(random.number()))
      try survives(percent())
      try survives(device)
      try survives(CPUMax(quota: random.next() % 3 == 0 ? nil : time(), period: time()))
      try survives(IOMax(device: device, rbps: limit(), wbps: limit(), riops: limit(), wiops: limit()))
      try survives(IOLatency(device: device, target: time()))
      try survives(
        IOCostQoS(
          device: device, isEnabled: random.next() % 2 == 0, control: random.next() % 2 == 0 ? .auto : .user,
          rpct: percent(), rlat: time(), wpct: percent(), wlat: time(), min: percent(), max: percent()))
      try survives(
        IOCostModel(
          device: device, rbps: Bytes(random.number()), rseqiops: Count(random.number()),
          rrandiops: Count(random.number()), wbps: Bytes(random.number()), wseqiops: Count(random.number()),
          wrandiops: Count(random.number())))
      try survives(RDMALimit(device: "mlx5_\(random.next())", hcaHandles: limit(), hcaObjects: limit()))
      try survives(MiscLimit(resource: "res\(random.next())", limit: limit()))
      let indexes = (0..<(random.next() % 40)).map { _ in UInt32(random.next() % 100) }
      let list = IndexList(indexes)
      #expect(list.count == Set(indexes).count)
      #expect((0..<100).allSatisfy { list.contains($0) == indexes.contains($0) })
      try survives(list)
    }
  }

  /// Whatever a file holds, a parser answers with a value or a fault, and what it takes it prints the same for ever.
  @Test(arguments: 0..<KernelTextParsers.all.count)
  func noTextEverTrapsAParser(index: Int) {
    let parser = KernelTextParsers.all[index]
    var random = Randomness(seed: UInt64(index) &+ 7)
    for round in 0..<4000 {
      var bytes = Array(parser.samples[Int(random.next() % UInt64(parser.samples.count))].utf8)
      for _ in 0..<(random.next() % 6) { mutate(&bytes, &random) }
      let isStable = bytes.withUnsafeBufferPointer { parser.check($0) }
      #expect(
        isStable, "\(parser.name), round \(round): \(String(decoding: bytes, as: UTF8.self).debugDescription)"
      )
    }
  }

  private static let words = [
    "max", "default", " ", "\n", "\t", "=", ":", "-", ",", ".", "0", "18446744073709551615",
    "18446744073709551616",
    "4294967296", "\0", "\u{ff}", "some", "invalid (", "\\040", "+", "avg10=", "8:0 ",
  ]

  private func mutate(_ bytes: inout [UInt8], _ random: inout Randomness) {
    let place = bytes.isEmpty ? 0 : Int(random.next() % UInt64(bytes.count))
    switch random.next() % 6 {
    case 0 where !bytes.isEmpty: bytes[place] = UInt8(truncatingIfNeeded: random.next())
    case 1 where !bytes.isEmpty: bytes.remove(at: place)
    case 2 where !bytes.isEmpty: bytes.removeSubrange(place...)
    case 3 where !bytes.isEmpty:
      let end = Int(random.next() % UInt64(bytes.count))
      bytes.insert(contentsOf: bytes[min(place, end)...max(place, end)], at: place)
    case 4: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
    default:
      bytes.insert(contentsOf: Self.words[Int(random.next() % UInt64(Self.words.count))].utf8, at: place)
    }
  }
}
