import Testing

@testable import IsolatedCore

@Suite struct ExpositionWriterTests {
  private static let counter = MetricFamily("x_seconds", .counter, .seconds, ["a"], "Time.")
  private static let gauge = MetricFamily("y", .gauge, nil, [], "Things.")
  private static let info = MetricFamily("z", .info, nil, ["v"], "What.")
  private static let histogram = MetricFamily("h_seconds", .histogram, .seconds, [], "Times.")

  private func exposition(_ format: ExpositionFormat) -> [UInt8] {
    var writer = ExpositionWriter(format)
    writer.begin(Self.counter)
    writer.sample(MetricLabels("a", "1"), .none, .microseconds(1_500_000), created: 12.5)
    writer.sample(MetricLabels("a", "2"), MetricLabels("b", "3"), .nanoseconds(1))
    writer.begin(MetricFamily("empty", .gauge, nil, [], "Nobody."))
    writer.begin(Self.gauge)
    writer.sample(.none, .none, .real(-0.25))
    writer.begin(Self.info)
    writer.sample(MetricLabels("v", "0.1"), .none, .whole(1))
    writer.begin(Self.histogram)
    writer.histogram(
      bounds: [500_000, 1_000_000_000], counts: [2, 0, 3], sum: .nanoseconds(7_000_000_001), created: 1)
    return writer.finish()
  }

  @Test func thePrometheusFormatIsAsItsPageSays() {
    let expected = """
      # HELP x_seconds_total Time.
      # TYPE x_seconds_total counter
      x_seconds_total{a="1"} 1.5
      x_seconds_total{a="2",b="3"} 0.000000001
      # HELP y Things.
      # TYPE y gauge
      y -0.25
      # HELP z_info What.
      # TYPE z_info gauge
      z_info{v="0.1"} 1
      # HELP h_seconds Times.
      # TYPE h_seconds histogram
      h_seconds_bucket{le="0.0005"} 2
      h_seconds_bucket{le="1"} 2
      h_seconds_bucket{le="+Inf"} 5
      h_seconds_sum 7.000000001
      h_seconds_count 5

      """
    #expect(String(decoding: exposition(.prometheusText), as: UTF8.self) == expected)
  }

  @Test func openMetricsNamesCountersWithoutTotalAndEnds() {
    let expected = """
      # HELP x_seconds Time.
      # TYPE x_seconds counter
      # UNIT x_seconds seconds
      x_seconds_total{a="1"} 1.5
      x_seconds_created{a="1"} 12.5
      x_seconds_total{a="2",b="3"} 0.000000001
      # HELP y Things.
      # TYPE y gauge
      y -0.25
      # HELP z What.
      # TYPE z info
      z_info{v="0.1"} 1
      # HELP h_seconds Times.
      # TYPE h_seconds histogram
      # UNIT h_seconds seconds
      h_seconds_bucket{le="0.0005"} 2
      h_seconds_bucket{le="1.0"} 2
      h_seconds_bucket{le="+Inf"} 5
      h_seconds_sum 7.000000001
      h_seconds_count 5
      h_seconds_created 1.0
      # EOF

      """
    #expect(String(decoding: exposition(.openMetrics), as: UTF8.self) == expected)
  }

  @Test func numbersLoseNothing() throws {
    let values: [(MetricValue, String)] = [
      (.whole(0), "0"), (.whole(.max), "18446744073709551615"), (.microseconds(.max), "18446744073709.551615"),
      (.nanoseconds(.max), "18446744073.709551615"), (.nanoseconds(10), "0.00000001"), (.microseconds(1), "0.000001"),
      (.real(.nan), "NaN"), (.real(.infinity), "+Inf"), (.real(-.infinity), "-Inf"), (.real(1e300), "1e+300"),
      (.real(Double.leastNonzeroMagnitude), "5e-324"), (.real(0), "0.0"), (.real(0.1), "0.1"),
    ]
    for (value, text) in values {
      var bytes: [UInt8] = []
      value.write(to: &bytes)
      #expect(String(decoding: bytes, as: UTF8.self) == text)
    }
  }

  @Test func aNameCannotBecomeAnotherLabelOrLine() throws {
    let hostile = [
      "a\"} 1\nisolated_tenants{state=\"running\"} 999\n", "\\", "\\\"", "\\n", "\n", "\r\n", "\0", "a\u{85}b\u{2028}c",
      "# EOF", "}", "", "\u{7f}\u{1b}[2J", "🦊", String(repeating: "\"", count: 10_000),
    ]
    for format in ExpositionFormat.allCases {
      var writer = ExpositionWriter(format)
      writer.begin(Self.counter)
      for (index, name) in hostile.enumerated() {
        writer.sample(MetricLabels("a", name), MetricLabels("number", "\(index)"), .whole(UInt64(index)))
      }
      let parsed = try ParsedExposition(writer.finish(), isOpenMetrics: format == .openMetrics)
      #expect(parsed.families.count == 1 && parsed.samples.count == hostile.count)
      for (index, name) in hostile.enumerated() {
        #expect(parsed.samples[index].labels == ["a": Self.readable(name), "number": "\(index)"])
      }
    }
  }

  @Test func randomBytesInNamesComeBackAsOneValue() throws {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      let special: [UInt8] = [0x22, 0x5c, 0x0a, 0x0d, 0x00, 0x7b, 0x7d, 0x2c, 0x3d, 0x23, 0x20, 0xc2, 0xff, 0xed]
      let name = (0..<Int.random(in: 0...40, using: &generator)).map { _ -> UInt8 in
        Bool.random(using: &generator)
          ? special.randomElement(using: &generator) ?? 0 : .random(in: 0...255, using: &generator)
      }
      for format in ExpositionFormat.allCases {
        var writer = ExpositionWriter(format)
        writer.begin(Self.counter)
        writer.sample(MetricLabels("a", name), MetricLabels("b", "c"), .whole(7))
        let parsed = try ParsedExposition(writer.finish(), isOpenMetrics: format == .openMetrics)
        let expected = Self.readable(String(decoding: name, as: UTF8.self))
        #expect(
          parsed.samples == [.init(name: "x_seconds_total", labels: ["a": expected, "b": "c"], value: 7)],
          "\(name)")
      }
    }
  }

  /// What a reader is to find: control characters but the newline replaced.
  private static func readable(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let isControl = scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value)
      scalars.append(isControl && scalar != "\n" ? "\u{fffd}" : scalar)
    }
    return String(scalars)
  }

  @Test func durationsCountUnderTheirBoundAndAClockThatGoesBackAsNone() {
    var times = DurationHistogram.ticks
    for time: Int64 in [.min, -1, 0, 10_000, 10_001, 50_000_000, 50_000_001, .max] { times.record(nanoseconds: time) }
    #expect(times.counts.first == 4 && times.counts[1] == 1)
    #expect(times.counts.dropLast().last == 1 && times.counts.last == 2)
    #expect(times.counts.reduce(0, +) == 8)
  }
}
