import Faults
import Kernel
import Testing

@Suite struct FaultTests {
  @Test func aFaultNamesCallPathErrnoAndMendOnOneLine() {
    let fault = Fault(
      "test.code", "cannot open the file", systemCall: "openat2", path: "/nowhere", errno: ErrorNumber(2),
      mend: "create it first")
    #expect(
      fault.description
        == "cannot open the file: openat2 /nowhere: ENOENT (No such file or directory); create it first")
  }

  @Test func anErrorNumberThatNobodyKnowsStillHasAName() {
    #expect(ErrorNumber(4000).name == "E4000")
  }
}
