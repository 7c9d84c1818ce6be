/// A strict reader of both text formats, for tests: it takes only what the formats allow, and of OpenMetrics also what
/// has to hold between lines.
struct ParsedExposition {
  struct Sample: Hashable {
    var name: String
    var labels: [String: String]
    var value: Double
  }

  struct Family {
    var name: String
    var type = ""
    var help = ""
    var unit: String?
    var samples: [Sample] = []
  }

  struct Refusal: Error, CustomStringConvertible {
    var description: String
  }

  private(set) var families: [Family] = []

  var samples: [Sample] { families.flatMap(\.samples) }

  /// The value of the one sample of this name that has these labels among its own.
  func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
    let found = samples.filter { sample in
      sample.name == name && labels.allSatisfy { sample.labels[$0.key] == $0.value }
    }
    return found.count == 1 ? found[0].value : nil
  }

  init(_ bytes: [UInt8], isOpenMetrics: Bool) throws {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw Refusal(description: "no UTF-8") }
    guard text.utf8.last == UInt8(ascii: "\n") else { throw Refusal(description: "no newline at the end") }
    var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
    if isOpenMetrics {
      guard let last = lines.popLast(), last.elementsEqual("# EOF".utf8) else { throw Refusal(description: "no EOF") }
    }
    var seen: Set<String> = []
    for line in lines {
      let line = String(Substring(line))
      if line.hasPrefix("# ") {
        try readMeta(line, isOpenMetrics: isOpenMetrics, &seen)
      } else {
        try readSample(line, isOpenMetrics: isOpenMetrics)
      }
    }
    for family in families { try check(family, isOpenMetrics: isOpenMetrics) }
  }

  private mutating func readMeta(_ line: String, isOpenMetrics: Bool, _ seen: inout Set<String>) throws {
    let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
    guard words.count == 4, !words[3].isEmpty else { throw Refusal(description: "no metadata: \(line)") }
    if words[1] == "HELP" {
      guard seen.insert(words[2]).inserted else { throw Refusal(description: "\(words[2]) comes twice") }
      families.append(Family(name: words[2], help: words[3]))
      return
    }
    guard let index = families.indices.last, families[index].name == words[2], families[index].samples.isEmpty else {
      throw Refusal(description: "metadata out of place: \(line)")
    }
    switch words[1] {
    case "TYPE": families[index].type = words[3]
    case "UNIT" where isOpenMetrics: families[index].unit = words[3]
    default: throw Refusal(description: "unknown metadata: \(line)")
    }
  }

  private mutating func readSample(_ line: String, isOpenMetrics: Bool) throws {
    var rest = Array(line.unicodeScalars)[...]
    func refuse(_ what: String) -> Refusal { Refusal(description: "\(what): \(line.debugDescription)") }
    let name = Self.name(&rest)
    guard !name.isEmpty else { throw refuse("no name") }
    var labels: [String: String] = [:]
    if rest.first == "{" {
      repeat {
        rest.removeFirst()
        let label = Self.name(&rest)
        guard !label.isEmpty, !label.contains(":"), rest.starts(with: "=\"".unicodeScalars) else {
          throw refuse("no label")
        }
        rest = rest.dropFirst(2)
        guard labels.updateValue(try Self.value(&rest, refuse), forKey: label) == nil else {
          throw refuse("label twice")
        }
      } while rest.first == ","
      guard rest.popFirst() == "}" else { throw refuse("no closing brace") }
    }
    guard rest.popFirst() == " " else { throw refuse("no blank before the number") }
    let number = String(String.UnicodeScalarView(rest))
    let known = ["+Inf": Double.infinity, "-Inf": -.infinity, "NaN": .nan]
    let isPlain = number.unicodeScalars.allSatisfy { "0123456789+-.e".unicodeScalars.contains($0) }
    guard let value = known[number] ?? (isPlain ? Double(number) : nil) else { throw refuse("no number") }
    guard let index = families.indices.last else { throw refuse("no family") }
    families[index].samples.append(Sample(name: name, labels: labels, value: value))
  }

  private static func name(_ rest: inout ArraySlice<Unicode.Scalar>) -> String {
    let allowed = { (scalar: Unicode.Scalar) in
      scalar.isASCII && (scalar.properties.isAlphabetic || scalar == "_" || scalar == ":" || ("0"..."9") ~= scalar)
    }
    let name = rest.prefix(while: allowed)
    rest = rest.dropFirst(name.count)
    guard let first = name.first, !("0"..."9").contains(first) else { return "" }
    return String(String.UnicodeScalarView(name))
  }

  /// A label's value up to and with its closing quote.
  private static func value(
    _ rest: inout ArraySlice<Unicode.Scalar>, _ refuse: (String) -> Refusal
  ) throws -> String {
    var text = String.UnicodeScalarView()
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\"": return String(text)
      case "\\":
        switch rest.popFirst() {
        case "\\": text.append("\\")
        case "\"": text.append("\"")
        case "n": text.append("\n")
        default: throw refuse("unknown escape")
        }
      case "\0"..<" ", "\u{7f}": throw refuse("a control character")
      default: text.append(scalar)
      }
    }
    throw refuse("a value without an end")
  }

  private func check(_ family: Family, isOpenMetrics: Bool) throws {
    guard !family.samples.isEmpty else { throw Refusal(description: "\(family.name) has no samples") }
    guard Set(family.samples.map { "\($0.name)\($0.labels.sorted { $0.key < $1.key })" }).count == family.samples.count
    else { throw Refusal(description: "\(family.name) has a sample twice") }
    let suffixes: [String]
    switch (family.type, isOpenMetrics) {
    case ("counter", true): suffixes = ["_total", "_created"]
    case ("info", true): suffixes = ["_info"]
    case ("histogram", true): suffixes = ["_bucket", "_sum", "_count", "_created"]
    case ("histogram", false): suffixes = ["_bucket", "_sum", "_count"]
    case ("gauge", _), ("counter", false): suffixes = [""]
    default: throw Refusal(description: "\(family.name) is of type \(family.type)")
    }
    for sample in family.samples where !suffixes.contains(where: { family.name + $0 == sample.name }) {
      throw Refusal(description: "\(sample.name) is none of \(family.name)")
    }
    if let unit = family.unit, !family.name.hasSuffix("_" + unit) {
      throw Refusal(description: "\(family.name) doesn't end in its unit")
    }
    if family.type == "histogram" { try checkBuckets(family) }
  }

  /// Each series' buckets rise in bound and count, end in infinity, and that one is the count.
  private func checkBuckets(_ family: Family) throws {
    var series: [[String: String]: [(bound: Double, count: Double)]] = [:]
    for sample in family.samples where sample.name == family.name + "_bucket" {
      var labels = sample.labels
      guard let text = labels.removeValue(forKey: "le"), let bound = text == "+Inf" ? .infinity : Double(text) else {
        throw Refusal(description: "\(family.name) has a bucket without a bound")
      }
      series[labels, default: []].append((bound, sample.value))
    }
    for (labels, buckets) in series {
      let rises = zip(buckets, buckets.dropFirst()).allSatisfy { $0.bound < $1.bound && $0.count <= $1.count }
      let counts = family.samples.filter { $0.name == family.name + "_count" && $0.labels == labels }
      guard rises, let last = buckets.last, last.bound == .infinity, counts.map(\.value) == [last.count] else {
        throw Refusal(description: "\(family.name)\(labels) has buckets that make no histogram")
      }
    }
  }
}
