/// Disks under the scheduler, and the daemon itself. Counters start anew with the daemon.
extension Metrics {
  static let diskCapacity = MetricFamily(
    "isolated_disk_capacity_ratio", .gauge, .ratio, ["device"],
    "What the disk can do at present; 1 is as it was calibrated. Absent while unknown.")
  static let diskRate = MetricFamily(
    "isolated_disk_rate_ratio", .gauge, .ratio, ["device"],
    "What the scheduler lets in at present, as a part of the disk. Absent while it lets everything in.")
  static let diskUsed = MetricFamily(
    "isolated_disk_used_ratio", .gauge, .ratio, ["device"], "What was used of the disk over the last second.")
  static let diskReserved = MetricFamily(
    "isolated_disk_reserved_ratio", .gauge, .ratio, ["device"],
    "What of the disk was sold to tenants as reservations; 1 is the whole disk as it was calibrated.")
  static let diskInFlight = MetricFamily(
    "isolated_disk_in_flight", .gauge, nil, ["device"], "Operations in the disk's queue.")
  static let diskPhase = MetricFamily(
    "isolated_disk_phase", .gauge, nil, ["device", "phase"],
    "The phase that the disk's governor is in, with the value 1.")
  static let diskSensor = MetricFamily(
    "isolated_disk_sensor_up", .gauge, nil, ["device"],
    "Whether latencies are measured (1) or not (0): without, targets are neither met nor missed.")
  static let ioTick = MetricFamily(
    "isolated_io_tick_seconds", .histogram, .seconds, ["device"],
    "How long a decision of the IO scheduler took: reading, deciding and writing.")
  static let ioTicksMissed = MetricFamily(
    "isolated_io_ticks_missed", .counter, nil, ["device"],
    "Decisions of the IO scheduler that were due and never made, since its thread was late.")
  static let ioDecisions = MetricFamily(
    "isolated_io_decisions", .counter, nil, ["device", "reason"],
    "Changes of what bounds a tenant, by the new bound.")
  static let disk = [
    diskCapacity, diskRate, diskUsed, diskReserved, diskInFlight, diskPhase, diskSensor, ioTick, ioTicksMissed,
    ioDecisions,
  ]

  static let build = MetricFamily("isolated_build", .info, nil, ["version"], "The daemon's version.")
  static let tenants = MetricFamily(
    "isolated_tenants", .gauge, nil, ["state"],
    "Tenants by state: starting, running, frozen, stopping, backing-off, ended.")
  static let spawns = MetricFamily("isolated_spawns", .counter, nil, [], "Tenants that were started.")
  static let spawnStage = MetricFamily(
    "isolated_spawn_stage_seconds", .histogram, .seconds, ["stage"],
    "How long the stages of starts took that succeeded: queue, plan, group, init, namespaces, exec.")
  static let spawnFailures = MetricFamily(
    "isolated_spawn_failures", .counter, nil, ["reason"], "Starts that failed or were refused, by the fault's code.")
  static let refusals = MetricFamily(
    "isolated_admission_refusals", .counter, nil, ["reason"],
    "Those of isolated_spawn_failures_total for which there was no room, by the fault's code.")
  static let exits = MetricFamily(
    "isolated_exits", .counter, nil, ["cause"],
    "Tenants that ended: exited, signaled, oom-killed, killed, init-lost.")
  static let memorySellable = MetricFamily(
    "isolated_memory_sellable_bytes", .gauge, .bytes, [], "Memory that admission may give to tenants.")
  static let memoryReserved = MetricFamily(
    "isolated_memory_reserved_bytes", .gauge, .bytes, [], "Memory that is reserved for tenants (their memory.min).")
  static let memoryMaximum = MetricFamily(
    "isolated_memory_maximum_bytes", .gauge, .bytes, [], "The sum of the tenants' limits of memory (memory.max).")
  static let scrapeErrors = MetricFamily(
    "isolated_scrape_errors", .counter, nil, ["file"],
    "Files of tenants' groups that couldn't be read, by name, and devices beyond the most for a tenant (devices).")
  static let scrapeCPU = MetricFamily(
    "isolated_scrape_cpu_seconds", .counter, .seconds, [], "Processor time that earlier scrapes took.")
  static let daemon = [
    build, tenants, spawns, spawnStage, spawnFailures, refusals, exits, memorySellable, memoryReserved, memoryMaximum,
    scrapeErrors, scrapeCPU,
  ]

  /// As the client libraries name them. https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
  static let processStart = MetricFamily(
    "process_start_time_seconds", .gauge, .seconds, [], "When the daemon was started, since 1970.")
  static let processCPU = MetricFamily(
    "process_cpu_seconds", .counter, .seconds, [], "Processor time that the daemon used.")
  static let processResident = MetricFamily(
    "process_resident_memory_bytes", .gauge, .bytes, [], "The daemon's memory in RAM.")
  static let processVirtual = MetricFamily(
    "process_virtual_memory_bytes", .gauge, .bytes, [], "The daemon's address space in use.")
  static let processOpen = MetricFamily("process_open_fds", .gauge, nil, [], "The daemon's open descriptors.")
  static let processMostOpen = MetricFamily(
    "process_max_fds", .gauge, nil, [], "The most descriptors that the daemon may have open.")
  static let process = [
    processStart, processCPU, processResident, processVirtual, processOpen, processMostOpen,
  ]
}
