/// The text formats of an exposition.
public enum ExpositionFormat: Sendable, Hashable, CaseIterable {
  /// `text/plain; version=0.0.4`: Prometheus's own. https://prometheus.io/docs/instrumenting/exposition_formats/
  case prometheusText
  /// `application/openmetrics-text; version=1.0.0`. https://prometheus.io/docs/specs/om/open_metrics_spec/
  case openMetrics
}

/// What the scrape endpoint serves.
public protocol ScrapeSource: Sendable {
  /// One exposition, whole.
  func exposition(_ format: ExpositionFormat) async -> [UInt8]
  /// What the status page shows, as one JSON object.
  func status() async -> [UInt8]
  /// Nil where the daemon serves; else the reason why it doesn't.
  func unreadiness() async -> String?
}
