import Faults
import Testing

@testable import CgroupKit

@Suite struct ControllerTests {
  @Test(.enabled(if: Ground.has(.memory), "the ground hands no memory controller down"))
  func aControllersFilesComeAndGoWithTheParentsChoice() async throws {
    try await withSite { site in
      let child = try site.group.createChild("child")
      #expect(!child.memory.max.exists)
      let refused = fault { try child.memory.max.write(.at(.mebibytes(64))) }
      #expect(refused?.code == .controllerNotEnabled)
      #expect(refused?.errno?.name == "ENOENT")
      #expect(refused?.path == "\(child.path)/memory.max")
      #expect(refused?.message.contains("\"67108864\"") == true)
      #expect(refused?.mend?.contains("cgroup.subtree_control") == true)
      try site.group.enable([.memory])
      try site.group.enable([.memory])
      #expect(try site.group.enabledControllers() == [.memory])
      #expect(try child.controllers() == [.memory])
      #expect(child.memory.max.exists)
      try child.memory.max.write(.at(.mebibytes(64)))
      try site.group.disable([.memory])
      try site.group.disable([.memory])
      #expect(!child.memory.max.exists)
      #expect(fault { _ = try child.memory.current.read() }?.code == .controllerNotEnabled)
    }
  }

  @Test func aControllerThatNobodyHasIsNamed() async throws {
    try await withSite { site in
      let refused = fault { try site.group.enable(["imaginary"]) }
      #expect(refused?.code == .controllerUnavailable)
      #expect(refused?.message.contains("imaginary") == true)
      #expect(refused?.path == "\(site.group.path)/cgroup.controllers")
    }
  }

  @Test(.enabled(if: Ground.has(.pids) && Ground.has(.memory), "the ground hands too few controllers down"))
  func controllersAreHandedDownAWholePathAndTakenBackFromTheLeavesUp() async throws {
    try await withSite { site in
      let leaf = try site.group.createChild("a").createChild("b").createChild("leaf")
      try site.group.enable([.pids, .memory], along: ["a", "b"])
      #expect(try leaf.controllers() == [.pids, .memory])
      let refused = fault { try site.group.disable([.pids]) }
      #expect(refused?.code == .controllerInUse)
      #expect(refused?.errno?.name == "EBUSY")
      try site.group.disableThroughout([.pids])
      #expect(try leaf.controllers() == [.memory])
      #expect(fault { try site.group.enable([.pids], along: ["a", "missing"]) }?.code == .noSuchGroup)
    }
  }

  @Test(.enabled(if: Ground.has(.memory), "the ground hands no memory controller down"))
  func processesInTheWayAreNamedAndCanBeMovedIntoALeaf() async throws {
    try await withSite { site in
      let sleeper = try Sleeper()
      try site.group.attach(sleeper.id)
      let refused = fault { try site.group.enable([.memory]) }
      #expect(refused?.code == .internalProcesses)
      #expect(refused?.message.contains("process \(sleeper.id)") == true)
      #expect(refused?.mend?.contains("moveProcesses") == true)
      let leaf = try site.group.createChild("leaf")
      try site.group.moveProcesses(to: leaf)
      try site.group.enable([.memory])
      #expect(try leaf.processes() == [sleeper.id])
      let attaching = fault { try site.group.attach(sleeper.id) }
      #expect(attaching?.code == .internalProcesses)
    }
  }
}
