import ControlProtocol
import Faults
import Glibc
import Testing

@testable import isoctl

@Suite struct DoctorTests {
  @Test func aHostThatHasEverythingIsQuietAndSucceeds() throws {
    let host = try FakeHost()
    // The files are this user's, and to be root's is what is asked of some.
    try #require(geteuid() == 0, "run the tests as root, as the lab and CI do")
    let report = host.report
    #expect(report.checks.filter { $0.verdict != .enforceable }.map(\.id) == [])
    #expect(report.status == 0)
    #expect(report.verdict == "enforceable")
  }

  @Test func everyCheckHasAnIdOfItsOwnAndEveryFindingAMend() throws {
    let host = try FakeHost()
    let checks = host.report.checks
    #expect(Set(checks.map(\.id)).count == checks.count)
    for check in checks {
      #expect(check.id.hasPrefix(check.group.rawValue + "."), "\(check.id)")
      #expect((check.mend == nil) == (check.state == .ok), "\(check.id)")
      #expect(!check.found.isEmpty && !check.why.isEmpty, "\(check.id)")
    }
  }

  // MARK: Control groups

  @Test func aHostWithoutControlGroupsCannotRunTenants() throws {
    let host = try FakeHost()
    try host.write("proc/self/mountinfo", "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n")
    let check = try #require(host.check("cgroups.hierarchy"))
    #expect(check.state == .missing)
    #expect(host.report.status == 2)
  }

  @Test func aHostOfCgroupV1IsToldTheKernelCommandLine() throws {
    let host = try FakeHost()
    try host.write(
      "proc/self/mountinfo",
      """
      22 1 8:1 / / rw - ext4 /dev/sda1 rw
      30 22 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
      31 22 0:31 / /sys/fs/cgroup/blkio rw - cgroup cgroup rw,blkio
      32 22 0:32 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd

      """)
    try host.write("etc/default/grub", "GRUB_CMDLINE_LINUX=\n")
    let check = try #require(host.check("cgroups.hierarchy"))
    #expect(check.state == .missing)
    #expect(check.found.contains("holds io, memory"))
    let mend = try #require(check.mend)
    #expect(mend.contains("systemd.unified_cgroup_hierarchy=1 cgroup_no_v1=all"))
    #expect(mend.contains("update-grub"))
    #expect(host.report.status == 2)
  }

  @Test func aHybridHostNamesTheControllersThatV1Holds() throws {
    let host = try FakeHost()
    try host.write(
      "proc/self/mountinfo",
      """
      22 1 8:1 / / rw - ext4 /dev/sda1 rw
      30 22 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
      33 22 0:33 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw

      """)
    try host.write("sys/fs/cgroup/unified/cgroup.controllers", "hugetlb\n")
    let hierarchy = try #require(host.check("cgroups.hierarchy"))
    #expect(hierarchy.state == .limited)
    #expect(hierarchy.found.contains("which holds memory"))
    let memory = try #require(host.check("cgroups.memory"))
    #expect(memory.found == "held by cgroup v1, at /sys/fs/cgroup/memory")
    #expect(host.check("cgroups.hugetlb")?.state == .ok)
    #expect(host.report.status == 1)
    #expect(host.report.host.cgroups == "cgroup v1 and v2 (hybrid, v2 at /sys/fs/cgroup/unified)")
  }

  @Test func aSystemdHierarchyOfV1WithoutControllersDoesNoHarm() throws {
    let host = try FakeHost()
    try host.write(
      "proc/self/mountinfo",
      """
      22 1 8:1 / / rw - ext4 /dev/sda1 rw
      24 22 0:22 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw
      32 22 0:32 / /sys/fs/other rw - cgroup cgroup rw,name=old

      """)
    #expect(host.check("cgroups.hierarchy")?.verdict == .enforceable)
  }

