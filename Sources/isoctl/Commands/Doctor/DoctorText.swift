/// A report for people: a line for each group, beneath it what is wrong and how to mend it, and a verdict at the end.
struct DoctorText {
  let report: DoctorReport
  /// Whether all checks are shown, and not only what is wrong.
  let all: Bool
  let terminal: Terminal

  init(_ report: DoctorReport, all: Bool, _ terminal: Terminal) {
    self.report = report
    self.all = all
    self.terminal = terminal
  }

  var lines: [String] {
    heading() + HostCheck.Group.allCases.flatMap(group) + verdict()
  }

  private func fit(_ text: String, _ indent: Int = 2) -> [String] {
    wrapped(printable(text), to: terminal.width, indent: indent)
  }

  private func heading() -> [String] {
    let host = report.host
    var parts = ["Linux \(host.kernel) on \(host.machine)", host.cgroups]
    if let systemd = host.systemd { parts.append("systemd \(systemd)") }
    if let within = host.within { parts.append("in \(within)") }
    return fit(parts.joined(separator: ", ")) + [""]
  }

  private func group(_ group: HostCheck.Group) -> [String] {
    let checks = report.checks.filter { $0.group == group }
    guard !checks.isEmpty else { return [] }
    let wrong = checks.filter { $0.verdict != .enforceable }
    let remarks = checks.count { $0.state != .ok && $0.effect == .nothing }
    var summary = wrong.isEmpty ? "ok" : "\(wrong.count) of \(checks.count) not ok"
    if wrong.isEmpty { summary += ", \(checks.count) checked" }
    if remarks > 0, !all { summary += remarks == 1 ? ", 1 remark" : ", \(remarks) remarks" }
    let padding = String(repeating: " ", count: max(1, 14 - group.rawValue.count))
    let worst = wrong.map(\.verdict).max() ?? .enforceable
    var lines = [emphasised(group.rawValue) + padding + coloured(summary, worst)]
    var lastMend: String?
    for check in all ? checks : wrong {
      lines += self.lines(check, lastMend: lastMend)
      lastMend = check.mend ?? lastMend
    }
    return lines
  }

  /// `lastMend` is what was said last: one cause may have many effects, and is told once.
  private func lines(_ check: HostCheck, lastMend: String?) -> [String] {
    let mark =
      switch check.state {
      case .ok: "ok"
      case .limited: "limited"
      case .missing: "missing"
      case .unknown: "unknown"
      }
    let padding = String(repeating: " ", count: 8 - mark.count)
    let word = check.state != .ok && check.effect == .nothing ? "remark" : mark
    let first = fit("  \(mark)\(padding)\(check.name): \(check.found)", 8)
    var lines = first
    // The colour comes last, since it has no width.
    if word != "remark", let line = lines.first {
      lines[0] = "  " + coloured(mark, check.verdict) + line.dropFirst(2 + mark.count)
    }
    guard check.state != .ok else { return lines }
    lines += fit("          needed for: \(check.why)")
    if let mend = check.mend { lines += fit("          mend: \(mend == lastMend ? "as above" : mend)") }
    return lines
  }

  private func verdict() -> [String] {
    let worst = DoctorVerdict(rawValue: report.status) ?? .unusable
    let wrong = report.checks.count { $0.verdict != .enforceable }
    let fatal = report.checks.filter { $0.verdict == .unusable }.map(\.name)
    let remarks = report.checks.count { $0.state != .ok && $0.effect == .nothing }
    let text =
      switch worst {
      case .enforceable: "This host can enforce everything that policies may ask for."
      case .limited:
        "Tenants can run, but this host can't enforce everything that policies may ask for"
          + (wrong == 1 ? ": see above." : ": see the \(wrong) findings above.")
      case .unusable: "No tenant can run on this host as it is, because of: \(fatal.joined(separator: ", "))."
      }
    let more = remarks > 0 && !all ? " Remarks are shown by --all." : ""
    return [""] + fit(text + more)
  }

  private func emphasised(_ text: String) -> String {
    terminal.hasColour ? "\u{1b}[1m\(text)\u{1b}[0m" : text
  }

  private func coloured(_ text: String, _ verdict: DoctorVerdict) -> String {
    guard terminal.hasColour else { return text }
    let colour =
      switch verdict {
      case .enforceable: 32
      case .limited: 33
      case .unusable: 31
      }
    return "\u{1b}[\(colour)m\(text)\u{1b}[0m"
  }
}
