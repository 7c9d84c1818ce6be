import CgroupKit
import Faults
import Glibc
import Kernel

/// A tenant whose record is lost, and what can still be known of it: from its processes and from its group.
struct LostTenant {
  /// Its PID 1.
  var pid: Int32
  var startTicks: UInt64
  /// What its payload calls itself.
  var command: [String]

  /// The running tenant in a group; nil where there is none, be it that a start was cut off before the execve or that
  /// strangers are there.
  ///
  /// PID 1 runs tenant-init, and so does the payload until its execve: whoever else is in the namespace has executed
  /// something.
  init?(in group: Cgroup) {
    guard let processes = try? group.processes() else { return nil }
    let members = processes.compactMap(Member.init)
    guard let first = members.first(where: { $0.isFirst }), let ticks = ProcessIdentity.startTicks(of: first.pid)
    else { return nil }
    let others = members.filter { !$0.isFirst && $0.namespace == first.namespace && $0.program != first.program }
    guard let payload = others.first(where: { $0.parent == first.pid }) ?? others.first else { return nil }
    pid = first.pid
    startTicks = ticks
    command = Self.command(of: payload.pid)
  }

  private static func command(of pid: Int32) -> [String] {
    let bytes = (try? SmallFile.readBytes("/proc/\(pid)/cmdline", limit: 4 << 20)) ?? []
    return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }

  /// A process as /proc shows it.
  private struct Member {
    var pid: Int32
    var parent: Int32
    /// Whether it is the first of a pid namespace directly below the daemon's.
    var isFirst: Bool
    var namespace: String
    var program: String

    init?(_ pid: Int32) {
      guard let status = try? SmallFile.read("/proc/\(pid)/status", limit: 64 << 10),
        let namespace = Self.link("/proc/\(pid)/ns/pid"), let program = Self.link("/proc/\(pid)/exe")
      else { return nil }
      var fields: [Substring: [Substring]] = [:]
      for line in status.split(separator: "\n") {
        let parts = line.split(maxSplits: 1, whereSeparator: { $0 == ":" })
        if parts.count == 2 { fields[parts[0]] = parts[1].split { $0 == "\t" || $0 == " " } }
      }
      guard let numbers = fields["NSpid"], let parent = fields["PPid"]?.first.flatMap({ Int32($0) }) else {
        return nil
      }
      self.pid = pid
      self.parent = parent
      isFirst = numbers.count == 2 && numbers[1] == "1"
      self.namespace = namespace
      self.program = program
    }

    private static func link(_ path: String) -> String? {
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = readlink(path, &buffer, buffer.count)
      return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }
  }
}

extension TenantRecord {
  /// Makes a record for a tenant whose own is lost.
  ///
  /// - Parameter logPlace: where its output goes.
  init(_ lost: LostTenant, name: String, group: Cgroup, logPlace: LogPlace) {
    let files = ["cpu.max", "memory.max", "memory.high", "memory.low", "memory.min", "memory.swap.max", "pids.max"]
    let limits = files.compactMap { file in group.text(of: file).map { WrittenLimit(file: file, text: $0) } }
    func bytes(_ file: String) -> UInt64 { limits.first { $0.file == file }.flatMap { UInt64($0.text) } ?? 0 }
    let map = (try? SmallFile.read("/proc/\(lost.pid)/uid_map", limit: 4096)) ?? ""
    let identity = map.split { $0 == " " || $0 == "\n" }.dropFirst().first.flatMap { UInt32($0) } ?? 0
    let age = BootClock.microseconds() - BootClock.microseconds(ticks: lost.startTicks)
    self.init(
      name: name, policy: "(its record was lost)", owner: 0, pid: lost.pid, startTicks: lost.startTicks,
      startedMicroseconds: WallClock.microseconds() - age,
      startedBootMicroseconds: BootClock.microseconds(ticks: lost.startTicks), command: lost.command,
      group: group.path, firstIdentity: identity, limits: limits, capabilities: [], seccomp: "unknown",
      notEnforced: ["the tenant's record was lost: of its disks, only limits that stand are kept"],
      reservedMemory: bytes("memory.min"), maximumMemory: bytes("memory.max"), logPlace: logPlace,
      stopSignal: SIGTERM, stopGraceMicroseconds: 10_000_000, isForeground: false)
  }
}
