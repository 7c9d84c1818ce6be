import CLinux
import CTenantPlan
import Faults
import Glibc
import Kernel

extension Fault.Code {
  /// A stage of a tenant's start failed; the fault carries its system call, path and errno.
  public static let stageFailed: Self = "sandbox.stage-failed"
  /// tenant-init ended or fell silent before the tenant ran.
  public static let initLost: Self = "sandbox.init-lost"
  /// The tenant's command can't be run.
  public static let commandNotRun: Self = "sandbox.command-not-run"
}

/// The daemon's end of the socket to one tenant-init, whatever that was started for.
struct InitChannel: ~Copyable {
  private let socket: OwnedDescriptor
  private var far: OwnedDescriptor?
  /// The far end's number, valid until ``closeFarEnd()``.
  let farEnd: Int32

  /// How long a stage may take before the start is given up, in seconds: a frozen or starved group must not hold the
  /// daemon.
  static let patience = 30

  /// Makes the pair; the far end is for tenant-init.
  init() throws(Fault) {
    let ends = try SocketPair.make(message: "cannot make the socket to tenant-init")
    let near = OwnedDescriptor(owning: ends.0)
    let far = OwnedDescriptor(owning: ends.1)
    var patience = timeval(tv_sec: Self.patience, tv_usec: 0)
    try systemCall("setsockopt", message: "cannot bound the wait for tenant-init") {
      setsockopt(ends.0, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }
    farEnd = far.rawValue
    socket = near
    self.far = consume far
  }

  /// The near end's number, for epoll(7).
  var descriptor: Int32 { socket.rawValue }

  /// Closes the far end here, once tenant-init has it: the stream could never end otherwise.
  mutating func closeFarEnd() { far = nil }

  /// Sends a message of `type` with descriptors.
  func send(_ type: tenant_message_type, value: UInt32 = 0, descriptors: [Int32] = []) throws(Fault) {
    var message = tenant_message()
    message.type = type.rawValue
    message.value = value
    let number = socket.rawValue
    try systemCall("sendmsg", message: "cannot reach tenant-init") {
      clinux_scm_rights_send(
        number, &message, MemoryLayout<tenant_message>.size, descriptors, descriptors.count, 0)
    }
  }

  /// Sends a message of `type`, unless nobody is left to hear it: why that is, is told by what is received next.
  func sendIfHeard(_ type: tenant_message_type) throws(Fault) {
    do throws(Fault) {
      try send(type)
    } catch {
      guard let number = error.errno?.number, [EPIPE, ECONNRESET, ECONNREFUSED, ENOTCONN].contains(number) else {
        throw error
      }
    }
  }

  /// What came: a message with its descriptors, two at most, or the end of the stream.
  enum Received {
    case message(tenant_message, [SharedDescriptor])
    case end
  }

  /// Waits for the next message. One of type TENANT_MESSAGE_ERROR is thrown.
  func receive() throws(Fault) -> Received {
    guard let received = try receive(flags: 0) else {
      throw Fault(.initLost, "tenant-init did not answer within \(Self.patience) s", systemCall: "recvmsg")
    }
    return received
  }

  /// Takes the next message if it is there. One of type TENANT_MESSAGE_ERROR is thrown.
  func receiveNow() throws(Fault) -> Received? { try receive(flags: Int32(MSG_DONTWAIT)) }

  /// nil where nothing came in time.
  private func receive(flags: Int32) throws(Fault) -> Received? {
    var message = tenant_message()
    var numbers: [Int32] = [-1, -1]
    var count = 0
    var truncated: Int32 = 0
    let number = socket.rawValue
    let size = MemoryLayout<tenant_message>.size
    var got = clinux_scm_rights_receive(number, &message, size, &numbers, numbers.count, &count, &truncated, flags)
    // Told once when the other end closes without having read everything; what it sent before is still there.
    while got < 0, errno == EINTR || errno == ECONNRESET {
      got = clinux_scm_rights_receive(number, &message, size, &numbers, numbers.count, &count, &truncated, flags)
    }
    guard got >= 0 else {
      if errno == EAGAIN { return nil }
      throw Fault(.initLost, "cannot hear tenant-init", systemCall: "recvmsg", errno: ErrorNumber(errno))
    }
    let owned = numbers.prefix(count).map { SharedDescriptor(owning: $0) }
    if got == 0 { return .end }
    guard got == size else { throw Fault(.initLost, "tenant-init sent \(got) bytes instead of a message") }
    if message.type == TENANT_MESSAGE_ERROR.rawValue { throw Self.fault(of: message) }
    return .message(message, owned)
  }

  /// Waits for a message of `type`.
  func expect(_ type: tenant_message_type) throws(Fault) -> (value: UInt32, descriptors: [SharedDescriptor]) {
    switch try receive() {
    case .end: throw Fault(.initLost, "tenant-init ended before the tenant ran")
    case .message(let message, let descriptors):
      guard message.type == type.rawValue else {
        throw Fault(.initLost, "tenant-init sent message \(message.type) instead of \(type.rawValue)")
      }
      return (message.value, descriptors)
    }
  }

  private static func fault(of message: tenant_message) -> Fault {
    var message = message
    let call = withUnsafeBytes(of: &message.call) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    let path = withUnsafeBytes(of: &message.path) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    let stage = StartStage(number: message.stage)
    let isCommand = message.stage == TENANT_STAGE_EXEC.rawValue
    return Fault(
      isCommand ? .commandNotRun : .stageFailed, stage.failure, systemCall: call.isEmpty ? nil : call,
      path: path.isEmpty ? nil : path, errno: ErrorNumber(message.error),
      mend: mend(for: stage, message.error))
  }

  private static func mend(for stage: StartStage, _ number: Int32) -> String? {
    switch stage {
    case .exec: commandMend(number)
    case .root: rootMend(number)
    case .entry: entryMend(number)
    default: nil
    }
  }

  private static func entryMend(_ number: Int32) -> String? {
    switch number {
    case EAGAIN: "the tenant has as many processes as `pids: {max}` or its user's limit allows"
    case ENOMEM: "the tenant has just ended, or has used up its memory"
    case ENODEV: "the tenant's group is gone: it has just ended"
    case ESRCH: "the tenant has just ended"
    case EPERM: "the daemon needs CAP_SYS_PTRACE to enter a tenant"
    default: nil
    }
  }

  private static func rootMend(_ number: Int32) -> String? {
    switch number {
    case ENOENT, EROFS: "make it in the directory that is the root's `base:`, which a start doesn't write to"
    case ENOTDIR, ELOOP: "the root's `base:` must have a directory there, and no link"
    default: nil
    }
  }

  private static func commandMend(_ number: Int32) -> String? {
    switch number {
    case ENOENT: "the program, or the interpreter that it names, is not in the tenant's root: see `root:` in the policy"
    case EACCES: "the program is not executable for the tenant's user"
    case ENOEXEC: "the file is no program: does its first line name an interpreter?"
    default: nil
    }
  }
}

/// The stages of a start by their names.
enum StartStage: UInt32 {
  case plan = 1
  case namespaces, fork, root, pivot, settings, logs, identity, working, seccomp, exec, landlock
  case entry = 20
  case terminal = 21
  case unknown = 0

  init(number: UInt32) { self = Self(rawValue: number) ?? .unknown }

  /// What a failure of the stage means, as a sentence.
  var failure: String {
    switch self {
    case .plan: "tenant-init refused its plan"
    case .namespaces: "cannot make the tenant's namespaces"
    case .fork: "cannot make the tenant's first process"
    case .root: "cannot build the tenant's root"
    case .pivot: "cannot enter the tenant's root"
    case .settings: "cannot apply the tenant's settings"
    case .logs: "cannot open the tenant's log"
    case .identity: "cannot take on the tenant's user and capabilities"
    case .working: "cannot enter the working directory"
    case .seccomp: "cannot install the system call filter"
    case .exec: "cannot run the command"
    case .landlock: "cannot enter the Landlock domain"
    case .entry: "cannot enter the tenant"
    case .terminal: "cannot make the command's terminal"
    case .unknown: "an unknown stage failed"
    }
  }
}
