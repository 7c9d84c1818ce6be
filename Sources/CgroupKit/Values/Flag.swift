import Faults

/// A switch that the kernel prints as 0 or 1.
public struct Flag: KernelValue, ExpressibleByBooleanLiteral {
  /// Whether the switch is on.
  public let isOn: Bool

  /// Sets the switch.
  public init(_ isOn: Bool) { self.isOn = isOn }

  /// Sets the switch.
  public init(booleanLiteral value: Bool) { isOn = value }

  /// Parses 0 or 1.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    let content = ByteScanner(bytes).trimmed
    switch content.number {
    case 0: isOn = false
    case 1: isOn = true
    default: throw content.fault(expected: "0 or 1")
    }
  }

  /// `1` or `0`.
  public var kernelText: String { isOn ? "1" : "0" }
}
