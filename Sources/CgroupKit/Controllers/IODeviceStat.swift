import Faults

/// A line of io.stat: what the group did on one device, in counters that only grow.
///
/// A line may lack any key: a device without IO yet prints none, the `cost.` keys need io.cost, and some of them
/// blk_cgroup's debug_stats parameter.
public struct IODeviceStat: TableEntry {
  /// The device.
  public var device: DeviceNumber
  /// Bytes read.
  public var rbytes: Bytes?
  /// Bytes written.
  public var wbytes: Bytes?
  /// Read operations.
  public var rios: Count?
  /// Write operations.
  public var wios: Count?
  /// Bytes discarded.
  public var dbytes: Bytes?
  /// Discard operations.
  public var dios: Count?
  /// cost.vrate: io.cost's current speed of the device, as a share of its model; only in the root group.
  public var costVrate: Percent?
  /// cost.usage: device time used, by io.cost's model.
  public var costUsage: Microseconds?
  /// cost.wait: time spent waiting for budget.
  public var costWait: Microseconds?
  /// cost.indebt: time spent in debt.
  public var costIndebt: Microseconds?
  /// cost.indelay: time that returns to user space were delayed to pay debt.
  public var costIndelay: Microseconds?

  /// Starts a line without counters.
  public init(device: DeviceNumber) { self.device = device }

  /// Parses a line; keys that this library doesn't know are passed over.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    var line = ByteScanner(bytes)
    self.init(device: try line.device())
    while var pair = line.word() {
      let whole = pair
      let key = pair.take(upTo: UInt8(ascii: "="))
      if key.equals("cost.vrate") {
        costVrate = try Percent(parsing: pair.rest)
      } else if let field = Self.field(key) {
        guard let value = pair.number else { throw whole.fault(expected: "a key and a number") }
        set(field, value)
      }
    }
  }

  /// The device.
  public var key: DeviceNumber { device }

  /// The line in the kernel's format, without what is `nil`.
  public var kernelText: String {
    var text = device.kernelText
    func add(_ key: String, _ value: (some KernelValue)?) {
      if let value { text += " \(key)=\(value.kernelText)" }
    }
    add("rbytes", rbytes)
    add("wbytes", wbytes)
    add("rios", rios)
    add("wios", wios)
    add("dbytes", dbytes)
    add("dios", dios)
    add("cost.vrate", costVrate)
    add("cost.usage", costUsage)
    add("cost.wait", costWait)
    add("cost.indebt", costIndebt)
    add("cost.indelay", costIndelay)
    return text
  }

  private enum Field { case rbytes, wbytes, rios, wios, dbytes, dios, usage, wait, indebt, indelay }

  private static func field(_ key: ByteScanner) -> Field? {
    if key.equals("rbytes") { return .rbytes }
    if key.equals("wbytes") { return .wbytes }
    if key.equals("rios") { return .rios }
    if key.equals("wios") { return .wios }
    if key.equals("dbytes") { return .dbytes }
    if key.equals("dios") { return .dios }
    if key.equals("cost.usage") { return .usage }
    if key.equals("cost.wait") { return .wait }
    if key.equals("cost.indebt") { return .indebt }
    if key.equals("cost.indelay") { return .indelay }
    return nil
  }

  private mutating func set(_ field: Field, _ value: UInt64) {
    switch field {
    case .rbytes: rbytes = Bytes(value)
    case .wbytes: wbytes = Bytes(value)
    case .rios: rios = Count(value)
    case .wios: wios = Count(value)
    case .dbytes: dbytes = Bytes(value)
    case .dios: dios = Count(value)
    case .usage: costUsage = Microseconds(value)
    case .wait: costWait = Microseconds(value)
    case .indebt: costIndebt = Microseconds(value)
    case .indelay: costIndelay = Microseconds(value)
    }
  }
}
