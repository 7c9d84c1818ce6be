import Faults

extension Fault.Code {
  /// The sensor's BPF program isn't where it should be, or others than root could have changed it.
  public static let sensorProgramUntrusted: Self = "io-sensor.program-untrusted"
  /// The kernel lacks what the sensor needs.
  public static let sensorUnsupported: Self = "io-sensor.unsupported"
  /// The process may not load BPF programs.
  public static let sensorNotPermitted: Self = "io-sensor.not-permitted"
  /// The kernel refused the BPF program.
  public static let sensorRefused: Self = "io-sensor.refused"
  /// The sensor was used after it was closed.
  public static let sensorClosed: Self = "io-sensor.closed"
}
