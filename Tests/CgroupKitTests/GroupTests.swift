import Faults
import Glibc
import Testing

@testable import CgroupKit

@Suite struct GroupTests {
  @Test func aRunInTheLabStandsOnRealGroupsWithAllControllers() throws {
    guard Ground.isLab else { return }
    let root = try #require(Ground.realRoot, "CGROUPKIT_TEST_LAB is set without CGROUPKIT_TEST_ROOT")
    #expect(try Cgroup(path: root).controllers().isSuperset(of: Ground.controllers))
  }

  @Test func aPathThatIsNoGroupIsRefused() {
    #expect(fault { _ = try Cgroup(path: "/tmp") }?.code == .notACgroup)
    #expect(fault { _ = try Cgroup(path: "/etc/passwd") }?.code == .notACgroup)
    #expect(fault { _ = try Cgroup(path: "") }?.code == .noSuchGroup)
    #expect(fault { _ = try Cgroup(path: "/nowhere/at\0all") }?.code == .noSuchGroup)
    let missing = fault { _ = try Cgroup(path: "/nowhere") }
    #expect(missing?.code == .noSuchGroup)
    #expect(missing?.errno?.name == "ENOENT")
    #expect(missing?.path == "/nowhere")
  }

  @Test(arguments: [
    "", ".", "..", "a/b", "/", "a\nb", "a\0b", "\u{7f}", "\u{9b}x", String(repeating: "x", count: 256),
  ])
  func aNameThatIsNoSingleComponentIsRefusedBeforeTheKernelSeesIt(name: String) async throws {
    try await withSite { site in
      #expect(fault { _ = try site.group.createChild(name) }?.code == .invalidGroupName)
      #expect(fault { _ = try site.group.child(name) }?.code == .invalidGroupName)
    }
  }

  @Test func theKernelsOwnPrefixIsRefusedForNewGroups() async throws {
    try await withSite { site in
      #expect(fault { _ = try site.group.createChild("cgroup.mine") }?.code == .invalidGroupName)
    }
  }

  @Test func childrenAreCreatedListedAndOpened() async throws {
    try await withSite { site in
      let names = ["web", "déjà vu", "-rf", "a b", "worker.service"]
      for name in names { _ = try site.group.createChild(name) }
      #expect(try Set(site.group.childNames()) == Set(names))
      #expect(try site.group.children().count == names.count)
      #expect(try site.group.child("web").path == site.group.path + "/web")
      #expect(try site.group.childIfPresent("missing") == nil)
      #expect(fault { _ = try site.group.child("missing") }?.code == .noSuchGroup)
      let again = fault { _ = try site.group.createChild("web") }
      #expect(again?.code == .groupExists)
      #expect(again?.mend != nil)
    }
  }

  @Test func anInterfaceFileIsNoChild() async throws {
    try await withSite { site in
      #expect(fault { _ = try site.group.child("cgroup.procs") }?.code == .notACgroup)
      let names = try site.group.childNames()
      #expect(!names.contains("cgroup.procs"))
    }
  }

  @Test func aLimitOnGroupsIsExplained() async throws {
    try await withSite { site in
      try site.group.maxDescendants.write(1)
      #expect(try site.group.maxDescendants.read() == .at(1))
      _ = try site.group.createChild("first")
      let refused = fault { _ = try site.group.createChild("second") }
      #expect(refused?.code == .tooManyGroups)
      #expect(refused?.errno?.name == "EAGAIN")
    }
  }

  @Test func aRemovedGroupSaysSo() async throws {
    try await withSite { site in
      let child = try site.group.createChild("short")
      try child.removeNow()
      #expect(fault { _ = try child.processes() }?.code == .groupGone)
      #expect(fault { _ = try child.cpu.stat.read() }?.code == .groupGone)
      #expect(fault { try child.attach(getpid()) }?.code == .groupGone)
      #expect(fault { _ = try child.createChild("x") }?.code == .groupGone)
      #expect(fault { _ = try child.events() }?.code == .groupGone)
      try child.removeNow()
    }
  }

  @Test func anotherGroupOfTheSameNameIsNeverRemovedInstead() async throws {
    try await withSite { site in
      let first = try site.group.createChild("twin")
      try first.removeNow()
      let second = try site.group.createChild("twin")
      try first.removeNow()
      try await first.remove()
      #expect(try second.processes().isEmpty)
    }
  }

  @Test func theDirectoryCanBeHandedToOtherSystemCalls() async throws {
    try await withSite { site in
      let directory = try site.group.openDirectory()
      #expect(fcntl(directory.rawValue, F_GETFD) & FD_CLOEXEC != 0)
      #expect(faccessat(directory.rawValue, "cgroup.procs", R_OK, 0) == 0)
      #expect(site.group.withDescriptor { faccessat($0, "cgroup.procs", R_OK, 0) } == 0)
    }
  }

  @Test func aDeepTreeIsRemovedFromTheLeavesUpWithFewDescriptors() async throws {
    try await withSite { site in
      var group = site.group
      for depth in 0..<60 {
        _ = try group.createChild("side")
        group = try group.createChild("level-\(depth)")
      }
      try await site.group.removeTree()
      #expect(fault { _ = try site.group.processes() }?.code == .groupGone)
    }
  }

  @Test func ownGroupAndRootAreFound() throws {
    // Both depend on the machine; what must hold everywhere is that a failure names its cause.
    let found = fault {
      let root = try Cgroup.root()
      let own = try Cgroup.containing()
      #expect(own.path.hasPrefix(root.path))
      #expect(try own.processes().contains(getpid()))
    }
    if let found { #expect(found.code == .notACgroup || found.code == .noSuchGroup) }
    #expect(fault { _ = try Cgroup.containing(pid_t.max) }?.code == .noSuchProcess)
  }
}
