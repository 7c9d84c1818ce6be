import ControlProtocol
import Testing

@testable import isoctl

@Suite struct IOTopTextTests {
  private func text(_ disk: IODisk = .sample, all: Bool = false, width: Int?, colour: Bool = false) -> String {
    IOTopText(disk, all: all, Terminal(width: width, hasColour: colour)).lines.joined(separator: "\n")
  }

  @Test func aWideTerminalShowsEverything() {
    #expect(
      text(width: 120) == """
        nvme0n1: 76% used of what it can do now (103% of calibrated), held just below its limit: web has a latency target
          812 reads (3.2MiB) and 30 writes (244KiB) a second, 3 in flight; io.max holds back, decided anew each 20ms
        NAME   HELD BY        IOPS R/W  MiB/S R/W    SHARE  IO       P50  P99/TARGET   P999   KEPT
        batch  share 84%         762/0        3/0  71%/71%  read    12ms        96ms  110ms      -
        web    nothing           50/13    0.2/0.1       7%  read   180us  2.14ms/5ms  4.8ms  99.9%
                                                            fsync  900us  21ms/20ms!   21ms  96.7%
        host   own limit 10%      0/18      0/0.1  0.4%/5%             -           -      -      -
        batch: wants more than its share of what web's target leaves
        host: held to the host's cap
        one more tenant is idle
        """)
  }

  @Test func theUsualTerminalKeepsWhatMatters() {
    #expect(
      text(width: 80) == """
        nvme0n1: 76% used of what it can do now (103% of calibrated), held just below
          its limit: web has a latency target
          812 reads (3.2MiB) and 30 writes (244KiB) a second, 3 in flight; io.max holds
          back, decided anew each 20ms
        NAME   HELD BY        IOPS R/W  MiB/S R/W    SHARE  IO     P99/TARGET   KEPT
        batch  share 84%         762/0        3/0  71%/71%  read         96ms      -
        web    nothing           50/13    0.2/0.1       7%  read   2.14ms/5ms  99.9%
                                                            fsync  21ms/20ms!  96.7%
        host   own limit 10%      0/18      0/0.1  0.4%/5%                  -      -
        batch: wants more than its share of what web's target leaves
        host: held to the host's cap
        one more tenant is idle
        """)
  }

  @Test func aNarrowTerminalStillSaysWhoIsHeldAndWhetherTargetsHold() {
    #expect(
      text(width: 60) == """
        nvme0n1: 76% used of what it can do now (103% of
          calibrated), held just below its limit: web has a latency
          target
          812 reads (3.2MiB) and 30 writes (244KiB) a second, 3 in
          flight; io.max holds back, decided anew each 20ms
        NAME   HELD BY          SHARE  IO     P99/TARGET   KEPT
        batch  share 84%      71%/71%  read         96ms      -
        web    nothing             7%  read   2.14ms/5ms  99.9%
                                       fsync  21ms/20ms!  96.7%
        host   own limit 10%  0.4%/5%                  -      -
        batch: wants more than its share of what web's target leaves
        host: held to the host's cap
        one more tenant is idle
        """)
  }

  @Test(arguments: [21, 30, 40, 50, 60, 79, 80, 81, 100, 132, 300])
  func noLineIsWiderThanTheTerminal(width: Int) {
    for line in text(width: width).split(separator: "\n") where line.contains(" ") {
      #expect(line.count <= width, "\(line)")
    }
  }

  @Test func colourIsForTheHeadlineAloneAndOnlyWhereItIsWelcome() {
    #expect(!text(width: 80).contains("\u{1b}"))
    #expect(text(width: 200, colour: true).hasPrefix("\u{1b}[1mnvme0n1: 76% used"))
  }

  @Test func aDiskThatIsStillBeingLearntClaimsNoCapacity() {
    var disk = IODisk.sample
    (disk.capacity, disk.rate, disk.phase, disk.reason) = (nil, nil, .learn, "nobody has saturated it yet")
    #expect(
      text(disk, width: nil).hasPrefix(
        "nvme0n1: 78% of its time used, what it can do now isn't known yet, nothing is held back while its speed is "
          + "being learnt: nobody has saturated it yet\n"))
    disk.phase = .cruise
    #expect(text(disk, width: nil).hasPrefix("nvme0n1: 78% used of what it can do now (not calibrated), held just "))
  }

  @Test func whatWeakensThePromisesIsTold() {
    var disk = IODisk.sample
    (disk.mechanism, disk.sensor, disk.warnings) = ("none", "no BTF", ["the calibration is 200 days old"])
    let text = text(disk, width: nil)
    #expect(text.contains("; nothing holds back"))
    #expect(text.contains("\n  latencies aren't measured: no BTF\n"))
    #expect(text.contains("\n  warning: the calibration is 200 days old\n"))
  }

  @Test func idleTenantsAreCountedUnlessAllAreWantedOrATargetIsWatched() {
    #expect(text(all: true, width: 100).contains("\ncron "))
    #expect(!text(all: true, width: 100).contains("idle\n"))
    var disk = IODisk.sample
    disk.tenants[0].state = .sleeping
    #expect(text(disk, width: 100).contains("\nweb    idle "))
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity, -1, 1e300, .leastNonzeroMagnitude, 0])
  func absurdFiguresAreNeverATrap(value: Double) {
    var disk = IODisk.sample
    disk.capacity = value
    disk.used = value
    (disk.readOperations, disk.writeBytes, disk.tickUsec, disk.inFlight) = (value, value, .max, .min)
    for index in disk.tenants.indices {
      disk.tenants[index].used = value
      disk.tenants[index].granted = value
      disk.tenants[index].heldShare = value
      disk.tenants[index].readBytes = value
      for other in disk.tenants[index].latencies.indices {
        disk.tenants[index].latencies[other].kept = value
        disk.tenants[index].latencies[other].p99Usec = .max
        disk.tenants[index].latencies[other].p50Usec = .min
      }
    }
    #expect(!text(disk, width: 80).isEmpty)
  }

  @Test func wordsOfANewerDaemonAreShownAsTheyStand() {
    var disk = IODisk.sample
    disk.phase = .init(rawValue: "trim")
    disk.tenants[0].state = .init(rawValue: "paused")
    disk.tenants[0].latencies[0].operation = .init(rawValue: "discard")
    let text = text(disk, width: 120)
    #expect(text.contains(", trim: web has") && text.contains("web    paused ") && text.contains("  discard  "))
  }

  @Test func namesCannotDriveTheTerminal() {
    var disk = IODisk.sample
    disk.tenants[1].name = "a\u{1b}[2Jb"
    disk.reason = "x\u{9b}y"
    #expect(!text(disk, width: 100).unicodeScalars.contains { $0.value == 0x1b || $0.value == 0x9b })
  }

  @Test func withoutDisksThePageSaysWhy() {
    let page = IOTopText.page(IOStatus.Reply(disks: []), all: false, Terminal(width: nil, hasColour: false))
    #expect(page.count == 1 && page[0].hasPrefix("no disk is looked after"))
    let two = IOTopText.page(
      IOStatus.Reply(disks: [.sample, .sample]), all: false, Terminal(width: nil, hasColour: false))
    #expect(two.count { $0.isEmpty } == 1)
  }
}

