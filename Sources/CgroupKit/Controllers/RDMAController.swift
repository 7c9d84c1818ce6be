import Faults

extension Cgroup {
  /// RDMA devices: handles and objects.
  public var rdma: RDMAController { RDMAController(group: self) }
}

/// The files of the rdma controller.
public struct RDMAController: Sendable {
  /// The group whose files they are.
  public let group: Cgroup

  /// rdma.max: the limits, one line per device.
  public var max: TableFile<RDMALimit> { .init(group, "rdma.max") }
  /// rdma.current: what is used.
  public var current: StatFile<Table<RDMALimit>> { .init(group, "rdma.current") }
}

/// A line of rdma.max or rdma.current.
public struct RDMALimit: TableEntry {
  /// The device, for example `mlx4_0`.
  public var device: String
  /// Handles of the host channel adapter.
  public var hcaHandles: Limit<Count>
  /// Objects of the host channel adapter.
  public var hcaObjects: Limit<Count>

  /// Limits a device; what is left out has no limit.
  public init(device: String, hcaHandles: Limit<Count> = .max, hcaObjects: Limit<Count> = .max) {
    self.device = device
    self.hcaHandles = hcaHandles
    self.hcaObjects = hcaObjects
  }

  /// Parses `mlx4_0 hca_handle=2 hca_object=2000`.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    let whole = ByteScanner(bytes)
    var line = whole
    guard let device = line.word() else { throw whole.fault(expected: "a device") }
    self.init(device: device.text)
    while var pair = line.word() {
      let key = pair.take(upTo: UInt8(ascii: "="))
      if key.equals("hca_handle") {
        hcaHandles = try Limit(parsing: pair.rest)
      } else if key.equals("hca_object") {
        hcaObjects = try Limit(parsing: pair.rest)
      } else {
        throw whole.fault(expected: "hca_handle or hca_object")
      }
    }
  }

  /// The device.
  public var key: String { device }

  /// The line as the kernel prints it.
  public var kernelText: String { "\(device) hca_handle=\(hcaHandles) hca_object=\(hcaObjects)" }
}
