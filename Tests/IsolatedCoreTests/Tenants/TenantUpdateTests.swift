import CgroupKit
import Faults
import Glibc
import IOQoS
import Kernel
import Logging
import Policy
import Testing

@testable import IsolatedCore

/// Updates of a tenant in a group of plain files.
@Suite struct TenantUpdateTests {
  private let directory: TemporaryDirectory
  private let fake: FakeGroup
  private let group: Cgroup
  private let store: StateStore
  private let carried = Guarded<[MemoryProtection.Amount]>([])
  private let protection: MemoryProtection

  init() throws {
    directory = try TemporaryDirectory()
    fake = try FakeGroup()
    group = try fake.group()
    store = try StateStore(directory: directory.path)
    protection = MemoryProtection(carried: .init()) { [carried] amount in carried.withLock { $0.append(amount) } }
  }

  private static let text = """
    tenant: t
    command: [/bin/true]
    cpu: {weight: 200, max: 50%}
    memory: {max: 64MiB, high: 32MiB}
    pids: {max: 9}

    """

  private func record(_ text: String = text, _ controllers: Set<Controller>? = nil) throws -> TenantRecord {
    var record = StateStoreTests.record("t")
    record.exit = nil
    record.source = PolicySource(text: text, file: "t.yaml")
    let limits = LimitPlan.limits(of: try PolicyDocument.parse(text: text, file: "t.yaml"))
      .filter { controllers?.contains($0.controller) ?? true }
    record.limits = limits.map { .init(file: $0.file, text: $0.text) }
    for limit in limits { try limit.apply(group) }
    try store.save(record)
    fake.written.withLock { $0 = [] }
    return record
  }

  private func means(_ controllers: Set<Controller> = [.cpu, .cpuset, .memory, .pids]) -> UpdateMeans {
    UpdateMeans(
      controllers: controllers,
      notEnforceable: { limits in
        limits.filter { !controllers.contains($0.controller) }
          .map { Fault(.notEnforceable, "no \($0.file)", position: $0.position) }
      }, store: store, protection: protection, io: IOAdmission(calibrations: directory.path),
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, life: "boot 1")
  }

  private func update(
    _ record: TenantRecord, _ settings: (String, String?)..., text: String? = nil, means: UpdateMeans? = nil
  ) throws -> TenantUpdate {
    var source = try #require(record.source)
    if let text { source = PolicySource(text: text, file: "new.yaml") }
    return try TenantUpdate(
      record, in: group,
      to: source.with(settings.map { PolicySetting(key: $0.0, value: $0.1, origin: "--" + $0.0) }),
      means ?? self.means())
  }

