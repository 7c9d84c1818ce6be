import CTenantPlan
import Faults
import Glibc
import Kernel
import Testing

@testable import Sandbox

@Suite struct InitChannelTests {
  /// What the daemon makes of a stage that tenant-init says has failed.
  private func told(_ stage: tenant_stage, _ number: Int32) throws -> Fault? {
    var channel = try InitChannel()
    var message = tenant_message()
    message.type = TENANT_MESSAGE_ERROR.rawValue
    message.stage = stage.rawValue
    message.error = number
    let far = channel.farEnd
    try systemCall("send") { send(far, &message, MemoryLayout<tenant_message>.size, 0) }
    channel.closeFarEnd()
    do throws(Fault) {
      _ = try channel.receive()
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: [(EAGAIN, "pids"), (EPERM, "CAP_SYS_PTRACE"), (ESRCH, "just ended"), (ENODEV, "just ended")])
  func aTenantThatCanNotBeEnteredIsToldWithAMend(number: Int32, mend: String) throws {
    let fault = try #require(try told(TENANT_STAGE_ENTRY, number))
    #expect(fault.code == .stageFailed && fault.message == "cannot enter the tenant")
    #expect(fault.mend?.contains(mend) == true)
  }

  @Test func aStartThatFailsIsNotExplainedAsAnEntry() throws {
    for stage in [TENANT_STAGE_FORK, TENANT_STAGE_NAMESPACES, TENANT_STAGE_SETTINGS] {
      let fault = try #require(try told(stage, EPERM))
      #expect(fault.code == .stageFailed && fault.mend == nil)
    }
  }
}
