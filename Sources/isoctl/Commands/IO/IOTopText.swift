import ControlProtocol
import IOQoS

/// One disk of `isoctl io top` for people.
struct IOTopText {
  private let disk: IODisk
  private let all: Bool
  private let terminal: Terminal

  init(_ disk: IODisk, all: Bool = false, _ terminal: Terminal) {
    self.disk = disk
    self.all = all
    self.terminal = terminal
  }

  /// All disks.
  static func page(_ status: IOStatus.Reply, all: Bool, _ terminal: Terminal) -> [String] {
    guard !status.disks.isEmpty else {
      return wrapped(
        "no disk is looked after: no tenant uses one, or this host can't hold IO back (isoctl io devices tells)",
        to: terminal.width, indent: 0)
    }
    return Array(status.disks.map { IOTopText($0, all: all, terminal).lines }.joined(separator: [""]))
  }

  /// The headline, the totals, the tenants, and what weakens the promises.
  var lines: [String] {
    var lines = fit(headline).map { terminal.hasColour ? "\u{1b}[1m\($0)\u{1b}[0m" : $0 }
    lines += fit("  \(totals)")
    if let sensor = disk.sensor { lines += fit("  latencies aren't measured: \(sensor)") }
    lines += disk.warnings.flatMap { fit("  warning: \($0)") }
    let shown = disk.tenants.filter { all || !Self.isQuiet($0) }.sorted {
      $0.isHost == $1.isHost ? $0.name < $1.name : $1.isHost
    }
    if !shown.isEmpty { lines += table(shown).lines(Terminal(width: terminal.width, hasColour: false)) }
    lines += shown.filter(Self.isHeld).flatMap { fit("\($0.name): \($0.reason)") }
    let quiet = disk.tenants.count - shown.count
    if quiet > 0 { lines += fit(quiet == 1 ? "one more tenant is idle" : "\(quiet) more tenants are idle") }
    return lines
  }

  /// What the disk does, for people who know nothing of it: `nvme0n1: 76 % used of what it can do now …`.
  private var headline: String {
    var text = "\(disk.name): "
    if let capacity = disk.capacity, capacity > 0 {
      text += "\(Self.percent(disk.used / capacity)) used of what it can do now"
      text += " (\(Self.percent(capacity)) of calibrated)"
    } else if disk.phase == .learn {
      text += "\(Self.percent(disk.used)) of its time used, what it can do now isn't known yet"
    } else {
      text += "\(Self.percent(disk.used)) used of what it can do now (not calibrated)"
    }
    return text + ", \(doing)" + (disk.reason.isEmpty ? "" : ": \(disk.reason)")
  }

  private var doing: String {
    switch disk.phase {
    case .learn: "nothing is held back while its speed is being learnt"
    case .share: "shared by weight"
    case .drain: "held back until its queue is gone"
    case .refill: "held back a little, to save up credit for bursts"
    case .cruise: "held just below its limit"
    case .probe: "let a little above its limit, to see whether it can do more"
    case .idle: "idle"
    default: disk.phase.rawValue
    }
  }

  private var totals: String {
    let reads = "\(Self.count(disk.readOperations)) reads (\(Self.rate(disk.readBytes)))"
    let writes = "\(Self.count(disk.writeOperations)) writes (\(Self.rate(disk.writeBytes))) a second"
    let mechanism = disk.mechanism == "none" ? "nothing holds back" : "\(disk.mechanism) holds back"
    return "\(reads) and \(writes), \(disk.inFlight) in flight; \(mechanism), "
      + "decided anew each \(Wording.time(Int64(clamping: disk.tickUsec).microseconds))"
  }

