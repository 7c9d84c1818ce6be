import Faults
import Glibc
import Testing

@testable import CgroupKit

@Suite struct EventTests {
  @Test func aGroupTellsWhenItFillsFreezesThawsAndEmpties() async throws {
    try await withSite { site in
      var events = try site.group.events().makeAsyncIterator()
      let sleeper = try Sleeper()
      try site.group.attach(sleeper.id)
      #expect(try await events.next() == .populated(true))
      try await site.group.freeze()
      #expect(try await events.next() == .frozen(true))
      try await site.group.thaw()
      #expect(try await events.next() == .frozen(false))
      try site.group.kill()
      #expect(try await events.next() == .populated(false))
    }
  }

  @Test func whatHappensBetweenTheCallAndTheIterationIsNotLost() async throws {
    try await withSite { site in
      let sequence = try site.group.events()
      let sleeper = try Sleeper()
      try site.group.attach(sleeper.id)
      var events = sequence.makeAsyncIterator()
      #expect(try await events.next() == .populated(true))
    }
  }

  @Test func theRemovalOfTheGroupEndsTheSequence() async throws {
    try await withSite { site in
      let child = try site.group.createChild("child")
      let sibling = try site.group.createChild("sibling")
      var events = try child.events().makeAsyncIterator()
      try sibling.removeNow()
      try child.removeNow()
      #expect(try await events.next() == .removed)
      #expect(try await events.next() == nil)
      #expect(try await events.next() == nil)
    }
  }

  @Test func manyListenersOfOneGroupAllHear() async throws {
    try await withSite { site in
      let sequences = try (0..<20).map { _ in try site.group.events() }
      let sleeper = try Sleeper()
      try site.group.attach(sleeper.id)
      for sequence in sequences {
        var events = sequence.makeAsyncIterator()
        #expect(try await events.next() == .populated(true))
      }
    }
  }

  @Test func oneListenersEndLeavesTheOthers() async throws {
    try await withSite { site in
      do { _ = try site.group.events() }
      var first: CgroupEvents? = try site.group.events()
      let second = try site.group.events()
      #expect(first != nil)
      first = nil
      let sleeper = try Sleeper()
      try site.group.attach(sleeper.id)
      var events = second.makeAsyncIterator()
      #expect(try await events.next() == .populated(true))
    }
  }

  @Test func aCancelledListenerEnds() async throws {
    try await withSite { site in
      let sequence = try site.group.events()
      let listener = Task {
        var count = 0
        for try await _ in sequence { count += 1 }
        return count
      }
      listener.cancel()
      #expect(try await listener.value == 0)
    }
  }

  @Test func aFileThatIsMissingIsNamed() async throws {
    try await withSite { site in
      let child = try site.group.createChild("child")
      let refused = fault { _ = try child.events(of: ["memory.events"]) }
      #expect(refused?.code == .controllerNotEnabled)
      #expect(refused?.path == "\(child.path)/memory.events")
    }
  }

  @Test(.enabled(if: !Ground.isReal, "counters of a real kernel can't be set: see RealKernelTests"))
  func countersTellByHowMuchTheyGrew() async throws {
    try await withSite { site in
      try site.group.enable([.memory, .pids])
      let child = try site.group.createChild("child")
      var events = try child.events().makeAsyncIterator()
      site.fake?.set(
        "memory.events", of: child.path,
        to: "low 0\nhigh 7\nmax 0\noom 1\noom_kill 2\noom_group_kill 0\nnews 4")
      var seen: Set<CgroupEvent> = []
      for _ in 0..<4 { if let event = try await events.next() { seen.insert(event) } }
      #expect(
        seen == [
          .counted(.memoryHigh, delta: 7, total: 7), .counted(.oom, delta: 1, total: 1),
          .counted(.oomKill, delta: 2, total: 2),
          .counted(EventCounter(file: "memory.events", key: "news"), delta: 4, total: 4),
        ])
      site.fake?.set("pids.events", of: child.path, to: "max 9")
      #expect(try await events.next() == .counted(.pidsMax, delta: 9, total: 9))
      site.fake?.set("pids.events", of: child.path, to: "max 12")
      #expect(try await events.next() == .counted(.pidsMax, delta: 3, total: 12))
    }
  }

  @Test(.enabled(if: !Ground.isReal, "a real kernel prints no nonsense"))
  func textThatIsNoEventFileEndsTheIterationWithAFault() async throws {
    try await withSite { site in
      var events = try site.group.events().makeAsyncIterator()
      site.fake?.set("cgroup.events", of: site.group.path, to: "populated maybe\nfrozen 0")
      var caught: Fault?
      do { _ = try await events.next() } catch { caught = error as? Fault }
      #expect(caught?.code == .unreadableText)
      #expect(caught?.path == "\(site.group.path)/cgroup.events")
    }
  }

  @Test(.enabled(if: !Ground.isReal, "a real trigger needs real pressure: see RealKernelTests"))
  func aPressureTriggerAsksTheKernelAndWakes() async throws {
    try await withSite { site in
      let trigger = try site.group.memory.pressure.trigger(
        .full, stall: .milliseconds(150), within: .seconds(2))
      #expect(site.fake?.triggerRequests() == ["full 150000 2000000"])
      var wakes = trigger.makeAsyncIterator()
      for total in 1...3 {
        site.fake?.set(
          "memory.pressure", of: site.group.path, to: "some avg10=1.50 avg60=0.00 avg300=0.00 total=\(total)")
        site.fake?.raiseTriggers()
        #expect(try await wakes.next()?.some?.total == Microseconds(UInt64(total)))
      }
    }
  }

  @Test func manyGroupsAreWatchedAtOnce() async throws {
    try await withSite { site in
      let children = try (0..<100).map { try site.group.createChild("child-\($0)") }
      let sequences = try children.map { try $0.events(of: ["cgroup.events"]) }
      for child in children.reversed() { try child.removeNow() }
      for sequence in sequences {
        var events = sequence.makeAsyncIterator()
        #expect(try await events.next() == .removed)
      }
    }
  }
}
