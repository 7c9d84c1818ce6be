/// One thing that isolated needs of a host, and whether it is there.
struct HostCheck: Sendable, Hashable, Encodable {
  /// Whether it is there.
  enum State: String, Sendable, Encodable {
    case ok
    /// There in part, or in a way that doesn't do.
    case limited
    case missing
    /// It can't be told, mostly for want of privileges.
    case unknown
  }

  /// What stops working where it isn't ok.
  enum Effect: String, Sendable, Encodable {
    /// No tenant can run.
    case tenants
    /// Something that policies may ask for: it is refused, or under `enforcement: best-effort` not enforced.
    case policies
    /// Nothing that policies may ask for.
    case nothing
  }

  /// Where it stands in the report.
  enum Group: String, Sendable, Encodable, CaseIterable {
    case kernel, cgroups, io, namespaces, security, limits, systemd, machine, installation, daemon
  }

  /// What was found, and how to mend what is not ok: one sentence or command, in the imperative.
  enum Finding: Sendable, Hashable {
    case ok(String)
    case limited(String, mend: String)
    case missing(String, mend: String)
    case unknown(String, mend: String)
  }

  /// A stable name in dotted lower case: `cgroups.memory`. A name once released keeps its meaning.
  var id: String
  var group: Group
  /// What people call it.
  var name: String
  var state: State
  /// What was found, in a phrase.
  var found: String
  /// What it is needed for.
  var why: String
  /// How to have it; nil where it is ok.
  var mend: String?
  var effect: Effect

  init(_ id: String, _ group: Group, _ name: String, _ finding: Finding, effect: Effect, why: String) {
    self.id = id
    self.group = group
    self.name = name
    self.why = why
    self.effect = effect
    switch finding {
    case .ok(let found): (state, self.found, mend) = (.ok, found, nil)
    case .limited(let found, let mend): (state, self.found, self.mend) = (.limited, found, mend)
    case .missing(let found, let mend): (state, self.found, self.mend) = (.missing, found, mend)
    case .unknown(let found, let mend): (state, self.found, self.mend) = (.unknown, found, mend)
    }
  }

  /// What it means for the exit status.
  var verdict: DoctorVerdict {
    switch (state, effect) {
    case (.ok, _), (_, .nothing): .enforceable
    case (.missing, .tenants): .unusable
    default: .limited
    }
  }
}

/// What a host is good for, from best to worst; the raw values are exit statuses.
enum DoctorVerdict: Int32, Sendable, Comparable {
  /// Everything that policies may ask for can be enforced.
  case enforceable = 0
  /// Tenants run, but something that policies may ask for can't be enforced, or it can't be told.
  case limited = 1
  /// No tenant can run.
  case unusable = 2

  static func < (left: DoctorVerdict, right: DoctorVerdict) -> Bool { left.rawValue < right.rawValue }

  /// The word in JSON.
  var word: String {
    switch self {
    case .enforceable: "enforceable"
    case .limited: "limited"
    case .unusable: "unusable"
    }
  }
}
