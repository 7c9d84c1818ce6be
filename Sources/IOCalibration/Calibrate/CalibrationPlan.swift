/// How long each measurement takes. Times are nanoseconds.
public struct CalibrationPlan: Sendable {
  /// Whether it takes its time.
  public var isThorough: Bool
  /// How long the region may take to be written first.
  var layOut: Int64
  /// A rate at full load, and what runs before it counts.
  var saturated: Int64
  var warmUp: Int64
  /// A look at something that needs less precision.
  var glance: Int64
  /// A point of the curve.
  var point: Int64
  /// A long run at full load that looks for the end of burst credits; 0 for none.
  var sustained: Int64
  /// The utilisations of the curve, rising.
  var utilisations: [Double]
  var curvesWrites: Bool

  /// Under a minute.
  public static let quick = CalibrationPlan(
    isThorough: false, layOut: seconds(4), saturated: seconds(2), warmUp: seconds(0.5), glance: seconds(1),
    point: seconds(2.3), sustained: 0, utilisations: [0.25, 0.5, 0.65, 0.8, 0.9, 0.95, 0.98],
    curvesWrites: false)

  /// Some six minutes.
  public static let thorough = CalibrationPlan(
    isThorough: true, layOut: seconds(30), saturated: seconds(6), warmUp: seconds(1), glance: seconds(3),
    point: seconds(8), sustained: seconds(60),
    utilisations: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.96, 0.98], curvesWrites: true)

  /// About how long it will take, in seconds.
  public var expectedSeconds: Double {
    // Seven rates at full load, and seven glances: of those that calibrate() makes, with the rests.
    let full: Int64 = 7 * (saturated + warmUp) + Self.seconds(0.5)
    let glances: Int64 = 7 * (glance + warmUp)
    let points = Int64(utilisations.count * (curvesWrites ? 2 : 1) + 1)
    let curves: Int64 = points * (point + pointWarmUp)
    return Double(layOut + full + glances + curves + sustained) / 1e9
  }

  var pointWarmUp: Int64 { min(warmUp, Self.seconds(0.3)) }

  static func seconds(_ seconds: Double) -> Int64 { Int64(seconds * 1e9) }
}
