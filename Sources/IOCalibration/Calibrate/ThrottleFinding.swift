/// A volume that is slower than its disk: a cloud's, or a hypervisor's, token bucket.
public struct ThrottleFinding: Sendable, Codable, Hashable {
  /// The cap on IOs in a second; nil where none shows.
  public var iops: Double?
  /// The cap on bytes in a second; nil where none shows.
  public var bandwidth: Double?
  /// Whether it can be nothing else: an IO alone takes less time than two IOs are kept apart at full load, which no
  /// device does of its own.
  public var isCertain: Bool
  /// What speaks for it.
  public var evidence: [String]

  /// What the detection looks at. Rates are IOs in a second, latencies nanoseconds.
  struct Signs {
    /// 4 KiB random reads with 64, with 16 in flight; 16 KiB ones with 64; 4 KiB writes with 64.
    var full: Double
    var quarter: Double
    var sixteen: Double
    var write: Double
    /// p50 of a lightly loaded 4 KiB read, and of a large one.
    var unloaded: Double
    var unloadedLarge: Double
    /// Large sequential reads with a full queue, and reads of half that length.
    var large: Double
    var half: Double
    var largeLength: Int
  }

  /// Looks for caps; nil where there is none.
  static func find(_ signs: Signs) -> ThrottleFinding? {
    var finding = ThrottleFinding(iops: nil, bandwidth: nil, isCertain: false, evidence: [])
    // A disk that is never idle completes at least one IO in the time that an IO takes alone.
    let kept = signs.full * signs.unloaded / 1e9
    let regardless = signs.full > 0 && near(signs.sixteen, signs.full, 0.05)
    if regardless, kept < 0.7 {
      finding.iops = signs.full
      finding.isCertain = true
      finding.evidence.append(
        "an IO alone takes \(FigureText.time(signs.unloaded)), yet IOs complete only every"
          + " \(FigureText.time(1e9 / max(signs.full, 1e-3))) with 64 waiting")
    } else if regardless, near(signs.sixteen, signs.full, 0.02), near(signs.quarter, signs.full, 0.02),
      near(signs.write, signs.full, 0.02)
    {
      finding.iops = signs.full
    }
    if finding.iops != nil {
      finding.evidence.append("16 KiB reads come at the rate of 4 KiB ones")
      if near(signs.write, signs.full, 0.02) { finding.evidence.append("writes come at the rate of reads") }
      if near(signs.quarter, signs.full, 0.02) {
        finding.evidence.append("64 in flight are no faster than 16, and wait four times as long")
      }
    }
    // Halving the length of large IOs doubles their rate: bytes are what is short; unless the IO cap is reached first.
    let isFlat = near(signs.half, 2 * signs.large, 0.06)
    if isFlat, signs.large * signs.unloadedLarge / 1e9 < 0.7 {
      let bytes = signs.large * Double(signs.largeLength)
      finding.bandwidth = bytes
      finding.isCertain = true
      finding.evidence.append(
        "a read of \(FigureText.bytes(Double(signs.largeLength))) alone takes"
          + " \(FigureText.time(signs.unloadedLarge)), yet with a full queue they complete only every"
          + " \(FigureText.time(1e9 / max(signs.large, 1e-3)))")
    }
    return finding.iops == nil && finding.bandwidth == nil ? nil : finding
  }

  private static func near(_ value: Double, _ other: Double, _ share: Double) -> Bool {
    abs(value - other) <= share * other
  }
}
