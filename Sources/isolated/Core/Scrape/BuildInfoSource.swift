import ControlProtocol

/// Serves what is known without asking anybody: the version.
struct BuildInfoSource: ScrapeSource {
  func exposition(_ format: ExpositionFormat) async -> [UInt8] {
    // OpenMetrics has the type `info`, and names its sample with the suffix.
    let (name, type, end) =
      switch format {
      case .prometheusText: ("isolated_build_info", "gauge", "")
      case .openMetrics: ("isolated_build", "info", "# EOF\n")
      }
    return Array(
      """
      # HELP \(name) The version of the daemon, as a label.
      # TYPE \(name) \(type)
      isolated_build_info{version="\(isolatedVersion)"} 1
      \(end)
      """.utf8)
  }

  func status() async -> [UInt8] { Array(#"{"version":"\#(isolatedVersion)"}"#.utf8) }

  func unreadiness() async -> String? { nil }
}
