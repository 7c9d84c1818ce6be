/// What the IO loop counts of a tenant on a disk under the scheduler. Its counters start anew with the tenant and with
/// the daemon.
extension Metrics {
  static let ioLatency = MetricFamily(
    "isolated_tenant_io_latency_seconds", .histogram, .seconds, ["tenant", "device", "operation"],
    "Time from an operation's submission to its end, the wait for the tenant's own limit included.")
  static let ioPhase = MetricFamily(
    "isolated_tenant_io_phase_seconds", .counter, .seconds, ["tenant", "device", "operation", "phase"],
    "The latency's parts, summed over operations: held (by the tenant's own limit), queue, device.")
  static let ioTarget = MetricFamily(
    "isolated_tenant_io_target_seconds", .gauge, .seconds, ["tenant", "device", "operation"],
    "The latency that was promised for a part of the operations, see isolated_tenant_io_target_ratio.")
  static let ioTargetRatio = MetricFamily(
    "isolated_tenant_io_target_ratio", .gauge, .ratio, ["tenant", "device", "operation"],
    "The part of the operations for which the latency was promised: 0.99 for a p99.")
  static let ioWindows = MetricFamily(
    "isolated_tenant_io_slo_windows", .counter, nil, ["tenant", "device", "operation", "result"],
    "Windows of one second with such operations in which the target was met or missed.")
  static let ioReservationWindows = MetricFamily(
    "isolated_tenant_io_reservation_windows", .counter, nil, ["tenant", "device", "result"],
    "Seconds with IO in which the tenant had what is reserved for it, or wanted less (met), or not (missed).")
  static let ioHeld = MetricFamily(
    "isolated_tenant_io_held_seconds", .counter, .seconds, ["tenant", "device"],
    "Time in which the scheduler held the tenant back.")
  static let ioWeight = MetricFamily(
    "isolated_tenant_io_weight", .gauge, nil, ["tenant", "device"], "The tenant's weight on the disk.")
  static let ioReserved = MetricFamily(
    "isolated_tenant_io_reserved_ratio", .gauge, .ratio, ["tenant", "device"],
    "Disk time that is reserved for the tenant; 1 is the whole disk as it was calibrated.")
  static let ioUsed = MetricFamily(
    "isolated_tenant_io_used_ratio", .gauge, .ratio, ["tenant", "device"],
    "Disk time that the tenant used over the last second; 1 is the whole disk as it was calibrated.")
  static let ioGranted = MetricFamily(
    "isolated_tenant_io_granted_ratio", .gauge, .ratio, ["tenant", "device"],
    "Disk time that the tenant may use at most at present. Absent while nothing holds it back.")

  static let tenantIO = [
    ioLatency, ioPhase, ioWindows, ioTarget, ioTargetRatio, ioReservationWindows, ioHeld, ioWeight, ioReserved, ioUsed,
    ioGranted,
  ]
}
