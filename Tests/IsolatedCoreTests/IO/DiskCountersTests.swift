import CgroupKit
import Faults
import Testing

@testable import IsolatedCore

@Suite struct DiskCountersTests {
  private func line(_ text: String) -> DiskCounters.Line? {
    Array(text.utf8).withUnsafeBufferPointer { DiskCounters.Line($0) }
  }

  @Test func aLineOfAnyKernelIsRead() {
    let old = line(
      "    1000        0     8000     4294967295       20        0       40       7        3      900      910\n")
    #expect(old?.completed.read.operations == 1000 && old?.completed.read.bytes == 4_096_000)
    #expect(old?.completed.write.bytes == 20480)
    #expect(old?.milliseconds.read == .max)
    #expect(line("1 2 3 4 5 6 7 8 9") != nil)
  }

  @Test(arguments: [
    "", "\n", "1 2 3 4 5 6 7 8", "1 2 3 4 5 6 7 8 x", "1 2 3 4 5 6 7 8 9x", "1 2 3 -4 5 6 7 8 9",
    "18446744073709551616 2 3 4 5 6 7 8 9", "1 2 18446744073709551615 4 5 6 7 8 9", "1\t2 3 4 5 6 7 8 9",
    "1 2 3 4\n5 6 7 8 9", "\0\0\0\0\0\0\0\0\0\0\0", "1 2 3 4 5 6 7 8 ٣",
  ])
  func whatIsNoLineIsRefused(_ text: String) { #expect(line(text) == nil) }

  @Test func noBytesMakeItTrap() {
    var random = SystemRandomNumberGenerator()
    let alphabet = Array("0123456789 \n-x\0".utf8) + [0xff]
    for _ in 0..<20_000 {
      let bytes = (0..<Int.random(in: 0..<80, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? 0 }
      let read = bytes.withUnsafeBufferPointer { DiskCounters.Line($0) }
      #expect(read == nil || bytes.contains(UInt8(ascii: " ")))
    }
  }

  @Test func latenciesGoOnWhereTheKernelsCountersWrap() throws {
    let host = try FakeIOHost()
    host.put("1 0 8 4294967290 1 0 8 10 0", "sys/259:3/stat")
    host.put("       5        7\n", "sys/259:3/inflight")
    var counters = try DiskCounters(FakeIOHost.disk.number, sysfs: host.root + "/sys")
    #expect(try counters.read(at: 1).latencySum == 0)
    host.put("2 0 16 4 2 0 16 30 12", "sys/259:3/stat")
    let reading = try counters.read(at: 2)
    #expect(reading.latencySum == 30_000_000 && reading.inFlight == 12)
  }

  @Test func aDiskThatIsntThereIsSaid() throws {
    let host = try FakeIOHost()
    do throws(Fault) {
      _ = try DiskCounters(DeviceNumber(major: 1, minor: 1), sysfs: host.root + "/sys")
      Issue.record("it was opened")
    } catch {
      #expect(error.path?.hasSuffix("/sys/1:1/stat") == true)
    }
  }
}
