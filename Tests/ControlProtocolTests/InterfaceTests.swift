@testable import ControlProtocol
import Faults
import FoundationEssentials
import Testing

@Suite struct InterfaceTests {
  private let text: InterfaceText

  init() throws { text = try InterfaceText(ControlInterface.description) }

  @Test func theTextHasExactlyTheMethodsThatTheTypesHave() {
    #expect(text.name == ControlInterface.name)
    #expect(Set(text.methods.keys) == Set(ControlInterface.methods.map { $0.name }))
    #expect(Set(text.methods.keys) == Set(Samples.messages.map(\.0)))
    #expect(Set(text.errors.keys) == ["Failed"])
  }

  @Test func everyMessageIsWhatTheTextSays() throws {
    for (name, request, reply) in Samples.messages {
      let method = try #require(text.methods[name])
      #expect(text.disagreement(try json(request), method.request) == nil, "\(name)")
      #expect(text.disagreement(try json(reply), method.reply) == nil, "\(name)")
    }
    let failed = try #require(text.errors["Failed"])
    #expect(text.disagreement(try json(Failed(Samples.fault)), failed) == nil)
  }

  @Test func parametersMayBeLeftOutExactlyWhereTheTextSaysSo() throws {
    for method in ControlInterface.methods { try checkOmissions(method) }
  }

  private func checkOmissions<Method: ControlMethod>(_ method: Method.Type) throws {
    let members = try #require(text.methods[method.name]).request
    #expect(members.map(\.name) == Method.Request.memberNames)
    let sample = try #require(Samples.messages.first { $0.0 == method.name }).1
    for member in members {
      guard case .object(let object) = try json(sample) else {
        throw InterfaceText.SyntaxError(at: method.name)
      }
      let call = try WireFormat.encode(["parameters": Encoded(.object(object.omitting(member.name)))])
      var isOptional = false
      if case .optional = member.kind { isOptional = true }
      do throws(StandardError) {
        _ = try WireFormat.decodeRequest(Method.Request.self, from: call)
        #expect(isOptional, "\(method.name).\(member.name) may be left out")
      } catch {
        #expect(!isOptional, "\(method.name).\(member.name) may not be left out")
        #expect(error == .invalidParameter(member.name))
      }
    }
  }

  @Test func theStandardInterfaceReadsToo() throws {
    let standard = try InterfaceText(ServiceInterface.description)
    #expect(standard.name == "org.varlink.service")
    #expect(Set(standard.methods.keys) == ["GetInfo", "GetInterfaceDescription"])
    for error: StandardError in [
      .interfaceNotFound("a"), .methodNotFound("a"), .methodNotImplemented("a"), .invalidParameter("a"),
      .permissionDenied, .expectedMore,
    ] {
      let name = String(error.qualifiedName.dropFirst("org.varlink.service.".count))
      #expect(standard.errors[name]?.map(\.name) == error.parameters.keys.sorted())
      #expect(StandardError(qualifiedName: error.qualifiedName, parameters: error.parameters) == error)
    }
  }

  @Test func aFaultTravelsWithoutLoss() throws {
    let faults = [
      Samples.fault, Fault("a.b", ""),
      Fault("a.b", "m", position: .init(file: "", line: 0, column: -1)),
      Fault("a.b", "\u{0}\u{1F600}", errno: ErrorNumber(4000)), Fault("a.b", "m", errno: ErrorNumber(.min)),
    ]
    for fault in faults {
      let bytes = try WireFormat.encode(Failed(fault))
      #expect(try JSONDecoder().decode(Failed.self, from: Data(bytes)).fault == fault)
    }
  }

  @Test func aStatusIsWhatAShellWouldSay() {
    #expect(Exit(status: 3, cause: .exited, durationUsec: 0).shellStatus == 3)
    #expect(Exit(signal: 15, cause: .signaled, durationUsec: 0).shellStatus == 143)
    #expect(Exit(cause: .initLost, durationUsec: 0).shellStatus == 137)
    #expect(Exit(status: .max, cause: .exited, durationUsec: 0).shellStatus == 255)
    #expect(Exit(signal: .min, cause: .signaled, durationUsec: 0).shellStatus == 128)
  }
}

/// The value that a message's JSON means.
func json(_ value: any Encodable) throws -> JSONValue {
  try #require(JSONScanner.scan(try WireFormat.encode(value)))
}

extension JSONObject {
  /// The object without the member `name`.
  func omitting(_ name: String) -> JSONObject {
    var rest = JSONObject()
    for member in members where member.name != name { _ = rest.add(member.name, member.value) }
    return rest
  }

  /// The values by name.
  var dictionary: [String: JSONValue] { Dictionary(uniqueKeysWithValues: members.map { ($0.name, $0.value) }) }
}

/// A JSON value on its way back to text.
struct Encoded: Encodable {
  private let value: JSONValue

  init(_ value: JSONValue) { self.value = value }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch value {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let values): try container.encode(values.map(Encoded.init))
    case .object(let object): try container.encode(object.dictionary.mapValues(Encoded.init))
    }
  }
}
