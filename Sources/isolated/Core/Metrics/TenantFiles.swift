import CgroupKit

/// What a tenant's group said at one moment. What is nil isn't there, or couldn't be read.
struct TenantReadings: Sendable {
  var cpu: CPUStat?
  var memory: UInt64?
  var memoryPeak: UInt64?
  var swap: UInt64?
  var memoryEvents: MemoryEvents?
  var pids: UInt64?
  /// By device number, at most ``TenantFiles/mostDevices``.
  var io: [IODeviceStat] = []
  var pressures: [(resource: PressureResource, pressure: Pressure)] = []
}

/// The files of a tenant's group that a scrape reads. Eight stay open, with the supervisor's and the IO loop's four
/// descriptors the twelve that a tenant may cost; where descriptors are plenty all ten do.
///
/// Confined to the scrape's thread.
final class TenantFiles {
  /// The most devices of a tenant that are exported: the lowest numbers.
  static let mostDevices = 16

  let group: Cgroup
  private var cpu: KeptFile<StatFile<CPUStat>>
  private var memory: KeptFile<StatFile<Bytes>>
  private var memoryPeak: KeptFile<StatFile<Bytes>>
  private var swap: KeptFile<StatFile<Bytes>>
  private var memoryEvents: KeptFile<StatFile<MemoryEvents>>
  private var pids: KeptFile<StatFile<Count>>
  private var io: KeptFile<StatFile<Table<IODeviceStat>>>
  private var pressures: [(resource: PressureResource, file: KeptFile<PressureFile>)]

  init(_ group: Cgroup) {
    self.group = group
    cpu = KeptFile(group.cpu.stat)
    memory = KeptFile(group.memory.current)
    memoryPeak = KeptFile(group.memory.peak, isSpare: true)
    swap = KeptFile(group.memory.swapCurrent, isSpare: true)
    memoryEvents = KeptFile(group.memory.events)
    pids = KeptFile(group.pids.current)
    io = KeptFile(group.io.stat)
    pressures = [PressureResource.cpu, .memory, .io].map { ($0, KeptFile(group.pressure($0))) }
  }

  /// How many descriptors it holds.
  var kept: Int {
    [
      cpu.isOpen, memory.isOpen, memoryPeak.isOpen, swap.isOpen, memoryEvents.isOpen, pids.isOpen, io.isOpen,
    ].count { $0 } + pressures.count { $0.file.isOpen }
  }

  /// Reads all.
  ///
  /// - Throws: that the group has gone.
  func read(_ context: inout ScrapeContext) throws(GroupGone) -> TenantReadings {
    var readings = TenantReadings()
    readings.cpu = try cpu.read(&context)
    readings.memory = try memory.read(&context)?.rawValue
    readings.memoryPeak = try memoryPeak.read(&context)?.rawValue
    readings.swap = try swap.read(&context)?.rawValue
    readings.memoryEvents = try memoryEvents.read(&context)
    readings.pids = try pids.read(&context)?.rawValue
    readings.io = try io.read(&context)?.entries ?? []
    if readings.io.count > 1 { readings.io.sort { $0.device < $1.device } }
    if readings.io.count > Self.mostDevices {
      readings.io.removeLast(readings.io.count - Self.mostDevices)
      context.count("devices")
    }
    for index in pressures.indices {
      guard let pressure = try pressures[index].file.read(&context) else { continue }
      readings.pressures.append((pressures[index].resource, pressure))
    }
    return readings
  }
}