  @Test func aControllerThatTheCommandLineTurnsOffIsToldFromOneThatIsNotBuilt() throws {
    let host = try FakeHost()
    try host.write("sys/fs/cgroup/cgroup.controllers", "cpu io pids\n")
    try host.write("proc/cmdline", "root=/dev/sda1 cgroup_disable=memory,hugetlb quiet\n")
    let memory = try #require(host.check("cgroups.memory"))
    #expect(memory.found == "turned off")
    #expect(memory.mend?.contains("cgroup_disable=memory") == true)
    #expect(host.check("cgroups.cpuset")?.found.contains("not in /sys/fs/cgroup") == true)
  }

  @Test(arguments: [
    ("sys/fs/cgroup", "/sys/fs/cgroup"), ("sys/fs/cgroup/isolated.slice", "/sys/fs/cgroup/isolated.slice"),
    (
      "sys/fs/cgroup/isolated.slice/isolated-tenants.service",
      "/sys/fs/cgroup/isolated.slice/isolated-tenants.service"
    ),
  ])
  func aGapInTheDelegationIsFoundWhereItIs(_ file: String, _ place: String) throws {
    let host = try FakeHost()
    try host.write(file + "/cgroup.subtree_control", "cpuset cpu memory pids\n")
    let check = try #require(host.check("cgroups.delegation.io"))
    #expect(check.found == "\(place) doesn't hand io down to tenants")
    #expect(host.report.status == 1)
  }

  @Test func memoryThatNoAncestorCarriesIsTold() throws {
    let host = try FakeHost()
    let unit = "sys/fs/cgroup/isolated.slice/isolated-tenants.service"
    try host.write(unit + "/web/memory.min", "67108864\n")
    try host.write(unit + "/db/memory.min", "67108864\n")
    try host.write("sys/fs/cgroup/isolated.slice/memory.min", "max\n")
    try host.write(unit + "/memory.min", "67108864\n")
    let check = try #require(host.check("cgroups.memory-min"))
    #expect(check.found.contains("128MiB"))
    #expect(check.mend == "systemctl set-property --runtime isolated-tenants.service MemoryMin=134217728")
    try host.write(unit + "/memory.min", "134217728\n")
    #expect(host.check("cgroups.memory-min")?.state == .ok)
  }

  @Test(arguments: ["max", "18446744073709551615", "-5", "", "9223372036854775807", "x"])
  func noNumberInAGroupIsTooMuch(_ text: String) throws {
    let host = try FakeHost()
    let unit = "sys/fs/cgroup/isolated.slice/isolated-tenants.service"
    try host.write(unit + "/web/memory.min", text)
    try host.write(unit + "/db/memory.min", text)
    #expect(host.check("cgroups.memory-min") != nil)
  }

  @Test func swapWithoutABoundIsTold() throws {
    let host = try FakeHost()
    try host.write("proc/swaps", "Filename Type Size\n/dev/sda2 partition 1048572\n")
    #expect(host.check("cgroups.swap")?.state == .limited)
    try host.write("sys/fs/cgroup/isolated.slice/isolated-tenants.service/memory.swap.max", "max\n")
    #expect(host.check("cgroups.swap")?.state == .ok)
  }

  // MARK: The kernel

  @Test(arguments: [
    ("6.1.0-41-amd64", true), ("6.12.57+deb13", true), ("7.0", true), ("10.0.1", true), ("6.0.19", false),
    ("5.15.0-generic", false), ("6", false), ("", false), ("six.one", false), ("6.-1", false),
    ("99999999999999999999.1", false),
  ])
  func theFloorIsLinux61(_ release: String, _ isEnough: Bool) throws {
    let host = try FakeHost()
    host.doctor.kernel.release = release
    #expect(host.check("kernel.version")?.state == (isEnough ? .ok : .missing))
    #expect((host.report.status == 2) == !isEnough)
  }

