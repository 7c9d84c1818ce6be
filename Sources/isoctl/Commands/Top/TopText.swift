import ControlProtocol

/// The page of `isoctl top`.
struct TopText {
  var order = TopOrder.cpu
  var isReversed = false

  /// The headline and the table.
  func lines(_ rows: [TopRow], processors: Int, _ terminal: Terminal) -> [String] {
    wrapped(headline(rows, processors), to: terminal.width, indent: 2)
      + (rows.isEmpty ? [] : table(rows).lines(terminal))
  }

  private func headline(_ rows: [TopRow], _ processors: Int) -> String {
    guard !rows.isEmpty else { return "no tenant runs, or none that you may see" }
    let used = rows.reduce(0) { $0 + ($1.cpuPercent ?? 0) }
    let memory = rows.reduce(0) { sum, row in
      let (bytes, overflow) = sum.addingReportingOverflow(row.memoryBytes ?? 0)
      return overflow ? .max : bytes
    }
    let count = rows.count == 1 ? "one tenant uses" : "\(rows.count) tenants use"
    return "\(count) \(Figures.percent(used)) of \(processors)00% processor time and \(Figures.bytes(memory)) of memory"
  }

  /// Columns leave a narrow terminal from the right of what matters: limits and processes first, then what waits.
  private func table(_ rows: [TopRow]) -> Table {
    var table = Table([
      column("NAME", .name, shrinksTo: 8), column("STATE", .state, leavesAt: 7),
      column("CPU", .cpu, .right), .init(title: "/MAX", alignment: .right, leavesAt: 0),
      column("HELD", .held, .right, leavesAt: 4), column("MEMORY", .memory, .right),
      column("READ/S", .io, .right, leavesAt: 6), .init(title: "WRITTEN/S", alignment: .right, leavesAt: 5),
      column("WAIT C/M/I", .wait, .right, leavesAt: 3), column("PIDS", .pids, .right, leavesAt: 1),
    ])
    for row in order.sorted(rows, reversed: isReversed) {
      table.add([
        row.name, row.state, Self.percent(row.cpuPercent), row.cpuMaxPercent.map { "\($0)%" } ?? "-",
        row.cpuMaxPercent == nil ? "-" : Self.percent(row.throttledPercent),
        Figures.share(row.memoryBytes.map(Figures.bytes) ?? "-", of: row.memoryMaxBytes.map(Figures.bytes)),
        Self.bytes(row.readBytesPerSecond), Self.bytes(row.writeBytesPerSecond), Self.waits(row),
        Figures.share(row.pids.map(String.init) ?? "-", of: row.pidsMax.map(String.init)),
      ])
    }
    return table
  }

  /// A column; the one that gives the order is marked.
  private func column(
    _ title: String, _ order: TopOrder, _ alignment: Table.Column.Alignment = .left, shrinksTo: Int? = nil,
    leavesAt: Int? = nil
  ) -> Table.Column {
    let mark = order == self.order ? (isReversed ? "^" : "*") : ""
    return Table.Column(title: title + mark, alignment: alignment, shrinksTo: shrinksTo, leavesAt: leavesAt)
  }

  private static func percent(_ value: Double?) -> String { value.map(Figures.percent) ?? "-" }

  /// For a processor, memory and disks: `12/0/35%`.
  private static func waits(_ row: TopRow) -> String {
    let parts = [row.cpuWaitPercent, row.memoryWaitPercent, row.ioWaitPercent]
    guard parts.contains(where: { $0 != nil }) else { return "-" }
    return parts.map { $0.map { String(Figures.percent($0).dropLast()) } ?? "-" }.joined(separator: "/") + "%"
  }

  private static func bytes(_ rate: Double?) -> String {
    rate.map { Figures.bytes(Int(min(max($0.isFinite ? $0 : 0, 0), 1e18))) } ?? "-"
  }
}