  private func saved() throws -> TenantRecord { try #require(try store.load().records.first) }

  @Test func everyLimitIsChangedAndTheRecordSaysSo() throws {
    let outcome = try update(
      try record(), ("cpu.weight", "300"), ("cpu.max", "75%"), ("cpu.burst", "10ms"), ("cpu.cpus", "0"),
      ("memory.max", "128MiB"), ("memory.high", nil), ("memory.low", "8MiB"), ("memory.swap", "1MiB"),
      ("memory.oom_group", "false"), ("pids.max", "40"), ("stop.grace", "3s")
    ).make(means(), promise: nil)
    let all = fake.all
    #expect(all["cpu.weight"] == "300" && all["cpu.max"] == "75000 100000" && all["cpu.max.burst"] == "10000")
    #expect(all["cpuset.cpus"] == "0" && all["memory.max"] == "\(128 << 20)" && all["memory.high"] == "max")
    #expect(all["memory.low"] == "\(8 << 20)" && all["memory.swap.max"] == "\(1 << 20)")
    #expect(all["memory.oom.group"] == "0" && all["pids.max"] == "40")
    let record = try saved()
    #expect(record.undo == nil && record.maximumMemory == 128 << 20 && record.stopGraceMicroseconds == 3_000_000)
    #expect(record.source?.settings.count == 11)
    #expect(record.limits.contains { $0.file == "pids.max" && $0.text == "40" })
    #expect(!record.limits.contains { $0.file == "memory.high" })
    #expect(outcome.reply.changes.count == 11)
    #expect(carried.withLock { $0 } == [.init(min: 0, low: 8 << 20)])
    // The next one starts from there.
    _ = try update(record, ("pids.max", nil), ("cpu.burst", nil), ("cpu.cpus", nil)).make(
      means(), promise: outcome.protection)
    #expect(fake.all["pids.max"] == "512" && fake.all["cpu.max.burst"] == "0")
    // A group with processes takes no empty list.
    let online = try SmallFile.read("/sys/devices/system/cpu/online", limit: 99)
    #expect(fake.text("cpuset.cpus") + "\n" == online)
    #expect(fake.all["cpu.max"] == "75000 100000")
  }

  @Test(arguments: [
    ("cpu.weight", EINVAL), ("cpu.max", EINVAL), ("memory.max", EBUSY), ("memory.min", ENOMEM),
    ("memory.swap.max", EIO),
    ("pids.max", EINVAL), ("cpuset.cpus", ENOSPC),
  ])
  func aWriteThatTheKernelRefusesLeavesEveryFileAsItWas(file: String, number: Int32) throws {
    let record = try record()
    fake.put("0-1", "cpuset.cpus")
    let before = fake.all
    fake.refuse(file, number)
    let update = try update(
      record, ("cpu.weight", "300"), ("cpu.max", "75%"), ("cpu.cpus", "0"), ("memory.max", "128MiB"),
      ("memory.min", "1MiB"), ("memory.swap", "5MiB"), ("pids.max", "40"))
    let fault = #expect(throws: Fault.self) { try update.make(means(), promise: nil) }
    #expect(fault?.errno == ErrorNumber(number) && fault?.others.isEmpty == true)
    #expect(fault?.position?.file.hasPrefix("--") == true)
    #expect(fake.all == before)
    let saved = try saved()
    #expect(saved.undo == nil && saved.source == record.source && saved.limits.map(\.text) == record.limits.map(\.text))
    #expect(carried.withLock { $0.last ?? .init() } == .init())
  }

  @Test func anIdleSwitchIsTakenBackWithTheWeightThatItCost() throws {
    let record = try record()
    let before = fake.all
    fake.refuse("pids.max", EINVAL)
    let update = try update(record, ("cpu.idle", "true"), ("cpu.weight", nil), ("pids.max", "5"))
    #expect(throws: Fault.self) { try update.make(means(), promise: nil) }
    #expect(fake.all == before && before["cpu.weight"] == "200")
  }

  @Test func memoryThatIsInUseIsNotTakenAway() throws {
    let record = try record()
    let before = fake.all
    fake.put("\(50 << 20)", "memory.current")
    fake.reclaimable.withLock { $0 = 5 << 20 }
    let update = try update(record, ("memory.max", "40MiB"), ("memory.high", nil), ("cpu.weight", "7"))
    let fault = #expect(throws: Fault.self) { try update.make(means(), promise: nil) }
    #expect(fault?.code == .memoryInUse && fault?.position?.file == "--memory.max")
    #expect(fake.all == before)
    fake.reclaimable.withLock { $0 = 20 << 20 }
    _ = try update.make(means(), promise: nil)
    #expect(fake.all["memory.max"] == "\(40 << 20)")
    #expect(fake.written.withLock { $0.last } == "memory.max \(40 << 20)")
  }

  @Test func whatCannotBeUndoneIsSaid() throws {
    let record = try record()
    fake.refuse("cpu.weight", EIO, after: 1)
    fake.refuse("pids.max", EINVAL)
    let update = try update(record, ("cpu.weight", "300"), ("pids.max", "40"))
    let fault = #expect(throws: Fault.self) { try update.make(means(), promise: nil) }
    #expect(fault?.path?.hasSuffix("pids.max") == true)
    #expect(fault?.others.map(\.code) == [.notUndone])
  }

  @Test func aRecordThatCannotBeWrittenStopsTheChangeBeforeItBegins() throws {
    let record = try record()
    let before = fake.all
    var means = means()
    means.store = StateStore.unwritable(directory.path)
    let update = try update(record, ("pids.max", "40"))
    #expect(throws: Fault.self) { try update.make(means, promise: nil) }
    #expect(fake.all == before && fake.written.withLock { $0 }.isEmpty)
  }

  @Test func anUpdateThatDiesHalfwayIsUndoneByItsRecord() throws {
    let record = try record()
    let before = fake.all
    let change = try update(
      record, ("cpu.idle", "true"), ("cpu.weight", nil), ("memory.max", "128MiB"), ("memory.high", "99MiB"),
      ("pids.max", "40"))
    // What a daemon leaves that is killed after so many writes.
    for count in 0...change.changes.count {
      var begun = record
      begun.undo = try GroupUpdate(group: group).present(change.changes)
      try store.save(begun)
      _ = try GroupUpdate(group: group).apply(Array(change.changes.prefix(count)))
      let left = try saved()
      #expect(GroupUpdate(group: group).restore(left.undo ?? []).isEmpty)
      #expect(fake.all == before, "after \(count) writes")
      #expect(left.source == record.source)
    }
  }

  @Test func aPreviewTouchesNothing() throws {
    let record = try record()
    let reply = try update(record, ("memory.max", "1GiB"), ("pids.max", "40")).preview(means())
    #expect(reply.changes.map(\.what) == ["memory.max", "pids.max"])
    #expect(reply.changes.first?.before == "\(64 << 20)" && reply.changes.first?.after == "\(1 << 30)")
    #expect(fake.written.withLock { $0 }.isEmpty && carried.withLock { $0 }.isEmpty)
    #expect(try saved().source == record.source)
  }

  @Test func nothingToChangeWritesNoFile() throws {
    let reply = try update(try record(), ("memory.max", "65536KiB")).make(means(), promise: nil).reply
    #expect(reply.changes.isEmpty && fake.written.withLock { $0 }.isEmpty)
  }

  @Test func aWholePolicyTakesThePlaceOfTheTenants() throws {
    let record = try record()
    let new = Self.text.replacing("max: 9", with: "max: 10").replacing("weight: 200, ", with: "")
    let outcome = try update(record, ("pids.max", "11"), text: new).make(means(), promise: nil)
    #expect(outcome.record.policy == "new.yaml" && fake.all["pids.max"] == "11" && fake.all["cpu.weight"] == "100")
    let fault = #expect(throws: Fault.self) {
      try update(record, text: Self.text.replacing("/bin/true", with: "/bin/false"))
    }
    #expect(fault?.code == .notChangeable && fault?.position == Fault.Position(file: "new.yaml", line: 2, column: 1))
  }

