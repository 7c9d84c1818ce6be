import CLinux

/// MOUNT_ATTR_* of mount_setattr(2).
struct MountAttributes: OptionSet, Sendable {
  let rawValue: UInt64

  static let readOnly = MountAttributes(rawValue: UInt64(CLINUX_MOUNT_READ_ONLY))
  static let noSetID = MountAttributes(rawValue: UInt64(CLINUX_MOUNT_NO_SET_ID))
  static let noDevices = MountAttributes(rawValue: UInt64(CLINUX_MOUNT_NO_DEVICES))
  static let noExecution = MountAttributes(rawValue: UInt64(CLINUX_MOUNT_NO_EXECUTION))
}
