import CTenantPlan
import Faults
import Glibc
import Kernel
import Testing

@testable import Sandbox

/// What the daemon makes of the words of a command's attendant, which are said here by the tests themselves.
@Suite struct EntryTests {
  /// An entry whose command was executed, and whose client has said something.
  private struct Attended {
    let entry: Entry
    /// The attendant's end of the session.
    private let far: Int32

    init() throws(Fault) {
      var channel = try InitChannel()
      var executing = tenant_message()
      executing.type = TENANT_MESSAGE_EXECUTING.rawValue
      let number = channel.farEnd
      try systemCall("send") { send(number, &executing, MemoryLayout<tenant_message>.size, 0) }
      channel.closeFarEnd()
      var ends: [Int32] = [-1, -1]
      try systemCall("socketpair") { socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) }
      far = ends[1]
      let session = SharedDescriptor(owning: ends[0])
      // No process: nothing here ends one.
      let attendant = SharedDescriptor(try NullDevice.open())
      entry = Entry(attendant: attendant, session: session, channel: channel)
      var binding = tenant_session_message(type: TENANT_SESSION_BIND.rawValue, code: 0, value: 0, reserved: 0)
      try systemCall("send") { send(ends[0], &binding, MemoryLayout<tenant_session_message>.size, 0) }
    }

    func listen() throws(Fault) {
      var message = tenant_session_message()
      try systemCall("recv") { recv(far, &message, MemoryLayout<tenant_session_message>.size, 0) }
    }

    func tell(_ code: Int, _ value: Int32) throws(Fault) {
      var message = tenant_session_message(
        type: TENANT_SESSION_ENDED.rawValue, code: Int32(code), value: value, reserved: 0)
      try systemCall("send") {
        send(far, &message, MemoryLayout<tenant_session_message>.size, Int32(MSG_NOSIGNAL))
      }
    }

    func go() throws(Fault) { try systemCall("close") { close(far) } }
  }

  @Test(arguments: [true, false])
  func anEndIsHeardAlsoFromOneThatHasLeftSomethingUnread(listens: Bool) throws {
    let attended = try Attended()
    if listens { try attended.listen() }
    try attended.tell(CLD_EXITED, 7)
    try attended.go()
    #expect(try attended.entry.ending() == .exited(7))
  }

  @Test func aSignalThatEndedItIsTold() throws {
    let attended = try Attended()
    try attended.tell(CLD_DUMPED, 6)
    try attended.go()
    #expect(try attended.entry.ending() == .killed(6))
  }

  @Test(arguments: [true, false])
  func oneThatWasKilledBeforeItCouldTellIsLost(listens: Bool) throws {
    let attended = try Attended()
    if listens { try attended.listen() }
    try attended.go()
    #expect(try attended.entry.ending() == .lost)
  }

  @Test func anEntryThatIsGivenUpHasNoSession() throws {
    let attended = try Attended()
    attended.entry.abandon()
    #expect(throws: Fault.self) { try attended.tell(CLD_EXITED, 0) }
    #expect(try attended.entry.ending() == .lost)
    try attended.go()
  }

  @Test func oneWhoseSessionSomebodyStillHoldsIsLostToo() throws {
    let attended = try Attended()
    #expect(try attended.entry.ending() == .lost)
    try attended.go()
  }
}
