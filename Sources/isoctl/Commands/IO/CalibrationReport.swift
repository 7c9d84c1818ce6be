import IOCalibration

/// A calibration for people.
struct CalibrationReport {
  let calibration: Calibration

  func print(_ terminal: Terminal) {
    for line in lines(terminal) { printToStandardOutput(printableBlocks(line)) }
  }

  func lines(_ terminal: Terminal) -> [String] {
    let width = terminal.width
    func fit(_ text: String) -> [String] { wrapped(text, to: width, indent: 2) }
    let disk = calibration.disk
    var lines = fit(
      "\(disk.name) (\(disk.model ?? "no model"), id \(disk.id)), \(Figures.bytes(disk.size))"
        + " \(calibration.target), \(Figures.bytes(calibration.region)) of it, in"
        + " \(FigureText.fixed(calibration.seconds, 0)) s")
    lines += fit("by \(calibration.method), one thread; the measured region was written first")
    lines.append("")
    lines += rates().lines(terminal) + [""]
    lines += fit("io.cost.model: \(calibration.kernelModel.line)")
    for check in [calibration.mixedCheck, calibration.curveCheck] { lines += fit(Self.sentence(check)) }
    lines.append("")
    lines += findings().flatMap(fit)
    for curve in calibration.curves {
      lines.append("")
      lines.append("Latency of 4 KiB \(curve.isWrite ? "writes" : "reads") at rising load")
      lines += TerminalChart.lines(curve, width: width ?? 80) + [""]
      lines += points(curve).lines(terminal)
    }
    if !calibration.warnings.isEmpty { lines.append("") }
    for warning in calibration.warnings { lines += fit("warning: \(warning)") }
    return lines
  }

  private func rates() -> Table {
    var table = Table([
      .init(title: "WITH A FULL QUEUE"), .init(title: "READS", alignment: .right),
      .init(title: "WRITES", alignment: .right),
    ])
    let rates = calibration.rates
    func perSecond(_ value: Double) -> String { "\(FigureText.digits(value))/s" }
    func bandwidth(_ value: Double) -> String { "\(FigureText.bytes(value * Double(rates.largeLength)))/s" }
    table.add(["random, 4 KiB", perSecond(rates.random.read), perSecond(rates.random.write)])
    table.add(["sequential, 4 KiB", perSecond(rates.sequential.read), perSecond(rates.sequential.write)])
    table.add([
      "sequential, \(FigureText.bytes(Double(rates.largeLength)))", bandwidth(rates.large.read),
      bandwidth(rates.large.write),
    ])
    let cost = calibration.cost
    table.add([
      "cost of a random IO", FigureText.time(cost.read.randomBase), FigureText.time(cost.write.randomBase),
    ])
    table.add([
      "of a sequential one", FigureText.time(cost.read.sequentialBase), FigureText.time(cost.write.sequentialBase),
    ])
    table.add(["and of each 4 KiB", FigureText.time(cost.read.perPage), FigureText.time(cost.write.perPage)])
    return table
  }

  private func points(_ curve: LoadLatencyCurve) -> Table {
    var table = Table([
      .init(title: "LOAD", alignment: .right), .init(title: "ASKED", alignment: .right, leavesAt: 1),
      .init(title: "DONE", alignment: .right), .init(title: "P50", alignment: .right),
      .init(title: "P99", alignment: .right), .init(title: "P999", alignment: .right, leavesAt: 2),
      .init(title: "IOS", alignment: .right, leavesAt: 0), .init(title: ""),
    ])
    for point in curve.points {
      table.add([
        FigureText.fixed(point.utilisation * 100, 0) + " %", FigureText.digits(point.offered) + "/s",
        FigureText.digits(point.rate) + "/s", FigureText.time(point.p50), FigureText.time(point.p99),
        point.p999.map(FigureText.time) ?? "-", "\(point.samples)", point.isSaturated ? "not kept up with" : "",
      ])
    }
    return table
  }

  private func findings() -> [String] {
    var lines: [String] = []
    if let throttle = calibration.throttle {
      let caps = [
        throttle.iops.map { "\(FigureText.digits($0)) IOs in a second" },
        throttle.bandwidth.map { "\(FigureText.bytes($0)) in a second" },
      ].compactMap { $0 }.joined(separator: " and ")
      lines.append(
        "throttle: \(throttle.isCertain ? "yes" : "likely"): \(caps): " + throttle.evidence.joined(separator: "; "))
    } else {
      lines.append("throttle: none seen")
    }
    lines.append(
      calibration.burst > 0
        ? "burst: after a rest it lets \(FigureText.time(calibration.burst * 1e9)) of full load through at once"
        : "burst: none seen")
    if let credits = calibration.credits {
      lines.append(
        "burst credits: the rate fell from \(FigureText.digits(credits.first)) to"
          + " \(FigureText.digits(credits.sustained)) IOs in a second within"
          + " \(FigureText.fixed(credits.afterSeconds, 0)) s;"
          + " all figures are of the lower rate")
    } else {
      lines.append(
        "burst credits: none ran out in \(FigureText.fixed(calibration.seconds, 0)) s; larger ones can't be seen in"
          + " this time"
          + (calibration.isThorough ? "" : " (--thorough looks longer)"))
    }
    return lines
  }

  private static func sentence(_ check: Prediction) -> String {
    let isTime = check.what.contains("nanoseconds")
    func show(_ value: Double) -> String { isTime ? FigureText.time(value) : FigureText.digits(value) }
    let what = check.what.replacing(" in nanoseconds", with: "")
    return "check: \(what): foretold \(show(check.predicted)), measured \(show(check.measured))"
      + " (error \(FigureText.percent(check.error)))"
  }

  private func printableBlocks(_ line: String) -> String {
    // Only what a disk says of itself can hold control characters; the heading's own are the table's.
    line.hasPrefix("\u{1b}[1m") ? line : printable(line)
  }
}
