import CSeccomp

/// An architecture whose calling convention a filter can judge.
///
/// A machine runs its own and some older ones of its family; calls of any other can't occur on it.
public enum SeccompArchitecture: String, CaseIterable, Hashable, Sendable {
  /// x86-64.
  case x86_64
  /// 32-bit x86, reached by `int 0x80` or a 32-bit program.
  case x86
  /// x86-64 with 32-bit pointers: numbers with bit 30 set.
  case x32
  /// 64-bit ARM.
  case aarch64
  /// 32-bit ARM.
  case arm

  /// The architecture of this program.
  public static var native: SeccompArchitecture {
    #if arch(x86_64)
      .x86_64
    #elseif arch(arm64)
      .aarch64
    #else
      #error("isolated has no seccomp filter for this architecture")
    #endif
  }

  /// The architectures that this one's machines can run, itself included.
  public var family: Set<SeccompArchitecture> {
    switch self {
    case .x86_64: [.x86_64, .x86, .x32]
    case .aarch64: [.aarch64, .arm]
    case .x86, .x32, .arm: [self]
    }
  }

  /// libseccomp's token.
  var token: UInt32 {
    switch self {
    case .x86_64: 0xC000_003E
    case .x86: 0x4000_0003
    case .x32: 0x4000_003E
    case .aarch64: 0xC000_00B7
    case .arm: 0x4000_0028
    }
  }

  /// `AUDIT_ARCH_*`, as the kernel reports it in `seccomp_data.arch`. x32 has x86-64's and differs in the number.
  public var auditArchitecture: UInt32 { self == .x32 ? Self.x86_64.token : token }
}
