import Faults
import Testing

@testable import Sandbox

@Suite("Seccomp compiler")
struct SeccompCompilerTests {
  @Test func `the standard policy compiles for every set of capabilities that unlocks something`() throws {
    for capabilities in [[], [.sysChroot], [.auditWrite], Set(Capability.allCases)] as [Set<Capability>] {
      let filter = try SeccompCompiler.compile(.standard(capabilities: capabilities))
      #expect(filter.instructions.count > 100)
      #expect(filter.instructions.count <= BPFInstruction.maximumCount)
      #expect(filter.bytes.count == filter.instructions.count * 8)
    }
    let clock = ContinuousClock()
  }
}
