import Testing

@testable import Sandbox

@Suite struct IdentityMapTests {
  @Test func rootInsideIsNobodyOutside() throws {
    let map = IdentityMap.tenant(try IdentityRange(first: 65_536))
    #expect(map.text == "0 65536 65536\n")
  }

  @Test func aWritableDirectoryKeepsTheHostsIdsButNeverRoots() throws {
    let map = IdentityMap.writable(try IdentityRange(first: 65_536))
    #expect(map.text == "1 65537 65535\n65536 65536 1\n")
    #expect(!map.extents.contains { $0.inside == 0 })
  }
}
