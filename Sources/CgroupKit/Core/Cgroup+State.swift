import Faults

extension Cgroup {
  /// cgroup.events: whether the group is populated and frozen. Not in the root group.
  public var state: StatFile<GroupState> { StatFile(self, "cgroup.events") }

  /// cgroup.stat: how many groups are beneath this one.
  public var descendants: StatFile<DescendantStat> { StatFile(self, "cgroup.stat") }

  /// cgroup.type: whether the group holds processes or, threaded, single threads.
  public var type: SettingFile<GroupType> { SettingFile(self, "cgroup.type") }

  /// cgroup.max.descendants: how many groups may be beneath this one.
  public var maxDescendants: SettingFile<Limit<Count>> { SettingFile(self, "cgroup.max.descendants") }

  /// cgroup.max.depth: how deep the tree beneath this group may be.
  public var maxDepth: SettingFile<Limit<Count>> { SettingFile(self, "cgroup.max.depth") }

  /// cgroup.freeze: whether the group is to be frozen; ``freeze(within:)`` also waits until it is.
  public var freezing: SettingFile<Flag> { SettingFile(self, "cgroup.freeze") }

  /// Whether the group or one beneath it has live processes.
  ///
  /// - Throws: `.noSuchFile` in the root group, `.groupGone`.
  public func isPopulated() throws(Fault) -> Bool { try state.read().isPopulated }

  /// Whether all processes of the group and those beneath it are stopped by the freezer.
  ///
  /// - Throws: `.noSuchFile` in the root group, `.groupGone`.
  public func isFrozen() throws(Fault) -> Bool { try state.read().isFrozen }

  /// Kills every process of the group and those beneath it with SIGKILL, those that are just being forked included
  /// (Linux 5.14).
  ///
  /// It returns before they have ended: see ``waitUntilEmpty(within:)``.
  ///
  /// - Throws: `.noSuchFile` in the root group or on older kernels, `.groupGone`, `.permissionDenied`,
  ///   `.unsupportedOperation` in a threaded group.
  public func kill() throws(Fault) { try writeFile("cgroup.kill", "1") }

  /// Stops all processes of the group and those beneath it, and waits until they stand.
  ///
  /// - Parameter limit: how long to wait; a process in uninterruptible sleep can delay it.
  /// - Throws: `.timedOut` or `.cancelled`, the group then is still to be frozen; `.groupGone`, `.permissionDenied`.
  public func freeze(within limit: Duration = .seconds(10)) async throws(Fault) {
    try await setFreezing(true, within: limit)
  }

  /// Lets the processes run again, and waits until they may.
  ///
  /// - Throws: `.timedOut`, also where an ancestor is frozen; `.cancelled`, `.groupGone`, `.permissionDenied`.
  public func thaw(within limit: Duration = .seconds(10)) async throws(Fault) {
    try await setFreezing(false, within: limit)
  }

  /// Waits until all processes of a group that is to be frozen stand still; ``freezing`` is left as it is.
  ///
  /// - Parameter limit: how long to wait.
  /// - Returns: whether they stand.
  /// - Throws: `.cancelled`, `.groupGone`.
  public func isFrozen(within limit: Duration) async throws(Fault) -> Bool {
    let watch = try FileWatch(self, files: ["cgroup.events"])
    do {
      try await wait(within: limit, watching: watch) { $0.isFrozen }
      return true
    } catch let fault where fault.code == .timedOut {
      return false
    }
  }

  /// Waits until neither the group nor any beneath it has a live process. A removed group is empty.
  ///
  /// - Throws: `.timedOut`, `.cancelled`.
  public func waitUntilEmpty(within limit: Duration = .seconds(10)) async throws(Fault) {
    do {
      try await wait(within: limit, watching: FileWatch(self, files: ["cgroup.events"])) { !$0.isPopulated }
    } catch let fault where fault.code == .groupGone {
      return
    } catch let fault where fault.code == .timedOut {
      var explained = fault
      explained.message = "the group still holds \(residents())"
      throw explained
    }
  }

  private func setFreezing(_ isOn: Bool, within limit: Duration) async throws(Fault) {
    let watch = try FileWatch(self, files: ["cgroup.events"])
    try freezing.write(Flag(isOn))
    try await wait(within: limit, watching: watch) { $0.isFrozen == isOn }
  }

  /// Waits for a state. The watch has to be older than whatever brings the state about.
  private func wait(
    within limit: Duration, watching watch: FileWatch, for condition: (GroupState) -> Bool
  ) async throws(Fault) {
    let timer = watch.finish(after: limit)
    defer {
      timer.cancel()
      // The iterator alone doesn't keep the watch.
      withExtendedLifetime(watch) {}
    }
    var signals = watch.makeIterator()
    while true {
      if condition(try state.read()) { return }
      guard await signals.next(isolation: #isolation) != nil else {
        guard !Task.isCancelled else { throw Fault(.cancelled, "the task was cancelled", path: path) }
        throw Fault(
          .timedOut, "the state of the group didn't change within \(limit)", path: filePath("cgroup.events"),
          mend: "see cgroup.procs for what remains; a process in uninterruptible sleep can delay it")
      }
    }
  }
}

/// What cgroup.events says.
public struct GroupState: KernelReadable, Hashable {
  /// Whether the group or one beneath it has live processes.
  public var isPopulated: Bool
  /// Whether all of them are stopped by the freezer.
  public var isFrozen: Bool

  /// Parses cgroup.events; keys that this library doesn't know are passed over.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    var populated: UInt64?
    var frozen: UInt64 = 0
    try ByteScanner.forEachFlatKey(bytes) { key, value in
      if key.equals("populated") {
        populated = value
      } else if key.equals("frozen") {
        frozen = value
      }
    }
    guard let populated else { throw ByteScanner(bytes).fault(expected: "populated") }
    isPopulated = populated != 0
    isFrozen = frozen != 0
  }
}

/// What cgroup.stat says.
public struct DescendantStat: KernelReadable, Hashable {
  /// How many groups are beneath this one.
  public var living: UInt64 = 0
  /// How many were removed but are kept until what they are charged for is gone.
  public var dying: UInt64 = 0

  /// Parses cgroup.stat; keys that this library doesn't know are passed over.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    var stat = DescendantStat()
    try ByteScanner.forEachFlatKey(bytes) { key, value in
      if key.equals("nr_descendants") {
        stat.living = value
      } else if key.equals("nr_dying_descendants") {
        stat.dying = value
      }
    }
    self = stat
  }

  private init() {}
}

/// The value of cgroup.type. Only ``threaded`` can be written, and there is no way back.
public enum GroupType: String, KernelValue, CaseIterable {
  /// The group holds processes.
  case domain
  /// The group holds processes, and has threaded groups beneath it.
  case threadedDomain = "domain threaded"
  /// The group lies beneath a threaded one and can't be used until it is threaded itself.
  case invalidDomain = "domain invalid"
  /// The group holds single threads of its threaded domain's processes.
  case threaded

  /// Parses one of the kernel's words.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    let content = ByteScanner(bytes).trimmed
    guard let value = Self(rawValue: content.text) else { throw content.fault(expected: "a type of group") }
    self = value
  }

  /// The kernel's word.
  public var kernelText: String { rawValue }
}
