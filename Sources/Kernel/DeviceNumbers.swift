/// The driver's part of a device's number, from what stat(2) answers: gnu_dev_major(3), which undoes makedev(3).
public func deviceMajor(_ device: UInt64) -> UInt32 {
  UInt32(truncatingIfNeeded: device >> 8 & 0xfff | device >> 32 & ~0xfff)
}

/// The device's own part: gnu_dev_minor(3).
public func deviceMinor(_ device: UInt64) -> UInt32 {
  UInt32(truncatingIfNeeded: device & 0xff | device >> 12 & ~0xff)
}
