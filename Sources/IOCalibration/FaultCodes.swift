import Faults

extension Fault.Code {
  /// What was named can't be measured: no disk beneath it, or one whose figures would mean nothing.
  public static let ioNotMeasurable: Self = "io-calibration.not-measurable"
  /// The device holds something, or someone uses it.
  public static let ioDeviceInUse: Self = "io-calibration.device-in-use"
  /// There is too little room for a scratch file.
  public static let ioTooLittleRoom: Self = "io-calibration.too-little-room"
  /// The disk or its file system failed an IO.
  public static let ioFailed: Self = "io-calibration.io-failed"
  /// A signal ended the measurement.
  public static let ioInterrupted: Self = "io-calibration.interrupted"
  /// A stored calibration can't be used.
  public static let ioBadCalibration: Self = "io-calibration.bad-file"
}
