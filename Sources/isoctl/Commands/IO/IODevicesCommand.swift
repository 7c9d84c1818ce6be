import ArgumentParser
import Faults
import IOCalibration

struct IODevicesCommand: IsoctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "devices", abstract: "List the disks, and which promises about IO can be kept on them.",
    discussion: "Asks the kernel of this host, not the daemon. --json has all that is known.")

  @OptionGroup var options: GlobalOptions

  private struct Report: Encodable {
    var disks: [DiskFacts]
    var ungoverned: [UngovernedMount]
  }

  func perform() throws(Fault) -> Int32 {
    let disks = DiskFacts.all()
    let ungoverned = UngovernedMount.all()
    if options.json {
      try printJSON(Report(disks: disks, ungoverned: ungoverned))
      return ExitStatus.success
    }
    let terminal = Terminal.current
    for line in Self.table(disks).lines(terminal) { printToStandardOutput(line) }
    for disk in disks {
      printToStandardOutput("")
      for line in Self.details(disk) {
        for part in wrapped(line, to: terminal.width, indent: 2) { printToStandardOutput(part) }
      }
    }
    if !ungoverned.isEmpty { printToStandardOutput("") }
    for mount in ungoverned {
      let line = printable("\(mount.point) (\(mount.type)): promises: none: \(mount.reason)")
      for part in wrapped(line, to: terminal.width, indent: 2) { printToStandardOutput(part) }
    }
    return ExitStatus.success
  }

  static func table(_ disks: [DiskFacts]) -> Table {
    var table = Table([
      .init(title: "NAME"), .init(title: "NUMBER", alignment: .right, leavesAt: 3),
      .init(title: "SIZE", alignment: .right), .init(title: "KIND", leavesAt: 6),
      .init(title: "MODEL", shrinksTo: 8, leavesAt: 2), .init(title: "SPINS", leavesAt: 1),
      .init(title: "SCHEDULER", leavesAt: 5), .init(title: "DEPTH", alignment: .right, leavesAt: 4),
      .init(title: "PROMISES"), .init(title: "MOUNTED", shrinksTo: 7, leavesAt: 0),
    ])
    for disk in disks {
      table.add([
        disk.name, disk.number, Figures.bytes(disk.size), disk.kind.label, disk.model ?? "-",
        disk.isRotational ? "yes" : "no", disk.scheduler ?? "-",
        (disk.queueDepth ?? disk.requests).map(String.init) ?? "-", disk.promise.level.rawValue,
        disk.mounts.map(\.point).joined(separator: " "),
      ])
    }
    return table
  }

  /// What there is to say about one disk beyond its row.
  static func details(_ disk: DiskFacts) -> [String] {
    var lines = ["\(disk.name): promises: \(disk.promise.level.rawValue)"]
    if !disk.promise.reasons.isEmpty { lines[0] += ": " + disk.promise.reasons.joined(separator: "; ") }
    if disk.physicalDisks != [disk.name] { lines.append("  made of: " + disk.physicalDisks.joined(separator: " ")) }
    if !disk.holders.isEmpty { lines.append("  a part of: " + disk.holders.joined(separator: " ")) }
    let states = disk.mechanisms.named
    let available = states.filter { $0.state.isAvailable }.map(\.name)
    if !available.isEmpty { lines.append("  available: " + available.joined(separator: " ")) }
    for (name, state) in states {
      switch state {
      case .available: break
      case .possible(let after): lines.append("  \(name): after \(after)")
      case .missing(let because): lines.append("  \(name): no: \(because)")
      }
    }
    return lines.map(printable)
  }
}

/// A line broken at spaces where it is wider than a terminal; what follows the first part is indented further.
func wrapped(_ line: String, to width: Int?, indent: Int) -> [String] {
  guard let width, width > 20, line.count > width else { return [line] }
  let margin = String(line.prefix { $0 == " " })
  var lines: [String] = []
  var current = margin
  var isFirst = true
  for word in line.split(separator: " ") {
    if !isFirst, current.count + 1 + word.count > width {
      lines.append(current)
      current = margin + String(repeating: " ", count: indent) + word
    } else {
      current += (isFirst ? "" : " ") + word
    }
    isFirst = false
  }
  return lines + [current]
}
