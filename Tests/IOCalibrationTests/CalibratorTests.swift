import Faults
import Testing

@testable import IOCalibration

@Suite struct CalibratorTests {
  private static func isNear(_ value: Double, _ expected: Double, _ share: Double) -> Bool {
    abs(value - expected) <= share * expected
  }

  @Test(arguments: [(1, 0.0), (4, 0.3), (8, 0.1)])
  func theCostModelOfADiskIsRecovered(channels: Int, jitter: Double) throws {
    var disk = SimulatedDisk.Parameters()
    disk.channels = channels
    disk.jitter = jitter
    disk.readBase = 400_000
    disk.writeBase = 600_000
    disk.readPage = 8_000
    disk.writePage = 12_000
    let found = try SimulatedDisk.calibrate(disk)
    let share = Double(channels)
    #expect(Self.isNear(found.cost.read.randomBase, 400_000 / share, 0.05))
    #expect(Self.isNear(found.cost.write.randomBase, 600_000 / share, 0.05))
    #expect(Self.isNear(found.cost.read.perPage, 8_000 / share, 0.05))
    #expect(Self.isNear(found.cost.write.perPage, 12_000 / share, 0.05))
    #expect(abs(found.mixedCheck.error) < 0.05)
    #expect(found.throttle == nil)
    #expect(found.credits == nil)
    #expect(found.burst == 0)
  }

  @Test func seeksMakeRandomBasesDearer() throws {
    var disk = SimulatedDisk.Parameters()
    disk.readBase = 4_000_000
    disk.writeBase = 4_000_000
    disk.seek = 3_500_000
    let found = try SimulatedDisk.calibrate(disk)
    #expect(Self.isNear(found.cost.read.randomBase, 4_000_000, 0.05))
    #expect(Self.isNear(found.cost.read.sequentialBase, 500_000, 0.05))
  }

  @Test func aCapOnIOsIsFoundWithItsBurst() throws {
    var disk = SimulatedDisk.Parameters()
    disk.channels = 8
    disk.iops = 800
    let found = try SimulatedDisk.calibrate(disk)
    let throttle = try #require(found.throttle)
    #expect(Self.isNear(try #require(throttle.iops), 800, 0.05))
    #expect(throttle.isCertain)
    #expect(throttle.bandwidth == nil)
    #expect(Self.isNear(found.burst, 0.1, 0.3))
    #expect(found.credits == nil)
  }

  @Test func aCapOnBytesIsFoundApartFromOneOnIOs() throws {
    var disk = SimulatedDisk.Parameters()
    disk.channels = 8
    disk.iops = 3_000
    disk.bandwidth = 100e6
    disk.depth = 0.05
    let found = try SimulatedDisk.calibrate(disk)
    let throttle = try #require(found.throttle)
    #expect(Self.isNear(try #require(throttle.iops), 3_000, 0.05))
    #expect(Self.isNear(try #require(throttle.bandwidth), 100e6, 0.05))
    // The price is the larger of two, which no sum can be.
    #expect(found.warnings.contains { $0.contains("two caps") } == (abs(found.mixedCheck.error) > 0.15))
  }

  @Test func creditsThatRunOutAreFoundAndTheLowerRateIsTaken() throws {
    var disk = SimulatedDisk.Parameters()
    disk.channels = 8
    disk.iops = 500
    disk.creditedIOPS = 2_000
    disk.credits = 8_000
    let found = try SimulatedDisk.calibrate(disk)
    let credits = try #require(found.credits)
    #expect(Self.isNear(credits.first, 2_000, 0.05))
    #expect(Self.isNear(credits.sustained, 500, 0.05))
    #expect(Self.isNear(found.rates.random.read, 500, 0.05))
  }

  @Test func latencyRisesWithLoadAndCountsFromTheIntendedStart() throws {
    var disk = SimulatedDisk.Parameters()
    disk.readBase = 500_000
    disk.readPage = 0
    let found = try SimulatedDisk.calibrate(disk, plan: .thorough)
    let points = found.curves[0].points
    #expect(zip(points, points.dropFirst()).allSatisfy { $0.p99 <= $1.p99 && $0.p50 <= $1.p50 })
    let half = try #require(points.first { $0.utilisation == 0.5 })
    // M/D/1 at 0.5: the mean wait is half a service time; most IOs wait for less than one.
    #expect((500_000.0...800_000).contains(half.p50))
    #expect(half.p99 > 1_000_000)
    // At 0.9 the mean of M/D/1 is 5.5 service times; without the wait before the start it would be one.
    let nearlyFull = try #require(points.first { $0.utilisation == 0.9 })
    #expect((1_400_000.0...3_500_000).contains(nearlyFull.p50))
    #expect(abs(found.curveCheck.error) < 0.3)
    #expect(found.curves.count == 2)
    #expect(found.curves[1].isWrite)
  }

