import Faults
import Testing

@testable import Policy

@Suite struct PolicyChangeTests {
  private func source(_ text: String, _ settings: PolicySetting..., file: String = "new.yaml") -> PolicySource {
    PolicySource(text: text, file: file, settings: settings)
  }

  private func set(_ key: String, _ value: String?, device: String? = nil) -> PolicySetting {
    PolicySetting(key: key, device: device, value: value, origin: "--option")
  }

  private func refusals(_ old: String, _ new: PolicySource) -> [String] {
    do {
      _ = try PolicyChange(from: source(old, file: "old.yaml"), to: new)
      return []
    } catch {
      return error.faults.map { fault in
        "\(fault.code.rawValue) \(fault.position?.file ?? ""):\(fault.position?.line ?? 0) \(fault.message)"
      }
    }
  }

  @Test func whatIsSetBesideATextTakesItsPlace() throws {
    let policy = try source(
      minimal("cpu: {weight: 200, max: 50%}", "pids: {max: 9}"), set("memory.max", "1GiB"),
      set("memory.high", "512MiB"),
      set("cpu.max", nil), set("pids.max", "max")
    ).parse()
    #expect(policy.memory.max.value.bytes == 1 << 30 && policy.memory.high?.value.bytes == 512 << 20)
    #expect(policy.cpu.max == nil && policy.cpu.weight?.value == 200 && policy.processes.value == .unlimited)
    #expect(policy.memory.max.position == Fault.Position(file: "--option", line: 1, column: 1))
  }

