import Dispatch
import Faults
import Kernel
import Testing

@testable import IsolatedCore

@Suite struct MemoryProtectionTests {
  typealias Amount = MemoryProtection.Amount

  @Test func theGroupsAboveCarryTheSumOfWhatRunningTenantsArePromised() throws {
    let written = Guarded<[Amount]>([])
    let protection = MemoryProtection(carried: Amount()) { amount in written.withLock { $0.append(amount) } }
    let first = try #require(try protection.promise(Amount(min: 100, low: 5)))
    let second = try #require(try protection.promise(Amount(min: 20, low: 0)))
    #expect(try protection.promise(Amount()) == nil, "nothing is promised and nothing written")
    protection.release(first)
    try protection.settle()
    protection.release(second)
    protection.release(second)
    try protection.settle()
    try protection.settle()
    let amounts = written.withLock { $0 }
    #expect(amounts == [Amount(min: 100, low: 5), Amount(min: 120, low: 5), Amount(min: 20, low: 0), Amount()])
  }

  @Test func aPromiseThatCannotBeCarriedIsNotTakenOn() throws {
    let refuses = Guarded(true)
    let written = Guarded<[Amount]>([])
    let protection = MemoryProtection(carried: Amount()) { amount throws(Fault) in
      if refuses.withLock({ $0 }) { throw Fault(.programFailed, "no") }
      written.withLock { $0.append(amount) }
    }
    let fault = #expect(throws: Fault.self) { try protection.promise(Amount(min: 7, low: 0)) }
    #expect(fault?.code == .protectionNotCarried)
    refuses.withLock { $0 = false }
    _ = try protection.promise(Amount(min: 1, low: 0))
    #expect(written.withLock { $0 } == [Amount(min: 1, low: 0)])
  }

  @Test func whatTheGroupsCarryAlreadyIsNotWrittenAgainAndWhatIsUnknownIs() throws {
    let written = Guarded(0)
    let known = MemoryProtection(carried: Amount(min: 9, low: 1)) { _ in written.withLock { $0 += 1 } }
    _ = known.adopt(Amount(min: 4, low: 1))
    _ = known.adopt(Amount(min: 5, low: 0))
    try known.settle()
    #expect(written.withLock { $0 } == 0)
    let unknown = MemoryProtection(carried: nil) { _ in written.withLock { $0 += 1 } }
    try unknown.settle()
    #expect(written.withLock { $0 } == 1)
  }

  @Test func manyAtOnceEndWithTheSumOfThoseThatAreLeft() async throws {
    let last = Guarded(Amount())
    let protection = MemoryProtection(carried: Amount()) { amount in last.withLock { $0 = amount } }
    try await DetachedThread.result {
      DispatchQueue.concurrentPerform(iterations: 64) { index in
        guard let promise = try? protection.promise(Amount(min: UInt64(index) + 1, low: 1)) else { return }
        guard index.isMultiple(of: 2) else { return }
        protection.release(promise)
        try? protection.settle()
      }
    }
    try protection.settle()
    #expect(last.withLock { $0 } == Amount(min: (1...32).reduce(0) { $0 + UInt64($1) * 2 }, low: 32))
  }

  @Test func hugePromisesDoNotOverflow() throws {
    let last = Guarded(Amount())
    let protection = MemoryProtection(carried: nil) { amount in last.withLock { $0 = amount } }
    _ = try protection.promise(Amount(files: [("memory.min", "max"), ("memory.low", "18446744073709551615")]))
    _ = try protection.promise(Amount(files: [("memory.min", "4096"), ("memory.low", "-1"), ("memory.max", "8192")]))
    #expect(last.withLock { $0 } == Amount(min: .max, low: .max))
  }

  @Test(arguments: [
    ("/sys/fs/cgroup/isolated.slice/isolated-tenants.service", ["isolated.slice", "isolated-tenants.service"]),
    ("/sys/fs/cgroup/isolated", ["isolated"]), ("/sys/fs/cgroup", []), ("/sys/fs/cgroups/x", []), ("/elsewhere", []),
  ])
  func theGroupsAboveAreKnownByTheirNames(group: String, names: [String]) {
    #expect(MemoryProtection.names(of: group, in: "/sys/fs/cgroup") == names)
    #expect(MemoryProtection.names(of: group, in: nil).isEmpty)
  }

  @Test func onlySystemdsNamesAreUnits() {
    #expect(["a.slice", "b.service", "c-d.scope"].allSatisfy(MemoryProtection.isUnit))
    #expect(!["a", ".slice", "slice", "a.socket", ""].contains(where: MemoryProtection.isUnit))
  }

  @Test func aProgramThatFailsSaysWhy() async throws {
    let fault = try await DetachedThread.result { () -> Fault? in
      do throws(Fault) {
        try ChildProcess.run("/bin/sh", ["-c", "echo the reason >&2; exit 3"])
        return nil
      } catch {
        return error
      }
    }
    #expect(fault?.code == .programFailed)
    #expect(fault?.message.contains("the reason") == true)
    let missing = #expect(throws: Fault.self) { try ChildProcess.run("/nonexistent/program", []) }
    #expect(missing?.errno?.number == 2)
    try await DetachedThread.result { try ChildProcess.run("/bin/true", []) }
  }

  @Test func aPromiseThatChangesIsCarriedAnewOrStaysAsItWas() throws {
    let refuses = Guarded(false)
    let written = Guarded<[Amount]>([])
    let protection = MemoryProtection(carried: Amount()) { amount throws(Fault) in
      if refuses.withLock({ $0 }) { throw Fault(.programFailed, "no") }
      written.withLock { $0.append(amount) }
    }
    _ = try protection.promise(Amount(min: 1, low: 1))
    let promise = try protection.change(nil, to: Amount(min: 10, low: 0))
    #expect(try protection.change(promise, to: Amount(min: 20, low: 5)) == promise)
    refuses.withLock { $0 = true }
    #expect(throws: Fault.self) { try protection.change(promise, to: Amount(min: 99, low: 99)) }
    refuses.withLock { $0 = false }
    try protection.settle()
    #expect(written.withLock { $0.last } == Amount(min: 21, low: 6))
    #expect(try protection.change(promise, to: Amount()) == nil)
    #expect(written.withLock { $0.last } == Amount(min: 1, low: 1))
  }
}