  @Test func theNextStartIsByWhatWasChanged() throws {
    _ = try update(try record(), ("memory.max", "128MiB"), ("cpu.max", nil)).make(means(), promise: nil)
    let source = try #require(try saved().source)
    let policy = try PolicyLibrary().parse(source)
    #expect(policy.memory.max.value.bytes == 128 << 20 && policy.cpu.max == nil && policy.cpu.weight?.value == 200)
    let limits = Set(try saved().limits.map { "\($0.file) \($0.text)" })
    #expect(limits == Set(LimitPlan.limits(of: policy).map { "\($0.file) \($0.text)" }))
  }

  @Test func aRuleOfRestartsCanComeChangeAndGoAndKeepsItsCount() throws {
    let first = try update(try record(), ("restart.on", "failure"), ("restart.limit", "5")).make(means(), promise: nil)
    #expect(first.record.restart?.rule.limit == 5 && first.record.restart?.life == "boot 1")
    #expect(first.reply.changes.map(\.what) == ["restart"] && first.reply.changes[0].before == "never")
    var record = try saved()
    #expect(record.restart == first.record.restart)
    let now = record.restart?.wellSince ?? 0
    _ = record.restart?.ended(isFailure: true, at: now, chance: 0)
    record.restart?.begins(at: now + 1, isWell: true)
    try store.save(record)
    let second = try update(record, ("restart.on", "always"), ("restart.limit", "9")).make(means(), promise: nil)
    let state = try #require(second.record.restart)
    #expect(state.rule.limit == 9 && state.rule.condition == .always && state.inARow == 1 && state.total == 1)
    #expect(try update(second.record, ("restart", nil)).make(means(), promise: nil).record.restart == nil)
  }

