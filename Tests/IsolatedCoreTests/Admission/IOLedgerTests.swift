import Faults
import IOCalibration
import IOPlanning
import IOQoS
import Policy
import Testing

@testable import IsolatedCore

@Suite struct IOLedgerTests {
  private var ledger = IOLedger()

  private mutating func admit(
    _ name: String, _ line: String, reading: IOLedger.Reading? = nil, written: [FileSystemUse] = []
  ) throws -> [IOAssignment] {
    let ask = (policy: try SampleDisk.entry(line), reading: try reading ?? SampleDisk.reading())
    return try ledger.admit(name, asks: [ask], written: written, now: SampleDisk.now)
  }

  private mutating func refusal(_ name: String, _ line: String, reading: IOLedger.Reading? = nil) throws -> Fault? {
    do {
      _ = try admit(name, line, reading: reading)
      return nil
    } catch let fault as Fault {
      return fault
    }
  }

  @Test mutating func whatFitsIsAssignedWithItsDiskAndModel() throws {
    let assignment = try #require(try admit("web", "reservation: {iops: 300}").first)
    #expect(assignment.tenant == "web" && assignment.disk.name == "sda" && assignment.disk.id == "id-sda")
    #expect(assignment.promise.reservation.together.operations == 300)
    #expect(assignment.model != nil)
  }

  @Test mutating func theDiskIsNeverSoldTwiceAndTheRefusalSaysWhatWouldFit() throws {
    _ = try admit("web", "reservation: {iops: 700}")
    let fault = try #require(try refusal("db", "reservation: {iops: 400}"))
    #expect(fault.code == .ioReservationsExceedCapacity)
    #expect(fault.message.contains("ms of disk time a second"))
    #expect(fault.mend?.hasPrefix("db could have ") == true)
    #expect(fault.position?.line == 6 && fault.position?.column == 18)
    // 980 of 1,000 less the host's 50 and the 700, rounded down.
    #expect(fault.mend == "db could have 229 iops")
    #expect(try refusal("db", "reservation: {iops: 229}") == nil)
  }

  @Test mutating func whatOneGivesBackAnotherMayHave() throws {
    _ = try admit("web", "reservation: {iops: 700}")
    #expect(try refusal("db", "reservation: {iops: 400}") != nil)
    ledger.release("web")
    #expect(try refusal("db", "reservation: {iops: 400}") == nil)
    ledger.release("nobody")
  }

  @Test mutating func whoAsksAgainIsNotInItsOwnWayAndKeepsWhatItHadWhereRefused() throws {
    _ = try admit("web", "reservation: {iops: 700}")
    #expect(try refusal("web", "reservation: {iops: 700}") == nil)
    #expect(try refusal("web", "reservation: {iops: 5000}") != nil)
    #expect(try refusal("db", "reservation: {iops: 400}") != nil, "the 700 are still taken")
    #expect(try refusal("db", "reservation: {iops: 200}") == nil)
  }

  @Test mutating func whatWasSoldIsAPartOfTheDisk() throws {
    #expect(ledger.sold(now: SampleDisk.now).isEmpty)
    _ = try admit("web", "reservation: {iops: 300}")
    _ = try admit("db", "reservation: {iops: 200}")
    _ = try admit("bulk", "weight: 100")
    let sold = ledger.sold(now: SampleDisk.now)
    #expect(sold.keys.sorted() == ["sda"] && abs((sold["sda"] ?? 0) - 0.5) < 0.01)
    ledger.release("web")
    #expect(abs((ledger.sold(now: SampleDisk.now)["sda"] ?? 0) - 0.2) < 0.01)
  }

  @Test mutating func aRefusedTenantHoldsNothing() throws {
    let other = SampleDisk.facts("sdb", minor: 16)
    let asks = [
      (
        policy: try SampleDisk.entry("reservation: {iops: 500}"),
        reading: try SampleDisk.reading(other, calibrated: SampleDisk.calibration(of: other))
      ),
      (policy: try SampleDisk.entry("reservation: {iops: 5000}"), reading: try SampleDisk.reading()),
    ]
    #expect(throws: Fault.self) { try ledger.admit("web", asks: asks, written: [], now: SampleDisk.now) }
    #expect(ledger.disks.isEmpty)
  }

