import Testing

@testable import IsolatedCore

@Suite struct AcceptHeaderTests {
  /// What Prometheus 3 sends, without its protobuf offer.
  static let prometheus =
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,"
    + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"

  @Test(arguments: [
    ([], ExpositionFormat.prometheusText), ([""], .prometheusText), (["*/*"], .prometheusText),
    (["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"], .prometheusText),
    ([prometheus], .openMetrics), (["application/openmetrics-text"], .openMetrics),
    (["application/openmetrics-text; version=1.0.0; charset=utf-8"], .openMetrics),
    (["APPLICATION/OpenMetrics-Text;CHARSET=\"UTF-8\""], .openMetrics),
    (["application/openmetrics-text;version=0.0.1,text/plain;version=0.0.4;q=0.3"], .prometheusText),
    (["application/openmetrics-text;q=0.3,text/plain;q=0.8"], .prometheusText),
    (["text/plain,application/openmetrics-text"], .prometheusText),
    (["application/openmetrics-text,text/plain"], .openMetrics),
    (["text/plain", "application/openmetrics-text"], .prometheusText),
    (["application/openmetrics-text;q=0,*/*"], .prometheusText),
    (["application/*"], .openMetrics), (["text/*"], .prometheusText), (["*/*;q=0.1,application/*"], .openMetrics),
    // The most specific range decides, wherever it stands.
    (["text/*;q=1,text/plain;q=0.1,application/openmetrics-text;q=0.5"], .openMetrics),
    (["text/plain;version=0.0.4;q=0.1,text/plain;q=0.9,application/openmetrics-text;q=0.5"], .openMetrics),
    (["application/x;p=\"a,b;q=0\",text/plain"], .prometheusText),
    (["application/x;p=\"\\\",text/plain;q=0\",application/openmetrics-text"], .openMetrics),
    // What can't be understood counts as not being there.
    (["nonsense"], .prometheusText), ([";;;,,,"], .prometheusText), (["text/plain;q=high"], .prometheusText),
    (["*/plain"], .prometheusText), (["application/openmetrics-text;q=1.001"], .prometheusText),
  ])
  func theWantedFormatIsChosen(lines: [String], format: ExpositionFormat) {
    #expect(ExpositionFormat.negotiated(lines) == format)
  }

  @Test(arguments: [
    "application/json", "text/html", "text/plain;q=0", "*/*;q=0", "text/plain;version=1.0.0",
    "text/plain;charset=latin1",
    "application/openmetrics-text;version=2.0.0", "application/openmetrics-text;q=0.000,text/plain;q=0.0", "image/*",
  ])
  func whereNothingFitsNothingIsChosen(line: String) {
    #expect(ExpositionFormat.negotiated([line]) == nil)
  }

  @Test(arguments: [
    ("1", 1000), ("1.000", 1000), ("0", 0), ("0.", 0), ("0.5", 500), ("0.123", 123), ("0.1239", 123), ("0.00001", 0),
  ])
  func aQualityIsReadInThousandths(text: String, quality: Int) {
    #expect(AcceptHeader(["a/b;q=\(text)"]).ranges.map(\.quality) == [quality])
  }

  @Test(arguments: ["2", "1.1", "-1", "+1", ".5", "", "0.5e1", "0x1", "1.0001"])
  func anythingElseIsNoQuality(text: String) {
    #expect(AcceptHeader(["a/b;q=\(text)"]).ranges.allSatisfy { $0.quality == 1000 || $0.type != "a" })
  }

  @Test func aHeaderOfThousandsOfRangesIsCutOff() {
    let line = String(repeating: "a/b,", count: 10_000) + "application/json"
    #expect(AcceptHeader([line]).ranges.count == AcceptHeader.mostRanges)
  }

  /// Pieces of real headers and rubbish in any order: nothing traps, and what comes out is what a range can be.
  @Test func noHeaderBreaksTheParser() {
    let pieces = [
      "text/plain", "application/openmetrics-text", "*/*", "*", "/", ";", ",", "q=", "q=0.5", "version=", "0.0.4", "\"",
      "\\", " ", "\t", "=", "=\"", "charset=utf-8", "\u{0}", "ü", "\u{1F600}", "q=1e999", "q=99999999999999999999", "-",
    ]
    var random = SystemRandomNumberGenerator()
    for _ in 0..<4000 {
      let count = Int.random(in: 0...12, using: &random)
      let line = (0..<count).compactMap { _ in pieces.randomElement(using: &random) }.joined()
      let accept = AcceptHeader([line])
      for range in accept.ranges {
        #expect((0...1000).contains(range.quality), "\(line.debugDescription)")
        #expect(!range.type.isEmpty && !range.subtype.isEmpty, "\(line.debugDescription)")
      }
      #expect(accept == AcceptHeader([line]))
      let chosen = ExpositionFormat.negotiated([line])
      // To refuse all of it is understood whatever else was said.
      #expect(chosen != .openMetrics || line.lowercased().contains("application"), "\(line.debugDescription)")
    }
  }
}
