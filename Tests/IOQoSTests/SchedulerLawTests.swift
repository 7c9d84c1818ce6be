import IOQoS
import Testing

/// The laws of the whole scheduler, who gets what of how much at which pace, over random disks and tenants.
@Suite struct SchedulerLawTests {
  /// Two of each kind, for the debug build's sake; more with `IOQOS_SCENARIOS`.
  private static let disks = (1...max(1, UInt64(GovernorPropertyTests.seeds.count) / 12)).flatMap {
    [Disk(seed: $0, isVolume: true), Disk(seed: $0, isVolume: false)]
  }

  struct Disk: CustomTestStringConvertible {
    var seed: UInt64
    var isVolume: Bool
    var testDescription: String { "\(isVolume ? "volume" : "bare disk") \(seed)" }
  }

  @Test(arguments: disks, [false, true])
  func `device time goes by weight, whatever the sizes and directions`(disk: Disk, hasVictim: Bool) throws {
    let jain = try Laws.fairness(seed: disk.seed, isVolume: disk.isVolume, hasVictim: hasVictim)
    #expect(jain >= 0.99)
  }

  @Test(arguments: disks, [false, true])
  func `one who asks for all gets what the others leave`(disk: Disk, hasVictim: Bool) throws {
    let use = try Laws.conservation(seed: disk.seed, isVolume: disk.isVolume, hasVictim: hasVictim)
    #expect(use >= (disk.isVolume ? 0.985 : hasVictim ? 0.98 : 0.99))
  }

  @Test(arguments: disks) func `one who wakes has its part within half a second`(disk: Disk) throws {
    let (share, late) = try Laws.waking(seed: disk.seed, isVolume: disk.isVolume)
    #expect(share >= 0.85)
    #expect(late <= 2.2)
  }

  @Test(arguments: disks.prefix(4)) func `a crowd that mostly sleeps leaves little of the disk idle`(disk: Disk) throws
  {
    let use = try Laws.crowd(seed: disk.seed, isVolume: disk.isVolume).use
    #expect(use >= (disk.isVolume ? 0.9 : 0.64))
  }

  @Test func `what was admitted is kept`() throws {
    var (kept, all) = (0, 0)
    for disk in Self.disks {
      let seconds = try Laws.reservations(seed: disk.seed, isVolume: disk.isVolume)
      kept += seconds.kept
      all += seconds.all
    }
    #expect(Double(kept) >= 0.98 * Double(all), "\(kept) of \(all) seconds with 90 % of the reservation")
  }

  @Test(arguments: disks) func `limits are never exceeded beyond a slice`(disk: Disk) throws {
    let most = try Laws.limits(seed: disk.seed, isVolume: disk.isVolume)
    #expect(most <= 1.05)
  }

  @Test(arguments: disks) func `who pretends to be hungry gains nothing and costs nobody the disk`(disk: Disk) throws {
    let (gain, use) = try Laws.lying(seed: disk.seed, isVolume: disk.isVolume)
    #expect(gain <= 1.02)
    #expect(use >= (disk.isVolume ? 0.97 : 0.95))
  }

  @Test(arguments: disks) func `the lines left behind keep the target without a scheduler`(disk: Disk) throws {
    let (late, use) = try Laws.stopping(seed: disk.seed, isVolume: disk.isVolume)
    #expect(late <= 1)
    #expect(use >= (disk.isVolume ? 0.4 : 0.1))
  }

  @Test(arguments: disks) func `a mixture of all sizes and directions leaves the target whole`(disk: Disk) throws {
    let (late, use) = try Laws.mixture(seed: disk.seed, isVolume: disk.isVolume)
    #expect(late <= 1.1)
    #expect(use >= (disk.isVolume ? 0.96 : 0.87))
  }

  @Test(arguments: [[4096, 4096], [65536, 65536], [4096, 65536], [262_144, 16384]], [0.0, 1, 0.5])
  func `a volume with two caps is used up to each of them`(sizes: [Int], writeShare: Double) throws {
    let (late, use) = try Laws.twoCaps(seed: 7, sizes: sizes, writeShare: writeShare)
    #expect(late <= 1.2)
    #expect(use >= 0.96)
  }

  @Test(arguments: 1...UInt64(4), [262_144, 524_288])
  func `sixteen tenants of a few large operations each leave the target whole`(seed: UInt64, size: Int) throws {
    let (late, use) = try Laws.largeOperations(seed: seed, size: size)
    #expect(late <= 1)
    #expect(use >= 0.94)
  }

  @Test(arguments: 1...UInt64(3)) func `who waits for a request is seen by no counter, and kept from it all the same`(
    seed: UInt64
  ) throws {
    let (late, use) = try Laws.fewRequests(seed: seed, isTold: true)
    #expect(late <= 1)
    #expect(use >= 0.75)
    #expect(try Laws.fewRequests(seed: seed, isTold: false).late > 1)
  }

  @Test(arguments: disks) func `work that nobody can hold back is made room for`(disk: Disk) throws {
    let (late, use) = try Laws.rootWork(seed: disk.seed, isVolume: disk.isVolume)
    // Behind a bucket the room is found, and lost again with each drain.
    #expect(late <= (disk.isVolume ? 3.7 : 1))
    #expect(use >= 0.96)
  }
}
