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

  @Test func theFirstOfSeveralFaultsCarriesTheOthers() {
    let faults = (0..<4).map { Fault("test.code", "fault \($0)") }
    let all = Fault(joining: faults)
    #expect(all?.message == "fault 0")
    #expect(all?.others == Array(faults[1...]))
    #expect(Fault(joining: faults, mostOthers: 2)?.others == Array(faults[1...2]))
    #expect(Fault(joining: faults[..<1]) == faults[0])
    #expect(Fault(joining: []) == nil)
  }

  @Test func anErrorNumberThatNobodyKnowsStillHasAName() {
    #expect(ErrorNumber(4000).name == "E4000")
  }
}