  @Test func whatIsSetIsCheckedAsIfItStoodInTheText() {
    #expect(
      refusals(minimal(), source(minimal(), set("memory.max", "512")))
        == ["policy.invalid-value --option:1 \"512\" has no unit"])
    #expect(
      refusals(minimal(), source(minimal("cpu: {max: 50%}"), set("cpu.burst", "60ms"))).first?.contains(
        "above the quota")
        == true)
    #expect(
      refusals(minimal(), source(minimal(), set("memory.min", "1GiB"))).first?.hasPrefix("policy.conflict --option:1")
        == true)
    #expect(
      refusals(minimal(), source(minimal(), set("memory.mx", "1GiB"))).first
        == "policy.unknown-key --option:1 unknown key \"mx\" in \"memory\"")
    #expect(refusals(minimal(), source(minimal(), set("memory.max", nil))).first?.contains("is missing") == true)
    for key in ["", ".", "memory.", "a.b.c.d.e.f.g.h.i"] {
      #expect(refusals(minimal(), source(minimal(), set(key, "1"))).first?.hasPrefix("policy.invalid-value") == true)
    }
  }

  @Test func anEntryOfADiskIsChangedMadeAndTakenAway() throws {
    let text = minimal("io:", "  - {device: /a, weight: 5, limit: {iops: 10}}")
    let changed = try source(text, set("io.weight", "7", device: "/a"), set("io.limit.iops", nil, device: "/a")).parse()
    #expect(changed.io.count == 1 && changed.io[0].weight?.value == 7 && changed.io[0].limit == nil)
    let more = try source(text, set("io.reservation.iops", "300", device: "/b")).parse()
    #expect(more.io.map(\.device.value) == ["/a", "/b"] && more.io[1].reservation?.value.read.iops?.value == 300)
    #expect(try source(text, set("io", nil, device: "/a")).parse().io.isEmpty)
    // Without its last promise an entry says nothing, and goes.
    let bare = try source(text, set("io.weight", nil, device: "/a"), set("io.limit", nil, device: "/a")).parse()
    #expect(bare.io.isEmpty)
    let target = try source(text, set("io.latency.read.p99", "5ms", device: "/a")).parse()
    #expect(target.io[0].latency?.value.read?.value.microseconds == 5000)
    #expect(throws: PolicyErrors.self) { try source(text, set("io.weight", "1")).parse() }
    #expect(throws: PolicyErrors.self) { try source(text, set("io", nil, device: "/nowhere")).parse() }
    #expect(throws: PolicyErrors.self) { try source(text, set("memory.max", "1GiB", device: "/a")).parse() }
  }

  @Test func theLastValueOfAKeyCountsAndTheSourceStaysSmall() throws {
    var all = source(minimal())
    for value in 1...1000 { all = all.with([set("cpu.weight", "\(value)"), set("io.weight", "5", device: "/a")]) }
    #expect(all.settings.count == 2)
    #expect(try all.parse().cpu.weight?.value == 1000)
  }

  @Test func whatHoldsFromStartToEndIsRefusedByNameAndPlace() {
    let old = minimal("umask: \"0022\"", "hostname: a")
    let new = "tenant: web\ncommand: [/bin/false]\nmemory: {max: 128MiB}\nuser: 7\numask: \"0022\"\n"
    #expect(
      refusals(old, source(new)) == [
        "policy.not-changeable new.yaml:1 \"hostname\" can't change while the tenant runs",
        "policy.not-changeable new.yaml:2 \"command\" can't change while the tenant runs",
        "policy.not-changeable new.yaml:4 \"user\" can't change while the tenant runs",
      ])
    #expect(
      refusals(old, source(old, set("hostname", "b")))
        == ["policy.not-changeable --option:1 \"hostname\" can't change while the tenant runs"])
  }

  @Test func whatTheFirstProcessGivesItsChildrenIsRefusedThoughItsSectionCanChange() {
    let old = minimal("cpu: {weight: 200, core_scheduling: true}")
    #expect(
      refusals(old, source(old, set("cpu.core_scheduling", "false"), set("cpu.weight", "300")))
        == ["policy.not-changeable --option:1 \"cpu.core_scheduling\" can't change while the tenant runs"])
    #expect(
      refusals(old, source(old, set("memory.bandwidth", "40%"), set("cpu.core_scheduling", nil))) == [
        "policy.not-changeable new.yaml:1 \"cpu.core_scheduling\" can't change while the tenant runs",
        "policy.not-changeable --option:1 \"memory.bandwidth\" can't change while the tenant runs",
      ])
    #expect(refusals(minimal(), source(minimal(), set("cpu.core_scheduling", "false"))) == [])
  }

  @Test func whenATenantIsStartedAndLookedAtCanChange() throws {
    let new = minimal("restart: {on: always, limit: 3}", "health: {tcp: 80}", "after: [database]")
    #expect(refusals(minimal("restart: {on: failure}"), source(new)) == [])
    let change = try PolicyChange(
      from: source(new), to: source(new, set("restart.limit", "9"), set("health.tcp", "81")))
    #expect(change.new.restart.limit?.value == 9 && change.new.health?.check.value == .tcp(81))
    #expect(
      refusals(minimal(), source(minimal(), set("health.interval", "3s"))).first?.hasPrefix("policy.missing-key")
        == true)
  }

  @Test func otherWordsForTheSameAreNoChange() {
    let old = minimal("environment: {A: x, B: \"z\"}")
    let new = """
      description: the same
      environment: {B: z, A: "x"}
      tenant: web
      hostname: web
      umask: "0022"
      command:
        - "/bin/true"
      memory: {max: 0.0625GiB, high: 32MiB}
      stop: {grace: 3s}
      network: {mode: none}
      """
    #expect(refusals(old, source(new)) == [])
  }

  @Test func onlyWhatDiffersIsNamedWhereSomethingElseIsOnlyWrittenOtherwise() {
    let new = minimal("umask: \"0022\"", "directory: /tmp")
    #expect(
      refusals(minimal(), source(new)) == [
        "policy.not-changeable new.yaml:5 \"directory\" can't change while the tenant runs"
      ])
  }

  @Test func everyKeyIsEitherChangeableOrRefused() throws {
    // A key that is added later must not slip through: it is in neither list, and so is refused when it differs.
    let changeable = Set(PolicyChange.changeableKeys)
    #expect(changeable.isSubset(of: Set(PolicyDocument.keys.keys[""] ?? [])))
    let full = fullPolicy
    let change = try PolicyChange(from: source(full), to: source(full))
    #expect(change.old == change.new)
    for key in PolicyDocument.keys.keys[""] ?? []
    where !changeable.contains(key) && !["tenant", "command"].contains(key) {
      let without = source(full, set(key, nil))
      // What says no more than the default is no change; what isn't valid any more is refused for that.
      if let policy = try? without.parse(), policy == change.old { continue }
      #expect(!refusals(full, without).isEmpty, "\(key)")
    }
  }
}
