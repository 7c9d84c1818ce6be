import ControlProtocol
import Testing

@testable import isoctl

@Suite struct TopTextTests {
  private static func usage(
    _ name: String, state: String = "running", pid: Int = 1, cpu: Int = 0, memory: Int? = 30 << 20, io: Int? = 0,
    wait: Int = 0
  ) -> TenantUsage {
    var usage = TenantUsage(name: name, state: state, pid: pid)
    (usage.cpuUsec, usage.cpuMaxPercent, usage.cpuPeriods, usage.cpuThrottledPeriods) = (
      cpu, 150, cpu / 1000, cpu / 2000
    )
    (usage.memoryBytes, usage.memoryMaxBytes, usage.pids, usage.pidsMax) = (memory, 512 << 20, 7, 256)
    (usage.ioReadBytes, usage.ioWriteBytes) = (io, io)
    (usage.cpuWaitUsec, usage.memoryWaitUsec, usage.ioWaitUsec) = (wait, 0, wait / 2)
    return usage
  }

  private static func reply(_ clock: Int, _ tenants: TenantUsage...) -> Usage.Reply {
    Usage.Reply(clockUsec: clock, processors: 2, tenants: tenants)
  }

  private static let rows = TopRow.rows(
    reply(
      2_000_000, usage("batch", cpu: 1_700_000, io: 50 << 20, wait: 120_000),
      usage("cold", state: "frozen", cpu: 0, memory: 200 << 20),
      usage("web", cpu: 84_000, io: 4096)),
    since: reply(1_000_000, usage("batch", cpu: 500_000), usage("cold", memory: 200 << 20), usage("web", cpu: 4_000)))

  private func text(width: Int?, order: TopOrder = .cpu, reversed: Bool = false) -> String {
    TopText(order: order, isReversed: reversed)
      .lines(Self.rows, processors: 2, Terminal(width: width, hasColour: false)).joined(separator: "\n")
  }

  @Test func aWideTerminalShowsEverything() {
    #expect(
      text(width: 140) == """
        3 tenants use 128% of 200% processor time and 260MiB of memory
        NAME   STATE    CPU*  /MAX  HELD         MEMORY  READ/S  WRITTEN/S  WAIT C/M/I   PIDS
        batch  running  120%  150%   50%   30MiB/512MiB   50MiB      50MiB     12/0/6%  7/256
        web    running    8%  150%   50%   30MiB/512MiB  4.0KiB     4.0KiB      0/0/0%  7/256
        cold   frozen     0%  150%    0%  200MiB/512MiB      0B         0B      0/0/0%  7/256
        """)
  }

  @Test func columnsLeaveByTheirWeightAndNoLineIsTooLong() {
    for width in [120, 100, 80, 60, 40, 30] {
      for line in text(width: width).split(separator: "\n") { #expect(line.count <= width, "\(width): \(line)") }
    }
    let usual = text(width: 80)
    #expect(["STATE", "CPU*", "HELD", "MEMORY", "READ/S", "WRITTEN/S", "WAIT C/M/I"].allSatisfy { usual.contains($0) })
    let narrow = text(width: 40)
    #expect(narrow.contains("NAME") && narrow.contains("CPU*") && narrow.contains("200MiB/512MiB"))
    #expect(!narrow.contains("READ/S"))
  }

  @Test func eachKeyOrdersByItsColumn() {
    func names(_ order: TopOrder, reversed: Bool = false) -> [String] {
      order.sorted(Self.rows, reversed: reversed).map(\.name)
    }
    #expect(names(.cpu) == ["batch", "web", "cold"] && names(.memory) == ["cold", "batch", "web"])
    #expect(names(.io) == ["batch", "web", "cold"] && names(.wait) == ["batch", "cold", "web"])
    #expect(names(.name) == ["batch", "cold", "web"] && names(.name, reversed: true) == ["web", "cold", "batch"])
    #expect(names(.state).first == "cold" && names(.held) == ["batch", "web", "cold"])
    for order in TopOrder.allCases {
      let key = order.rawValue.utf8.first ?? 0
      #expect(TopOrder(key: key) == order && TopOrder(key: key - 0x20) == order)
    }
    for key: UInt8 in [0, 0x1b, UInt8(ascii: "x"), UInt8(ascii: "r"), UInt8(ascii: "q"), 255] {
      #expect(TopOrder(key: key) == nil)
    }
    #expect(text(width: nil, order: .memory, reversed: true).contains("MEMORY^"))
  }

  @Test func anotherTenantOfTheSameNameHasNoRatesYet() {
    let rows = TopRow.rows(
      Self.reply(2, Self.usage("web", pid: 9, cpu: 5)), since: Self.reply(1, Self.usage("web", pid: 8, cpu: 1)))
    #expect(rows.first?.cpuPercent == nil && rows.first?.memoryBytes == 30 << 20)
  }

  @Test func nonsenseFromADaemonHarmsNothing() {
    var odd = Self.usage("odd\u{1b}[2J", cpu: .min, memory: .max, io: .max)
    odd.cpuMaxPercent = .max
    odd.pidsMax = .min
    let pairs = [
      (Self.reply(.max, odd), Self.reply(.min, Self.usage("odd\u{1b}[2J", cpu: .max, io: .min))),
      (Self.reply(0, odd), Self.reply(0, odd)), (Self.reply(-5, odd), Self.reply(5, odd)),
      (Self.reply(2, odd, odd), Self.reply(1)),
    ]
    for (now, before) in pairs {
      let lines = TopText().lines(
        TopRow.rows(now, since: before), processors: .max, Terminal(width: 80, hasColour: false))
      #expect(lines.allSatisfy { !$0.contains("\u{1b}") && $0.count <= 80 })
    }
  }
}
