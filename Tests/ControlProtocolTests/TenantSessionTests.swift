import CTenantPlan
import ControlProtocol
import Faults
import Glibc
import Kernel
import Testing

@Suite struct TenantSessionTests {
  private let near: SharedDescriptor
  private let far: SharedDescriptor
  private let session: TenantSession

  init() throws {
    var ends: [Int32] = [-1, -1]
    try systemCall("socketpair") { socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) }
    near = SharedDescriptor(owning: ends[0])
    far = SharedDescriptor(owning: ends[1])
    session = TenantSession(near)
  }

  private func say(_ type: UInt32, code: Int32 = 0, value: Int32 = 0) throws {
    var message = tenant_session_message(type: type, code: code, value: value, reserved: 0)
    try systemCall("send") { send(far.rawValue, &message, MemoryLayout<tenant_session_message>.size, 0) }
  }

  @Test func anEndIsToldAsTheKernelToldIt() throws {
    try say(TENANT_SESSION_ENDED.rawValue, code: 1, value: 7)
    #expect(try session.next() == .ended(Exit(status: 7, cause: .exited, durationUsec: 0)))
    for code in [Int32(2), 3] {
      try say(TENANT_SESSION_ENDED.rawValue, code: code, value: 9)
      #expect(try session.next() == .ended(Exit(signal: 9, cause: .signaled, durationUsec: 0)))
    }
  }

  @Test func whatIsNotUnderstoodIsPassedOver() throws {
    try say(4711)
    var noise: [UInt8] = [1, 2, 3]
    try systemCall("send") { send(far.rawValue, &noise, noise.count, 0) }
    try say(TENANT_SESSION_ENDED.rawValue, code: 1, value: 3)
    #expect(try session.next() == .ended(Exit(status: 3, cause: .exited, durationUsec: 0)))
  }

  @Test func anEndIsHeardAlsoFromASideThatHasLeftASignalUnread() throws {
    var ends: [Int32] = [-1, -1]
    try systemCall("socketpair") { socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) }
    let session = TenantSession(SharedDescriptor(owning: ends[0]))
    try session.signal(15)
    var message = tenant_session_message(type: TENANT_SESSION_ENDED.rawValue, code: 1, value: 7, reserved: 0)
    try systemCall("send") { send(ends[1], &message, MemoryLayout<tenant_session_message>.size, 0) }
    try systemCall("close") { close(ends[1]) }
    #expect(try session.next() == .ended(Exit(status: 7, cause: .exited, durationUsec: 0)))
    #expect(try session.next() == .lost)
  }

  @Test func oneThatGoesWithoutAWordAndWithASignalUnreadIsALossToo() throws {
    var ends: [Int32] = [-1, -1]
    try systemCall("socketpair") { socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) }
    let session = TenantSession(SharedDescriptor(owning: ends[0]))
    try session.signal(15)
    try systemCall("close") { close(ends[1]) }
    #expect(try session.next() == .lost)
  }

  @Test func theEndOfTheStreamIsALoss() throws {
    try systemCall("shutdown") { shutdown(far.rawValue, Int32(SHUT_RDWR)) }
    #expect(try session.next() == .lost)
  }

  @Test func aSignalTravelsAndOneToNobodyIsNoFault() throws {
    try session.signal(15)
    var message = tenant_session_message()
    let size = MemoryLayout<tenant_session_message>.size
    #expect(try systemCall("recv") { recv(far.rawValue, &message, size, 0) } == size)
    #expect(message.type == TENANT_SESSION_SIGNAL.rawValue)
    #expect(message.value == 15)
    try systemCall("shutdown") { shutdown(far.rawValue, Int32(SHUT_RDWR)) }
    try session.signal(15)
  }

  @Test func theTerminalComesFirstAndMayNotCome() throws {
    var message = tenant_session_message(type: TENANT_SESSION_TERMINAL.rawValue, code: 0, value: 0, reserved: 0)
    _ = try withUnsafeBytes(of: &message) { try MessageSocket.send($0, descriptors: [near], to: far.rawValue) }
    let terminal = try session.terminal()
    #expect(terminal.rawValue != near.rawValue)
    try say(TENANT_SESSION_TAKEN.rawValue)
    #expect(throws: Fault.self) { try session.terminal() }
    // Without the descriptor.
    try say(TENANT_SESSION_TERMINAL.rawValue)
    #expect(throws: Fault.self) { try session.terminal() }
    try say(TENANT_SESSION_TAKEN.rawValue)
    #expect(try session.next() == .taken)
  }
}
