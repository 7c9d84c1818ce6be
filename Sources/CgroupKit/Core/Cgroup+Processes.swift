import Faults
import Glibc

extension Cgroup {
  /// The processes of this group itself, descendants not included: cgroup.procs.
  ///
  /// A process outside the reader's PID namespace is listed as 0. Zombies aren't listed.
  ///
  /// - Throws: `.unsupportedOperation` in a threaded group.
  public func processes() throws(Fault) -> [pid_t] {
    try readValue("cgroup.procs", as: ProcessList.self).identifiers
  }

  /// The threads of this group itself: cgroup.threads.
  public func threads() throws(Fault) -> [pid_t] {
    try readValue("cgroup.threads", as: ProcessList.self).identifiers
  }

  /// Moves a process with all its threads into the group.
  ///
  /// Memory that it has already used stays charged to the group that it leaves. To start a process in a group, use
  /// clone3(2) with `CLONE_INTO_CGROUP` and ``withDescriptor(_:)``: that is cheaper and lets nothing escape.
  ///
  /// - Throws: `.noSuchProcess`, `.internalProcesses`, `.permissionDenied`,
  ///   `.unsupportedOperation`.
  public func attach(_ process: pid_t) throws(Fault) { try attach(process, file: "cgroup.procs") }

  /// Moves a single thread into the group, which has to be threaded and of the same threaded domain.
  ///
  /// - Throws: as ``attach(_:)`` does.
  public func attachThread(_ thread: pid_t) throws(Fault) { try attach(thread, file: "cgroup.threads") }

  /// Moves all processes of this group itself into another group, usually a leaf beneath it, so that this one may hand
  /// controllers down.
  ///
  /// It repeats until the group is empty, since processes may fork meanwhile.
  ///
  /// - Returns: how many moves were made.
  /// - Throws: as ``attach(_:)`` does, and `.groupBusy` where processes appear faster than they are moved.
  @discardableResult
  public func moveProcesses(to destination: Cgroup) throws(Fault) -> Int {
    var moves = 0
    for _ in 0..<100 {
      let members = Set(try processes())
      if members.isEmpty { return moves }
      guard !members.contains(0) else {
        throw Fault(
          .noSuchProcess, "the group holds a process of another PID namespace",
          path: filePath("cgroup.procs"),
          mend: "move the processes from the namespace that they are in, or from the host's")
      }
      for process in members {
        do {
          try destination.attach(process)
          moves += 1
        } catch let fault where fault.code == .noSuchProcess {
          // It ended between the listing and the move.
        }
      }
    }
    throw Fault(
      .groupBusy, "processes appear faster than they can be moved", path: filePath("cgroup.procs"),
      mend: "freeze the group first")
  }

  private func attach(_ identifier: pid_t, file: String) throws(Fault) {
    guard identifier > 0 else {
      throw Fault(
        .noSuchProcess, "\(identifier) is no process id", path: filePath(file), mend: "give an id above 0")
    }
    do {
      try writeFile(file, String(identifier))
    } catch {
      throw Explanation.attaching(error, to: self)
    }
  }
}

/// The ids that cgroup.procs or cgroup.threads lists.
struct ProcessList: KernelReadable {
  var identifiers: [pid_t] = []

  init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    var scanner = ByteScanner(bytes)
    while let word = scanner.word() {
      guard let identifier = word.number.flatMap({ pid_t(exactly: $0) }) else {
        throw word.fault(expected: "a process id")
      }
      identifiers.append(identifier)
    }
  }
}