  @Test func waitingForASlotCountsAsLatency() throws {
    func p99(slots: Int) throws -> Double {
      var disk = SimulatedDisk.Parameters()
      disk.readBase = 500_000
      disk.readPage = 0
      var generator = LoadGenerator(
        SimulatedEngine(disk: SimulatedDisk(disk), slots: slots), isCancelled: { false })
      return try generator.run(
        Load(arrival: .open(perSecond: 1_800), length: 4096, writeShare: 0, duration: 20_000_000_000)
      ).p99
    }
    let unhindered = try p99(slots: 1024)
    #expect(unhindered > 3_000_000)
    #expect(Self.isNear(try p99(slots: 2), unhindered, 0.02))
  }

  @Test func aBusyProcessorIsNotTakenForASlowDisk() throws {
    func run(pauses: Int) throws -> LoadResult {
      var disk = SimulatedDisk.Parameters()
      disk.readBase = 500_000
      disk.readPage = 0
      disk.pauses = pauses
      disk.pause = 20_000_000
      var generator = LoadGenerator(SimulatedEngine(disk: SimulatedDisk(disk)), isCancelled: { false })
      return try generator.run(
        Load(arrival: .open(perSecond: 1_000), length: 4096, writeShare: 0, duration: 60_000_000_000))
    }
    let quiet = try run(pauses: 0)
    let busy = try run(pauses: 500)
    #expect(quiet.lost == 0)
    #expect(busy.lost > 1_000_000_000)
    #expect(Self.isNear(busy.rate, 1_000, 0.03))
    #expect(Self.isNear(busy.p50, quiet.p50, 0.05))
    #expect(Self.isNear(busy.p99, quiet.p99, 0.25))
  }

  @Test func theQuickPlanStaysUnderAMinute() throws {
    var disk = SimulatedDisk.Parameters()
    disk.readBase = 5_000_000
    disk.writeBase = 5_000_000
    let found = try SimulatedDisk.calibrate(disk)
    #expect(found.seconds < 60)
    #expect(CalibrationPlan.quick.expectedSeconds < 60)
    #expect(!found.warnings.isEmpty, "few IOs are told")
  }

  @Test func aDiskTooSlowToFillARegionIsRefused() throws {
    var disk = SimulatedDisk.Parameters()
    disk.writeBase = 1_000_000_000
    let fault = #expect(throws: Fault.self) { try SimulatedDisk.calibrate(disk) }
    #expect(fault?.code == .ioTooLittleRoom)
  }

  @Test(arguments: [1, 100, 5_000, 20_000])
  func anIOThatFailsEndsTheMeasurement(after count: Int) throws {
    var disk = SimulatedDisk.Parameters()
    disk.failsAfter = count
    let fault = #expect(throws: Fault.self) { try SimulatedDisk.calibrate(disk) }
    #expect(fault?.code == .ioFailed)
  }

  @Test func aSignalEndsItAtOnce() throws {
    let disk = SimulatedDisk(SimulatedDisk.Parameters())
    let calibrator = Calibrator(
      SimulatedEngine(disk: disk), plan: .quick, isCancelled: { disk.now > 9_000_000_000 }, report: { _ in })
    do throws(Fault) {
      _ = try calibrator.calibrate(disk: SimulatedDisk.measured, target: "", date: 0)
      Issue.record("it ended by itself")
    } catch {
      #expect(error.code == .ioInterrupted)
      #expect(disk.now < 9_200_000_000)
    }
  }

  @Test func thePlanOfKernelParametersGivesTheSameCosts() throws {
    var disk = SimulatedDisk.Parameters()
    disk.seek = 50_000
    let found = try SimulatedDisk.calibrate(disk)
    let kernel = found.kernelModel
    // calc_lcoefs of block/blk-iocost.c.
    let page = 4096e9 / Double(kernel.rbps)
    #expect(Self.isNear(page, found.cost.read.perPage, 0.01))
    #expect(Self.isNear(1e9 / Double(kernel.rrandiops) - page, found.cost.read.randomBase, 0.01))
    #expect(
      Self.isNear(1e9 / Double(kernel.wseqiops) - 4096e9 / Double(kernel.wbps), found.cost.write.sequentialBase, 0.02))
  }
}