  @Test func whatBelongsToAClientGetsNoRestarts() throws {
    var record = try record()
    record.isForeground = true
    let outcome = try update(record, ("restart.on", "always")).make(means(), promise: nil)
    #expect(outcome.record.restart == nil && outcome.record.source?.settings.count == 1)
  }

  @Test func aChangeOfLimitsGivesNoRestartsToWhoHadNone() throws {
    // Such as one whose client went with an earlier daemon: its policy's restarts weren't for it.
    let adopted = try record(Self.text + "restart: {on: always}\n")
    #expect(try update(adopted, ("pids.max", "7")).make(means(), promise: nil).record.restart == nil)
  }

  @Test func healthAndOrderCanChangeAndTheRecordSaysSo() throws {
    let record = try record(Self.text + "after: [a]\n")
    let new = Self.text + "after: [b, c]\nhealth: {tcp: 80}\n"
    let outcome = try update(record, text: new).make(means(), promise: nil)
    let saved = try saved()
    #expect(outcome.record.after == ["b", "c"] && saved.after == ["b", "c"])
    #expect(outcome.reply.changes.map(\.what) == ["health", "after"])
    #expect(outcome.reply.changes.map(\.before) == ["none", "a"] && outcome.reply.changes[1].after == "b c")
    #expect(try PolicyLibrary().parse(try #require(saved.source)).health?.check.value == .tcp(80))
  }

  @Test func whatTheHostCannotEnforceIsRefusedUnlessThePolicyLetsIt() throws {
    let few = means([.memory, .pids])
    let strict = try record(Self.text, few.controllers)
    let fault = #expect(throws: Fault.self) {
      try update(strict, ("cpu.max", "99%"), means: few).make(few, promise: nil)
    }
    #expect(fault?.code == .notEnforceable)
    let lax = try record(Self.text + "enforcement: best-effort\n", few.controllers)
    let outcome = try update(lax, ("cpu.max", "99%"), ("pids.max", "5"), means: few).make(few, promise: nil)
    #expect(outcome.record.notEnforced.sorted() == ["no cpu.max", "no cpu.weight"])
    #expect(fake.all["pids.max"] == "5" && fake.all["cpu.max"] == "max 100000")
  }

  @Test func aTenantWhosePolicyIsUnknownIsNotChanged() throws {
    var record = try record()
    record.source = nil
    let fault = #expect(throws: Fault.self) {
      try TenantUpdate(record, in: group, to: PolicySource(text: Self.text, file: "t.yaml"), means())
    }
    #expect(fault?.code == .unknownPolicy)
  }

  @Test func theGroupsAboveCarryBothWhileItIsUncertainAndTheOldAfterAFailure() throws {
    let record = try record(Self.text.replacing("high: 32MiB", with: "min: 4MiB, low: 16MiB"))
    let promise = try protection.promise(.init(min: 4 << 20, low: 16 << 20))
    carried.withLock { $0 = [] }
    _ = try update(record, ("memory.min", "8MiB"), ("memory.low", "12MiB")).make(means(), promise: promise)
    #expect(carried.withLock { $0 } == [.init(min: 8 << 20, low: 16 << 20), .init(min: 8 << 20, low: 12 << 20)])
    let second = try saved()
    carried.withLock { $0 = [] }
    fake.refuse("memory.min", EINVAL)
    let update = try update(second, ("memory.min", "9MiB"))
    #expect(throws: Fault.self) { try update.make(means(), promise: promise) }
    #expect(carried.withLock { $0 } == [.init(min: 9 << 20, low: 12 << 20), .init(min: 8 << 20, low: 12 << 20)])
  }
}

extension StateStore {
  /// A store in a directory that is gone.
  fileprivate static func unwritable(_ path: String) -> StateStore {
    let gone = path + "/gone"
    guard let store = try? StateStore(directory: gone) else { preconditionFailure("no directory") }
    rmdir(gone)
    return store
  }
}
