/// What tells one disk from another that took its place.
public struct DeviceIdentity: Sendable, Hashable {
  /// A worldwide name or serial number; empty where the device has none, as many virtual disks do.
  public var serial: String
  /// The maker's name for the kind of device; may be empty.
  public var model: String
  /// Its size in bytes.
  public var size: UInt64

  /// Takes what is known of a device.
  public init(serial: String, model: String, size: UInt64) {
    self.serial = serial
    self.model = model
    self.size = size
  }

  /// The three in words, for messages.
  public var text: String {
    let name = [model, serial].filter { !$0.isEmpty }.joined(separator: " ")
    return "\(name.isEmpty ? "unnamed" : name), \(size) bytes"
  }
}
