import CgroupKit

/// What a tenant has used, as `ps` shows it. A controller that the host lacks reads as 0.
struct GroupUsage: Sendable {
  var cpuMicroseconds: UInt64 = 0
  var memoryBytes: UInt64 = 0
  var processes: UInt64 = 0
  var readBytes: UInt64 = 0
  var writtenBytes: UInt64 = 0

  init(of group: Cgroup, controllers: Set<Controller>) {
    // cpu.stat counts time in every group, controller or not.
    if let stat = try? group.cpu.stat.read() { cpuMicroseconds = stat.usage.rawValue }
    if controllers.contains(.memory), let current = try? group.memory.current.read() {
      memoryBytes = current.rawValue
    }
    if controllers.contains(.pids), let current = try? group.pids.current.read() {
      processes = current.rawValue
    } else if let members = try? group.processes() {
      processes = UInt64(members.count)
    }
    if controllers.contains(.io), let table = try? group.io.stat.read() {
      for entry in table.entries {
        readBytes &+= entry.rbytes?.rawValue ?? 0
        writtenBytes &+= entry.wbytes?.rawValue ?? 0
      }
    }
  }
}
