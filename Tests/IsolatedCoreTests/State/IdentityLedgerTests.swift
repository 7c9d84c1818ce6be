import Faults
import Kernel
import Testing

@testable import IsolatedCore

@Suite struct IdentityLedgerTests {
  private func ledger(_ path: String, count: UInt32 = 10 * 65_536) throws -> IdentityLedger {
    try IdentityLedger(path: path, first: 1 << 28, count: count)
  }

  @Test func rangesAreDisjointAndKeptForGood() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/ids"
    let first = try ledger(path)
    let a = try first.range(of: "a")
    let b = try first.range(of: "b")
    #expect(!a.overlaps(b))
    let second = try ledger(path)
    #expect(try second.range(of: "b") == b)
    #expect(try second.range(of: "a") == a)
    #expect(try !second.range(of: "c").overlaps(a))
  }

  @Test func whenAllRangesAreTakenTheNextIsRefused() throws {
    let directory = try TemporaryDirectory()
    let ledger = try ledger(directory.path + "/ids", count: 2 * 65_536)
    _ = try ledger.range(of: "a")
    _ = try ledger.range(of: "b")
    let fault = #expect(throws: Fault.self) { try ledger.range(of: "c") }
    #expect(fault?.code == .identitiesExhausted)
    #expect(try ledger.range(of: "a").first == 1 << 28)
  }

  @Test func aLineThatAPowerCutShortenedIsCutOff() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/ids"
    try SmallFile.replace(path, with: Array("a 268435456\nb 2685".utf8))
    let ledger = try ledger(path)
    #expect(try ledger.range(of: "b").first == 268_500_992)
    #expect(try SmallFile.read(path, limit: 1000) == "a 268435456\nb 268500992\n")
  }

  @Test(arguments: ["a x\n", "a\n", "a 1\na 2\n", "a 1\nb 1\n", "a -1\n"])
  func aLedgerThatCannotBeUnderstoodIsNeverUsed(text: String) throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/ids"
    try SmallFile.replace(path, with: Array(text.utf8))
    let fault = #expect(throws: Fault.self) { try ledger(path) }
    #expect(fault?.code == .damagedIdentityLedger)
  }
}