  @Test func callsThatAFilterRefusesAreNamed() throws {
    let host = try FakeHost()
    host.doctor.kernel.clone3 = .no(ErrorNumber(ENOSYS))
    host.doctor.kernel.openat2 = .no(ErrorNumber(EPERM))
    #expect(host.check("kernel.clone3")?.mend?.contains("Docker") == true)
    #expect(host.check("kernel.openat2")?.mend?.contains("allow openat2") == true)
    #expect(host.report.status == 2)
  }

  @Test func memoryThatMayNotBeRunIsToldEvenWhereTheProbeWorked() throws {
    let host = try FakeHost()
    try host.write("proc/sys/vm/memfd_noexec", "2\n")
    let check = try #require(host.check("kernel.memfd"))
    #expect(check.state == .missing)
    #expect(check.mend?.hasPrefix("sysctl vm.memfd_noexec=1") == true)
  }

  @Test func pressureThatIsBuiltInButOffIsTurnedOnAtBoot() throws {
    let host = try FakeHost()
    host.remove("proc/pressure/io")
    #expect(host.check("io.pressure")?.state == .missing)
    try host.write("boot/config-6.12.57+deb13-cloud-amd64", "CONFIG_A=y\nCONFIG_PSI=y\n")
    let check = try #require(host.check("io.pressure"))
    #expect(check.state == .limited)
    #expect(check.mend?.contains("psi=1") == true)
  }

  // MARK: Namespaces

  @Test func noUserNamespacesMeansNoTenants() throws {
    let host = try FakeHost()
    try host.write("proc/sys/user/max_user_namespaces", "0\n")
    host.doctor.kernel.namespaces["user"] = .no(ErrorNumber(ENOSPC))
    let check = try #require(host.check("namespaces.user"))
    #expect(check.mend?.hasPrefix("sysctl user.max_user_namespaces=8192") == true)
    #expect(host.check("namespaces.counts")?.state == .missing)
    #expect(host.report.status == 2)
  }

  @Test func tooFewNamespacesAreTooFewTenants() throws {
    let host = try FakeHost()
    try host.write("proc/sys/user/max_net_namespaces", "100\n")
    let check = try #require(host.check("namespaces.counts"))
    #expect(check.state == .limited)
    #expect(check.found.contains("user.max_net_namespaces is 100"))
    #expect(host.report.status == 1)
  }

  @Test func rulesForUsersAreNoneForTheDaemon() throws {
    let host = try FakeHost()
    try host.write("proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n")
    try host.write("proc/sys/kernel/unprivileged_userns_clone", "0\n")
    let check = try #require(host.check("namespaces.unprivileged"))
    #expect(check.state == .ok)
    #expect(check.found.contains("the daemon is root"))
  }

  @Test func aCoveredProcIsTold() throws {
    let host = try FakeHost()
    try host.write(
      "proc/self/mountinfo",
      """
      22 1 8:1 / / rw - ext4 /dev/sda1 rw
      24 22 0:22 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw
      40 23 0:21 /kcore /proc/kcore rw - tmpfs tmpfs rw

      """)
    #expect(host.check("namespaces.proc")?.found.contains("/proc/kcore") == true)
    #expect(host.report.status == 2)
  }

  @Test func idsAreTriedOnTheMountsOfPolicies() throws {
    let host = try FakeHost()
    try host.write(
      "proc/self/mountinfo",
      """
      22 1 8:1 / / rw - ext4 /dev/sda1 rw
      24 22 0:22 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw
      26 22 0:50 / /srv/far rw - nfs4 server:/x rw
      27 22 8:17 / /srv/near rw - xfs /dev/sdb1 rw

      """)
    try host.write(
      "etc/isolated/policies/web.yaml",
      """
      tenant: web
      command: [/bin/true]
      memory: {max: 1MiB}
      root: {writable: [/srv/far/web, /srv/near/web]}

      """)
    try host.write("etc/isolated/policies/broken.yaml", "tenant: [\n")
    host.doctor.mapsIds = { $0 == "/srv/far" ? .no(ErrorNumber(EINVAL)) : .yes(0) }
    #expect(host.check("namespaces.idmap./srv/far")?.state == .missing)
    #expect(host.check("namespaces.idmap./srv/near")?.state == .ok)
    #expect(host.check("namespaces.idmap./") == nil)
    host.doctor.mapsIds = { _ in .notAsked("only root may try") }
    #expect(host.check("namespaces.idmap./srv/far")?.state == .unknown)
    #expect(host.check("namespaces.idmap./srv/near")?.found.contains("since Linux 5.12") == true)
  }

