import Faults
import Glibc
import Kernel

/// A connection to the daemon for a program that may block: one call at a time, answers in order.
public struct ControlClient: ~Copyable {
  /// One answer, decoded.
  public struct Answer<Reply: Sendable>: Sendable {
    /// The method's reply.
    public var reply: Reply
    /// Whether more answers to the same call follow.
    public var continues: Bool
    /// The descriptors that came with it.
    public var descriptors: [SharedDescriptor]
  }

  /// The most bytes that an answer may have. The daemon is trusted with more than it trusts its clients with.
  public static let answerLimit = 64 << 20

  private let socket: OwnedDescriptor
  private var input = MessageDecoder(frameLimit: answerLimit, descriptorLimit: 8)

  /// The connected socket, for poll(2): it is readable when an answer comes.
  public var descriptor: Int32 { socket.rawValue }

  /// Whether a whole answer has been read already, so that poll(2) would wait in vain.
  public var hasAnswer: Bool { input.hasMessage }

  /// Connects to the daemon.
  ///
  /// - Throws: `control.not-running` if nobody listens there, `control.not-allowed` if the caller may not connect,
  ///   `control.bad-socket-path`, `system.call-failed`.
  public init(path: String) throws(Fault) {
    let made = OwnedDescriptor(
      owning: try systemCall("socket", message: "cannot make a socket") {
        Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      })
    let failure = try UnixAddress.with(path: path) { address, length throws(Fault) -> Int32 in
      // An interrupted connect(2) of a UNIX socket has done nothing yet, so it is made again.
      while connect(made.rawValue, address, length) < 0 {
        if errno != EINTR { return errno }
      }
      return 0
    }
    guard failure == 0 else { throw Self.cannotConnect(path, ErrorNumber(failure)) }
    socket = made
  }

  /// Makes a call and waits for its one answer.
  ///
  /// - Throws: the daemon's fault; `control.malformed-message`, `control.connection-lost`, `system.call-failed`.
  public mutating func call<Method: ControlMethod>(
    _ method: Method.Type, _ request: Method.Request
  ) throws(Fault) -> Answer<Method.Reply> {
    try send(
      WireFormat.encodeCall(CallEnvelope(method: Method.qualifiedName), parameters: request))
    return try receive(Method.Reply.self)
  }

  /// Sends a call's frame, with descriptors.
  public func send(_ frame: [UInt8], descriptors: [SharedDescriptor] = []) throws(Fault) {
    var sent = 0
    while sent < frame.count {
      let attached = sent == 0 ? descriptors : []
      let result = frame.withUnsafeBytes { bytes in
        Result { () throws(Fault) in
          try MessageSocket.send(
            UnsafeRawBufferPointer(rebasing: bytes[sent...]), descriptors: attached, to: socket.rawValue)
        }
      }
      switch result {
      case .success(let count): sent += count
      case .failure(let fault):
        // The daemon may have said why before it closed: the answer is still there to be read.
        if fault.errno?.number == EPIPE { return }
        throw fault
      }
    }
  }

  /// Waits for the next answer and decodes it.
  ///
  /// - Throws: the daemon's fault; `control.malformed-message`, `control.connection-lost`, `system.call-failed`.
  public mutating func receive<Reply: Decodable & Sendable>(
    _ type: Reply.Type
  ) throws(Fault) -> Answer<Reply> {
    try Self.decode(type, from: receive())
  }

  /// Decodes an answer.
  ///
  /// - Throws: the daemon's fault; `control.malformed-message`.
  static func decode<Reply: Decodable & Sendable>(
    _ type: Reply.Type, from message: Message
  ) throws(Fault) -> Answer<Reply> {
    let envelope = try WireFormat.decodeReply(message.bytes)
    if let error = envelope.error { throw try fault(named: error, in: message.bytes) }
    return Answer(
      reply: try WireFormat.decodeParameters(type, from: message.bytes),
      continues: envelope.continues ?? false, descriptors: message.descriptors)
  }

  /// Waits for the next answer.
  ///
  /// - Throws: `control.connection-lost`, `control.frame-too-large`, `system.call-failed`.
  public mutating func receive() throws(Fault) -> Message {
    while true {
      if let message = input.next() { return message }
      var received = MessageSocket.Received(count: 0, descriptors: [], truncated: false)
      let failure = withUnsafeTemporaryAllocation(byteCount: 1 << 14, alignment: 16) { buffer -> Fault? in
        do throws(Fault) {
          received = try MessageSocket.receive(from: socket.rawValue, into: buffer)
          let piece = UnsafeRawBufferPointer(rebasing: buffer[..<received.count])
          try input.append(piece, descriptors: received.descriptors)
          return nil
        } catch {
          return error
        }
      }
      if let failure, failure.errno?.number != ECONNRESET { throw failure }
      if received.count == 0 { throw Self.connectionLost }
    }
  }

  /// The fault that an error answer carries.
  private static func fault(named error: String, in frame: [UInt8]) throws(Fault) -> Fault {
    if error == Failed.qualifiedName {
      return try WireFormat.decodeParameters(Failed.self, from: frame).fault
    }
    if error.hasPrefix("\(ServiceInterface.name).") {
      let parameters = try WireFormat.decodeParameters([String: String].self, from: frame)
      if let known = StandardError(qualifiedName: error, parameters: parameters) { return known.fault }
    }
    return Fault(
      .standardError, "the daemon answered with the error \(error)",
      mend: "use an isoctl and a daemon of the same release")
  }

  private static var connectionLost: Fault {
    Fault(
      .connectionLost, "the daemon closed the connection before it answered",
      mend: "see what it says: journalctl -u isolated")
  }

  private static func cannotConnect(_ path: String, _ number: ErrorNumber) -> Fault {
    switch number.number {
    case ENOENT, ECONNREFUSED:
      Fault(
        .notRunning, "the daemon isn't running", systemCall: "connect", path: path, errno: number,
        mend: "start it: systemctl start isolated")
    case EACCES, EPERM:
      Fault(
        .notAllowed, "you may not talk to the daemon", systemCall: "connect", path: path, errno: number,
        mend: "call it as root or as a member of the group isolated")
    default:
      Fault(
        .systemCallFailed, "cannot connect to the daemon", systemCall: "connect", path: path, errno: number)
    }
  }
}

extension Fault.Code {
  /// Nobody listens on the control socket.
  public static let notRunning: Self = "control.not-running"
  /// The caller may not connect to the control socket.
  public static let notAllowed: Self = "control.not-allowed"
  /// The daemon closed the connection in the middle of a call.
  public static let connectionLost: Self = "control.connection-lost"
}
