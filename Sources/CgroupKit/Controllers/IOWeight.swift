import Faults

/// What io.weight or io.bfq.weight says: a weight for all devices, and others for single ones.
public struct IOWeights: KernelReadable, Hashable {
  /// The weight on devices without one of their own.
  public var standard: Weight
  /// A weight for one device.
  public struct Override: Sendable, Hashable {
    /// The device, a whole disk.
    public var device: DeviceNumber
    /// Its weight.
    public var weight: Weight
  }
  /// Devices with a weight of their own, in the kernel's order.
  public var overrides: [Override]

  /// Parses `default 100` and lines such as `8:16 200`.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    var scanner = ByteScanner(bytes)
    var standard: Weight?
    overrides = []
    while var line = scanner.line() {
      let whole = line
      guard let first = line.word() else { continue }
      let second = line.word()
      guard line.word() == nil else { throw whole.fault(expected: "a device and a weight") }
      if let second, let weight = second.number.map(Weight.init) {
        if first.equals("default") {
          standard = weight
        } else {
          overrides.append(Override(device: try DeviceNumber(parsing: first.rest), weight: weight))
        }
      } else if second == nil, let weight = first.number {
        standard = Weight(weight)
      } else {
        throw whole.fault(expected: "a device and a weight")
      }
    }
    guard let standard else { throw ByteScanner(bytes).fault(expected: "a default weight") }
    self.standard = standard
  }

  /// The weight that counts on `device`.
  public subscript(device: DeviceNumber) -> Weight {
    overrides.first { $0.device == device }?.weight ?? standard
  }

  /// The text as the kernel prints it, without the newline at the end.
  public var kernelText: String {
    (["default \(standard)"] + overrides.map { "\($0.device) \($0.weight)" }).joined(separator: "\n")
  }
}

/// io.weight or io.bfq.weight.
public struct IOWeightFile: InterfaceFile {
  /// What the file says.
  public typealias Value = IOWeights

  /// The group whose file it is.
  public let group: Cgroup
  /// The file's name.
  public let name: String
  /// The largest weight that it takes; the smallest is 1.
  public let largest: Weight

  init(_ group: Cgroup, _ name: String, largest: Weight) {
    self.group = group
    self.name = name
    self.largest = largest
  }

  /// Sets the weight for all devices that have none of their own.
  ///
  /// - Throws: as ``SettingFile/write(_:)`` does.
  public func write(_ weight: Weight) throws(Fault) { try group.writeFile(name, weight.kernelText) }

  /// Sets the weight for one device, or with `nil` takes it away.
  ///
  /// - Throws: as ``SettingFile/write(_:)`` does, and `.noSuchDevice`; `.unsupportedOperation` where io.cost isn't on
  ///   for the device, or BFQ isn't its scheduler.
  public func write(_ weight: Weight?, for device: DeviceNumber) throws(Fault) {
    try group.writeFile(name, "\(device) \(weight?.kernelText ?? "default")")
  }
}
