import Faults
import Testing

@testable import IsolatedCore

@Suite struct BlockDeviceTests {
  @Test(arguments: ["/proc", "/nowhere/at/all", "/dev/null"])
  func aPathWithoutADiskIsRefusedWithItsPosition(path: String) {
    let position = Fault.Position(file: "p.yaml", line: 3, column: 5)
    let fault = #expect(throws: Fault.self) { try BlockDevice(beneath: path, position: position) }
    #expect(fault?.code == .noDisk)
    #expect(fault?.position == position)
  }
}
