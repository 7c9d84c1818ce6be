import CLinux
import CTenantPlan
import Faults
import Glibc
import Kernel

extension Launcher {
  /// Sends a command into a running tenant.
  ///
  /// Returns when the process that attends to the command has been born into the tenant's group: what follows happens
  /// there, at the tenant's pace, and ``Entry`` tells of it. Blocks for that long only: run it on a thread that may.
  ///
  /// - Parameters:
  ///   - process: the pidfd of the tenant's first process, which must be that process.
  ///   - group: the directory of the tenant's group.
  ///   - streams: standard input, output and error; nil for the null device.
  ///   - prepare: runs before the first process forks, with its pid, and puts it where what it forks has to be; what it
  ///     throws ends the entry.
  /// - Throws: `sandbox.stage-failed`, `sandbox.init-lost`, `sandbox.invalid`, or the fault of a system call on the
  ///   daemon's side; nothing is left then.
  public func enter(
    _ spec: EntrySpec, process: Int32, group: Int32, streams: (input: Int32?, output: Int32?, error: Int32?),
    prepare: (Int32) throws(Fault) -> Void
  ) throws(Fault) -> Entry {
    let planFile = try Self.sealed(try spec.plan(), as: "plan")
    let null = try NullDevice.open()
    let ends = try SocketPair.make(message: "cannot make the socket between client and command")
    let session = SharedDescriptor(owning: ends.0)
    let far = SharedDescriptor(owning: ends.1)
    // Before anybody reads it, so that it holds from the first moment, whatever becomes of the daemon.
    if spec.isBound { try Self.bind(session) }
    var channel = try InitChannel()
    let first = try withExtendedLifetime(far) { () throws(Fault) in
      try program.spawn(
        "enter", cgroup: -1,
        descriptors: [
          streams.input ?? null.rawValue, streams.output ?? null.rawValue, streams.error ?? null.rawValue,
          channel.farEnd, planFile.rawValue, far.rawValue, process, group,
        ])
    }
    channel.closeFarEnd()
    let attendant = try Self.attendant(of: first, channel, prepare: prepare)
    return Entry(attendant: attendant, session: session, channel: channel)
  }

  /// Has the first process fork whoever attends to the command, once `prepare` has put it in its place.
  ///
  /// - Returns: the attendant's pidfd.
  /// - Throws: what `prepare` throws, or why there is no attendant; no process is left then.
  static func attendant(
    of first: SpawnedProcess, _ channel: borrowing InitChannel, prepare: (Int32) throws(Fault) -> Void
  ) throws(Fault) -> SharedDescriptor {
    do throws(Fault) {
      try prepare(first.pid)
      try channel.sendIfHeard(TENANT_MESSAGE_GO)
      let forked = try channel.expect(TENANT_MESSAGE_FORKED)
      guard let attendant = forked.descriptors.first else {
        throw Fault(.initLost, "tenant-init sent no pidfd of the process that attends to the command")
      }
      try first.reap()
      return attendant
    } catch {
      first.killGroup()
      throw error
    }
  }

  private static func bind(_ session: SharedDescriptor) throws(Fault) {
    var message = tenant_session_message()
    message.type = TENANT_SESSION_BIND.rawValue
    try systemCall("send", message: "cannot bind the command to its session") {
      send(session.rawValue, &message, MemoryLayout<tenant_session_message>.size, Int32(MSG_NOSIGNAL))
    }
  }
}
