/// One metric that the daemon exports: a name, what it counts, and in what. The samples are the exposition's.
package struct MetricFamily: Sendable, Hashable {
  /// How its values behave.
  package enum Kind: String, Sendable {
    /// Only grows, or starts anew from 0.
    case counter
    /// Goes up and down.
    case gauge
    /// Counts in buckets.
    case histogram
    /// A constant 1 whose labels tell something.
    case info
  }

  /// The base units of Prometheus's conventions that are in use. https://prometheus.io/docs/practices/naming/
  package enum Unit: String, Sendable {
    case seconds, bytes, ratio
  }

  /// Its name without what its kind appends (`_total`, `_info`).
  package let name: String
  /// How its values behave.
  package let kind: Kind
  /// What its values are in, which its name then ends in; nil for plain numbers.
  package let unit: Unit?
  /// The names of its labels, in the order of the samples.
  package let labels: [String]
  /// What it means, in one sentence.
  package let help: String

  init(_ name: String, _ kind: Kind, _ unit: Unit? = nil, _ labels: [String] = [], _ help: String) {
    self.name = name
    self.kind = kind
    self.unit = unit
    self.labels = labels
    self.help = help
  }

  /// The name that people query: that of the samples, but for a histogram's.
  package var sampleName: String {
    switch kind {
    case .counter: name + "_total"
    case .info: name + "_info"
    case .gauge, .histogram: name
    }
  }
}
