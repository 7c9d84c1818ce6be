import Faults
import Testing

@testable import IsolatedCore

/// What a bound on btrfs comes to, from the facts of its directories.
@Suite struct QgroupPlanTests {
  private let group = QgroupName(tenant: 1 << 28)

  private func facts(
    inode: UInt64 = 256, _ state: QgroupState = .full(isRight: true, isCounting: false), groups: [QgroupName] = []
  ) -> SubvolumeFacts {
    SubvolumeFacts(inode: inode, state: state, subvolume: 257, groups: groups)
  }

  @Test func aGroupHasTheNumberOfTheTenantsFirstIdOnLevelOne() {
    #expect("\(group)" == "1/268435456")
    #expect(group.level == 1 && group.number == 0x1_0000_1000_0000)
    #expect("\(QgroupName(subvolume: 257))" == "0/257")
    // The largest of both halves.
    #expect("\(QgroupName(number: .max))" == "65535/281474976710655")
  }

  @Test func theFlagsOfTheKernelTellHowItCounts() {
    let states = (0..<16).map { QgroupState(flags: $0, isCounting: false) }
    #expect((0..<16).filter { states[$0] == .off } == [0, 2, 4, 6, 8, 10, 12, 14])
    #expect((0..<16).filter { states[$0] == .simple } == [9, 11, 13, 15])
    #expect(states[1] == .full(isRight: true, isCounting: false))
    #expect(states[3] == .full(isRight: true, isCounting: true))
    #expect(states[5] == .full(isRight: false, isCounting: false))
    #expect(states[7] == .full(isRight: false, isCounting: true))
    #expect(QgroupState(flags: 5, isCounting: true) == .full(isRight: false, isCounting: true))
    // What a later kernel adds takes nothing away.
    #expect(QgroupState(flags: .max, isCounting: false) == .simple)
    #expect(QgroupState(flags: .max & ~8, isCounting: false) == .full(isRight: false, isCounting: true))
  }

  @Test func aSubvolumeIsBoundedUnderEitherKindOfQuotas() {
    for state: QgroupState in [
      .simple, .full(isRight: true, isCounting: false), .full(isRight: false, isCounting: true),
    ] {
      #expect(facts(state).refusal(path: "/p", group: group) == nil)
    }
  }

  @Test func anythingButASubvolumeIsRefusedWithTheWayToMakeOne() {
    // 2 is the empty directory that stands for a subvolume of a snapshot's origin.
    for inode in [0, 2, 255, 257, .max] as [UInt64] {
      let refusal = facts(inode: inode, .off).refusal(path: "/pool/x", group: group)
      #expect(refusal?.mend.contains("btrfs subvolume create /pool/x") == true)
    }
  }

  @Test func theTopOfAFileSystemIsRefused() {
    let top = SubvolumeFacts(inode: 256, state: .simple, subvolume: 5)
    #expect(top.refusal(path: "/pool", group: group)?.mend.contains("btrfs subvolume create /pool/") == true)
  }

  @Test func withoutQuotasItIsRefusedWithTheWayToTurnThemOn() {
    #expect(facts(.off).refusal(path: "/pool/x", group: group)?.mend.contains("btrfs quota enable /pool/x") == true)
  }

  @Test func anotherTenantsSubvolumeIsRefusedAndAnAdministratorsGroupIsNot() {
    let other = QgroupName(tenant: 1 << 28 + 1 << 16)
    let refusal = facts(groups: [group, other]).refusal(path: "/p", group: group)
    #expect(refusal?.why.contains("\(other)") == true)
    #expect(refusal?.mend.contains("btrfs qgroup remove 0/257 \(other) /p") == true)
    let administrators = [QgroupName(number: 1 << 48 | 100), QgroupName(number: 2 << 48 | 1 << 28)]
    #expect(facts(groups: administrators + [group]).refusal(path: "/p", group: group) == nil)
  }

  @Test func aGroupGetsTheMembersThatItLacksAndLosesThoseOfAnEarlierPolicy() {
    #expect(QgroupPlan(wanted: [257, 258], present: []).added == [257, 258])
    let plan = QgroupPlan(wanted: [257, 300], present: [257, 256, 258])
    #expect(plan.added == [300] && plan.removed == [256, 258])
    let settled = QgroupPlan(wanted: [5], present: [5])
    #expect(settled.added.isEmpty && settled.removed.isEmpty)
  }

  @Test func figuresThatAreNotRightAreCountedAnewOnce() {
    #expect(QgroupRecount(.full(isRight: false, isCounting: false)) == .start)
    #expect(QgroupRecount(.full(isRight: false, isCounting: true)) == .wait)
    #expect(QgroupRecount(.full(isRight: true, isCounting: true)) == .wait)
    for state: QgroupState in [.off, .simple, .full(isRight: true, isCounting: false)] {
      #expect(QgroupRecount(state) == .done)
    }
  }

  @Test func anEndTakesAwayQuotaGroupsOnlyAndTellsOfThoseThatItCannotReach() throws {
    let onOther = DiskBound.Place(path: "/no/such/place", device: 5)
    try DiskBound(project: 1 << 28, bytes: 10, inodes: 5, places: [onOther]).end()
    let gone = DiskBound(
      project: 1 << 28, bytes: 10, inodes: nil, places: [.init(path: "/no/such/place", device: 6, btrfs: "ab")])
    #expect(throws: Fault.self) { try gone.end() }
    // Another file system is there now.
    let other = DiskBound(
      project: 1 << 28, bytes: 10, inodes: nil, places: [.init(path: "/proc/self", device: 6, btrfs: "ab")])
    let fault = #expect(throws: Fault.self) { try other.end() }
    #expect(fault?.code == .diskNotThere)
  }

  @Test func placesOfOneFileSystemAreShownOnceAndBtrfsHasNoBoundOnInodes() {
    let places: [DiskBound.Place] = [
      .init(path: "/no/a", device: 5), .init(path: "/no/b", device: 5), .init(path: "/no/c", device: 6, btrfs: "ab"),
      // Each subvolume has a device number of its own.
      .init(path: "/no/d", device: 7, btrfs: "ab"), .init(path: "/no/e", device: 8, btrfs: "cd"),
    ]
    let limits = DiskBound(project: 1 << 28, bytes: 10, inodes: 5, places: places).limits
    #expect(limits.map(\.file) == ["disk /no/a", "disk /no/c", "disk /no/e"])
    #expect(limits.map(\.asked) == ["10 bytes, 5 inodes", "10 bytes", "10 bytes"])
  }
}
