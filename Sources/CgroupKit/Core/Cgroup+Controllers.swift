import Faults
import Glibc

extension Cgroup {
  /// The controllers that this group could hand down to its children: cgroup.controllers.
  public func controllers() throws(Fault) -> Set<Controller> {
    try readValue("cgroup.controllers", as: ControllerList.self).controllers
  }

  /// The controllers that this group hands down to its children: cgroup.subtree_control.
  public func enabledControllers() throws(Fault) -> Set<Controller> {
    try readValue("cgroup.subtree_control", as: ControllerList.self).controllers
  }

  /// Hands controllers down to the children, which then have the controllers' files.
  ///
  /// The kernel takes all or none. What is enabled already is left alone.
  ///
  /// - Throws: `.controllerUnavailable` where the parent doesn't hand one down or the kernel has none;
  ///   `.internalProcesses` where the group holds processes: the kernel wants them in a leaf, see
  ///   ``moveProcesses(to:)``; the message names them.
  public func enable(_ controllers: Set<Controller>) throws(Fault) {
    let missing = controllers.subtracting(try enabledControllers())
    guard !missing.isEmpty else { return }
    let unavailable = missing.subtracting(try self.controllers())
    guard unavailable.isEmpty else { throw try unavailableFault(unavailable) }
    try writeControllers(missing, sign: "+")
  }

  /// Hands controllers down from this group along a path of descendants, so that the last one's children have them.
  ///
  /// - Parameters:
  ///   - controllers: what to enable.
  ///   - path: names of groups, each within the one before; they have to exist.
  /// - Throws: as ``enable(_:)`` and ``child(_:)`` do.
  public func enable(_ controllers: Set<Controller>, along path: [String]) throws(Fault) {
    try enable(controllers)
    var group = self
    for name in path {
      group = try group.child(name)
      try group.enable(controllers)
    }
  }

  /// Stops handing controllers down to the children, whose files of those controllers vanish.
  ///
  /// - Throws: `.controllerInUse` where children hand one down themselves.
  public func disable(_ controllers: Set<Controller>) throws(Fault) {
    let present = controllers.intersection(try enabledControllers())
    guard !present.isEmpty else { return }
    try writeControllers(present, sign: "-")
  }

  /// Stops handing controllers down in this group and in all beneath it, from the leaves up.
  ///
  /// - Throws: as ``disable(_:)`` does.
  public func disableThroughout(_ controllers: Set<Controller>) throws(Fault) {
    for name in try childNames() {
      guard let child = try childIfPresent(name) else { continue }
      try child.disableThroughout(controllers)
    }
    try disable(controllers)
  }

  private func writeControllers(_ controllers: Set<Controller>, sign: String) throws(Fault) {
    let value = controllers.sorted().map { "\(sign)\($0)" }.joined(separator: " ")
    do {
      try writeFile("cgroup.subtree_control", value)
    } catch {
      throw explainControllers(error, controllers, isEnabling: sign == "+")
    }
  }

  private func explainControllers(
    _ fault: Fault, _ controllers: Set<Controller>, isEnabling: Bool
  ) -> Fault {
    var explained = fault
    switch fault.errno?.number {
    case EBUSY where isEnabling:
      let members = (try? processes()) ?? []
      explained.code = .internalProcesses
      explained.message +=
        members.isEmpty ? ": the group holds processes" : ": the group holds \(list(members))"
      explained.mend =
        "a group with processes of its own can't hand controllers down: move them into a leaf with"
        + " moveProcesses(to:) first"
    case EBUSY:
      explained.code = .controllerInUse
      explained.mend = "children hand it down themselves: call disableThroughout(_:)"
    case EOPNOTSUPP:
      explained.code = .unsupportedOperation
      explained.mend = "the group is threaded, and so are only cpu, cpuset, perf_event and pids"
    case ENOENT, EINVAL:
      explained.code = isGone ? .groupGone : .controllerUnavailable
      explained.mend = "see cgroup.controllers for what the parent hands down"
    default: break
    }
    return explained
  }

  private func unavailableFault(_ unavailable: Set<Controller>) throws(Fault) -> Fault {
    let names = unavailable.sorted().map(\.rawValue).joined(separator: ", ")
    let offered = try controllers().sorted().map(\.rawValue).joined(separator: ", ")
    return Fault(
      .controllerUnavailable,
      "cannot enable \(names): the group is offered \(offered.isEmpty ? "none" : offered)",
      path: filePath("cgroup.controllers"), errno: ErrorNumber(ENOENT),
      mend:
        "enable it in the parent first; in the root group, it is missing in the kernel or held by cgroup v1")
  }
}

/// Process ids for a message: the first ten, and how many there are.
func list(_ processes: [Int32]) -> String {
  let shown = processes.prefix(10).map(String.init).joined(separator: ", ")
  let noun = processes.count == 1 ? "process" : "processes"
  return processes.count > 10 ? "\(processes.count) \(noun) (\(shown), …)" : "\(noun) \(shown)"
}
