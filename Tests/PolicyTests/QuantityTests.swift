import Testing

@testable import Policy

@Suite struct QuantityTests {
  @Test(arguments: [
    ("0", 0), ("0B", 0), ("1B", 1), ("4KiB", 4096), ("128MiB", 134_217_728), ("1.5GiB", 1_610_612_736),
    ("1TiB", 1_099_511_627_776), ("1kB", 1000), ("20MB", 20_000_000), ("3GB", 3_000_000_000),
    ("0.5KiB", 512), ("18446744073709551615B", UInt64.max), ("16777215TiB", 18_446_742_974_197_923_840),
  ])
  func aSizeCountsBytes(text: String, bytes: UInt64) throws {
    #expect(try ByteSize(parsing: text).bytes == bytes)
  }

  @Test(arguments: [
    "", " 1MiB", "1 MiB", "1MiB ", "-1MiB", "+1MiB", "01MiB", "1mib", "1M", "1KB", "1_000B", "0x10B", "1e3B",
    "MiB",
    "1..5MiB", "1.MiB", ".5MiB", "1.3B", "18446744073709551616B", "16777216TiB", "99999999999999999999TiB",
    "1,5GiB", "１MiB", "1MiB\u{0}", "1.0000000001GiB", "18446744073709551615.5KiB", "512",
  ])
  func anythingElseIsNoSize(text: String) {
    #expect(throws: QuantityError.self) { try ByteSize(parsing: text) }
  }

  @Test func aSizeWithoutUnitIsRefusedWithOne() {
    #expect(throws: QuantityError("\"512\" has no unit", mend: "write 512MiB, for example, or 512B")) {
      try ByteSize(parsing: "512")
    }
  }

  @Test(arguments: [("64M", "MiB"), ("64mb", "MB"), ("64KB", "kB"), ("64gib", "GiB")])
  func anUnknownUnitIsMetWithTheLikelyOne(text: String, unit: String) {
    #expect {
      try ByteSize(parsing: text)
    } throws: {
      ($0 as? QuantityError)?.mend == "did you mean \(unit)?"
    }
  }

  @Test(arguments: [
    0, 1, 1000, 1023, 1024, 1500, 1 << 20, 3 << 30, 1_000_000_000_000, .max, .max - 1, 1 << 63,
  ])
  func aSizeRendersToTextThatParsesBack(bytes: UInt64) throws {
    let size = ByteSize(bytes: bytes)
    #expect(try ByteSize(parsing: size.description) == size)
  }

  @Test(arguments: [("80MiB/s", 83_886_080), ("1kB/s", 1000), ("0/s", 0), ("0B/s", 0)])
  func aRateCountsBytesInASecond(text: String, rate: UInt64) throws {
    #expect(try ByteRate(parsing: text).bytesPerSecond == rate)
    #expect(try ByteRate(parsing: ByteRate(bytesPerSecond: rate).description).bytesPerSecond == rate)
  }

  @Test(arguments: ["80MiB", "80/s", "80MiB/min", "/s", "", "80MiB/s/s", "0"])
  func anythingElseIsNoRate(text: String) {
    #expect(throws: QuantityError.self) { try ByteRate(parsing: text) }
  }

  @Test(arguments: [
    ("0", 0), ("1us", 1), ("20ms", 20_000), ("1.5s", 1_500_000), ("2min", 120_000_000), ("1h", 3_600_000_000),
  ])
  func aTimeCountsMicroseconds(text: String, microseconds: UInt64) throws {
    #expect(try TimeSpan(parsing: text).microseconds == microseconds)
    #expect(
      try TimeSpan(parsing: TimeSpan(microseconds: microseconds).description).microseconds == microseconds)
  }

  @Test(arguments: [
    "10", "10m", "10sec", "1.5us", "-1s", "5124095576030431h", "99999999999999999999s", "s", "1:30", "1s2ms",
    "inf",
  ])
  func anythingElseIsNoTime(text: String) {
    #expect(throws: QuantityError.self) { try TimeSpan(parsing: text) }
  }

  @Test func aTimeBeyondTheStandardLibrarysIsCutNotTrapped() {
    #expect(TimeSpan(microseconds: .max).duration == .microseconds(Int64.max))
  }

  @Test(arguments: [("150%", 15000), ("12.5%", 1250), ("0.01%", 1), ("100.00%", 10000), ("0%", 0)])
  func aPercentageCountsHundredths(text: String, points: UInt64) throws {
    let share = try Percentage(parsing: text)
    #expect(share.basisPoints == points)
    #expect(try Percentage(parsing: share.description) == share)
  }

  @Test(arguments: ["150", "1.5", "%", "12.345%", "-1%", "184467440737095517%", "1e2%", "150 %"])
  func anythingElseIsNoPercentage(text: String) {
    #expect(throws: QuantityError.self) { try Percentage(parsing: text) }
  }

  @Test(arguments: [
    ("0", "0", 1), ("0-1", "0-1", 2), ("3,0-1", "0-1,3", 3), ("0-3,2-5", "0-5", 6), ("1,2,3", "1-3", 3),
    ("8191", "8191", 1), ("0-8191", "0-8191", 8192),
  ])
  func aListOfProcessorsIsSortedAndJoined(text: String, rendered: String, count: Int) throws {
    let list = try CPUList(parsing: text)
    #expect(list.description == rendered)
    #expect(list.count == count)
    #expect(try CPUList(parsing: list.description) == list)
  }

  @Test(arguments: [
    "", "-", "1-", "-1", "2-1", "0,,1", "0,", "a", "0-1-2", "8192", "00", "1-02", "0 - 1", "0-6/2",
  ])
  func anythingElseIsNoListOfProcessors(text: String) {
    #expect(throws: QuantityError.self) { try CPUList(parsing: text) }
  }

  @Test func aHugeListOfProcessorsIsRefusedUnread() {
    #expect(throws: QuantityError.self) {
      try CPUList(parsing: String(repeating: "0,", count: 100_000) + "0")
    }
  }
}
