import Faults
import Glibc
import Testing

@testable import IOCalibration

@Suite struct DiskFactsTests {
  @Test func aDiskIsReadWithItsPartitionsAndMounts() throws {
    let system = try FakeSystem()
    system.disk("nvme0n1", number: "259:0")
    system.file("/sys/block/nvme0n1/wwid", "nvme.1b36-313233-51454d55-00000001\n")
    system.file("/sys/block/nvme0n1/device/serial", "123   \n")
    system.file("/sys/block/nvme0n1/device/model", "QEMU NVMe Ctrl   \n")
    system.file("/sys/block/nvme0n1/nvme0n1p1/partition", "1\n")
    system.file("/sys/block/nvme0n1/nvme0n1p1/dev", "259:1\n")
    system.file("/sys/block/nvme0n1/nvme0n1p1/size", "2048\n")
    system.cgroups(
      mounts: "40 30 259:1 / /srv/with\\040space rw - ext4 /dev/nvme0n1p1 rw\n"
        + "41 30 0:51 /sub /pool rw - btrfs /dev/nvme0n1p1 rw\n")
    let disk = try #require(DiskFacts.all(system.tree).first)
    #expect(disk.id == "nvme.1b36-313233-51454d55-00000001")
    #expect(disk.serial == "123")
    #expect(disk.model == "QEMU NVMe Ctrl")
    #expect(disk.size == 10 << 30)
    #expect(disk.scheduler == "none")
    #expect(disk.schedulers == ["none", "mq-deadline", "bfq"])
    #expect(disk.largestIO == 512 << 10)
    #expect(disk.partitions == [.init(name: "nvme0n1p1", number: "259:1", size: 1 << 20)])
    #expect(disk.mounts.map(\.point) == ["/pool", "/srv/with space"])
    #expect(disk.promise.level == .all)
    #expect(disk.mechanisms.ioMax == .available)
    #expect(disk.mechanisms.ioCost == .available)
    #expect(disk.mechanisms.ioWeight == .possible(after: "io.cost is enabled on this disk"))
    #expect(disk.mechanisms.ioLatency == .missing(because: "the kernel was built without CONFIG_BLK_CGROUP_IOLATENCY"))
    #expect(disk.physicalDisks == ["nvme0n1"])
  }

  @Test func stackedDevicesNameTheDisksBeneath() throws {
    let system = try FakeSystem()
    system.cgroups()
    for (index, name) in ["sda", "sdb"].enumerated() {
      system.disk(name, number: "8:\(index * 16)")
      system.file("/sys/block/\(name)/\(name)1/partition", "1")
      system.file("/sys/block/\(name)/\(name)1/dev", "8:\(index * 16 + 1)")
      system.directory("/sys/block/\(name)/holders/md0")
    }
    system.disk("md0", number: "9:0", hasQueue: false)
    system.file("/sys/block/md0/md/level", "raid1\n")
    system.directory("/sys/block/md0/slaves/sda1")
    system.directory("/sys/block/md0/slaves/sdb1")
    system.disk("dm-0", number: "253:0", hasQueue: false)
    system.directory("/sys/block/dm-0/slaves/md0")
    let disks = DiskFacts.all(system.tree)
    let mapped = try #require(disks.first { $0.name == "dm-0" })
    #expect(mapped.physicalDisks == ["sda", "sdb"])
    #expect(mapped.promise.level == .all)
    #expect(mapped.mechanisms.ioCost == .missing(because: "the driver takes bios and has no request queue (blk-mq)"))
    #expect(disks.first { $0.name == "sda" }?.holders == ["md0"])
  }

  @Test(arguments: [
    ("raid5", PromiseVerdict.Level.none), ("raid6", .none), ("raid4", .none), ("raid0", .all), ("raid10", .all),
    ("", .none),
  ])
  func onlySomeRAIDLevelsKeepTheOwnerOfAnIO(level: String, expected: PromiseVerdict.Level) throws {
    let system = try FakeSystem()
    system.cgroups()
    system.disk("md127", number: "9:127", hasQueue: false)
    system.file("/sys/block/md127/md/level", level)
    #expect(try #require(DiskFacts.all(system.tree).first).promise.level == expected)
  }