  // MARK: Disks

  @Test func aDiskThatNobodyMeasuredLimitsWhatPoliciesMayAsk() throws {
    let host = try FakeHost()
    host.doctor.calibration = { _ in nil }
    let check = try #require(host.check("io.calibration.sda"))
    #expect(check.state == .missing)
    #expect(check.mend?.contains("isoctl io calibrate --save") == true)
    #expect(host.report.status == 1)
  }

  @Test func anOldCalibrationIsToldInTheSchedulersWords() throws {
    let host = try FakeHost()
    host.doctor.now += 200 * 86_400
    #expect(host.check("io.calibration.sda")?.state == .limited)
  }

  @Test func aDamagedCalibrationIsNoReasonToFail() throws {
    let host = try FakeHost()
    host.doctor.calibration = { _ throws(Fault) in throw Fault("io-calibration.bad-file", "it is garbage") }
    #expect(host.check("io.calibration.sda")?.found == "it is garbage")
  }

  @Test(arguments: [
    ("io.sensor.types", "sys/kernel/btf/vmlinux"), ("io.sensor.program", "usr/lib/isolated/iolatency.bpf.o"),
  ])
  func whatTheSensorLacksIsNamed(_ id: String, _ file: String) throws {
    let host = try FakeHost()
    host.remove(file)
    #expect(host.check(id)?.state == .missing)
    #expect(host.report.status == 1)
  }

  @Test func aKernelLockedDownForConfidentialityHasNoSensor() throws {
    let host = try FakeHost()
    try host.write("sys/kernel/security/lockdown", "none integrity [confidentiality]\n")
    #expect(host.check("io.sensor.lockdown")?.state == .missing)
  }

  // MARK: The rest

  @Test func filesThatOthersMayHaveWrittenAreNotTrusted() throws {
    let host = try FakeHost()
    try host.write("usr/lib/isolated/tenant-init", "x", mode: 0o775)
    let check = try #require(host.check("installation.tenant-init"))
    #expect(check.state == .missing)
    #expect(check.found.contains("0775"))
    #expect(host.report.status == 2)
  }

  @Test func aUserOutsideTheGroupIsToldHowToGetIn() throws {
    let host = try FakeHost()
    host.doctor.caller = .init(user: 1000, groups: [1000])
    let check = try #require(host.check("daemon.socket"))
    #expect(check.mend?.contains("usermod --append --groups isolated") == true)
    host.doctor.caller = .init(user: 1000, groups: [1000, getegid()])
    #expect(host.check("daemon.socket")?.state == .ok)
  }

  @Test func aSocketThatSomebodyOpenedToAllIsTold() throws {
    let host = try FakeHost()
    try host.write("run/isolated/io.isolated", "", mode: 0o666)
    #expect(host.check("daemon.socket")?.found.contains("0666") == true)
  }

  @Test func aDaemonThatIsDownLimitsButSpoilsNothing() throws {
    let host = try FakeHost()
    host.doctor.daemon.reach = .fails(Fault(.notRunning, "the daemon isn't running", mend: "start it"))
    #expect(host.report.checks.filter { $0.verdict != .enforceable }.map(\.id) == ["daemon.reach"])
    #expect(host.report.status == 1)
  }

  @Test func aDaemonOfAnotherReleaseIsARemark() throws {
    let host = try FakeHost()
    host.doctor.daemon.reach = .answers(version: "0.0.9", controllers: ["cpu", "cpuset", "io", "memory", "pids"])
    #expect(host.check("daemon.version")?.found == "the daemon is 0.0.9, and isoctl is \(isolatedVersion)")
  }

