import IOCalibration

extension SystemdAnswers {
  /// The units that are asked about.
  static let units = ["isolated.slice", "isolated-tenants.service", "isolated.service", "isolated.socket"]
  private static let properties = [
    "Id", "LoadState", "ActiveState", "UnitFileState", "Delegate", "DelegateControllers", "LimitNOFILE", "MemoryMin",
  ]

  /// Asks the manager of this host; nil where systemd isn't it, or doesn't answer within a few seconds.
  static func current(_ tree: SystemTree) -> SystemdAnswers? {
    guard tree.exists("/run/systemd/system") else { return nil }
    guard let version = CommandOutput.of(["systemctl", "show", "--property=Version", "--value"]), !version.isEmpty
    else {
      return nil
    }
    let all = CommandOutput.of(
      ["systemctl", "show", "--property=\(properties.joined(separator: ","))"] + units)
    return SystemdAnswers(version: String(version.split(separator: "\n").first ?? ""), units: parse(all ?? ""))
  }

  /// Takes `systemctl show` of several units apart: blocks of `NAME=VALUE`, with empty lines between.
  static func parse(_ text: String) -> [String: [String: String]] {
    var units: [String: [String: String]] = [:]
    var block: [String: String] = [:]
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) + [Substring()] {
      if line.isEmpty {
        if let id = block["Id"] { units[id] = block }
        block = [:]
      } else if let sign = line.firstIndex(of: "=") {
        block[String(line[..<sign])] = String(line[line.index(after: sign)...])
      }
    }
    return units
  }
}
