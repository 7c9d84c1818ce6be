import Faults
import Testing

@testable import isoctl

@Suite struct DetachKeysTests {
  @Test(arguments: [
    ("ctrl-p,ctrl-q", [16, 17]), ("a", [97]), ("ctrl-@", [0]),
    ("ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_", [27, 28, 29, 30, 31]),
    ("CTRL-A,x", [1, 120]),
  ])
  func keysAreReadAsTheyAreWritten(text: String, bytes: [UInt8]) throws {
    #expect(try DetachKeys(text).bytes == bytes)
  }

  @Test(arguments: [
    "", ",", "ctrl-", "ctrl-1", "ctrl-pq", "ctrl-p,", "ab", "é", "strg-p", String(repeating: "a,", count: 16) + "a",
  ])
  func whatIsNoKeyIsRefused(text: String) {
    #expect(throws: Fault.self) { try DetachKeys(text) }
  }

  /// What gets through, typed byte by byte and at once.
  private func typed(_ text: [UInt8], _ keys: String) throws -> (passed: [UInt8], isComplete: Bool) {
    var single = DetachKeys.Search(try DetachKeys(keys))
    var passed: [UInt8] = []
    var isComplete = false
    for byte in text where !isComplete {
      let taken = single.take([byte][...])
      passed += taken.passed
      isComplete = taken.isComplete
    }
    var whole = DetachKeys.Search(try DetachKeys(keys))
    let atOnce = whole.take(text[...])
    #expect(atOnce.passed == passed)
    #expect(atOnce.isComplete == isComplete)
    return (passed, isComplete)
  }

  @Test func theKeysDetachAndGoNowhere() throws {
    let typed = try typed(Array("ls\u{10}\u{11}rest".utf8), "ctrl-p,ctrl-q")
    #expect(typed.passed == Array("ls".utf8))
    #expect(typed.isComplete)
  }

  @Test func aBeginningThatIsNotTheKeysGetsThroughInItsPlace() throws {
    let text = Array("a\u{10}b\u{10}\u{10}c".utf8)
    #expect(try typed(text, "ctrl-p,ctrl-q").passed == text)
  }

  @Test func aBeginningWithinABeginningIsSeen() throws {
    #expect(try typed(Array("xaab".utf8), "a,a,b").isComplete)
    #expect(try typed(Array("xaaab".utf8), "a,a,b").passed == Array("xa".utf8))
    #expect(try typed([16, 16, 17], "ctrl-p,ctrl-q").passed == [16])
    #expect(try typed([16, 16, 17], "ctrl-p,ctrl-q").isComplete)
  }
}
