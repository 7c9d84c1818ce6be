import Faults

extension Fault.Code {
  /// `after` names a tenant that nobody knows.
  public static let unknownPredecessor: Self = "policy.unknown-predecessor"
  /// Tenants come after each other in a circle.
  public static let startCycle: Self = "policy.start-cycle"
}

/// What several policies' `after` say together. Pure functions.
public enum StartOrder {
  /// What is wrong with `after` among policies: names that nobody has, and circles.
  ///
  /// - Parameter known: tenants beside the policies' own that a name may mean.
  /// - Returns: a fault for each such name, and one for each circle, or circles that share tenants, at a name that is a
  ///   part of it; together they name all that are ``circular(_:)``.
  public static func faults(of policies: [TenantPolicy], known: Set<TenantName> = []) -> [Fault] {
    let names = Set(policies.map(\.tenant.value)).union(known)
    var faults: [Fault] = []
    for policy in policies {
      for name in policy.after where !names.contains(name.value) {
        faults.append(
          Fault(
            .unknownPredecessor, "\(policy.tenant) comes after \(name), and there is no such tenant",
            position: name.position, mend: "mend the name, or install that tenant's policy beside this one"))
      }
    }
    let knots = knots(among: policies).map { knot in
      let path = (knot.circle + knot.circle.prefix(1)).map(\.tenant.description).joined(separator: " after ")
      let others = knot.others.map(\.tenant.description).joined(separator: ", ")
      let next = knot.circle.dropFirst().first ?? knot.circle.first
      let position = knot.circle.first?.after.first { $0.value == next?.tenant.value }?.position
      return Fault(
        .startCycle,
        "tenants come after each other in a circle: \(path)"
          + (others.isEmpty ? "" : "; in further circles with them: \(others)"),
        position: position, mend: "remove one of these names from its \"after\"")
    }
    return faults + knots
  }

  /// The names of those that no order of starts has a place for: whoever comes after itself, by way of others or not.
  public static func circular(_ policies: [TenantPolicy]) -> Set<TenantName> {
    Set(knots(among: policies).flatMap { $0.circle + $0.others }.map(\.tenant.value))
  }

  /// Tenants each of which comes after every other of them, directly or not.
  private struct Knot {
    /// The shortest circle through one of them, in the order of "after".
    var circle: [TenantPolicy]
    /// Those that are not on it.
    var others: [TenantPolicy]
  }

  private static func knots(among policies: [TenantPolicy]) -> [Knot] {
    let byName = Dictionary(policies.map { ($0.tenant.value, $0) }) { first, _ in first }
    var knots: [Knot] = []
    var done: Set<TenantName> = []
    for start in policies where !done.contains(start.tenant.value) {
      let name = start.tenant.value
      let reached = predecessors(of: start, byName)
      guard var step = reached[name] else { continue }
      var circle = [start]
      while step != name, let policy = byName[step], let before = reached[step] {
        circle.insert(policy, at: 1)
        step = before
      }
      let onCircle = Set(circle.map(\.tenant.value))
      let others = policies.filter { other in
        let value = other.tenant.value
        return reached[value] != nil && !onCircle.contains(value) && predecessors(of: other, byName)[name] != nil
      }
      done.formUnion(onCircle)
      done.formUnion(others.map(\.tenant.value))
      knots.append(Knot(circle: circle, others: others))
    }
    return knots
  }

  /// All whom a tenant comes after, directly or not, each with the one before it on the shortest way there.
  private static func predecessors(
    of start: TenantPolicy, _ byName: [TenantName: TenantPolicy]
  ) -> [TenantName: TenantName] {
    var reached: [TenantName: TenantName] = [:]
    var waiting = [start]
    var next = 0
    while next < waiting.count {
      let policy = waiting[next]
      next += 1
      for name in policy.after.map(\.value) where reached[name] == nil {
        guard let found = byName[name] else { continue }
        reached[name] = policy.tenant.value
        waiting.append(found)
      }
    }
    return reached
  }

  /// Those who come after a tenant, directly or not, in the steps in which they have to end before it: all of a step
  /// end together. Circles end with everybody that is in them named once.
  ///
  /// - Parameter after: whom each tenant comes after.
  public static func dependants(of name: String, after: [String: [String]]) -> [[String]] {
    // How many steps before the tenant itself each ends: the longest way there.
    var members: Set<String> = []
    var reached = [name]
    while let next = reached.popLast() {
      for (other, names) in after where other != name && names.contains(next) && members.insert(other).inserted {
        reached.append(other)
      }
    }
    var steps: [[String]] = []
    while !members.isEmpty {
      var free = members.filter { candidate in
        !members.contains { $0 != candidate && (after[$0] ?? []).contains(candidate) }
      }
      if free.isEmpty { free = members }
      steps.append(free.sorted())
      members.subtract(free)
    }
    return steps
  }
}
