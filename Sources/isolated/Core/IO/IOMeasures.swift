import CgroupKit
import IOQoS
import IOSensor

/// What the IO loop has counted, for exporters. All counters only grow while their owner lives.
package struct IOMeasures: Sendable {
  /// A disk, since it came under the scheduler.
  package struct Disk: Sendable {
    var disk: IOAssignment.Disk
    /// How long decisions took: reading, deciding and writing.
    var ticks = DurationHistogram.ticks
    /// Decisions that were due and never made, since the thread was late.
    var missedTicks: UInt64 = 0
    /// Changes of what a tenant is bounded by, by the new bound.
    var decisions: [String: UInt64] = [:]
    var tenants: [Tenant] = []

    package init(
      disk: IOAssignment.Disk, ticks: DurationHistogram = .ticks, missedTicks: UInt64 = 0,
      decisions: [String: UInt64] = [:], tenants: [Tenant] = []
    ) {
      self.disk = disk
      self.ticks = ticks
      self.missedTicks = missedTicks
      self.decisions = decisions
      self.tenants = tenants
    }
  }

  /// A tenant on a disk, since this daemon took it in.
  package struct Tenant: Sendable {
    var name: String
    var promise: Promise
    var counters: TenantCounters
    var latencies: [Latency]

    package init(
      name: String, promise: Promise, counters: TenantCounters = TenantCounters(), latencies: [Latency] = []
    ) {
      self.name = name
      self.promise = promise
      self.counters = counters
      self.latencies = latencies
    }
  }

  /// What is counted of a tenant on a disk.
  package struct TenantCounters: Sendable, Hashable {
    /// The time in which the scheduler held it back, in nanoseconds.
    var heldNanoseconds: UInt64 = 0
    /// Seconds in which it did IO and had what is reserved for it, or wanted less.
    var reservationMet: UInt64 = 0
    /// Seconds in which it wanted more than it got, and got less than is reserved for it.
    var reservationMissed: UInt64 = 0

    package init() {}
  }

  /// A tenant's operations of a kind.
  package struct Latency: Sendable {
    var operation: IOSensor.IOOperation
    var totals: LatencyTotals
    /// Seconds in which the target held, and didn't; without such operations a second is neither.
    var windowsMet: UInt64 = 0
    var windowsMissed: UInt64 = 0

    package init(operation: IOSensor.IOOperation, totals: LatencyTotals = LatencyTotals()) {
      self.operation = operation
      self.totals = totals
    }
  }

  package var disks: [Disk] = []

  package init() {}
}

extension IOMeasures.TenantCounters {
  /// The part of a reservation below which it wasn't had: paces are as good as whole operations in a slice.
  private static let attained = 0.95

  /// Takes a second in which the tenant was active.
  mutating func noteReservation(_ state: TenantState) {
    guard state.reserved > 0, state.isActive else { return }
    let wantsMore: Bool
    if case .held(_, let bound) = state.share, bound != .demand { wantsMore = true } else { wantsMore = state.isHungry }
    // Its own limit is no breach of what it was promised.
    if case .held(_, because: .limit) = state.share {
      reservationMet += 1
    } else if wantsMore, state.used < Self.attained * state.reserved {
      reservationMissed += 1
    } else {
      reservationMet += 1
    }
  }
}
