import ControlProtocol
import Faults
import Kernel

/// A call as it came in: who asks, what for, and where intermediate answers go.
public struct ControlCall: Sendable {
  /// Who asks.
  public let peer: ControlPeer
  /// Which method, and how it may be answered.
  public let envelope: CallEnvelope

  private let descriptors: DescriptorBox
  private let frame: [UInt8]
  private let sendIntermediate: @Sendable (ControlReply) throws(Fault) -> Void
  private let waitUntilRead: @Sendable () async -> Void

  /// Describes a call. `frame` is its whole JSON text.
  init(
    peer: ControlPeer, envelope: CallEnvelope, frame: [UInt8], descriptors: DescriptorBox,
    sendIntermediate: @escaping @Sendable (ControlReply) throws(Fault) -> Void,
    waitUntilRead: @escaping @Sendable () async -> Void
  ) {
    self.peer = peer
    self.envelope = envelope
    self.frame = frame
    self.descriptors = descriptors
    self.sendIntermediate = sendIntermediate
    self.waitUntilRead = waitUntilRead
  }

  /// Takes over the descriptors that came with the call; the next time there are none. Those that nobody takes are
  /// closed with the call.
  public func takeDescriptors() -> [SharedDescriptor] { descriptors.take() }

  /// Decodes the parameters.
  ///
  /// - Throws: ``StandardError/invalidParameter(_:)``.
  public func parameters<Request: ControlRequest>(as type: Request.Type) throws(StandardError) -> Request {
    try WireFormat.decodeRequest(type, from: frame)
  }

  /// Sends an answer that others follow. Allowed only if the call says `more`.
  ///
  /// - Throws: `control.disconnected` when the client has hung up or reads too slowly; the call's task is cancelled
  ///   then.
  public func sendIntermediate(
    _ parameters: some Encodable & Sendable, descriptors: [SharedDescriptor] = []
  ) throws(Fault) {
    try sendIntermediate(ControlReply(parameters, descriptors: descriptors, continues: true))
  }

  /// Waits until the client has read most of what was sent, or has hung up. A client that makes no haste is let be:
  /// this is for streams whose producer doesn't wait for it.
  public func untilRead() async { await waitUntilRead() }
}

/// Descriptors that wait for whoever takes them first. A box, since a task keeps what it was started with until it ends,
/// and a stream that outlives its taker would hide its end of file from others.
final class DescriptorBox: Sendable {
  private let waiting: Guarded<[SharedDescriptor]>

  init(_ descriptors: [SharedDescriptor]) { waiting = Guarded(descriptors) }

  func take() -> [SharedDescriptor] {
    waiting.withLock { descriptors in
      defer { descriptors = [] }
      return descriptors
    }
  }
}

/// An answer, ready to send.
public struct ControlReply: Sendable {
  /// The JSON text and the NUL that ends its frame.
  public let frame: [UInt8]
  /// The descriptors that go with it.
  public let descriptors: [SharedDescriptor]

  /// Answers with a method's reply.
  ///
  /// - Throws: `internal.error` if the parameters can't be written as JSON.
  public init(
    _ parameters: some Encodable & Sendable, descriptors: [SharedDescriptor] = [], continues: Bool = false
  ) throws(Fault) {
    frame = try WireFormat.encodeReply(
      ReplyEnvelope(continues: continues ? true : nil), parameters: parameters)
    self.descriptors = descriptors
  }

  /// Answers with the error `io.isolated.Failed`.
  public init(failed fault: Fault) {
    let error = ReplyEnvelope(error: Failed.qualifiedName)
    frame = Self.encoded(error, Failed(fault))
    descriptors = []
  }

  /// Answers with an error of varlink itself.
  public init(_ error: StandardError) {
    frame = Self.encoded(ReplyEnvelope(error: error.qualifiedName), error.parameters)
    descriptors = []
  }

  private static func encoded(_ envelope: ReplyEnvelope, _ parameters: some Encodable & Sendable) -> [UInt8] {
    do {
      return try WireFormat.encodeReply(envelope, parameters: parameters)
    } catch {
      // Strings and integers always make JSON; if they ever don't, the client still gets an error.
      return Array("{\"error\":\"org.varlink.service.MethodNotImplemented\",\"parameters\":{}}\0".utf8)
    }
  }
}

/// Answers calls.
public protocol ControlHandler: Sendable {
  /// Answers a call. The task is cancelled when the client hangs up; the answer then goes nowhere.
  func handle(_ call: ControlCall) async -> ControlReply
}

extension Fault.Code {
  /// The client has hung up, or was disconnected because it reads too slowly.
  public static let disconnected: Self = "control.disconnected"
}
