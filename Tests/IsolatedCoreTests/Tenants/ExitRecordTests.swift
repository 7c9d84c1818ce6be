import CTenantPlan
import Testing

@testable import IsolatedCore

@Suite struct ExitRecordTests {
  private func bytes(code: Int32, status: Int32, magic: UInt32 = UInt32(TENANT_EXIT_MAGIC)) -> [UInt8] {
    withUnsafeBytes(of: tenant_exit_record(magic: magic, version: 1, code: code, status: status)) { Array($0) }
  }

  @Test func anExitKeepsItsStatusAndADeathItsSignal() {
    #expect(ExitRecord(bytes(code: 1, status: 7))?.status == 7)
    #expect(ExitRecord(bytes(code: 2, status: 9))?.signal == 9)
    #expect(ExitRecord(bytes(code: 3, status: 11))?.signal == 11)
  }

  @Test func whatIsNoRecordIsNone() {
    #expect(ExitRecord([]) == nil)
    #expect(ExitRecord(Array(bytes(code: 1, status: 0).dropLast())) == nil)
    #expect(ExitRecord(bytes(code: 1, status: 0, magic: 1)) == nil)
    #expect(ExitRecord(bytes(code: 9, status: 0)) == nil)
  }
}
