@testable import ControlProtocol
import Faults
import FoundationEssentials
import Testing

/// The two ways to write and to read what `isoctl run` says must never part.
@Suite struct SpawnWireTests {
  @Test func bothWritersMeanTheSame() throws {
    let bare = Spawn.Request(document: "")
    for request in [Samples.spawn, bare, Spawn.Request(policy: "p", command: [], environment: [:])] {
      for more in [true, false] {
        let fast = Spawn.encodeCall(request, more: more)
        #expect(fast.last == 0)
        let frame = Array(fast.dropLast())
        let envelope = try WireFormat.decodeCall(frame)
        #expect(envelope.method == "io.isolated.Spawn")
        #expect(envelope.more == (more ? true : nil))
        #expect(try WireFormat.decodeRequest(Spawn.Request.self, from: frame) == request)
        let general = try WireFormat.encodeCall(
          CallEnvelope(method: Spawn.qualifiedName, more: more ? true : nil), parameters: request)
        #expect(JSONScanner.scan(frame) == JSONScanner.scan(Array(general.dropLast())))
      }
    }
  }

  @Test func bothReadersUnderstandTheSame() throws {
    var detached = Samples.spawned
    detached.exit = nil
    for reply in [Samples.spawned, detached] {
      for continues in [true, false] {
        let frame = try WireFormat.encodeReply(ReplyEnvelope(continues: continues), parameters: reply)
        let answer = try Spawn.decodeAnswer(Message(bytes: Array(frame.dropLast())))
        #expect(answer.reply == reply)
        #expect(answer.continues == continues)
      }
    }
  }

  @Test func anErrorComesOutAsItsFault() throws {
    let frame = try WireFormat.encodeReply(
      ReplyEnvelope(error: Failed.qualifiedName), parameters: Failed(Samples.fault))
    let fault = #expect(throws: Fault.self) {
      try Spawn.decodeAnswer(Message(bytes: Array(frame.dropLast())))
    }
    #expect(fault == Samples.fault)
  }

  @Test(arguments: [
    "", "{}", "[]", "{\"parameters\":{}}",
    "{\"parameters\":{\"name\":\"a\",\"pid\":\"1\",\"notEnforced\":[]}}",
    "{\"parameters\":{\"name\":\"a\",\"pid\":1,\"notEnforced\":[7]}}",
    "{\"parameters\":{\"name\":\"a\",\"pid\":1,\"notEnforced\":[],\"exit\":{}}}",
    "{\"parameters\":{\"name\":\"a\",\"pid\":1,\"notEnforced\":[],\"exit\":7}}", "{\"error\":7}",
  ])
  func refusesAnAnswerThatIsNone(_ text: String) throws {
    #expect(throws: Fault.self) { try Spawn.decodeAnswer(Message(bytes: Array(text.utf8))) }
  }

  @Test(arguments: [
    ("1", JSONValue.integer(1)), ("-0", .integer(0)), (" [1 , 2] ", .array([.integer(1), .integer(2)])),
    ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
    (#""\u0041\ud83d\ude00\n\/""#, .string("A\u{1F600}\n/")), ("{\"a\":null}", .object(["a": .null])),
    ("true", .bool(true)), ("[]", .array([])), ("{ }", .object([:])),
  ])
  func readsJSON(_ text: String, _ value: JSONValue) {
    #expect(JSONScanner.scan(Array(text.utf8)) == value)
  }

  @Test(arguments: [
    "", " ", "1.5", "1e3", "01", "-", "+1", "9223372036854775808", "tru", "nulll", "[1,]", "[,]", "[1 2]",
    "{\"a\"}",
    "{\"a\":1,}", "{a:1}", "{\"a\":1,\"a\":2}", "\"", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\ud83d\"",
    "\"\\ud83d\\u0041\"",
    "\"\\ude00\"", "\"\u{1}\"", "1 1", "[", "]", String(repeating: "[", count: 100_000),
  ])
  func answersNothingWhereItIsNotSure(_ text: String) {
    #expect(JSONScanner.scan(Array(text.utf8)) == nil)
  }

  @Test func refusesBytesThatAreNoText() {
    #expect(JSONScanner.scan([UInt8(ascii: "\""), 0xff, UInt8(ascii: "\"")]) == nil)
  }
}