extension IODisk {
  /// A volume on which a web server's target holds a batch job back.
  static let sample = IODisk(
    number: "259:0", name: "nvme0n1", mechanism: "io.max", phase: .cruise, reason: "web has a latency target",
    capacity: 1.03, rate: 1.01, used: 0.78, inFlight: 3, readOperations: 812.4, writeOperations: 30.2,
    readBytes: 3_400_000, writeBytes: 250_000, tickUsec: 20_000,
    tenants: [
      IOTenant(
        name: "web", weight: 500, reserved: 0.3, readOperations: 50, writeOperations: 12.5, readBytes: 204_800,
        writeBytes: 102_400, used: 0.07, state: .free, reason: "asks for less than its share", heldShare: 0,
        latencies: [
          IOLatencyFigures(
            operation: .read, samples: 50, p50Usec: 180, p99Usec: 2140, p999Usec: 4800, waitP99Usec: 0,
            targetUsec: 5000, kept: 0.99949),
          IOLatencyFigures(
            operation: .syncWrite, samples: 12, p50Usec: 900, p99Usec: 21_000, p999Usec: 21_000, waitP99Usec: 0,
            targetUsec: 20_000, kept: 0.967),
        ]),
      IOTenant(
        name: "batch", weight: 100, reserved: 0, readOperations: 762.4, writeOperations: 0, readBytes: 3_195_200,
        writeBytes: 0, used: 0.71, granted: 0.71, state: .share,
        reason: "wants more than its share of what web's target leaves", heldShare: 0.84,
        latencies: [
          IOLatencyFigures(
            operation: .read, samples: 762, p50Usec: 12_000, p99Usec: 96_000, p999Usec: 110_000, waitP99Usec: 90_000)
        ]),
      IOTenant(
        name: "cron", weight: 1, reserved: 0, readOperations: 0, writeOperations: 0, readBytes: 0, writeBytes: 0,
        used: 0, state: .sleeping, reason: "does no IO", heldShare: 0),
      IOTenant(
        name: "host", isHost: true, weight: 100, reserved: 0.05, readOperations: 0, writeOperations: 17.7, readBytes: 0,
        writeBytes: 147_600, used: 0.004, granted: 0.05, state: .limit, reason: "held to the host's cap", heldShare: 0.1
      ),
    ], warnings: [])
}