  @Test mutating func aTargetThatLeavesTooLittleForWhatWasPromisedIsRefused() throws {
    _ = try admit("batch", "reservation: {iops: 800}")
    let fault = try #require(try refusal("web", "latency: {read: {p99: 2ms}}"))
    #expect(fault.code == .ioReservationsExceedCapacity)
    #expect(fault.message.contains("p99 of 2ms for reads of web"))
    #expect(fault.mend?.contains("all fit with ") == true)
    #expect(fault.position?.line == 6)
  }

  @Test mutating func aTargetBelowWhatTheDiskDoesIsRefusedWithTheLeast() throws {
    let fault = try #require(try refusal("web", "latency: {read: {p99: 100us}}"))
    #expect(fault.code == .ioTargetUnreachable)
    #expect(fault.message.contains("1.32ms"), "\(fault.message)")
    #expect(fault.position?.column == 27)
  }

  @Test mutating func withoutACalibrationOnlyWhatNeedsNoneIsPromised() throws {
    let blank = try SampleDisk.reading(SampleDisk.facts(), calibrated: nil)
    for line in ["reservation: {iops: 1}", "latency: {read: {p99: 1s}}"] {
      let fault = try #require(try refusal("web", line, reading: blank))
      #expect(fault.code == .ioUncalibrated)
      #expect(fault.mend?.hasPrefix("isoctl io calibrate --save /x") == true)
      #expect(fault.path == "/x" && fault.position?.line == 6)
    }
    for line in ["weight: 50", "limit: {iops: 5}", "class: realtime", "class: idle"] {
      let assignment = try #require(try admit("web", line, reading: blank).first)
      #expect(assignment.model == nil && assignment.promise.targets.isEmpty)
    }
  }

  @Test mutating func aCalibrationOfAnotherDiskIsStale() throws {
    let swapped = SampleDisk.facts("sda", id: "another", size: 1 << 31)
    let reading = try SampleDisk.reading(swapped, calibrated: SampleDisk.calibration(of: SampleDisk.facts()))
    let fault = try #require(try refusal("web", "reservation: {iops: 1}", reading: reading))
    #expect(fault.code == .ioCalibrationStale)
    #expect(fault.message.contains("1073741824 bytes") && fault.message.contains("2147483648 bytes"))
    #expect(try admit("web", "class: realtime", reading: reading).first?.promise.targets.isEmpty == true)
  }

  @Test mutating func anUnreadableCalibrationIsToldToThoseWhoNeedIt() throws {
    var reading = try SampleDisk.reading(SampleDisk.facts(), calibrated: nil)
    reading.unreadable = Fault("io-calibration.bad-file", "bad")
    let fault = try #require(try refusal("web", "reservation: {iops: 1}", reading: reading))
    #expect(fault.code == "io-calibration.bad-file" && fault.position?.line == 6)
    #expect(try refusal("web", "weight: 1", reading: reading) == nil)
  }

