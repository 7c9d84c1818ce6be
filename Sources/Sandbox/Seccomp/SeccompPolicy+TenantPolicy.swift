import Faults
import Kernel
import Policy

extension Policy.SeccompPolicy {
  /// The profile that is named, as this host has it.
  ///
  /// - Parameter capabilities: what the tenant holds; profiles have rules that depend on it.
  /// - Throws: ``Faults/Fault`` of reading the file, or of ``OCISeccompProfile``, with the place in the profile.
  public func profile(capabilities: Set<Sandbox.Capability>) throws(Fault) -> Sandbox.SeccompPolicy {
    guard case .file(let path) = profile.value else { return .standard(capabilities: capabilities) }
    let bytes = try SmallFile.readBytes(path, limit: OCISeccompProfile.maximumSize, called: "the seccomp profile")
    return try OCISeccompProfile(json: bytes, file: path).policy(
      on: .init(kernel: try Self.kernelVersion(), capabilities: capabilities, architecture: .native))
  }

  /// What this makes of the profile: first `only`, then `allow` and `deny`, and `mode` last.
  public func applied(to profile: Sandbox.SeccompPolicy) -> Sandbox.SeccompPolicy {
    var rules = profile
    if let only { rules = rules.restricted(to: only.map(\.value)) }
    rules = rules.overridden(allow: allow.map(\.value), deny: deny.map(\.value))
    return mode.value == .log ? rules.logging : rules
  }

  /// The names in `only`, `allow` and `deny` that are no system calls, each with its place.
  public var unknownNames: [Fault] {
    ((only ?? []) + allow + deny).compactMap { name in
      do throws(Fault) {
        try Sandbox.SeccompPolicy.check(systemCall: name.value, position: name.position)
        return nil
      } catch {
        return error
      }
    }
  }

  private static func kernelVersion() throws(Fault) -> OCISeccompProfile.KernelVersion {
    let release = try SmallFile.read("/proc/sys/kernel/osrelease", limit: 4096)
    guard let version = OCISeccompProfile.KernelVersion(release: release) else {
      throw Fault(.internalError, "the kernel's release can't be understood", path: "/proc/sys/kernel/osrelease")
    }
    return version
  }
}
