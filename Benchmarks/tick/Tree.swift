import CgroupKit
import Faults
import Glibc

/// A directory of plain files in the kernel's format: a disk's counters, and groups with `io.stat` and `io.max`.
final class Tree {
  static let disk = DeviceNumber(major: 259, minor: 3)
  /// Other disks of the host, of which io.stat has lines too.
  private static let others = [DeviceNumber(major: 8, minor: 0), DeviceNumber(major: 253, minor: 1)]

  let root: String
  private(set) var groups: [Cgroup] = []
  private var stats: [Int32] = []
  private let counters: Int32
  private let flights: Int32
  private var operations: [UInt64] = []

  init(tenants: Int) throws(Fault) {
    var template = Array("/dev/shm/tick-bench-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Fault(.systemCallFailed, "no directory on tmpfs", systemCall: "mkdtemp", errno: ErrorNumber(errno))
    }
    root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    for directory in ["sys", "sys/\(Self.disk)", "memory"] { mkdir("\(root)/\(directory)", 0o700) }
    counters = Self.create("\(root)/sys/\(Self.disk)/stat")
    flights = Self.create("\(root)/sys/\(Self.disk)/inflight")
    for index in 0..<tenants {
      let path = "\(root)/tenant-\(index)"
      mkdir(path, 0o700)
      close(Self.create("\(path)/io.max"))
      stats.append(Self.create("\(path)/io.stat"))
      groups.append(try Cgroup(plainDirectory: path))
    }
    operations = Array(repeating: 0, count: tenants)
    for index in 0..<tenants { writeStat(index) }
    writeCounters(total: 0, inFlight: 0)
  }

  /// Removes it all.
  func remove() {
    for index in groups.indices {
      for file in ["io.max", "io.stat"] { unlink("\(root)/tenant-\(index)/\(file)") }
      rmdir("\(root)/tenant-\(index)")
    }
    unlink("\(root)/sys/\(Self.disk)/stat")
    unlink("\(root)/sys/\(Self.disk)/inflight")
    unlink("\(root)/memory/capacity-\(Self.disk.major)-\(Self.disk.minor)")
    for directory in ["memory", "sys/\(Self.disk)", "sys", ""] { rmdir("\(root)/\(directory)") }
  }

  /// Has the first tenants do so many more reads each.
  func advance(_ reads: [UInt64], inFlight: UInt64) {
    for (index, count) in reads.enumerated() where count > 0 {
      operations[index] += count
      writeStat(index)
    }
    writeCounters(total: operations.reduce(0, +), inFlight: inFlight)
  }

  private func writeStat(_ index: Int) {
    let count = operations[index]
    let others = Self.others.map { "\($0) rbytes=1\(count)4096 wbytes=0 rios=1\(count) wios=0 dbytes=0 dios=0\n" }
    let own = "\(Self.disk) rbytes=\(count * 4096) wbytes=0 rios=\(count) wios=0 dbytes=0 dios=0\n"
    Self.put(others.joined() + own, stats[index])
  }

  private func writeCounters(total: UInt64, inFlight: UInt64) {
    Self.put(
      "\(total) 0 \(total * 8) \(total * 2) 0 0 0 0 \(inFlight) \(total) \(total * 2) 0 0 0 0 0 0\n", counters)
    Self.put("\(inFlight) 0\n", flights)
  }

  private static func create(_ path: String) -> Int32 { open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600) }

  /// Numbers only grow, so nothing of a longer text stays behind.
  private static func put(_ text: String, _ file: Int32) {
    var text = text
    text.withUTF8 { _ = pwrite(file, $0.baseAddress, $0.count, 0) }
  }
}