  private func table(_ tenants: [IOTenant]) -> Table {
    var table = Table([
      .init(title: "NAME", shrinksTo: 8), .init(title: "HELD BY"),
      .init(title: "IOPS R/W", alignment: .right, leavesAt: 3),
      .init(title: "MiB/S R/W", alignment: .right, leavesAt: 2), .init(title: "SHARE", alignment: .right),
      .init(title: "IO", leavesAt: 4), .init(title: "P50", alignment: .right, leavesAt: 1),
      .init(title: "P99/TARGET", alignment: .right), .init(title: "P999", alignment: .right, leavesAt: 0),
      .init(title: "KEPT", alignment: .right),
    ])
    for tenant in tenants {
      let figures = tenant.latencies
      let own = [
        tenant.isHost && tenant.name != "host" ? "\(tenant.name) (host)" : tenant.name, Self.held(tenant),
        "\(Self.count(tenant.readOperations))/\(Self.count(tenant.writeOperations))",
        "\(Self.mebibytes(tenant.readBytes))/\(Self.mebibytes(tenant.writeBytes))", Self.share(tenant),
      ]
      table.add(own + (figures.first.map(Self.cells) ?? ["", "-", "-", "-", "-"]))
      for further in figures.dropFirst() {
        table.add(Array(repeating: "", count: own.count) + Self.cells(further))
      }
    }
    return table
  }

  private static func cells(_ figures: IOLatencyFigures) -> [String] {
    func time(_ microseconds: Int) -> String {
      figures.samples > 0 ? Wording.time(Int64(clamping: microseconds).microseconds) : "-"
    }
    let operation =
      switch figures.operation {
      case .syncWrite: "fsync"
      default: figures.operation.rawValue
      }
    let isMissed = figures.samples > 0 && figures.targetUsec.map { figures.p99Usec > $0 } ?? false
    let target = figures.targetUsec.map { Wording.time(Int64(clamping: $0).microseconds) + (isMissed ? "!" : "") }
    return [
      operation, time(figures.p50Usec), Figures.share(time(figures.p99Usec), of: target), time(figures.p999Usec),
      figures.kept.map(kept) ?? "-",
    ]
  }

  private static func held(_ tenant: IOTenant) -> String {
    let part = tenant.heldShare >= 0.005 ? " \(percent(tenant.heldShare))" : ""
    switch tenant.state {
    case .free: return "nothing"
    case .sleeping: return "idle"
    case .share: return "share" + part
    case .limit: return "own limit" + part
    case .reservationScaled: return "slow disk" + part
    default: return tenant.state.rawValue + part
    }
  }

  private static func isHeld(_ tenant: IOTenant) -> Bool {
    tenant.state != .free && tenant.state != .sleeping && !tenant.reason.isEmpty
  }

  /// Whether there is nothing to see of a tenant: it sleeps, and no target is watched.
  private static func isQuiet(_ tenant: IOTenant) -> Bool {
    tenant.state == .sleeping && tenant.latencies.allSatisfy { $0.targetUsec == nil }
  }

  private static func share(_ tenant: IOTenant) -> String {
    Figures.share(percent(tenant.used), of: tenant.granted.map(percent))
  }

  private static func percent(_ share: Double) -> String { Figures.percent(share * 100) }

  /// Rounded down, so that 100 % means each of them.
  private static func kept(_ share: Double) -> String {
    let tenths = Int(min(max(share.isFinite ? share : 0, 0), 1) * 1000)
    return tenths == 1000 ? "100%" : "\(tenths / 10).\(tenths % 10)%"
  }

  private static func count(_ rate: Double) -> String {
    let value = min(max(rate.isFinite ? rate : 0, 0), 1e15)
    switch value {
    case ..<0.05: return "0"
    case ..<9.95: return tenths(value)
    case ..<99_999.5: return "\(Int(value.rounded()))"
    case ..<9_999_500: return "\(Int((value / 1000).rounded()))k"
    default: return "\(Int((value / 1e6).rounded()))M"
    }
  }

  private static func mebibytes(_ rate: Double) -> String { count(rate / 1_048_576) }

  private static func rate(_ bytes: Double) -> String {
    Figures.bytes(Int(min(max(bytes.isFinite ? bytes : 0, 0), 1e18)))
  }

  private static func tenths(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }

  private func fit(_ text: String) -> [String] {
    wrapped(printable(text), to: terminal.width, indent: text.hasPrefix(" ") ? 0 : 2)
  }
}

extension Int64 {
  /// So many microseconds in nanoseconds.
  fileprivate var microseconds: Int64 {
    let (nanoseconds, overflow) = multipliedReportingOverflow(by: 1000)
    return overflow ? .max : nanoseconds
  }
}