  @Test func whatIsNoDiskOfItsOwnSaysSo() throws {
    let system = try FakeSystem()
    system.cgroups(mounts: "50 30 0:60 / /data rw - nfs4 server:/data rw\n51 30 0:61 / /home/x rw - fuse.sshfs y rw\n")
    system.disk("loop0", number: "7:0")
    system.disk("loop1", number: "7:1", gibibytes: 0)
    system.disk("zram0", number: "252:0", hasQueue: false)
    let disks = DiskFacts.all(system.tree)
    #expect(disks.map(\.name) == ["loop0", "zram0"], "an empty loop device is nothing")
    #expect(disks.allSatisfy { $0.promise.level == .some && !$0.promise.reasons.isEmpty })
    #expect(UngovernedMount.all(system.tree).map(\.point) == ["/data", "/home/x"])
  }

  @Test func withoutTheControllerNothingIsPromised() throws {
    let system = try FakeSystem()
    system.disk("sda", number: "8:0")
    let disk = try #require(DiskFacts.all(system.tree).first)
    #expect(disk.promise.level == .none)
    #expect(disk.promise.reasons == ["cgroup v2 has no io controller on this host"])
    #expect(DiskFacts.all(SystemTree(root: "/nowhere")).isEmpty)
  }

  @Test func hostileContentNeverTraps() throws {
    let names = ["sda", "dm-0", "md5", "loop3", "nbd1", "sr0", "md", "x y", "é", "-"]
    let files = [
      "dev", "size", "ro", "wwid", "md/level", "dm/uuid", "device/model", "device/queue_depth", "queue/scheduler",
      "queue/nr_requests", "queue/max_sectors_kb", "queue/rotational", "slaves/dm-0", "slaves/md5", "slaves/zz",
      "part/partition", "part/dev", "part/size",
    ]
    let texts: [[UInt8]] =
      [
        "", "\n", "0", "-1", "9223372036854775807", "9223372036854775808", "18446744073709551615", "1e9", "8:0", "8:",
        ":",
        "8:0:0", "4294967296:0", "[", "[]", "[none", "]x[", "[a] [b]", String(repeating: "[", count: 9000),
        "\u{0}\u{0}",
        "raid5", "\u{1b}[2J",
      ].map { Array($0.utf8) } + [[0xff, 0xfe, 0xc3], Array(repeating: 0x20, count: 5000)]
    let mounts = [
      "", "a", "1 2 8:0 / / rw - ext4", "1 2 8:0 / /\\04 rw - ext4 /dev/sda rw", "1 2 8:0 / \\777\\000 rw - x y z",
      "- - - - - - - - -", "24 30 0:22 / / rw - cgroup2 cgroup2 rw", String(repeating: "- ", count: 3000),
    ]
    var random = SplitMix(seed: 3)
    for _ in 0..<60 {
      let system = try FakeSystem()
      for name in names where random.below(2) == 0 {
        system.file("/sys/block/\(name)/dev", "\(random.below(300)):\(random.below(300))")
        for file in files where random.below(3) > 0 {
          system.file("/sys/block/\(name)/\(file)", texts[random.below(texts.count)])
        }
      }
      system.file(
        "/proc/self/mountinfo",
        (0..<random.below(6)).map { _ in mounts[random.below(mounts.count)] }.joined(separator: "\n"))
      let disks = DiskFacts.all(system.tree)
      #expect(disks.allSatisfy { $0.size >= 0 && $0.largestIO ?? 0 >= 0 })
      _ = UngovernedMount.all(system.tree)
    }
  }
}

@Suite struct OwnLimitsTests {
  @Test func aLimitOfOnesOwnGroupIsTold() throws {
    let system = try FakeSystem()
    system.cgroups()
    system.disk("sda", number: "8:0")
    system.file("/proc/self/cgroup", "1:name=x:/a\n0::/user.slice/shell\n")
    system.file("/sys/fs/cgroup/user.slice/io.max", "8:01 riops=5\n8:0 rbps=max riops=100\n")
    let disk = try #require(DiskFacts.all(system.tree).first)
    let warnings = OwnLimits.warnings(for: disk, system.tree)
    #expect(warnings.count == 1)
    #expect(warnings.first?.hasSuffix("/user.slice/io.max: 8:0 rbps=max riops=100") == true)
    #expect(OwnLimits.warnings(for: disk, SystemTree(root: "/nowhere")).isEmpty)
  }
}

