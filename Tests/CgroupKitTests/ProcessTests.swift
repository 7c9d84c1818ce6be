import Faults
import Glibc
import Testing

@testable import CgroupKit

@Suite struct ProcessTests {
  @Test func aProcessIsMovedIn() async throws {
    try await withSite { site in
      let sleeper = try Sleeper()
      #expect(try !site.group.isPopulated())
      try site.group.attach(sleeper.id)
      #expect(try site.group.processes() == [sleeper.id])
      #expect(try site.group.threads() == [sleeper.id])
      #expect(try site.group.isPopulated())
      if Ground.isReal { #expect(try Cgroup.containing(sleeper.id).path == site.group.path) }
    }
  }

  @Test(arguments: [0, -1, pid_t.min])
  func anIdThatIsNoProcessIsRefusedBeforeTheKernelSeesIt(process: pid_t) async throws {
    try await withSite { site in
      #expect(fault { try site.group.attach(process) }?.code == .noSuchProcess)
    }
  }

  @Test func aProcessThatEndedIsExplained() async throws {
    try await withSite { site in
      let sleeper = try Sleeper(["/bin/true"])
      sleeper.reap()
      let refused = fault { try site.group.attach(sleeper.id) }
      #expect(refused?.code == .noSuchProcess)
      #expect(refused?.path == "\(site.group.path)/cgroup.procs")
      #expect(refused?.message.contains("\"\(sleeper.id)\"") == true)
    }
  }

  @Test func killingEndsEveryProcessOfTheTree() async throws {
    try await withSite { site in
      let child = try site.group.createChild("child")
      let sleepers = [try Sleeper(), try Sleeper()]
      try site.group.attach(sleepers[0].id)
      try child.attach(sleepers[1].id)
      try site.group.kill()
      try await site.group.waitUntilEmpty()
      #expect(try !site.group.isPopulated())
      #expect(try child.processes().isEmpty)
    }
  }

  @Test func aGroupWithProcessesSaysWhoKeepsItFromBeingRemoved() async throws {
    try await withSite { site in
      let sleeper = try Sleeper()
      let child = try site.group.createChild("child")
      try child.attach(sleeper.id)
      let busy = fault { try child.removeNow() }
      #expect(busy?.code == .groupBusy)
      #expect(busy?.message.contains("process \(sleeper.id)") == true)
      #expect(busy?.errno?.name == "EBUSY")
      let parent = fault { try site.group.removeNow() }
      #expect(parent?.code == .groupBusy)
      #expect(parent?.message.contains("child group \"child\"") == true)
    }
  }

  @Test func removalWaitsForProcessesThatAreEnding() async throws {
    try await withSite { site in
      let child = try site.group.createChild("child")
      let sleepers = try (0..<8).map { _ in try Sleeper() }
      for sleeper in sleepers { try child.attach(sleeper.id) }
      try child.kill()
      try await child.remove()
      #expect(try site.group.childIfPresent("child") == nil)
    }
  }

  @Test func removalOfABusyGroupGivesUpInTheEnd() async throws {
    try await withSite { site in
      let sleeper = try Sleeper()
      try site.group.attach(sleeper.id)
      await #expect(throws: Fault.self) { try await site.group.remove(within: .milliseconds(20)) }
      await #expect(throws: Fault.self) { try await site.group.removeTree(within: .milliseconds(20)) }
      await #expect(throws: Fault.self) { try await site.group.waitUntilEmpty(within: .milliseconds(20)) }
      #expect(try site.group.processes() == [sleeper.id])
    }
  }

  @Test func aCancelledRemovalSaysSo() async throws {
    try await withSite { site in
      let sleeper = try Sleeper()
      try site.group.attach(sleeper.id)
      let removal = Task { try await site.group.remove(within: .seconds(1000)) }
      removal.cancel()
      let result = await removal.result
      #expect(throws: Fault.self) { try result.get() }
      if case .failure(let error) = result { #expect((error as? Fault)?.code == .cancelled) }
    }
  }

  @Test func freezingWaitsUntilTheGroupStands() async throws {
    try await withSite { site in
      let sleeper = try Sleeper()
      try site.group.attach(sleeper.id)
      try await site.group.freeze()
      #expect(try site.group.isFrozen())
      #expect(try site.group.freezing.read() == true)
      try await site.group.freeze()
      try await site.group.thaw()
      #expect(try !site.group.isFrozen())
    }
  }

  @Test func aGroupBeneathAFrozenOneCannotBeThawedAlone() async throws {
    try await withSite { site in
      let child = try site.group.createChild("child")
      try await site.group.freeze()
      #expect(try child.isFrozen())
      await #expect(throws: Fault.self) { try await child.thaw(within: .milliseconds(20)) }
      try await site.group.thaw()
      #expect(try !child.isFrozen())
    }
  }

  @Test func aFrozenGroupCanBeKilled() async throws {
    try await withSite { site in
      let sleeper = try Sleeper()
      try site.group.attach(sleeper.id)
      try await site.group.freeze()
      try site.group.kill()
      try await site.group.waitUntilEmpty()
      #expect(try site.group.processes().isEmpty)
    }
  }

  @Test func processesMoveIntoALeaf() async throws {
    try await withSite { site in
      let sleepers = try (0..<5).map { _ in try Sleeper() }
      for sleeper in sleepers { try site.group.attach(sleeper.id) }
      let leaf = try site.group.createChild("leaf")
      #expect(try site.group.moveProcesses(to: leaf) == 5)
      #expect(try site.group.processes().isEmpty)
      #expect(try Set(leaf.processes()) == Set(sleepers.map(\.id)))
    }
  }

  @Test func anUnknownTypeOfGroupCannotBeWritten() async throws {
    try await withSite { site in
      let type = try site.group.type.read()
      #expect(type == .domain)
      guard Ground.isReal else { return }
      #expect(fault { try site.group.type.write(.domain) }?.code == .invalidValue)
    }
  }

  @Test func descendantsAreCounted() async throws {
    try await withSite { site in
      _ = try site.group.createChild("a").createChild("b")
      let stat = try site.group.descendants.read()
      if Ground.isReal { #expect(stat.living == 2) }
    }
  }
}
