/// What was measured of one disk, as it is stored.
///
/// The stored form is one JSON object with the names of these properties, in a file `ID.json`, where ID is the disk's
/// (``MeasuredDisk/id``, with what isn't a letter, digit, `.`, `_` or `-` made `_`). `version` is 1; a reader refuses
/// any other, and any figure that is not finite or not in its range (``validate()``). Times are nanoseconds, rates are
/// per second, sizes are bytes, unless a name says otherwise.
public struct Calibration: Sendable, Codable, Hashable {
  /// The version of the stored form that this program writes and reads.
  public static let currentVersion = 1

  /// The version of this form.
  public var version = Calibration.currentVersion
  /// The disk that was measured.
  public var disk: MeasuredDisk
  /// When, in seconds since 1970.
  public var date: Int
  /// How IO was done.
  public var method: String
  /// What was measured: a scratch file, or the device itself.
  public var target: String
  /// The bytes of the disk that were used; seeks are no longer than that.
  public var region: Int
  /// How long it took, in seconds.
  public var seconds: Double
  /// Whether it took its time.
  public var isThorough: Bool
  /// The rates of the disk at full load.
  public var rates: SaturatedRates
  /// The linear cost model fitted to them.
  public var cost: CostFit
  /// The same as io.cost.model has it.
  public var kernelModel: StoredKernelModel
  /// p50, p99 and p999 at rising load: of reads, and with `--thorough` of writes too.
  public var curves: [LoadLatencyCurve]
  /// What makes the volume look throttled; nil where nothing does.
  public var throttle: ThrottleFinding?
  /// How much work the disk lets through at once after a rest, in seconds of full load; 0 where none was seen.
  public var burst: Double
  /// The fall of the rate when burst credits ran out; nil where none was seen in this time.
  public var credits: CreditFinding?
  /// What the cost model foretold of a run that it hadn't seen, and what came.
  public var mixedCheck: Prediction
  /// The same of the curve.
  public var curveCheck: Prediction
  /// What weakens these figures, in sentences.
  public var warnings: [String]
}

/// Which disk a calibration is of.
public struct MeasuredDisk: Sendable, Codable, Hashable {
  /// What stays the same over restarts: the WWN or serial, else the name.
  public var id: String
  /// The name in /sys/block.
  public var name: String
  /// `major:minor`.
  public var number: String
  /// The model, as the disk tells it.
  public var model: String?
  /// Bytes.
  public var size: Int

  /// Names a disk.
  public init(id: String, name: String, number: String, model: String?, size: Int) {
    self.id = id
    self.name = name
    self.number = number
    self.model = model
    self.size = size
  }
}

extension DiskFacts {
  /// The identity that a calibration of the disk carries.
  public var measured: MeasuredDisk {
    MeasuredDisk(id: id, name: name, number: number, model: model, size: size)
  }
}

/// A value for reads and one for writes.
public struct ReadWrite<Value: Sendable & Codable & Hashable>: Sendable, Codable, Hashable {
  /// For reads.
  public var read: Value
  /// For writes.
  public var write: Value

  /// Takes both.
  public init(read: Value, write: Value) {
    self.read = read
    self.write = write
  }
}

/// IOs in a second with a full queue.
public struct SaturatedRates: Sendable, Codable, Hashable {
  /// 4 KiB, random places.
  public var random: ReadWrite<Double>
  /// 4 KiB, one after the other.
  public var sequential: ReadWrite<Double>
  /// IOs of ``largeLength``, one after the other.
  public var large: ReadWrite<Double>
  /// The bytes of a large IO: what the device takes unsplit, 1 MiB at most.
  public var largeLength: Int
}

/// Measured and foretold.
public struct Prediction: Sendable, Codable, Hashable {
  /// What was foretold, with its unit.
  public var what: String
  /// What the model said.
  public var predicted: Double
  /// What came.
  public var measured: Double
  /// By how much the prediction was too high, as a share: 0.05 is 5 %.
  public var error: Double { measured > 0 ? predicted / measured - 1 : 0 }

  private enum CodingKeys: CodingKey { case what, predicted, measured }
}

/// A volume whose rate fell while it was loaded.
public struct CreditFinding: Sendable, Codable, Hashable {
  /// IOs in a second at first.
  public var first: Double
  /// At last.
  public var sustained: Double
  /// Seconds of the measurement until the lower rate was seen.
  public var afterSeconds: Double
}
