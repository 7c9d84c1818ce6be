import Faults

/// A seccomp profile in the JSON form of the OCI runtime specification, with the conditional rules that container
/// engines add to it (`archMap`, `includes`, `excludes`, `minKernel`).
///
/// Decoding is strict: unknown or doubled keys, unknown actions, operators, architectures and capabilities are errors
/// with their place. ``policy(on:)`` then keeps the rules that apply to a host. It differs from the engines in four
/// ways, each of them on the safe side:
/// - A system call name that no architecture has is an error; engines pass over it, and a misspelt rule does nothing.
/// - Where several rules match, the most restrictive action wins, as between two filters in the kernel. libseccomp
///   alone lets an unconditional rule swallow every conditional one for the same call.
/// - Two conditions for one argument in one rule are refused; runc makes an "or" of them.
/// - SCMP_ACT_NOTIFY and SCMP_ACT_TRACE are refused: a tenant's filter has nobody to ask.
public struct OCISeccompProfile: Hashable, Sendable {
  /// The most bytes that a profile may have; the engines' own default has about 16 KiB.
  public static let maximumSize = 1 << 20

  /// When a rule applies.
  public struct Condition: Hashable, Sendable {
    /// All of these are held.
    public var capabilities: [Capability] = []
    /// The machine is one of these.
    public var architectures: [String] = []
    /// The kernel is this version or later.
    public var minimumKernel: KernelVersion?
  }

  /// A rule and when it applies.
  public struct ConditionalRule: Hashable, Sendable {
    /// The rule.
    public var rule: SeccompRule
    /// It applies if this holds…
    public var includes = Condition()
    /// …and nothing of this does.
    public var excludes = Condition()
    /// Where its names begin.
    public var position: Fault.Position
  }

  /// What happens to calls without a rule.
  public var defaultAction: SeccompAction
  /// Architectures that the profile lists.
  public var architectures: Set<SeccompArchitecture>
  /// For a machine's architecture, those that come with it.
  public var architectureMap: [SeccompArchitecture: Set<SeccompArchitecture>]
  /// Flags for seccomp(2).
  public var flags: SeccompFlags
  /// The rules.
  public var rules: [ConditionalRule]

  /// A kernel's version as far as profiles look at it.
  public struct KernelVersion: Hashable, Comparable, Sendable {
    /// The 6 of 6.12.
    public var major: UInt32
    /// The 12 of 6.12.
    public var minor: UInt32

    /// Names a version.
    public init(_ major: UInt32, _ minor: UInt32) {
      self.major = major
      self.minor = minor
    }

    /// Reads the beginning of `uname -r`, such as `6.12.41+deb13-amd64`; nil if it has no version there.
    public init?(release: String) {
      let digits: (UInt8) -> Bool = { (0x30...0x39).contains($0) }
      let major = release.utf8.prefix(while: digits)
      let rest = release.utf8.dropFirst(major.count)
      guard rest.first == UInt8(ascii: "."),
        let first = StrictNumber.decimal(major, upTo: UInt32.max),
        let second = StrictNumber.decimal(rest.dropFirst().prefix(while: digits), upTo: UInt32.max)
      else { return nil }
      self.init(first, second)
    }

    /// Orders by version.
    public static func < (left: Self, right: Self) -> Bool {
      (left.major, left.minor) < (right.major, right.minor)
    }
  }

  /// What a profile's conditions are judged against.
  public struct Host: Hashable, Sendable {
    /// The running kernel.
    public var kernel: KernelVersion
    /// What the tenant holds.
    public var capabilities: Set<Capability>
    /// The machine.
    public var architecture: SeccompArchitecture

    /// Names a host.
    public init(
      kernel: KernelVersion, capabilities: Set<Capability>, architecture: SeccompArchitecture = .native
    ) {
      self.kernel = kernel
      self.capabilities = capabilities
      self.architecture = architecture
    }
  }

  /// The policy that the profile amounts to on a host.
  ///
  /// - Throws: ``Faults/Fault`` `seccomp.unknown-system-call` or `seccomp.invalid-policy`, with the rule's place.
  ///   Names are checked in rules that don't apply to this host too.
  public func policy(on host: Host) throws(Fault) -> SeccompPolicy {
    for rule in rules {
      do throws(Fault) {
        for name in rule.rule.names { _ = try SystemCallTable.entry(name, host.architecture) }
        try SeccompValidation.check(SeccompPolicy(defaultAction: defaultAction, rules: [rule.rule]))
      } catch {
        var placed = error
        placed.position = rule.position
        throw placed
      }
    }
    let applying = rules.filter { $0.includes.includes(host) && !$0.excludes.excludes(host) }.map(\.rule)
    // A stable sort, since errnos of one severity keep their order.
    let ordered = applying.enumerated().sorted {
      ($0.element.action.severity, $1.offset) > ($1.element.action.severity, $0.offset)
    }
    return SeccompPolicy(
      defaultAction: defaultAction, rules: ordered.map(\.element),
      additionalArchitectures: architectures.union(architectureMap[host.architecture] ?? []), flags: flags)
  }
}

extension OCISeccompProfile.Condition {
  /// Everything that is named holds.
  fileprivate func includes(_ host: OCISeccompProfile.Host) -> Bool {
    capabilities.allSatisfy(host.capabilities.contains)
      && (architectures.isEmpty || architectures.contains(host.architecture.goName))
      && minimumKernel.map { host.kernel >= $0 } ?? true
  }

  /// Anything that is named holds.
  fileprivate func excludes(_ host: OCISeccompProfile.Host) -> Bool {
    capabilities.contains(where: host.capabilities.contains)
      || architectures.contains(host.architecture.goName)
      || minimumKernel.map { host.kernel >= $0 } ?? false
  }
}

extension SeccompArchitecture {
  /// Go's name for the machine, which the engines' conditions use.
  fileprivate var goName: String {
    switch self {
    case .x86_64: "amd64"
    case .x86: "x86"
    case .x32: "x32"
    case .aarch64: "arm64"
    case .arm: "arm"
    }
  }
}

extension SeccompAction {
  /// The kernel's order between several filters: the higher wins.
  var severity: Int {
    switch self {
    case .killProcess: 5
    case .killThread: 4
    case .trap: 3
    case .errno: 2
    case .log: 1
    case .allow: 0
    }
  }
}
