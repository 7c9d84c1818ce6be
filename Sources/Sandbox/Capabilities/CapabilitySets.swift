import Faults

/// The five capability sets of a process as the kernel's 64-bit masks; see capabilities(7).
public struct CapabilitySets: Hashable, Sendable {
  /// What no execve can exceed.
  public var bounding: UInt64
  /// What the process may make effective.
  public var permitted: UInt64
  /// What the kernel checks.
  public var effective: UInt64
  /// What a file's inheritable set may keep across execve.
  public var inheritable: UInt64
  /// What an unprivileged program keeps across execve.
  public var ambient: UInt64

  /// Names all five sets.
  public init(
    bounding: UInt64 = 0, permitted: UInt64 = 0, effective: UInt64 = 0, inheritable: UInt64 = 0,
    ambient: UInt64 = 0
  ) {
    self.bounding = bounding
    self.permitted = permitted
    self.effective = effective
    self.inheritable = inheritable
    self.ambient = ambient
  }

  /// All five sets empty.
  public static let none = CapabilitySets()

  /// The sets to hold **just before execve**, so that the tenant's program holds exactly `keep` after it, with
  /// no_new_privs set and no securebits.
  ///
  /// - With uid 0 inside, execve computes permitted = (bounding ∪ inheritable) ∩ (what was permitted before, because
  ///   of no_new_privs). So bounding, permitted and effective are `keep`; inheritable and ambient stay **empty**
  ///   (CVE-2022-27650: a non-empty inheritable set hands capabilities to every file that carries inheritable bits).
  /// - With another uid, execve keeps only the ambient set, and a capability can be ambient only while it is
  ///   permitted and inheritable. So all five are `keep`, and inheritable holds nothing that isn't ambient too:
  ///   no file can add to what every program of the tenant holds anyway.
  /// - With nothing to keep, all five are empty whatever the uid.
  ///
  /// The order that the kernel demands of whoever applies them: drop the bounding set while CAP_SETPCAP is held;
  /// PR_SET_KEEPCAPS, then setgroups, setresgid, setresuid (a change from 0 to another uid clears the ambient set);
  /// capset; PR_CAP_AMBIENT_RAISE last.
  ///
  /// - Parameters:
  ///   - keep: what the policy grants.
  ///   - uid: the user id **inside** the tenant.
  ///   - lastSupported: the contents of `/proc/sys/kernel/cap_last_cap`.
  /// - Throws: ``Faults/Fault`` `capability.unknown` if the running kernel lacks one of `keep`.
  public static func forTenant(
    keep: Set<Capability>, uid: UInt32, lastSupported: UInt8 = Capability.checkpointRestore.rawValue
  ) throws(Fault) -> CapabilitySets {
    for capability in keep.sorted() where capability.rawValue > lastSupported {
      throw Fault(
        .unknownCapability,
        "the running kernel has no \(capability.name): its last capability is number \(lastSupported)",
        path: "/proc/sys/kernel/cap_last_cap", mend: "take it out of the policy, or run a newer kernel")
    }
    let mask = mask(of: keep)
    let inherited = uid == 0 ? 0 : mask
    return CapabilitySets(
      bounding: mask, permitted: mask, effective: mask, inheritable: inherited, ambient: inherited)
  }

  /// The kernel's mask for a set of capabilities.
  public static func mask(of capabilities: some Sequence<Capability>) -> UInt64 {
    capabilities.reduce(0) { $0 | $1.mask }
  }

  /// The capabilities in a mask, by number, and the bits that no known capability has.
  public static func capabilities(in mask: UInt64) -> (known: [Capability], unknown: UInt64) {
    let known = Capability.allCases.filter { mask & $0.mask != 0 }
    return (known, mask & ~self.mask(of: known))
  }

  /// A mask as `/proc/PID/status` prints it: 16 lower-case hexadecimal digits.
  public static func hexadecimal(_ mask: UInt64) -> String {
    let digits = String(mask, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension CapabilitySets: CustomStringConvertible {
  /// The five lines of `/proc/PID/status`, in its order.
  public var description: String {
    [
      ("CapInh", inheritable), ("CapPrm", permitted), ("CapEff", effective), ("CapBnd", bounding),
      ("CapAmb", ambient),
    ]
    .map { "\($0.0):\t\(Self.hexadecimal($0.1))" }.joined(separator: "\n")
  }
}
