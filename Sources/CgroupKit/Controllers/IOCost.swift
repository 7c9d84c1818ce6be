import Faults

/// Who sets the parameters of io.cost for a device.
public enum IOCostControl: String, Sendable, Hashable {
  /// The kernel, by the kind of device.
  case auto
  /// Whoever wrote them.
  case user
}

/// A line of io.cost.qos: how io.cost judges that one device is saturated, and how far it adapts.
public struct IOCostQoS: TableEntry {
  /// The device, a whole disk.
  public var device: DeviceNumber
  /// Whether io.cost steers the device.
  public var isEnabled: Bool
  /// Who sets the parameters; with ``IOCostControl/auto`` the other parameters aren't written.
  public var control: IOCostControl
  /// The percentile of read latency that counts.
  public var rpct: Percent
  /// The read latency above which the device is saturated.
  public var rlat: Microseconds
  /// The percentile of write latency that counts.
  public var wpct: Percent
  /// The write latency above which the device is saturated.
  public var wlat: Microseconds
  /// The least speed that io.cost goes down to, as a share of the model.
  public var min: Percent
  /// The most speed that io.cost goes up to, as a share of the model.
  public var max: Percent

  /// Sets the parameters for a device.
  public init(
    device: DeviceNumber, isEnabled: Bool, control: IOCostControl = .user, rpct: Percent = 0,
    rlat: Microseconds = 0,
    wpct: Percent = 0, wlat: Microseconds = 0, min: Percent = 100, max: Percent = 100
  ) {
    self.device = device
    self.isEnabled = isEnabled
    self.control = control
    self.rpct = rpct
    self.rlat = rlat
    self.wpct = wpct
    self.wlat = wlat
    self.min = min
    self.max = max
  }

  /// Parses `8:16 enable=1 ctrl=auto rpct=95.00 rlat=75000 wpct=95.00 wlat=150000 min=50.00 max=150.00`.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    var line = ByteScanner(bytes)
    self.init(device: try line.device(), isEnabled: false)
    while var pair = line.word() {
      let whole = pair
      let key = pair.take(upTo: UInt8(ascii: "="))
      if key.equals("enable") {
        isEnabled = try Flag(parsing: pair.rest).isOn
      } else if key.equals("ctrl") {
        control = try pair.costControl()
      } else if key.equals("rpct") {
        rpct = try Percent(parsing: pair.rest)
      } else if key.equals("rlat") {
        rlat = try Microseconds(parsing: pair.rest)
      } else if key.equals("wpct") {
        wpct = try Percent(parsing: pair.rest)
      } else if key.equals("wlat") {
        wlat = try Microseconds(parsing: pair.rest)
      } else if key.equals("min") {
        min = try Percent(parsing: pair.rest)
      } else if key.equals("max") {
        max = try Percent(parsing: pair.rest)
      } else {
        throw whole.fault(expected: "a parameter of io.cost.qos")
      }
    }
  }

  /// The device.
  public var key: DeviceNumber { device }

  /// The line as the kernel prints it.
  public var kernelText: String { "\(head) \(parameters)" }

  /// The line to write. A parameter beside `ctrl=auto` would turn control over to the user, so it is left out.
  public var writtenText: String { control == .auto ? head : kernelText }

  private var head: String { "\(device) enable=\(Flag(isEnabled)) ctrl=\(control.rawValue)" }

  private var parameters: String {
    "rpct=\(rpct) rlat=\(rlat) wpct=\(wpct) wlat=\(wlat) min=\(min) max=\(max)"
  }
}

/// A line of io.cost.model: what one device can do, from which io.cost takes the price of each operation.
public struct IOCostModel: TableEntry {
  /// The device, a whole disk.
  public var device: DeviceNumber
  /// Who sets the parameters; with ``IOCostControl/auto`` the other parameters aren't written.
  public var control: IOCostControl
  /// Bytes read per second, in sequence.
  public var rbps: Bytes
  /// Sequential 4 KiB reads per second.
  public var rseqiops: Count
  /// Random 4 KiB reads per second.
  public var rrandiops: Count
  /// Bytes written per second, in sequence.
  public var wbps: Bytes
  /// Sequential 4 KiB writes per second.
  public var wseqiops: Count
  /// Random 4 KiB writes per second.
  public var wrandiops: Count

  /// Sets the linear model of a device.
  public init(
    device: DeviceNumber, control: IOCostControl = .user, rbps: Bytes, rseqiops: Count, rrandiops: Count,
    wbps: Bytes,
    wseqiops: Count, wrandiops: Count
  ) {
    self.device = device
    self.control = control
    self.rbps = rbps
    self.rseqiops = rseqiops
    self.rrandiops = rrandiops
    self.wbps = wbps
    self.wseqiops = wseqiops
    self.wrandiops = wrandiops
  }

  /// Parses `8:16 ctrl=auto model=linear rbps=… rseqiops=… rrandiops=… wbps=… wseqiops=… wrandiops=…`.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    var line = ByteScanner(bytes)
    self.init(
      device: try line.device(), rbps: 0, rseqiops: 0, rrandiops: 0, wbps: 0, wseqiops: 0, wrandiops: 0)
    while var pair = line.word() {
      let whole = pair
      let key = pair.take(upTo: UInt8(ascii: "="))
      if key.equals("ctrl") {
        control = try pair.costControl()
      } else if key.equals("model") {
        guard pair.equals("linear") else { throw whole.fault(expected: "model=linear") }
      } else if key.equals("rbps") {
        rbps = try Bytes(parsing: pair.rest)
      } else if key.equals("rseqiops") {
        rseqiops = try Count(parsing: pair.rest)
      } else if key.equals("rrandiops") {
        rrandiops = try Count(parsing: pair.rest)
      } else if key.equals("wbps") {
        wbps = try Bytes(parsing: pair.rest)
      } else if key.equals("wseqiops") {
        wseqiops = try Count(parsing: pair.rest)
      } else if key.equals("wrandiops") {
        wrandiops = try Count(parsing: pair.rest)
      } else {
        throw whole.fault(expected: "a parameter of io.cost.model")
      }
    }
  }

  /// The device.
  public var key: DeviceNumber { device }

  /// The line as the kernel prints it.
  public var kernelText: String {
    "\(head) model=linear rbps=\(rbps) rseqiops=\(rseqiops) rrandiops=\(rrandiops)"
      + " wbps=\(wbps) wseqiops=\(wseqiops) wrandiops=\(wrandiops)"
  }

  /// The line to write. A parameter beside `ctrl=auto` would turn control over to the user, so it is left out.
  public var writtenText: String { control == .auto ? head : kernelText }

  private var head: String { "\(device) ctrl=\(control.rawValue)" }
}

extension ByteScanner {
  fileprivate func costControl() throws(Fault) -> IOCostControl {
    guard let control = IOCostControl(rawValue: text) else { throw fault(expected: "auto or user") }
    return control
  }
}