  @Test func unitsThatAreMaskedOrGoneAreTold() throws {
    let host = try FakeHost()
    host.doctor.systemd?.units["isolated.service"] = ["LoadState": "masked", "ActiveState": "inactive"]
    host.doctor.systemd?.units["isolated-tenants.service"] = nil
    #expect(host.check("systemd.isolated.service")?.mend == "systemctl unmask isolated.service")
    #expect(host.check("systemd.isolated-tenants.service")?.found == "not-found")
  }

  @Test func aSocketUnitIsLookedAtWhereItIsInstalled() throws {
    let host = try FakeHost()
    #expect(host.check("systemd.isolated.socket") == nil)
    host.doctor.systemd?.units["isolated.socket"] = ["LoadState": "loaded", "ActiveState": "inactive"]
    let check = try #require(host.check("systemd.isolated.socket"))
    #expect(check.mend == "systemctl start isolated.socket")
    #expect(check.verdict == .enforceable)
  }

  @Test(arguments: ["docker", "lxc"])
  func aContainerSaysThatItIsOne(_ name: String) throws {
    let host = try FakeHost()
    try host.write("run/systemd/container", name + "\n")
    #expect(host.report.host.within == "a container (\(name))")
    #expect(host.report.status == 1)
  }

  @Test func capabilitiesThatNobodyHasAreNamed() throws {
    let host = try FakeHost()
    try host.write("proc/1/status", "CapBnd:\t00000000a80425fb\n")
    let check = try #require(host.check("security.capabilities"))
    #expect(check.found.contains("CAP_SYS_ADMIN"))
    #expect(host.report.status == 2)
    try host.write("proc/1/status", "CapBnd:\tgarbage\n")
    #expect(host.check("security.capabilities")?.state == .unknown)
  }

  @Test(arguments: [
    ("user:268435456:65536", false), ("user:100000:65536", true), ("user:1:9223372036854775807", false),
    ("user:-1:5", true), ("user:x:y", true), (":::", true), ("user:1879048192:10", true),
  ])
  func othersSubordinateIdsAreNotTenants(_ line: String, _ isOK: Bool) throws {
    let host = try FakeHost()
    try host.write("etc/subuid", line + "\n")
    #expect(host.check("limits.subordinate-ids")?.state == (isOK ? .ok : .limited))
  }

  @Test func aTreeWithoutAnythingIsReadWithoutAMishap() throws {
    let host = try FakeHost()
    host.doctor.tree = .init(root: "/nowhere/at/all")
    host.doctor.systemd = nil
    #expect(host.report.status == 2)
  }

  @Test func hostileFilesNeverTrap() throws {
    let files = [
      "proc/self/mountinfo", "proc/filesystems", "proc/self/uid_map", "proc/1/status", "proc/swaps", "proc/cgroups",
      "proc/cmdline", "proc/cpuinfo", "proc/1/environ", "proc/sys/user/max_user_namespaces", "proc/sys/kernel/pid_max",
      "sys/fs/cgroup/cgroup.controllers", "sys/fs/cgroup/cgroup.subtree_control", "etc/subuid", "etc/group",
      "sys/fs/cgroup/isolated.slice/isolated-tenants.service/web/memory.min",
      "sys/fs/cgroup/isolated.slice/isolated-tenants.service/memory.min", "sys/kernel/security/lockdown",
      "etc/isolated/policies/web.yaml", "run/systemd/container", "sys/class/dmi/id/sys_vendor",
    ]
    let pieces = [
      "", "\n", " ", "\t", ":", "-", ",", "=", "0", "-1", "9223372036854775807", "18446744073709551616", "max",
      "cgroup2", "cgroup", "memory", "CapBnd:\tffffffffffffffffffff", "CapBnd:\t", "\0", "\u{1b}[2J", "٣", "/", "\\134",
      "22 1 8:1 / / rw - cgroup2 x rw", "22 1 8:1 / /proc/x rw - cgroup x", "flags\t: hypervisor", "container=",
    ]
    let host = try FakeHost()
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<400 {
      let file = try #require(files.randomElement(using: &generator))
      let text = (0..<Int.random(in: 0...12, using: &generator))
        .compactMap { _ in pieces.randomElement(using: &generator) }.joined()
      try host.write(file, text)
      let lines = DoctorText(host.report, all: true, Terminal(width: 40, hasColour: true)).lines
      // What a file says can't drive the terminal.
      #expect(!lines.contains { $0.contains("\u{1b}[2J") }, "\(file): \(text.debugDescription)")
    }
  }

