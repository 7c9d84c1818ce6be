import Faults

extension Cgroup {
  /// Block devices: limits, weights, latency and what was read and written.
  public var io: IOController { IOController(group: self) }
}

/// The files of the io controller. Devices are whole disks, by their number.
public struct IOController: Sendable {
  /// The group whose files they are.
  public let group: Cgroup

  /// io.max: bytes and operations per second on each device.
  ///
  /// The kernel lets a slice of 100 ms through at once. A write restarts the slice, and carries over what is left of it
  /// only if operations wait: a group with nothing waiting gets a whole one more (block/blk-throttle.c of Linux 6.12).
  public var max: TableFile<IOMax> { .init(group, "io.max") }
  /// io.weight: the share of each device's time among siblings; it acts where io.cost is on.
  public var weight: IOWeightFile { .init(group, "io.weight", largest: 10_000) }
  /// io.bfq.weight: the same for devices whose IO scheduler is BFQ, 1 to 1,000.
  public var bfqWeight: IOWeightFile { .init(group, "io.bfq.weight", largest: 1_000) }
  /// io.latency: the latency that the group is protected to have on each device.
  public var latency: TableFile<IOLatency> { .init(group, "io.latency") }
  /// io.cost.qos: how io.cost judges that a device is saturated. Only in the root group.
  public var costQoS: TableFile<IOCostQoS> { .init(group, "io.cost.qos") }
  /// io.cost.model: what io.cost takes each operation to cost. Only in the root group.
  public var costModel: TableFile<IOCostModel> { .init(group, "io.cost.model") }
  /// io.prio.class: the IO priority class forced on the group's requests.
  public var priorityClass: SettingFile<IOPriorityClass> { .init(group, "io.prio.class") }
  /// io.stat: what was read and written on each device.
  public var stat: StatFile<Table<IODeviceStat>> { .init(group, "io.stat") }
  /// io.pressure: time lost waiting for block devices.
  public var pressure: PressureFile { .init(group, .io) }
}

/// A line of io.max: what the group may do on one device. The kernel takes no limit below 2.
public struct IOMax: TableEntry {
  /// The device, a whole disk.
  public var device: DeviceNumber
  /// Bytes read per second.
  public var rbps: Limit<Bytes>
  /// Bytes written per second.
  public var wbps: Limit<Bytes>
  /// Read operations per second.
  public var riops: Limit<Count>
  /// Write operations per second.
  public var wiops: Limit<Count>

  /// Sets what may be done on a device; what is left out has no limit.
  public init(
    device: DeviceNumber, rbps: Limit<Bytes> = .max, wbps: Limit<Bytes> = .max, riops: Limit<Count> = .max,
    wiops: Limit<Count> = .max
  ) {
    self.device = device
    self.rbps = rbps
    self.wbps = wbps
    self.riops = riops
    self.wiops = wiops
  }

  /// Parses `8:16 rbps=2097152 wbps=max riops=max wiops=120`.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    var line = ByteScanner(bytes)
    self.init(device: try line.device())
    while var pair = line.word() {
      let whole = pair
      let key = pair.take(upTo: UInt8(ascii: "="))
      if key.equals("rbps") {
        rbps = try Limit(parsing: pair.rest)
      } else if key.equals("wbps") {
        wbps = try Limit(parsing: pair.rest)
      } else if key.equals("riops") {
        riops = try Limit(parsing: pair.rest)
      } else if key.equals("wiops") {
        wiops = try Limit(parsing: pair.rest)
      } else {
        throw whole.fault(expected: "rbps, wbps, riops or wiops")
      }
    }
  }

  /// The device.
  public var key: DeviceNumber { device }

  /// The line as the kernel prints it.
  public var kernelText: String {
    "\(device) rbps=\(rbps) wbps=\(wbps) riops=\(riops) wiops=\(wiops)"
  }
}

/// A line of io.latency: the latency that the group is protected to have on one device.
public struct IOLatency: TableEntry {
  /// The device, a whole disk.
  public var device: DeviceNumber
  /// The target; 0 takes it away.
  public var target: Microseconds

  /// Sets the target on a device.
  public init(device: DeviceNumber, target: Microseconds) {
    self.device = device
    self.target = target
  }

  /// Parses `8:16 target=10000`.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    var line = ByteScanner(bytes)
    let device = try line.device()
    let whole = line
    var pair = line.word()
    guard pair?.take(upTo: UInt8(ascii: "=")).equals("target") == true, let target = pair?.number,
      line.word() == nil
    else { throw whole.fault(expected: "target= and a number") }
    self.init(device: device, target: Microseconds(target))
  }

  /// The device.
  public var key: DeviceNumber { device }

  /// The line as the kernel prints it.
  public var kernelText: String { "\(device) target=\(target)" }
}

/// The value of io.prio.class.
public enum IOPriorityClass: String, KernelValue, CaseIterable {
  /// Requests keep their class.
  case noChange = "no-change"
  /// Requests that aren't real-time become so (Linux 6.5).
  case promoteToRealTime = "promote-to-rt"
  /// The name of ``promoteToRealTime`` on older kernels.
  case noneToRealTime = "none-to-rt"
  /// Real-time requests become best-effort.
  case restrictToBestEffort = "restrict-to-be"
  /// All requests become idle.
  case idle = "idle"

  /// Parses one of the kernel's words.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    let content = ByteScanner(bytes).trimmed
    guard let value = Self(rawValue: content.text) else {
      throw content.fault(expected: "a class of IO priority")
    }
    self = value
  }

  /// The kernel's word.
  public var kernelText: String { rawValue }
}

extension ByteScanner {
  /// Takes the next word as a device's number.
  mutating func device() throws(Fault) -> DeviceNumber {
    guard let word = word() else { throw fault(expected: "a device as major:minor") }
    return try DeviceNumber(parsing: word.rest)
  }
}
