import CgroupKit
import ControlProtocol
import Faults
import IOCalibration
import IOQoS
import Kernel
import Policy
import Testing

@testable import IsolatedCore

@Suite struct IOAdmissionTests {
  private let disk = BlockDevice(number: DeviceNumber(major: 8, minor: 0), name: "sda")

  private func admission(
    _ directory: TemporaryDirectory,
    facts: @escaping @Sendable (BlockDevice) -> DiskFacts? = { _ in SampleDisk.facts() }
  ) -> IOAdmission {
    IOAdmission(calibrations: directory.path, facts: facts, now: { SampleDisk.now })
  }

  private func places(_ policy: TenantPolicy) -> [IOPlace] { policy.io.map { IOPlace(policy: $0, disk: disk) } }

  @Test func aStoredCalibrationIsWhatPromisesAreJudgedBy() throws {
    let directory = try TemporaryDirectory()
    let policy = try SampleDisk.policy("reservation: {iops: 300}")
    let admission = admission(directory)
    let fault = #expect(throws: Fault.self) { try admission.admit("t", policy, places: places(policy)) }
    #expect(fault?.code == .ioUncalibrated)
    try CalibrationStore.save(SampleDisk.calibration(of: SampleDisk.facts()), in: directory.path)
    let admitted = try admission.admit("t", policy, places: places(policy))
    #expect(admitted.assignments.first?.model != nil)
    #expect(admitted.record.texts == ["sda, by /x: 300 iops reserved, weight 100"])
  }

  @Test func aDamagedCalibrationIsRefusedWithItsFile() throws {
    let directory = try TemporaryDirectory()
    let path = CalibrationStore.path(of: SampleDisk.facts().id, in: directory.path)
    try SmallFile.replace(path, with: Array("{\"version\": 1}".utf8))
    let policy = try SampleDisk.policy("reservation: {iops: 300}")
    let fault = #expect(throws: Fault.self) { try admission(directory).admit("t", policy, places: places(policy)) }
    #expect(fault?.code.rawValue == "io-calibration.bad-file")
    #expect(fault?.path == path && fault?.position?.line == 6)
  }

  @Test func aDiskThatKeepsNoPromiseIsLeftOutAndTold() throws {
    let directory = try TemporaryDirectory()
    let policy = try SampleDisk.policy("weight: 5")
    let admitted = try admission(directory) { _ in SampleDisk.facts("md0", kind: .raid(level: "raid5")) }
      .admit("t", policy, places: places(policy))
    #expect(admitted.assignments.isEmpty)
    #expect(admitted.notEnforceable.map(\.code.rawValue) == ["io.keeps-no-promise"])
    #expect(admitted.notEnforceable.first?.position?.line == 5)
  }

