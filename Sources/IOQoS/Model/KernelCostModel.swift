import Faults

/// The coefficients of io.cost.model, as the kernel writes and reads them: what a device does at most in a second.
///
/// Source: Documentation/admin-guide/cgroup-v2.rst, io.cost.model; calc_lcoefs() in block/blk-iocost.c.
public struct KernelCostModel: Sendable, Equatable {
  /// What one direction does at most. 0 makes that part of the cost free.
  public struct Coefficients: Sendable, Equatable {
    /// `bps`: bytes a second, sequential.
    public var bytes: UInt64
    /// `seqiops`: sequential operations of 4 KiB a second.
    public var sequentialOperations: UInt64
    /// `randiops`: random operations of 4 KiB a second.
    public var randomOperations: UInt64

    /// Takes the three.
    public init(bytes: UInt64, sequentialOperations: UInt64, randomOperations: UInt64) {
      self.bytes = bytes
      self.sequentialOperations = sequentialOperations
      self.randomOperations = randomOperations
    }
  }

  /// `ctrl`: whether the user set the model (`user`) or the kernel chose it (`auto`).
  public var isUser: Bool
  /// What each direction does.
  public var coefficients: PerDirection<Coefficients>

  /// Takes both directions.
  public init(isUser: Bool = true, read: Coefficients, write: Coefficients) {
    self.isUser = isUser
    coefficients = PerDirection(read: read, write: write)
  }

  /// Reads what follows the device number in a line of io.cost.model. Each key must be there, once.
  public init(parsing text: String) throws(Fault) {
    var values: [String: UInt64] = [:]
    var control: Bool?
    var isLinear = false
    for word in text.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\n" }) {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { throw Self.malformed(String(word)) }
      switch (parts[0], parts[1]) {
      case ("ctrl", "user") where control == nil: control = true
      case ("ctrl", "auto") where control == nil: control = false
      case ("model", "linear") where !isLinear: isLinear = true
      case (let key, let digits):
        guard Self.keys.contains(String(key)), values[String(key)] == nil, digits.utf8.first != UInt8(ascii: "+"),
          let value = UInt64(digits)
        else { throw Self.malformed(String(word)) }
        values[String(key)] = value
      }
    }
    guard let control, isLinear, let readBytes = values["rbps"], let readSequential = values["rseqiops"],
      let readRandom = values["rrandiops"], let writeBytes = values["wbps"], let writeSequential = values["wseqiops"],
      let writeRandom = values["wrandiops"]
    else { throw Self.malformed(text) }
    self.init(
      isUser: control,
      read: Coefficients(
        bytes: readBytes, sequentialOperations: readSequential, randomOperations: readRandom),
      write: Coefficients(
        bytes: writeBytes, sequentialOperations: writeSequential, randomOperations: writeRandom))
  }

  /// The coefficients that make the kernel count as `model` does, to within its own rounding.
  ///
  /// A price below the kernel's resolution, 7.3 ps, becomes the cheapest that it can count.
  public init(_ model: CostModel) {
    func coefficients(_ prices: CostModel.Prices) -> Coefficients {
      func operations(_ base: Double) -> UInt64 {
        let cost = base + prices.perPage
        return cost > 0 ? max(1, (CostModel.wholeDevice / cost).wholeUnsigned) : 0
      }
      let pages = prices.perPage > 0 ? CostModel.wholeDevice / prices.perPage : 0
      return Coefficients(
        bytes: prices.perPage > 0 ? max(1, (pages * CostModel.pageSize).wholeUnsigned) : 0,
        sequentialOperations: operations(prices.sequentialBase), randomOperations: operations(prices.randomBase))
    }
    self.init(read: coefficients(model.prices.read), write: coefficients(model.prices.write))
  }

  /// The words that follow the device number in a write to io.cost.model.
  public var text: String {
    func words(_ letter: String, _ of: Coefficients) -> String {
      "\(letter)bps=\(of.bytes) \(letter)seqiops=\(of.sequentialOperations) \(letter)randiops=\(of.randomOperations)"
    }
    return "ctrl=\(isUser ? "user" : "auto") model=linear "
      + "\(words("r", coefficients.read)) \(words("w", coefficients.write))"
  }

  /// What the kernel makes of the coefficients, by its own arithmetic: units of 2^-37 s, rounded up.
  public var costModel: CostModel {
    func prices(_ of: Coefficients) -> CostModel.Prices {
      func units(_ rate: UInt64) -> UInt64 { (Self.unitsPerSecond &+ rate &- 1) / rate }
      var page: UInt64 = 0
      if of.bytes > 0 {
        let pages = (of.bytes &+ 4095) / 4096
        page = pages > 0 ? (Self.unitsPerSecond + pages - 1) / pages : 1
      }
      func base(_ rate: UInt64) -> Double {
        guard rate > 0 else { return 0 }
        let whole = rate > Self.unitsPerSecond ? 1 : units(rate)
        return whole > page ? Self.nanoseconds(whole - page) : 0
      }
      return CostModel.Prices(
        randomBase: base(of.randomOperations), sequentialBase: base(of.sequentialOperations),
        perPage: Self.nanoseconds(page))
    }
    return CostModel(read: prices(coefficients.read), write: prices(coefficients.write))
  }

  private static let keys: Set<String> = ["rbps", "rseqiops", "rrandiops", "wbps", "wseqiops", "wrandiops"]
  private static let unitsPerSecond: UInt64 = 1 << 37

  private static func nanoseconds(_ units: UInt64) -> Double {
    Double(units) * CostModel.wholeDevice / Double(unitsPerSecond)
  }

  private static func malformed(_ text: String) -> Fault {
    Fault(
      .ioCostModelMalformed, "io.cost.model holds what isn't a linear cost model: '\(text.prefix(120))'",
      mend: "it must read 'ctrl=user|auto model=linear rbps= rseqiops= rrandiops= wbps= wseqiops= wrandiops='")
  }
}

extension Fault.Code {
  /// A text isn't one of io.cost.model.
  public static let ioCostModelMalformed: Self = "io.cost-model-malformed"
}
