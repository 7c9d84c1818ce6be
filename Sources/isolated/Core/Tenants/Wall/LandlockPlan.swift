import Faults
import Policy
import Sandbox

/// Whether a tenant is in a Landlock domain, and in which.
///
/// Where the policy doesn't say, it is in one if the kernel has Landlock. If the policy lets it mount, the domain holds
/// nothing of files: under rules for files nobody can mount, and a program that needs to would break.
struct LandlockPlan: Sendable {
  /// The domain; nil for none.
  var domain: LandlockDomain?
  /// What `isoctl inspect` says.
  var text: String
  /// What the policy asks for and this kernel can't hold.
  var notEnforceable: [Fault] = []

  /// Decides.
  ///
  /// - Parameters:
  ///   - spec: the sandbox, complete but for the domain.
  ///   - version: the kernel's version of Landlock; nil for none.
  init(_ policy: TenantPolicy, _ spec: SandboxSpec, version: Int?) {
    let tcp = policy.network.tcp
    if policy.landlock?.value == false {
      text = "off: the policy says so"
      return
    }
    guard let version else {
      text = "off: the kernel has no Landlock, or lsm= at boot leaves it out"
      notEnforceable = [policy.landlock.map { ("landlock", $0.position) }, tcp.map { ("network.tcp", $0.position) }]
        .compactMap { $0 }.map { key, position in
          Fault(
            .notEnforceable, "this host can't enforce \(key): Landlock is off", position: position,
            mend: "use a kernel with CONFIG_SECURITY_LANDLOCK=y, and add landlock to lsm= at boot")
        }
      return
    }
    if let tcp, version < LandlockDomain.portsVersion {
      notEnforceable = [
        Fault(
          .notEnforceable,
          "this host can't enforce network.tcp: its Landlock is version \(version), and ports need version "
            + "\(LandlockDomain.portsVersion)", position: tcp.position, mend: "use Linux 6.7 or later")
      ]
    }
    let reason = policy.landlock == nil ? Self.needsMounts(policy) : nil
    let made = LandlockDomain(
      spec, ports: Self.ports(tcp?.value), version: version, allowsMounts: reason != nil)
    domain = made.isEmpty ? nil : made
    text = made.text
    if let reason { text += ", files are left out: \(reason), and under rules for files nobody can mount" }
    if spec.usesHostNetwork, version < LandlockDomain.scopesVersion {
      text += ", abstract sockets of the host in reach (Linux 6.12 has a rule for them)"
    }
  }

  private static func needsMounts(_ policy: TenantPolicy) -> String? {
    if policy.namespaces.userNamespaces.value > 0 { return "the policy lets the tenant make user namespaces" }
    if policy.capabilities.contains(where: { $0.description == "CAP_SYS_ADMIN" }) {
      return "the policy grants CAP_SYS_ADMIN"
    }
    return nil
  }

  private static func ports(_ tcp: NetworkPolicy.TCPPorts?) -> LandlockDomain.Ports {
    func numbers(_ list: [Positioned<UInt64>]?) -> [UInt16]? { list?.map { UInt16(clamping: $0.value) } }
    return .init(bind: numbers(tcp?.bind), connect: numbers(tcp?.connect))
  }
}