  // MARK: Words

  @Test func systemctlsBlocksAreTakenApart() {
    let units = SystemdAnswers.parse(
      "Id=a.service\nDelegate=yes\nX=1=2\n\nLoadState=loaded\nId=b.slice\nnonsense\n\n\n")
    #expect(
      units == [
        "a.service": ["Id": "a.service", "Delegate": "yes", "X": "1=2"],
        "b.slice": ["Id": "b.slice", "LoadState": "loaded"],
      ])
  }

  @Test(arguments: [80, 120])
  func noLineIsWiderThanTheTerminal(_ width: Int) throws {
    let host = try FakeHost()
    host.doctor.tree = .init(root: "/nowhere/at/all")
    let lines = DoctorText(host.report, all: true, Terminal(width: width, hasColour: false)).lines
    // A word that is longer than a line, such as a path, may stand out.
    #expect(lines.allSatisfy { $0.count <= width || !$0.trimmingPrefix(" ").contains(" ") })
  }

  @Test func whatIsWellIsOnlyCounted() throws {
    let host = try FakeHost()
    host.doctor.calibration = { _ in nil }
    let text = DoctorText(host.report, all: false, Terminal(width: nil, hasColour: false)).lines.joined(separator: "\n")
    #expect(text.contains("kernel        ok, 8 checked"))
    #expect(text.contains("  missing calibration of sda: never measured\n          needed for: "))
    #expect(!text.contains("\u{1b}"))
    #expect(!text.contains("clone3"))
  }

  // MARK: Space

  @Test func quotaGroupsOfBtrfsCountAsQuotas() throws {
    let host = try FakeHost()
    try host.write(
      "proc/self/mountinfo",
      """
      22 1 8:1 / / rw - ext4 /dev/sda1 rw
      23 22 0:51 / /pool rw - btrfs /dev/sdb1 rw
      24 22 0:52 / /other rw - btrfs /dev/sdc1 rw

      """)
    for (identity, device) in [("a-b", "sdb1"), ("c-d", "sdc1")] {
      try host.write("sys/fs/btrfs/\(identity)/devices/\(device)/size", "1")
    }
    #expect(try #require(host.check("io.project-quotas")).mend?.contains("btrfs quota enable") == true)
    try host.write("sys/fs/btrfs/a-b/qgroups/enabled", "1\n")
    #expect(try #require(host.check("io.project-quotas")).found == "on at /pool")
  }

  @Test func quotaGroupsOfBtrfsCountAlsoOnMappedDevices() throws {
    let host = try FakeHost()
    try host.write(
      "proc/self/mountinfo",
      """
      22 1 8:1 / / rw - ext4 /dev/sda1 rw
      23 22 0:51 / /pool rw - btrfs /dev/mapper/vault-data rw
      24 22 0:52 / /other rw - btrfs /dev/mapper/other rw

      """)
    for (identity, device, name) in [("a-b", "dm-0", "vault-data"), ("c-d", "dm-1", "other")] {
      try host.write("sys/fs/btrfs/\(identity)/devices/\(device)/size", "1")
      try host.write("sys/class/block/\(device)/dm/name", "\(name)\n")
    }
    try host.write("sys/fs/btrfs/a-b/qgroups/enabled", "1\n")
    #expect(try #require(host.check("io.project-quotas")).found == "on at /pool")
  }
}
