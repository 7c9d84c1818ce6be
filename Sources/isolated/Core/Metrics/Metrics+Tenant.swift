/// What a tenant's group counts. Its counters start anew with the group, that is with the tenant.
extension Metrics {
  static let tenantStart = MetricFamily(
    "isolated_tenant_start_time_seconds", .gauge, .seconds, ["tenant"], "When the tenant was started, since 1970.")
  static let tenantState = MetricFamily(
    "isolated_tenant_state", .gauge, nil, ["tenant", "state"],
    "The state that the tenant is in, with the value 1: starting, running, frozen, stopping or backing-off.")
  static let tenantRestarts = MetricFamily(
    "isolated_tenant_restarts", .counter, nil, ["tenant"],
    "How often the tenant was started again since it was spawned. Absent where its policy has no restarts.")

  static let tenantHealth = MetricFamily(
    "isolated_tenant_health", .gauge, nil, ["tenant", "status"],
    "What the tenant's health checks came to, with the value 1: starting, healthy or unhealthy. Absent without checks.")

  static let cpuUsage = MetricFamily(
    "isolated_tenant_cpu_usage_seconds", .counter, .seconds, ["tenant"], "Processor time that the tenant used.")
  static let cpuMode = MetricFamily(
    "isolated_tenant_cpu_mode_seconds", .counter, .seconds, ["tenant", "mode"],
    "Processor time by mode: user or system.")
  static let cpuLimit = MetricFamily(
    "isolated_tenant_cpu_limit_ratio", .gauge, .ratio, ["tenant"],
    "Processor time that the tenant may use per time; 1 is one processor. Absent without a limit.")
  static let cpuPeriods = MetricFamily(
    "isolated_tenant_cpu_periods", .counter, nil, ["tenant"], "Periods of the processor limit in which the tenant ran.")
  static let cpuThrottledPeriods = MetricFamily(
    "isolated_tenant_cpu_throttled_periods", .counter, nil, ["tenant"],
    "Periods of the processor limit in which it held the tenant back.")
  static let cpuThrottled = MetricFamily(
    "isolated_tenant_cpu_throttled_seconds", .counter, .seconds, ["tenant"],
    "How long the processor limit held the tenant's run queues back, summed over processors.")

  static let memoryCurrent = MetricFamily(
    "isolated_tenant_memory_bytes", .gauge, .bytes, ["tenant"], "Memory charged to the tenant, page cache included.")
  static let memoryPeak = MetricFamily(
    "isolated_tenant_memory_peak_bytes", .gauge, .bytes, ["tenant"], "The most memory that was ever charged to it.")
  static let memorySwap = MetricFamily(
    "isolated_tenant_memory_swap_bytes", .gauge, .bytes, ["tenant"], "Swap that the tenant uses.")
  static let memoryMin = MetricFamily(
    "isolated_tenant_memory_min_bytes", .gauge, .bytes, ["tenant"],
    "Memory that is reserved for the tenant (memory.min). Absent without a reservation.")
  static let memoryMax = MetricFamily(
    "isolated_tenant_memory_max_bytes", .gauge, .bytes, ["tenant"], "The tenant's limit of memory (memory.max).")
  static let memoryEvents = MetricFamily(
    "isolated_tenant_memory_events", .counter, nil, ["tenant", "event"],
    "Events of memory.events: low, high, max, oom, oom_kill, oom_group_kill.")

  static let pids = MetricFamily("isolated_tenant_pids", .gauge, nil, ["tenant"], "Processes and threads.")
  static let pidsMax = MetricFamily(
    "isolated_tenant_pids_max", .gauge, nil, ["tenant"], "The limit of processes and threads. Absent without one.")

  static let pressureWaiting = MetricFamily(
    "isolated_tenant_pressure_waiting_seconds", .counter, .seconds, ["tenant", "resource"],
    "Time in which some of the tenant's tasks waited for the resource (PSI, some): cpu, memory or io.")
  static let pressureStalled = MetricFamily(
    "isolated_tenant_pressure_stalled_seconds", .counter, .seconds, ["tenant", "resource"],
    "Time in which all of the tenant's tasks that had work waited for the resource (PSI, full).")

  static let ioBytes = MetricFamily(
    "isolated_tenant_io_bytes", .counter, .bytes, ["tenant", "device", "operation"],
    "Bytes of IO charged to the tenant, by whole disk: read, write or discard.")
  static let ioOperations = MetricFamily(
    "isolated_tenant_io_operations", .counter, nil, ["tenant", "device", "operation"],
    "IO operations charged to the tenant, by whole disk: read, write or discard.")

  static let tenant = [
    tenantStart, tenantState, tenantRestarts, tenantHealth, cpuUsage, cpuMode, cpuLimit, cpuPeriods,
    cpuThrottledPeriods, cpuThrottled, memoryCurrent,
    memoryPeak, memorySwap, memoryMin, memoryMax, memoryEvents, pids, pidsMax, pressureWaiting, pressureStalled,
    ioBytes, ioOperations,
  ]
}