  @Test mutating func aNeighbourIsNeverRefusedForOthersTroubles() throws {
    _ = try admit("web", "latency: {read: {p99: 2ms}}")
    _ = try admit("db", "reservation: {iops: 300}")
    // A recalibration found half the speed: what was sold no longer fits.
    let slow = try SampleDisk.reading(
      SampleDisk.facts(), calibrated: SampleDisk.calibration(of: SampleDisk.facts(), speed: 0.25))
    #expect(try refusal("new", "reservation: {iops: 1}", reading: slow)?.code == .ioReservationsExceedCapacity)
    #expect(try refusal("new", "weight: 100", reading: slow) == nil)
    #expect(
      ledger.faults(of: slow.disk, now: SampleDisk.now).map(\.code) == [.ioReservationsExceedCapacity])
  }

  @Test mutating func whatRunsIsTakenOverWhateverTheDiskHasBecome() throws {
    let blank = try SampleDisk.reading(SampleDisk.facts(), calibrated: nil)
    let promise = Promise(tenant: "web", policy: try SampleDisk.entry("reservation: {iops: 5000}"), model: nil)
    let taken = ledger.adopt("web", promises: [(promise, blank)], written: [], now: SampleDisk.now)
    #expect(taken.first?.promise == promise)
    #expect(ledger.faults(of: blank.disk, now: SampleDisk.now).map(\.code) == [.ioUncalibrated])
  }

  @Test mutating func aLimitBelowTheReservationIsRefusedAtTheLimit() throws {
    let entry = try #require(
      try SampleDisk.policy("reservation: {iops: 50}", "limit: {iops: 10}").io.first)
    do {
      _ = try ledger.admit("t", asks: [(entry, SampleDisk.reading())], written: [], now: SampleDisk.now)
      Issue.record("admitted")
    } catch let fault as Fault {
      #expect(fault.code == .ioLimitBelowReservation && fault.position?.line == 7)
    }
  }

  @Test mutating func anFsyncThatWaitsForANeighbourIsToldOfTheDiskItIsOn() throws {
    // 8:1, the partition of sda.
    let shared: UInt64 = 8 << 8 | 1
    func use(_ tenant: String, target: Bool) -> FileSystemUse {
      FileSystemUse(tenant: tenant, fileSystem: shared, path: "/srv", hasTarget: target)
    }
    _ = try admit("db", "latency: {sync_write: {p99: 20ms}}", written: [use("db", target: true)])
    let disk = try SampleDisk.reading().disk
    #expect(ledger.sharedFileSystems(of: disk, host: []).isEmpty)
    // A neighbour that says nothing about IO.
    _ = try ledger.admit("log", asks: [], written: [use("log", target: false)], now: SampleDisk.now)
    #expect(ledger.sharedFileSystems(of: disk, host: []).count == 1)
    let other = SampleDisk.facts("sdb", minor: 16)
    _ = try admit("x", "weight: 1", reading: SampleDisk.reading(other, calibrated: nil))
    #expect(ledger.sharedFileSystems(of: try SampleDisk.reading(other, calibrated: nil).disk, host: []).isEmpty)
    ledger.release("log")
    #expect(ledger.sharedFileSystems(of: disk, host: []).isEmpty)
  }

  private mutating func change(_ name: String, _ line: String) throws -> [IOAssignment] {
    let ask = (policy: try SampleDisk.entry(line), reading: try SampleDisk.reading())
    return try ledger.change(name, asks: [ask], written: [], now: SampleDisk.now)
  }

  @Test mutating func aTenantMayHaveMoreThanItHasAsFarAsTheOthersLeaveIt() throws {
    _ = try admit("web", "reservation: {iops: 300}")
    _ = try admit("db", "reservation: {iops: 300}")
    var fault: Fault?
    do { _ = try change("web", "reservation: {iops: 700}") } catch let refusal as Fault { fault = refusal }
    #expect(fault?.mend == "web could have 630 iops")
    #expect(try change("web", "reservation: {iops: 630}").first?.promise.reservation.together.operations == 630)
  }

  @Test mutating func bothStaySoldUntilAChangeIsCertain() throws {
    _ = try admit("web", "reservation: {iops: 700}")
    _ = try change("web", "reservation: {iops: 100}")
    // It may have to be taken back.
    #expect(try refusal("db", "reservation: {iops: 400}") != nil)
    ledger.takeBack("web")
    #expect(abs((ledger.sold(now: SampleDisk.now)["sda"] ?? 0) - 0.7) < 0.01)
    _ = try change("web", "reservation: {iops: 100}")
    ledger.settle("web")
    ledger.takeBack("web")
    #expect(try refusal("db", "reservation: {iops: 400}") == nil)
    _ = try change("web", "weight: 5")
    ledger.release("web")
    ledger.takeBack("web")
    #expect(abs((ledger.sold(now: SampleDisk.now)["sda"] ?? 0) - 0.4) < 0.01)
  }
}
