/// A Linux capability by the kernel's number (`linux/capability.h`, capabilities(7)).
public struct Capability: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The kernel's number, 0 to 40.
  public let number: UInt8

  /// Takes a name in full, for example `CAP_NET_BIND_SERVICE`.
  public init?(name: String) {
    guard let index = Self.names.firstIndex(of: name), let number = UInt8(exactly: index) else { return nil }
    self.number = number
  }

  /// The name, for example `CAP_NET_BIND_SERVICE`.
  public var description: String { Self.names[Int(number)] }

  /// Orders by number.
  public static func < (left: Self, right: Self) -> Bool { left.number < right.number }

  /// Every name, at its number.
  public static let names = [
    "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
  ]
}
