import Faults
import FoundationEssentials
import Glibc
import Kernel

/// Where calibrations are kept: one JSON file for each disk (``Calibration``).
public enum CalibrationStore {
  /// The usual directory.
  public static let usualDirectory = "/var/lib/isolated/io"
  private static let largestFile = 1 << 20

  /// The file of a disk.
  public static func path(of id: String, in directory: String = usualDirectory) -> String {
    let safe = id.utf8.map { byte -> Character in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
        Character(Unicode.Scalar(byte))
      default: "_"
      }
    }
    // `disk-` keeps a leading dot from hiding the file, and no id from being `..`.
    return "\(directory)/disk-\(String(safe.prefix(128))).json"
  }

  /// The stored form.
  public static func encode(_ calibration: Calibration) throws(Fault) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      return Array(try encoder.encode(calibration)) + [UInt8(ascii: "\n")]
    } catch {
      throw Fault(.internalError, "cannot write the calibration as JSON")
    }
  }

  /// Writes a calibration so that a reader sees the old one or the new one, whole, also after a power cut. Answers the
  /// file's path.
  @discardableResult
  public static func save(
    _ calibration: Calibration, in directory: String = usualDirectory
  ) throws(Fault) -> String {
    try calibration.validate(path: nil)
    let bytes = try encode(calibration)
    try makeDirectories(directory)
    let path = path(of: calibration.disk.id, in: directory)
    do throws(Fault) {
      try SmallFile.replace(path, with: bytes, mode: 0o644, durable: true, suffix: ".\(getpid()).new")
    } catch {
      var fault = error
      fault.message = "cannot save the calibration"
      throw fault
    }
    return path
  }

  /// Reads the calibration of a disk; nil where there is none.
  ///
  /// - Throws: `io-calibration.bad-file` with the path for a file that isn't what this program writes.
  public static func load(id: String, in directory: String = usualDirectory) throws(Fault) -> Calibration? {
    let path = path(of: id, in: directory)
    guard access(path, F_OK) == 0 || errno != ENOENT else { return nil }
    return try load(path)
  }

  /// Reads a file.
  ///
  /// - Throws: `io-calibration.bad-file` with the path.
  public static func load(_ path: String) throws(Fault) -> Calibration {
    let bytes: [UInt8]
    do throws(Fault) {
      bytes = try SmallFile.readBytes(path, limit: largestFile, called: "the calibration")
    } catch {
      throw error.code == .fileTooLarge ? Calibration.bad("it is longer than 1 MiB", path) : error
    }
    return try decode(bytes, path: path)
  }

  /// Reads the stored form.
  static func decode(_ bytes: [UInt8], path: String) throws(Fault) -> Calibration {
    struct Header: Decodable { var version: Int }
    let decoder = JSONDecoder()
    let calibration: Calibration
    do {
      let version = try decoder.decode(Header.self, from: Data(bytes)).version
      guard version == Calibration.currentVersion else {
        throw Calibration.bad(
          "its version is \(version), and this program reads \(Calibration.currentVersion)", path)
      }
      calibration = try decoder.decode(Calibration.self, from: Data(bytes))
    } catch let fault as Fault {
      throw fault
    } catch {
      throw Calibration.bad("it is not the JSON that isoctl io calibrate writes", path)
    }
    try calibration.validate(path: path)
    return calibration
  }

  private static func makeDirectories(_ path: String) throws(Fault) {
    var made = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
      made += "/" + part
      if mkdir(made, 0o755) != 0, errno != EEXIST {
        throw Fault(
          .systemCallFailed, "cannot make the directory of calibrations", systemCall: "mkdir", path: made,
          errno: ErrorNumber(errno))
      }
    }
  }
}

extension Calibration {
  static func bad(_ why: String, _ path: String?) -> Fault {
    Fault(
      .ioBadCalibration, "this calibration can't be used: \(why)", path: path,
      mend: "measure the disk again: isoctl io calibrate --save")
  }

  /// Checks every figure for being finite and in its range.
  ///
  /// - Throws: `io-calibration.bad-file`.
  public func validate(path: String?) throws(Fault) {
    func positive(_ value: Double, _ name: String) throws(Fault) {
      guard value.isFinite, value > 0, value < 1e18 else { throw Self.bad("\(name) is out of range", path) }
    }
    func natural(_ value: Double, _ name: String) throws(Fault) {
      guard value.isFinite, value >= 0, value < 1e18 else { throw Self.bad("\(name) is out of range", path) }
    }
    guard version == Self.currentVersion else { throw Self.bad("its version is \(version)", path) }
    guard !disk.id.isEmpty, disk.size > 0, date >= 0, region > 0 else {
      throw Self.bad("it doesn't say which disk was measured, and when", path)
    }
    try natural(seconds, "seconds")
    guard (4096...(1 << 30)).contains(rates.largeLength) else { throw Self.bad("largeLength is out of range", path) }
    for pair in [rates.random, rates.sequential, rates.large] {
      try positive(pair.read, "a rate")
      try positive(pair.write, "a rate")
    }
    for direction in [cost.read, cost.write] {
      try natural(direction.randomBase, "randomBase")
      try natural(direction.sequentialBase, "sequentialBase")
      try positive(direction.perPage, "perPage")
    }
    let kernel = kernelModel
    for value in [kernel.rbps, kernel.rseqiops, kernel.rrandiops, kernel.wbps, kernel.wseqiops, kernel.wrandiops] {
      try positive(Double(value), "a parameter of io.cost.model")
    }
    guard !curves.isEmpty, curves.count <= 2 else { throw Self.bad("it has no curve", path) }
    for curve in curves { try check(curve, path) }
    try natural(burst, "burst")
    for value in [throttle?.iops, throttle?.bandwidth, credits?.first, credits?.sustained] {
      if let value { try natural(value, "a finding") }
    }
    for check in [mixedCheck, curveCheck] {
      try natural(check.predicted, "a prediction")
      try natural(check.measured, "a prediction")
    }
  }

  private func check(_ curve: LoadLatencyCurve, _ path: String?) throws(Fault) {
    guard curve.capacity.isFinite, curve.capacity > 0, curve.capacity < 1e12, !curve.points.isEmpty,
      curve.points.count <= 256
    else { throw Self.bad("a curve has no points or no capacity", path) }
    var last = (utilisation: 0.0, p50: 0.0, p99: 0.0)
    for point in curve.points {
      let figures = [point.offered, point.rate, point.p50, point.p99, point.rawP99, point.p999 ?? 0]
      guard figures.allSatisfy({ $0.isFinite && $0 >= 0 && $0 < 1e15 }), point.samples >= 0,
        point.utilisation.isFinite, point.utilisation > last.utilisation, point.utilisation <= 2,
        point.p50 >= last.p50, point.p99 >= last.p99
      else { throw Self.bad("a curve is not rising, or a figure of it is out of range", path) }
      last = (point.utilisation, point.p50, point.p99)
    }
  }
}
