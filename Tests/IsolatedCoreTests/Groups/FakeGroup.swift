import Faults
import FoundationEssentials
import Glibc
import Kernel

@testable import CgroupKit

/// A group of plain files that take writes as the kernel's do, but for those that are told to refuse.
final class FakeGroup {
  let path: String
  /// Every write that was taken, in order: `memory.max 1024`.
  let written = Guarded<[String]>([])
  /// Files that refuse, each with its error number, and after how many writes they begin to.
  let refusals = Guarded<[String: (number: Int32, after: Int)]>([:])
  /// Bytes that can be reclaimed.
  let reclaimable = Guarded<UInt64>(0)

  init() throws {
    var template = Array("/tmp/isolated-group-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Fault(.systemCallFailed, "no directory") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    for (file, text) in [
      "cgroup.controllers": "", "cgroup.events": "populated 1\nfrozen 0\n", "cpu.weight": "100\n", "cpu.idle": "0\n",
      "cpu.max": "max 100000\n", "cpu.max.burst": "0\n", "cpuset.cpus": "\n", "cpuset.cpus.effective": "0-1\n",
      "memory.max": "67108864\n",
      "memory.high": "max\n", "memory.low": "0\n", "memory.min": "0\n", "memory.swap.max": "0\n",
      "memory.oom.group": "1\n", "memory.current": "1048576\n", "memory.reclaim": "", "pids.max": "512\n",
      "pids.current": "3\n", "io.max": "",
    ] { FakeIOHost.put(text, "\(path)/\(file)") }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func text(_ file: String) -> String {
    let text = (try? String(contentsOfFile: "\(path)/\(file)", encoding: .utf8)) ?? "?"
    return text.last == "\n" ? String(text.dropLast()) : text
  }

  func put(_ text: String, _ file: String) { FakeIOHost.put(text + "\n", "\(path)/\(file)") }

  /// All files that a limit can be in, by name.
  var all: [String: String] {
    let files = [
      "cpu.weight", "cpu.idle", "cpu.max", "cpu.max.burst", "cpuset.cpus", "memory.max", "memory.high", "memory.low",
      "memory.min", "memory.swap.max", "memory.oom.group", "pids.max", "io.max",
    ]
    return Dictionary(uniqueKeysWithValues: files.map { ($0, text($0)) })
  }

  func refuse(_ file: String, _ number: Int32, after writes: Int = 0) {
    refusals.withLock { $0[file] = (number, writes) }
  }

  func group() throws -> Cgroup {
    var calls = FileCalls.kernel
    calls.isCgroup2 = { _ in 1 }
    calls.open = { directory, name, flags in openat(directory ?? AT_FDCWD, name, flags & ~O_TRUNC) }
    calls.write = { [path, written, refusals, reclaimable] file, bytes, count in
      let name =
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(file)"))?
        .split(separator: "/").last.map(String.init) ?? "?"
      let value = String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
      let before = written.withLock { $0.count { $0.hasPrefix(name + " ") } }
      if let refusal = refusals.withLock({ $0[name] }), before >= refusal.after {
        errno = refusal.number
        return -1
      }
      written.withLock { $0.append("\(name) \(value)") }
      Self.take(name, value, path, reclaimable)
      return count
    }
    return try Cgroup(path: path, calls: calls)
  }

  private static func take(_ name: String, _ value: String, _ path: String, _ reclaimable: Guarded<UInt64>) {
    func read(_ file: String) -> String { (try? String(contentsOfFile: "\(path)/\(file)", encoding: .utf8)) ?? "" }
    switch name {
    case "memory.reclaim":
      let asked = UInt64(value) ?? 0
      let given = reclaimable.withLock { left in
        let given = min(left, asked)
        left -= given
        return given
      }
      let current = UInt64(read("memory.current").filter(\.isNumber)) ?? 0
      FakeIOHost.put("\(current - min(current, given))\n", path + "/memory.current")
    case "io.max":
      let device = value.prefix { $0 != " " } + " "
      var lines = read(name).split(separator: "\n").map(String.init).filter { !$0.hasPrefix(device) }
      if value.split(separator: " ").dropFirst().contains(where: { !$0.hasSuffix("=max") }) { lines.append(value) }
      FakeIOHost.put(lines.map { $0 + "\n" }.joined(), "\(path)/\(name)")
    case "cpu.idle":
      // An idle group has no weight, and gets the usual one when it is idle no more (kernel/sched/fair.c).
      FakeIOHost.put(value == "1" ? "0\n" : "100\n", path + "/cpu.weight")
      FakeIOHost.put(value + "\n", path + "/cpu.idle")
    default: FakeIOHost.put(value.last == "\n" ? value : value + "\n", "\(path)/\(name)")
    }
  }
}
