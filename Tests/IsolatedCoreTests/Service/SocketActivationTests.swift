import Faults
import Testing

@testable import IsolatedCore

@Suite struct SocketActivationTests {
  private func count(_ pid: String?, _ passed: String?) throws(Fault) -> Int32 {
    try SocketActivation.count(in: { ["LISTEN_PID": pid, "LISTEN_FDS": passed][$0].flatMap { $0 } }, pid: 42)
  }

  @Test func socketsAreTakenOnlyByTheProcessThatTheyWerePassedTo() throws {
    #expect(try count("42", "1") == 1)
    #expect(try count("42", "3") == 3)
    #expect(try count("41", "1") == 0)
    #expect(try count("4242", "1") == 0)
    #expect(try count(nil, "1") == 0)
    #expect(try count("42", nil) == 0)
    #expect(try count(nil, nil) == 0)
  }

  @Test(arguments: [
    ("42", "0"), ("42", "-1"), ("42", "x"), ("42", ""), ("42", "2147483647"), ("42", "99999999999999999999"),
    ("0", "1"), ("-42", "1"), ("", "1"), ("42 ", "1"),
  ])
  func numbersThatMakeNoSenseAreRefused(pid: String, passed: String) {
    let fault = #expect(throws: Fault.self) { try count(pid, passed) }
    #expect(fault?.code == .badListener)
  }
}
