import Faults
import IOCalibration
import IOPlanning
import IOQoS
import Testing

@Suite struct PlanTests {
  @Test func aReservationWithoutDirectionHoldsForAnyMixture() throws {
    let promise = try Samples.promise("reservation: {iops: 300}", "weight: 200")
    #expect(promise.reservation.together.operations == 300)
    #expect(promise.reservation.read.isEmpty && promise.reservation.write.isEmpty)
    #expect(promise.weight == 200)
  }

  @Test func aReservationWithDirectionsKeepsThemApart() throws {
    let promise = try Samples.promise("reservation: {read: {iops: 300}, write: {bandwidth: 1MiB/s}}")
    #expect(promise.reservation.together.isEmpty)
    #expect(promise.reservation.read.operations == 300 && promise.reservation.read.bytes == nil)
    #expect(promise.reservation.write.bytes == 1_048_576)
  }

  @Test func aLimitWithoutDirectionIsEachDirectionsOwn() throws {
    let promise = try Samples.promise("limit: {iops: 300}")
    #expect(promise.limit.read.operations == 300 && promise.limit.write.operations == 300)
    #expect(promise.limit.together.isEmpty)
  }

  @Test func everyTargetIsCarriedOverInNanoseconds() throws {
    let promise = try Samples.promise("latency: {read: {p99: 5ms}, sync_write: {p99: 20ms}}")
    #expect(
      promise.targets == [LatencyTarget(.read, latency: 5_000_000), LatencyTarget(.syncWrite, latency: 20_000_000)])
  }

  @Test func whatFitsIsAdmittedAndWhatDoesNotIsRefusedWithTheNumbers() throws {
    let disk = try #require(try Samples.disks([("sda", nil)]).first)
    func plan(_ iops: Int) throws -> IOPlan {
      let entries = try [iops, 200].map { share in
        IOPlan.Entry(
          tenant: "t\(share)", policy: try Samples.entry("reservation: {iops: \(share)}"), disk: disk)
      }
      return IOPlan(entries, now: Samples.now) { _ in Samples.calibration(of: disk) }
    }
    let small = try plan(300)
    #expect(small.isAdmitted)
    #expect(small.disks.count == 1 && small.disks.first?.promises.count == 2)
    let large = try plan(900)
    #expect(!large.isAdmitted)
    #expect(large.disks.first?.faults.map(\.code) == [.ioReservationsExceedCapacity])
  }

  @Test func aTargetBelowWhatTheDiskDoesIsRefused() throws {
    let disk = try #require(try Samples.disks([("sda", nil)]).first)
    let policy = try Samples.entry("latency: {read: {p99: 100us}}")
    let plan = IOPlan([.init(tenant: "t", policy: policy, disk: disk)], now: Samples.now) { _ in
      Samples.calibration(of: disk)
    }
    #expect(plan.disks.first?.faults.map(\.code) == [.ioTargetUnreachable])
  }

  @Test func aDiskThatWasSwappedHasAStaleCalibration() throws {
    let disks = try Samples.disks([("sda", nil), ("sdb", nil)])
    let policy = try Samples.entry("reservation: {iops: 1}")
    let plan = IOPlan([.init(tenant: "t", policy: policy, disk: disks[0])], now: Samples.now) { _ in
      Samples.calibration(of: disks[1])
    }
    #expect(plan.disks.first?.faults.map(\.code) == [.ioCalibrationStale])
  }

  @Test func withoutCalibrationOnlyPromisesThatNeedNoneAreKept() throws {
    let disk = try #require(try Samples.disks([("sda", nil)]).first)
    for (line, codes) in [("weight: 50", []), ("reservation: {iops: 1}", [Fault.Code.ioUncalibrated])] {
      let policy = try Samples.entry(line)
      let plan = IOPlan([.init(tenant: "t", policy: policy, disk: disk)], now: Samples.now) { _ in nil }
      #expect(plan.disks.first?.faults.map(\.code) == codes)
    }
  }

  @Test func aRAIDWhoseOwnersAreLostKeepsNoPromise() throws {
    let disk = try #require(try Samples.disks([("md0", "raid5")]).first)
    let policy = try Samples.entry("weight: 50")
    let plan = IOPlan([.init(tenant: "t", policy: policy, disk: disk)], now: Samples.now) { _ in nil }
    #expect(plan.disks.first?.faults.map(\.code) == [.ioKeepsNoPromise])
  }

  @Test func aCalibrationThatCannotBeReadIsToldAndJudgesNothing() throws {
    let disk = try #require(try Samples.disks([("sda", nil)]).first)
    let policy = try Samples.entry("reservation: {iops: 1}")
    let plan = IOPlan([.init(tenant: "t", policy: policy, disk: disk)], now: Samples.now) { _ throws(Fault) in
      throw Fault("io-calibration.bad-file", "bad")
    }
    #expect(plan.disks.first?.faults.map(\.code.rawValue) == ["io-calibration.bad-file"])
    #expect(plan.disks.first?.verdict == nil)
  }

  @Test(
    arguments: [
      [-1, 2e6, 5e6, 20e6], [0, 0, 0, 0], [1e300, 1e300, 1e300, 1e300], [.nan, .infinity, 1, 2],
    ] as [[Double]])
  func absurdLatenciesAreAFaultOrACurveAndNeverATrap(_ latencies: [Double]) throws {
    let disk = try #require(try Samples.disks([("sda", nil)]).first)
    do throws(Fault) {
      let model = try DeviceModel(Samples.calibration(of: disk, latencies: latencies))
      #expect(!model.curve.points.isEmpty)
    } catch {
      #expect(error.code == .ioCurveInvalid)
    }
  }

  @Test func aRefusalStandsWhereThePolicyAsks() throws {
    let disk = try #require(try Samples.disks([("sda", nil)]).first)
    let policy = try Samples.entry("weight: 5", "latency: {write: {p99: 1s}, read: {p99: 100us}}")
    let plan = IOPlan([.init(tenant: "t", policy: policy, disk: disk)], now: Samples.now) { _ in
      Samples.calibration(of: disk)
    }
    let fault = try #require(plan.disks.first?.faults.first)
    #expect(fault.code == .ioTargetUnreachable)
    #expect(fault.position?.line == 7 && fault.position?.column == 45)
    #expect(fault.path == "/x")
  }

  @Test(arguments: [
    ("class: realtime", 1000), ("class: best-effort", 100), ("class: idle", 1), ("latency: {read: {p99: 1s}}", 100),
  ])
  func aClassIsAPresetOfTheWeight(line: String, weight: Int) throws {
    #expect(try Samples.promise(line).weight == weight)
    #expect(try Samples.promise(line, "weight: 7").weight == 7)
  }

  @Test func theRealtimeClassHasATargetThatACalibratedDiskKeeps() throws {
    let disk = try #require(try Samples.disks([("sda", nil)]).first)
    let model = try DeviceModel(Samples.calibration(of: disk))
    let promise = Promise(tenant: "t", policy: try Samples.entry("class: realtime"), model: model)
    // The p99 at half load is 2 ms.
    #expect(promise.targets == [LatencyTarget(.read, latency: 4_000_000)])
    let present = DeviceIdentity(disk.measured)
    #expect(Admission().judge([promise], on: model, present: present, now: Samples.now).isAdmitted)
    #expect(try Samples.promise("class: realtime").targets.isEmpty)
    let own = Promise(
      tenant: "t", policy: try Samples.entry("class: realtime", "latency: {write: {p99: 9ms}}"), model: model)
    #expect(own.targets == [LatencyTarget(.write, latency: 9_000_000)])
    for other in ["idle", "best-effort"] {
      #expect(Promise(tenant: "t", policy: try Samples.entry("class: \(other)"), model: model).targets.isEmpty)
    }
  }

  @Test func theRealtimeClassTakesNoTargetFromAStaleCalibration() throws {
    let disk = try #require(try Samples.disks([("sda", nil)]).first)
    let entry = IOPlan.Entry(tenant: "t", policy: try Samples.entry("class: realtime"), disk: disk)
    let fresh = IOPlan([entry], now: Samples.now) { _ in Samples.calibration(of: disk) }
    #expect(fresh.disks.first?.promises.first?.targets.count == 1)
    let stale = IOPlan([entry], now: Samples.now + 365 * 86_400) { _ in Samples.calibration(of: disk) }
    #expect(stale.disks.first?.promises.first?.targets.isEmpty == true)
    #expect(stale.isAdmitted)
  }

  @Test func theSlowestDiskOverflowsNowhere() throws {
    let disk = try #require(try Samples.disks([("sda", nil)]).first)
    let day = Double(LatencyCurve.longest)
    let model = try DeviceModel(Samples.calibration(of: disk, latencies: [day, day, day, day]))
    let promise = Promise(tenant: "t", policy: try Samples.entry("class: realtime"), model: model)
    #expect(promise.targets.allSatisfy { $0.latency > 0 })
  }
}
