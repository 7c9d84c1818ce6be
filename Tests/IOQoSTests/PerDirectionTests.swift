import IOQoS
import Testing

@Suite struct PerDirectionTests {
  @Test(arguments: IODirection.allCases)
  func writingOneDirectionLeavesTheOther(_ direction: IODirection) {
    var both = PerDirection(read: 1, write: 1)
    both[direction] = 5
    #expect(both[direction] == 5)
    #expect(both.read + both.write == 6)
  }
}