  @Test func aDiskThatGoesWhileATenantStartsIsAFault() throws {
    let directory = try TemporaryDirectory()
    let policy = try SampleDisk.policy("weight: 5")
    let fault = #expect(throws: Fault.self) {
      try admission(directory) { _ in nil }.admit("t", policy, places: places(policy))
    }
    #expect(fault?.code == .noDisk)
  }

  @Test func twoPathsOnOneDiskAreOneEntry() throws {
    let policy = try PolicyDocument.parse(
      text: """
        tenant: t
        command: [/bin/true]
        memory: {max: 1MiB}
        io:
          - {device: /a, weight: 5}
          - {device: /b, weight: 6}
        """, file: "p.yaml")
    var places: [IOPlace] = []
    try IOPlace.add(IOPlace(policy: policy.io[0], disk: disk), to: &places)
    let fault = #expect(throws: Fault.self) {
      try IOPlace.add(IOPlace(policy: policy.io[1], disk: disk), to: &places)
    }
    #expect(fault?.code == .diskNamedTwice && fault?.position?.line == 6)
    #expect(fault?.message == "/a and /b lie on the same disk, sda")
  }

  @Test func aRestartedDaemonTakesOverWhatItsRecordsSay() throws {
    let directory = try TemporaryDirectory()
    try CalibrationStore.save(SampleDisk.calibration(of: SampleDisk.facts()), in: directory.path)
    let policy = try SampleDisk.policy("class: realtime", "reservation: {iops: 300}")
    let admitted = try admission(directory).admit("t", policy, places: places(policy))
    let states = try TemporaryDirectory()
    let store = try StateStore(directory: states.path)
    var record = StateStoreTests.record("t")
    record.io = admitted.record
    try store.save(record)
    let loaded = try #require(try store.load().records.first?.io)

    let later = admission(directory)
    let taken = later.adopt("t", loaded)
    #expect(taken.map(\.promise) == admitted.assignments.map(\.promise))
    #expect(taken.first?.model == admitted.assignments.first?.model)
    #expect(later.warnings().isEmpty)
    // It counts: the rest of the disk is all that is left.
    let other = try SampleDisk.policy("reservation: {iops: 400}")
    let fault = #expect(throws: Fault.self) { try later.admit("u", other, places: places(other)) }
    #expect(fault?.code == .ioReservationsExceedCapacity)
  }

  @Test func aRecalibrationThatFoundLessIsAWarningAndNobodysEnd() throws {
    let directory = try TemporaryDirectory()
    try CalibrationStore.save(SampleDisk.calibration(of: SampleDisk.facts()), in: directory.path)
    let policy = try SampleDisk.policy("reservation: {iops: 800}")
    let admitted = try admission(directory).admit("t", policy, places: places(policy))
    try CalibrationStore.save(SampleDisk.calibration(of: SampleDisk.facts(), speed: 0.5), in: directory.path)
    let later = admission(directory)
    #expect(later.adopt("t", admitted.record).first?.promise == admitted.assignments.first?.promise)
    let warnings = later.warnings(of: "8:0")
    #expect(warnings.count == 1 && warnings.first?.contains("the reservations need") == true)
    later.release("t")
    #expect(later.warnings(of: "8:0").isEmpty)
  }

  @Test func aDiskInAnothersPlaceIsNotTheOneThatWasPromised() throws {
    let directory = try TemporaryDirectory()
    try CalibrationStore.save(SampleDisk.calibration(of: SampleDisk.facts()), in: directory.path)
    let policy = try SampleDisk.policy("reservation: {iops: 300}")
    let admitted = try admission(directory).admit("t", policy, places: places(policy))
    for facts in [nil, SampleDisk.facts("sda", id: "another")] {
      let later = admission(directory) { _ in facts }
      #expect(later.adopt("t", admitted.record).first?.model == nil)
      #expect(later.warnings(of: "8:0").first?.contains("has gone, or another took its place") == true)
    }
  }

  @Test func recordsOfEarlierDaemonsHaveNoDisksAndLoad() throws {
    let states = try TemporaryDirectory()
    let store = try StateStore(directory: states.path)
    try store.save(StateStoreTests.record("old"))
    let text = try SmallFile.read(states.path + "/old.json", limit: 1 << 16)
    #expect(!text.contains("\"io\""))
    #expect(try store.load().records.map(\.name) == ["old"])
  }

  @Test func manyAtOnceNeverGetMoreThanThereIs() async throws {
    let directory = try TemporaryDirectory()
    try CalibrationStore.save(SampleDisk.calibration(of: SampleDisk.facts()), in: directory.path)
    let admission = admission(directory)
    let policy = try SampleDisk.policy("reservation: {iops: 100}")
    let places = places(policy)
    // 980 less the host's 50: nine fit, and as many have to wait.
    let admitted = try await withThrowingTaskGroup(of: Bool.self) { group in
      for index in 0..<18 {
        group.addTask {
          try await DetachedThread.result { (try? admission.admit("t\(index)", policy, places: places)) != nil }
        }
      }
      return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(admitted == 9)
  }
}