@Suite struct PathDeviceTests {
  private static let mounts =
    "1 0 259:2 / / rw - ext4 /dev/root rw\n40 1 0:51 / /pool rw - btrfs /dev/nvme0n1p1 rw\n"
    + "41 1 0:60 / /pool/memory rw - tmpfs /dev/nvme0n1p1 rw\n42 1 0:61 / /far rw - fuse.sshfs /dev/nvme0n1p1 rw\n"
    + "43 1 0:62 / /named rw - btrfs nvme0n1p1 rw\n44 1 8:1 / /over rw - ext4 /dev/sda1 rw\n"
    + "45 44 0:51 /sub /over rw - btrfs /dev/nvme0n1p1 rw\n"

  /// What a path is found to lie on, where stat(2) gives it the number of a btrfs subvolume.
  private static func number(_ path: String, _ kind: PathDevice.Kind = .directory, device: dev_t = 77) throws -> String
  {
    let system = try FakeSystem()
    system.cgroups(mounts: mounts)
    let table = MountTable(system.tree)
    return PathDevice(kind, device: device, mount: { table.mount(above: path) }) { node in
      node == "/dev/nvme0n1p1" ? 259 << 8 | 1 : nil
    }.number
  }

  @Test(arguments: ["/pool", "/pool/sub", "/pool/sub/deeper", "/pool/memory2", "/over/x"])
  func aSubvolumeLiesOnTheDiskOfItsMount(_ path: String) throws {
    // The mount table says 0:51 and stat(2) says 0:77, as btrfs does.
    #expect(try Self.number(path) == "259:1")
    #expect(try Self.number(path, .other) == "259:1")
  }

  @Test(arguments: ["/", "/poolside", "/pool/memory", "/pool/memory/x", "/far/x", "/named/x", "/elsewhere"])
  func whatHasNoDiskIsNotGivenAnotherOne(_ path: String) throws {
    #expect(try Self.number(path) == "0:77")
  }

  @Test func aFileSystemsOwnNumberIsBelievedAndTheMountsNotAsked() {
    for (kind, device) in [(PathDevice.Kind.directory, 8 << 8 | 17), (.node, 8 << 8 | 17)] as [(_, dev_t)] {
      let place = PathDevice(
        kind, device: device,
        mount: {
          Issue.record("asked"); return nil
        }, nodeDevice: { _ in nil })
      #expect(place.number == "8:17")
      #expect(place.isOnDisk)
    }
  }

  @Test func largeNumbersAreTakenApartAsMakedevPacksThem() {
    let device: dev_t = 0x1234_5000_0000_0000 | 0x678 << 8 | 0x9ab_cd00_0000 | 0xef
    let place = PathDevice(.node, device: device, mount: { nil }, nodeDevice: { _ in nil })
    #expect(place.major == 0x1234_5678)
    #expect(place.minor == 0x9abc_d0ef)
  }

  @Test func anotherSpellingOfACharacterIsAnotherDirectory() throws {
    let system = try FakeSystem()
    system.cgroups(mounts: "40 1 0:51 / /caf\u{e9} rw - btrfs /dev/sda rw\n")
    let table = MountTable(system.tree)
    #expect(table.mount(above: "/caf\u{e9}/x")?.type == "btrfs")
    #expect(table.mount(above: "/cafe\u{301}/x") == nil)
  }
}

@Suite struct MeasuredPathTests {
  @Test(arguments: ["/proc", "/dev/shm", "/nowhere/at/all", "/etc/passwd", "/dev/null"])
  func whatLiesOnNoDiskIsRefused(_ path: String) {
    let fault = #expect(throws: Fault.self) { try MeasuredPath(path, disks: []) }
    #expect(fault?.code == .ioNotMeasurable)
    #expect(fault?.path == path)
    #expect(fault?.mend != nil)
  }
}
