import CgroupKit
import ControlProtocol

/// A tenant as the supervisor knew it at one moment: what a scrape needs of it, without the actor.
package struct TenantSnapshot: Sendable {
  var name: String
  /// The state's name on the wire.
  var state: String
  /// What it was spawned from.
  var policy: String
  /// When it was started, in microseconds since 1970.
  var startedMicroseconds: Int
  /// Bytes; 0 where nothing is reserved.
  var reservedMemory: UInt64
  /// Bytes.
  var maximumMemory: UInt64
  /// What was written to its group's files.
  var limits: [TenantRecord.WrittenLimit]
  /// Its group while it lives.
  var group: Cgroup?
  /// How it ended, once it has.
  var exit: Exit?
  /// How often it was started again; nil where its policy has no restarts.
  var restarts: Int?
  /// What its health checks came to, by the word on the wire; nil where nothing checks it.
  var health: String?

  /// A running tenant, for tests and benchmarks.
  package init(running name: String, group: Cgroup) {
    self.name = name
    state = "running"
    policy = "policy"
    startedMicroseconds = 1_700_000_000_500_000
    reservedMemory = 1 << 20
    maximumMemory = 1 << 30
    limits = [.init(file: "cpu.max", text: "150000 100000"), .init(file: "pids.max", text: "64")]
    self.group = group
    restarts = 3
    health = "healthy"
  }

  init(_ tenant: Tenant) {
    name = tenant.record.name
    state = tenant.state
    policy = tenant.record.policy
    startedMicroseconds = tenant.record.startedMicroseconds
    reservedMemory = tenant.record.reservedMemory
    maximumMemory = tenant.record.maximumMemory
    limits = tenant.record.limits
    group = tenant.group
    exit = tenant.exit
    restarts = tenant.record.restart?.total
    health = tenant.process == nil ? nil : tenant.health?.state.status.rawValue
  }

  /// What was written to a file of its group.
  func limit(_ file: String) -> String? { limits.first { $0.file == file }?.text }
}

/// All tenants and what was sold to them, at one moment.
package struct SupervisorSnapshot: Sendable {
  var tenants: [TenantSnapshot] = []
  /// Bytes that may be sold, that are reserved, and that all maxima add up to.
  var memory: (sellable: UInt64, reserved: UInt64, maximum: UInt64) = (0, 0, 0)

  /// Running tenants, for tests and benchmarks.
  package init(tenants: [TenantSnapshot]) { self.tenants = tenants }

  init(tenants: some Sequence<Tenant>, memory: MemoryLedger) {
    self.tenants = tenants.map { TenantSnapshot($0) }
    self.memory = (memory.sellable, memory.reserved, memory.maximum)
  }
}

extension Supervisor {
  /// All tenants as they are now; plain values, quickly.
  func snapshot() -> SupervisorSnapshot { SupervisorSnapshot(tenants: tenants.values, memory: memory) }
}
