import Faults

extension Fault.Code {
  /// A system call that no architecture has.
  public static let unknownSystemCall: Self = "seccomp.unknown-system-call"
  /// A policy that contradicts itself or asks for what a filter can't do.
  public static let invalidSeccompPolicy: Self = "seccomp.invalid-policy"
  /// An OCI profile that isn't in the documented form.
  public static let malformedSeccompProfile: Self = "seccomp.malformed-profile"
  /// libseccomp failed, or gave a program that doesn't do what the policy says.
  public static let seccompCompilationFailed: Self = "seccomp.compilation-failed"
  /// A cached program was unusable and has been, or will be, compiled again.
  public static let seccompCacheDamaged: Self = "seccomp.cache-damaged"
}
