import Faults

/// What calls and their results say about capabilities(7).
///
/// The kernel doesn't tell a tracer which capability it asked for. So a use is seen only where the call's arguments
/// and the caller's ids leave no other reason for its success, and a refusal only where the error has one likely cause.
enum CapabilityRules {
  /// The capabilities of which a use can be seen here. Of others, that nobody saw one means nothing.
  static let visible: Set<String> = [
    "CAP_CHOWN", "CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID", "CAP_SYS_CHROOT",
  ]

  private static let unchanged: UInt32 = .max
  private static let rawSocket: UInt64 = 3
  private static let packetFamily: UInt64 = 17
  private static let firstOrdinaryPort: UInt16 = 1024

  /// The capability without which a call that succeeded would have failed; nil if none can be told.
  ///
  /// - Parameter before: the ids that the process had when it made the call.
  static func use(
    of call: String, _ arguments: [UInt64], _ address: SocketAddress?, before: ObservedIdentities
  ) -> String? {
    let ids = arguments.map { UInt32(truncatingIfNeeded: $0) }
    // An id that the process had already, as another of its own, is free to take.
    func isNew(_ count: Int, _ known: Set<UInt32>) -> Bool {
      ids.prefix(count).contains { $0 != unchanged && !known.contains($0) }
    }
    switch call {
    case "chown", "lchown", "fchown": return ids[1] == unchanged ? nil : "CAP_CHOWN"
    case "fchownat": return ids[2] == unchanged ? nil : "CAP_CHOWN"
    case "setgroups": return "CAP_SETGID"
    case "setuid": return isNew(1, before.users) ? "CAP_SETUID" : nil
    case "setreuid": return isNew(2, before.users) ? "CAP_SETUID" : nil
    case "setresuid": return isNew(3, before.users) ? "CAP_SETUID" : nil
    case "setgid": return isNew(1, before.groups) ? "CAP_SETGID" : nil
    case "setregid": return isNew(2, before.groups) ? "CAP_SETGID" : nil
    case "setresgid": return isNew(3, before.groups) ? "CAP_SETGID" : nil
    case "chroot": return "CAP_SYS_CHROOT"
    case "bind":
      guard case .network(_, let port, _) = address, port > 0, port < firstOrdinaryPort else { return nil }
      return "CAP_NET_BIND_SERVICE"
    case "socket":
      return arguments[1] & 0xF == rawSocket || arguments[0] == packetFamily ? "CAP_NET_RAW" : nil
    default: return nil
    }
  }

  /// Calls whose use is judged by the ids before them.
  static let callsOnIdentities: Set<String> = [
    "setuid", "setreuid", "setresuid", "setgid", "setregid", "setresgid",
  ]

  /// What a refused call suggests; nil where the error says nothing about privileges.
  static func refusal(
    of call: String, _ arguments: [UInt64], _ address: SocketAddress?, _ error: ErrorNumber
  ) -> ProgramUse.Refusal? {
    func refusal(_ what: String, _ mend: String) -> ProgramUse.Refusal {
      ProgramUse.Refusal(call: what, error: error.name, mend: mend)
    }
    let argument = UInt32(truncatingIfNeeded: arguments[0])
    if call == "bind", error.name == "EACCES", case .network(_, let port, _) = address, port < firstOrdinaryPort {
      return refusal(
        "bind to port \(port)",
        "CAP_NET_BIND_SERVICE in a network of its own; on the host's, net.ipv4.ip_unprivileged_port_start or another port"
      )
    }
    if call == "mlock" || call == "mlock2" || call == "mlockall", error.name == "ENOMEM" || error.name == "EPERM" {
      return refusal(call, "rlimits: {memlock: …}")
    }
    guard error.name == "EPERM" || error.name == "EACCES" else { return nil }
    switch call {
    case "chown", "lchown", "fchown", "fchownat": return refusal(call, "CAP_CHOWN")
    case "setuid": return refusal("\(call) to \(argument)", "CAP_SETUID, or the right `user` from the start")
    case "setreuid", "setresuid": return refusal(call, "CAP_SETUID, or the right `user` from the start")
    case "setgid": return refusal("\(call) to \(argument)", "CAP_SETGID, or the right `group` from the start")
    case "setregid", "setresgid", "setgroups":
      return refusal(call, "CAP_SETGID, or the right `group` and `groups` from the start")
    case "kill", "tkill", "tgkill": return refusal(call, "CAP_KILL")
    case "socket":
      return refusal("socket of family \(argument), type \(arguments[1] & 0xF)", "CAP_NET_RAW in a network of its own")
    case "setrlimit", "prlimit64": return refusal(call, "`rlimits` with the hard limit that it wants")
    case "setpriority", "sched_setscheduler", "sched_setattr", "sched_setparam":
      return refusal(call, "`rlimits: {nice: …, rtprio: …}`; CAP_SYS_NICE counts on the host only")
    case "mknod", "mknodat": return refusal(call, "nothing: a tenant can't make device nodes; see `devices`")
    default: return nil
    }
  }
}
