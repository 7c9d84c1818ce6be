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
    (#""\u0041\ud83d\ude00\n\/""#, .string("A\u{1F600}\n/")), ("{\"a\":null}", Self.object(("a", .null))),
    ("{\"b\":1,\"a\":{}}", Self.object(("a", .object(JSONObject())), ("b", .integer(1)))),
    ("true", .bool(true)), ("[]", .array([])), ("{ }", Self.object()),
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

  @Test(
    arguments: [
      [0xff], [0x61, 0xc3], [0xe2, 0x82], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80],
    ] as [[UInt8]])
  func refusesBytesThatAreNoText(_ bytes: [UInt8]) {
    #expect(JSONScanner.scan([UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")]) == nil)
  }

  @Test func takesSixtyFourMembersAndLeavesMoreToTheGeneralDecoder() {
    for count in [64, 65] {
      let text = "{" + (0..<count).map { "\"m\($0)\":1" }.joined(separator: ",") + "}"
      #expect((JSONScanner.scan(Array(text.utf8)) != nil) == (count == 64))
    }
  }

  @Test(arguments: [0, 7, -1, 10, 1_234_567_890, -100, .max, .min])
  func writesWholeNumbers(_ number: Int) {
    var writer = JSONWriter(capacity: 0)
    writer.integer(number)
    #expect(String(decoding: writer.bytes, as: UTF8.self) == "\(number)")
  }

  @Test func objectsDifferByAnyMember() {
    let object = Self.object(("a", .integer(1)), ("b", .null))
    #expect(object != Self.object(("a", .integer(1))))
    #expect(object != Self.object(("a", .integer(1)), ("c", .null)))
    #expect(object != Self.object(("a", .integer(2)), ("b", .null)))
  }

  private static func object(_ members: (String, JSONValue)...) -> JSONValue {
    var object = JSONObject()
    for (name, value) in members where !object.add(name, value) { Issue.record("\(name) is there twice") }
    return .object(object)
  }
}
