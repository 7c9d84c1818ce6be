import Faults

extension Fault.Code {
  /// A key that holds from a tenant's start to its end was to be changed while it runs.
  public static let notChangeable: Self = "policy.not-changeable"
}

/// The change of a running tenant from one policy to another: both, after it was made sure that they differ in nothing
/// but what can change while the tenant runs.
public struct PolicyChange: Sendable {
  /// The policy that it runs by.
  public let old: TenantPolicy
  /// The policy that it is to run by.
  public let new: TenantPolicy

  /// The keys at the top of a policy that can change while the tenant runs: its shares and limits, and what only says
  /// how it is to be dealt with.
  public static let changeableKeys = [
    "description", "cpu", "memory", "pids", "io", "stop", "restart", "health",
    "after", "enforcement", "allow",
  ]

  /// Keys beneath those that hold from a tenant's start to its end all the same: its processes have them from the first.
  private static let fixedPaths: [(key: String, place: @Sendable (TenantPolicy) -> Place)] = [
    ("cpu.core_scheduling", { Place("\($0.cpu.coreScheduling.value)", at: $0.cpu.coreScheduling.position) }),
    ("memory.bandwidth", { Place($0.memory.bandwidth.map { "\($0.value)" }, at: $0.memory.bandwidth?.position) }),
  ]

  /// A value's text and where it stands.
  private struct Place {
    var text: String?
    var position: Fault.Position?

    init(_ text: String?, at position: Fault.Position?) {
      self.text = text
      self.position = position
    }
  }

  /// Compares two policies.
  ///
  /// - Throws: what is wrong with either, or `policy.not-changeable` for each key that would have to change and can't,
  ///   at its place.
  public init(from old: PolicySource, to new: PolicySource) throws(PolicyErrors) {
    let documents = (old: try old.document(), new: try new.document())
    self.old = try PolicyDocument.policy(from: documents.old)
    self.new = try PolicyDocument.policy(from: documents.new)
    guard Self.fixed(self.old, with: self.new) != self.new else { return }
    var faults: [Fault] = []
    for (key, place) in Self.fixedPaths where place(self.old).text != place(self.new).text {
      faults.append(Self.refusal(key, at: place(self.new).position ?? documents.new.position))
    }
    for key in Self.differingKeys(documents.old, documents.new) {
      // A default that was written out, or another way to write the same, is no change.
      let mixed = documents.old.setting([key], to: documents.new[key], at: documents.new.position) ?? documents.old
      let result = Result { () throws(PolicyErrors) in try PolicyDocument.policy(from: mixed) }
      if case .success(let policy) = result, policy == self.old { continue }
      faults.append(Self.refusal(key, at: documents.new.position(of: key) ?? documents.new.position))
    }
    throw PolicyErrors(faults) ?? PolicyErrors(Self.refusal("tenant", at: documents.new.position))
  }

  /// `old` with everything that can change taken from `new`.
  private static func fixed(_ old: TenantPolicy, with new: TenantPolicy) -> TenantPolicy {
    var policy = old
    policy.description = new.description
    policy.cpu = new.cpu
    policy.cpu.coreScheduling = old.cpu.coreScheduling
    policy.memory = new.memory
    policy.memory.bandwidth = old.memory.bandwidth
    policy.processes = new.processes
    policy.io = new.io
    policy.stop = new.stop
    policy.restart = new.restart
    policy.health = new.health
    policy.after = new.after
    policy.enforcement = new.enforcement
    policy.allow = new.allow
    return policy
  }

  private static func differingKeys(_ old: DocumentNode, _ new: DocumentNode) -> [String] {
    let all = new.keys + old.keys.filter { new[$0] == nil }
    return all.filter { key in
      guard !changeableKeys.contains(key) else { return false }
      switch (old[key], new[key]) {
      case (let one?, let two?): return !one.saysTheSame(as: two)
      default: return true
      }
    }
  }

  private static func refusal(_ key: String, at position: Fault.Position) -> Fault {
    Fault(
      .notChangeable, "\"\(key)\" can't change while the tenant runs", position: position,
      mend: "leave it as it was, or stop the tenant and spawn it by the new policy; what can change are "
        + changeableKeys.joined(separator: ", "))
  }
}
