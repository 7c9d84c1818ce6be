import Faults
import FoundationEssentials

/// What a call says besides its parameters: https://varlink.org/Method-Call.
public struct CallEnvelope: Codable, Sendable, Hashable {
  /// The qualified name of the method: `io.isolated.Spawn`.
  public var method: String
  /// Whether the caller takes several answers.
  public var more: Bool?
  /// Whether the caller wants no answer.
  public var oneway: Bool?
  /// Whether the caller wants to speak another protocol afterwards.
  public var upgrade: Bool?

  /// Describes a call.
  public init(method: String, more: Bool? = nil, oneway: Bool? = nil, upgrade: Bool? = nil) {
    self.method = method
    self.more = more
    self.oneway = oneway
    self.upgrade = upgrade
  }

  /// The method's interface and its name in it: `io.isolated.Spawn` is `io.isolated` and `Spawn`; nil for a name
  /// without both.
  public var interfaceAndName: (interface: String, name: String)? {
    guard let dot = method.lastIndex(of: "."), dot != method.startIndex else { return nil }
    let name = method[method.index(after: dot)...]
    return name.isEmpty ? nil : (String(method[..<dot]), String(name))
  }
}

/// What an answer says besides its parameters.
public struct ReplyEnvelope: Codable, Sendable, Hashable {
  /// Whether more answers to the same call follow.
  public var continues: Bool?
  /// The qualified name of an error.
  public var error: String?

  /// Describes an answer.
  public init(continues: Bool? = nil, error: String? = nil) {
    self.continues = continues
    self.error = error
  }
}

/// Writes and reads the JSON texts of calls and answers.
public enum WireFormat {
  /// Writes a call, with the NUL that ends its frame.
  public static func encodeCall(
    _ envelope: CallEnvelope, parameters: some Encodable & Sendable
  ) throws(Fault) -> [UInt8] {
    try encodeFrame(
      WholeCall(
        method: envelope.method, parameters: parameters, more: envelope.more, oneway: envelope.oneway,
        upgrade: envelope.upgrade))
  }

  /// Writes an answer, with the NUL that ends its frame.
  public static func encodeReply(
    _ envelope: ReplyEnvelope = ReplyEnvelope(), parameters: some Encodable & Sendable
  ) throws(Fault) -> [UInt8] {
    try encodeFrame(
      WholeReply(parameters: parameters, continues: envelope.continues, error: envelope.error))
  }

  /// Reads a call's envelope.
  ///
  /// - Throws: `control.malformed-message`.
  public static func decodeCall(_ frame: [UInt8]) throws(Fault) -> CallEnvelope {
    try decodeEnvelope(frame)
  }

  /// Reads an answer's envelope.
  ///
  /// - Throws: `control.malformed-message`.
  public static func decodeReply(_ frame: [UInt8]) throws(Fault) -> ReplyEnvelope {
    try decodeEnvelope(frame)
  }

  /// Reads a call's parameters; absent ones count as empty.
  ///
  /// - Throws: ``StandardError/invalidParameter(_:)`` with the path of the first one that is wrong or unknown.
  public static func decodeRequest<Request: ControlRequest>(
    _ type: Request.Type, from frame: [UInt8]
  ) throws(StandardError) -> Request {
    do {
      let decoder = JSONDecoder()
      let given = try decoder.decode(RequestCarrier<Request>.self, from: Data(frame)).parameters
      return try given?.value
        ?? decoder.decode(RequestCarrier<Request>.self, from: noParameters).parameters.orMissing.value
    } catch let error as DecodingError {
      throw .invalidParameter(error.parameterName)
    } catch {
      throw .invalidParameter("parameters")
    }
  }

  /// Reads an answer's parameters. Members that this program doesn't know are skipped: the daemon may be newer.
  ///
  /// - Throws: `control.malformed-message`.
  public static func decodeParameters<Parameters: Decodable>(
    _ type: Parameters.Type, from frame: [UInt8]
  ) throws(Fault) -> Parameters {
    do {
      let decoder = JSONDecoder()
      let given = try decoder.decode(ReplyCarrier<Parameters>.self, from: Data(frame)).parameters
      return try given
        ?? decoder.decode(ReplyCarrier<Parameters>.self, from: noParameters).parameters.orMissing
    } catch {
      throw Fault(
        .malformedMessage, "the answer's parameters are not what the interface says",
        mend: "use an isoctl and a daemon of the same release")
    }
  }

  /// Writes any value as JSON.
  public static func encode(_ value: some Encodable) throws(Fault) -> [UInt8] {
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .withoutEscapingSlashes
      return [UInt8](try encoder.encode(value))
    } catch {
      throw Fault(.internalError, "cannot write a message as JSON: \(error)")
    }
  }

  private static func encodeFrame(_ value: some Encodable) throws(Fault) -> [UInt8] {
    var frame = try encode(value)
    frame.append(0)
    return frame
  }

  /// What a message that leaves its parameters out means.
  private static var noParameters: Data { Data(#"{"parameters":{}}"#.utf8) }

  private static func decodeEnvelope<Envelope: Decodable>(_ frame: [UInt8]) throws(Fault) -> Envelope {
    do {
      return try JSONDecoder().decode(Envelope.self, from: Data(frame))
    } catch {
      throw Fault(.malformedMessage, "a message is not a JSON object as varlink wants it")
    }
  }
}

private struct WholeCall<Parameters: Encodable>: Encodable {
  var method: String
  var parameters: Parameters
  var more: Bool?
  var oneway: Bool?
  var upgrade: Bool?
}

private struct WholeReply<Parameters: Encodable>: Encodable {
  var parameters: Parameters
  var continues: Bool?
  var error: String?
}

private struct RequestCarrier<Request: ControlRequest>: Decodable {
  var parameters: StrictlyDecoded<Request>?
}

private struct ReplyCarrier<Parameters: Decodable>: Decodable {
  var parameters: Parameters?
}

extension Optional {
  fileprivate var orMissing: Wrapped {
    get throws {
      guard let self else {
        throw DecodingError.valueNotFound(Wrapped.self, .init(codingPath: [], debugDescription: "missing"))
      }
      return self
    }
  }
}

extension DecodingError {
  /// The path of the parameter that is wrong, for example `stdio.stdin`.
  fileprivate var parameterName: String {
    let path: [any CodingKey]
    switch self {
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      path = context.codingPath
    case .keyNotFound(let key, let context):
      path = context.codingPath + [key]
    @unknown default:
      path = []
    }
    let names = path.dropFirst().map { $0.intValue.map(String.init) ?? $0.stringValue }
    return names.isEmpty ? "parameters" : names.joined(separator: ".")
  }
}

extension Fault.Code {
  /// A message is no JSON, or not what varlink or the interface says.
  public static let malformedMessage: Self = "control.malformed-message"
}
