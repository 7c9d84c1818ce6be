import Faults
import Glibc
import Kernel
import Policy
import Testing

@testable import IsolatedCore

/// On a tree of files that looks like resctrl; no machine of ours has the real one.
@Suite struct BandwidthGroupsTests {
  /// A mounted resctrl whose own group has `bandwidth`.
  private final class Tree {
    let path: String
    var groups: BandwidthGroups { BandwidthGroups(root: path) }

    init(_ schemata: String?, least: String? = "10") throws {
      var template = Array("/tmp/isolated-resctrl-XXXXXX".utf8CString)
      guard let made = mkdtemp(&template) else { throw Fault(.systemCallFailed, "mkdtemp") }
      path = String(cString: made)
      if let schemata { try SmallFile.replace(path + "/schemata", with: Array(schemata.utf8)) }
      _ = mkdir(path + "/info", 0o755)
      _ = mkdir(path + "/info/MB", 0o755)
      if let least { try SmallFile.replace(path + "/info/MB/min_bandwidth", with: Array((least + "\n").utf8)) }
    }

    /// What the kernel makes with a group.
    func fill(_ name: String) throws {
      _ = mkdir("\(path)/isolated-\(name)", 0o755)
      for file in ["schemata", "tasks"] { try SmallFile.replace("\(path)/isolated-\(name)/\(file)", with: []) }
    }

    func text(_ file: String) throws -> String { try SmallFile.read("\(path)/\(file)", limit: 4096) }

    deinit {
      for name in ["web", "old"] {
        for file in ["schemata", "tasks"] { unlink("\(path)/isolated-\(name)/\(file)") }
        rmdir("\(path)/isolated-\(name)")
      }
      for file in ["schemata", "info/MB/min_bandwidth"] { unlink("\(path)/\(file)") }
      for directory in ["info/MB", "info", ""] { rmdir("\(path)/\(directory)") }
    }
  }

  private func memory(_ bandwidth: String = "30%") throws -> MemoryPolicy {
    try PolicyDocument.parse(
      text: "tenant: web\ncommand: [a]\nmemory: {max: 64MiB, bandwidth: \(bandwidth)}\n", file: "p.yaml"
    ).memory
  }

  @Test func aTenantsGroupHasItsShareOfEveryDomain() throws {
    let tree = try Tree("    L3:0=fff;1=fff\n    MB:0=100;1=100\n")
    #expect(tree.groups.notEnforceable(try memory()) == nil)
    try tree.fill("web")
    try tree.groups.make("web", percent: 30)
    #expect(try tree.text("isolated-web/schemata") == "MB:0=30;1=30\n")
    try tree.groups.add(4711, to: "web")
    #expect(try tree.text("isolated-web/tasks") == "4711\n")
    #expect(tree.groups.text(of: "web") == "MB:0=30;1=30")
  }

  @Test func aFractionIsRoundedUp() throws {
    #expect(BandwidthGroups.percent(of: try memory("30.25%")) == 31)
  }

  @Test(
    arguments: [
      (nil, "resctrl is not mounted"), ("L3:0=fff\n", "no memory bandwidth allocation"),
      ("MB:0=2048\n", "counts bandwidth absolutely"), ("MB:0=4294967295;1=100\n", "counts bandwidth absolutely"),
      ("MB:\n", "no memory bandwidth allocation"), ("MB:0=;1=100\n", "no memory bandwidth allocation"),
      ("MB:0=-1\n", "no memory bandwidth allocation"), ("MB:x=100\n", "no memory bandwidth allocation"),
    ] as [(String?, String)])
  func whatTheProcessorCannotDoIsRefusedWithTheReason(schemata: String?, reason: String) throws {
    let tree = try Tree(schemata)
    let fault = try #require(tree.groups.notEnforceable(try memory()))
    #expect(fault.code == .notEnforceable && fault.message.contains(reason))
    #expect(fault.position?.line == 3 && fault.mend != nil)
  }

  @Test func lessThanTheProcessorCanDoIsRefused() throws {
    let tree = try Tree("MB:0=100\n", least: "40")
    #expect(tree.groups.notEnforceable(try memory())?.message.contains("40%") == true)
    #expect(tree.groups.notEnforceable(try memory("40%")) == nil)
  }

  @Test func whoAsksForNothingNeedsNothing() throws {
    let policy = try PolicyDocument.parse(text: "tenant: web\ncommand: [a]\nmemory: {max: 64MiB}\n", file: "p.yaml")
    #expect(try Tree(nil).groups.notEnforceable(policy.memory) == nil)
  }

  @Test func onlyGroupsOfTenantsThatDoNotRunGo() throws {
    let tree = try Tree("MB:0=100\n")
    for name in ["web", "old"] { _ = mkdir("\(tree.path)/isolated-\(name)", 0o755) }
    try tree.groups.removeStrays(keeping: ["web"])
    #expect(access(tree.path + "/isolated-web", F_OK) == 0)
    #expect(access(tree.path + "/isolated-old", F_OK) != 0)
    #expect(access(tree.path + "/info", F_OK) == 0)
    try tree.groups.remove("never-there")
    try BandwidthGroups(root: "/nowhere").removeStrays(keeping: [])
  }
}
