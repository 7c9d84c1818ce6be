import Faults
import FoundationEssentials
import Glibc
import IOQoS
import Logging

@testable import CgroupKit
@testable import IsolatedCore

/// A cgroup hierarchy of plain files with the kernel's `io.max`, a disk's counters, and a loop on a clock of its own.
final class FakeIOHost {
  static let disk = IOAssignment.Disk(number: DeviceNumber(major: 259, minor: 3), name: "nvme0n1", id: "serial-1")

  let root: String
  var now: Int64 = 1_000_000_000
  private(set) var report = IOControlLoop.Report()
  private var reads: UInt64 = 0

  init() throws {
    var template = Array("/tmp/isolated-io-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Fault(.systemCallFailed, "no directory") }
    root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    for directory in ["memory", "sys", "sys/259:3", "groups", "groups/tenants"] { mkdir("\(root)/\(directory)", 0o700) }
    try work(0)
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  /// Files with the kernel's behaviour: a line of io.max takes the place of the one about the same device, and files
  /// of a removed group answer ENODEV.
  private var calls: FileCalls {
    var calls = FileCalls.kernel
    calls.isCgroup2 = { _ in 1 }
    calls.open = { directory, name, flags in openat(directory ?? AT_FDCWD, name, flags & ~O_TRUNC) }
    calls.read = { file, buffer, count, offset in
      guard Self.path(file) != nil else { return Self.gone() }
      return pread(file, buffer, count, offset)
    }
    calls.write = { file, bytes, count in
      guard let path = Self.path(file) else { return Self.gone() }
      let value = String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
      let device = value.prefix { $0 != " " } + " "
      let before = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
      var lines = before.split(separator: "\n").map(String.init).filter { !$0.hasPrefix(device) }
      if value.split(separator: " ").dropFirst().contains(where: { !$0.hasSuffix("=max") }) { lines.append(value) }
      Self.put(lines.map { $0 + "\n" }.joined(), path)
      return count
    }
    return calls
  }

  private static func gone() -> Int {
    errno = ENODEV
    return -1
  }

  private static func path(_ file: Int32) -> String? {
    let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(file)")
    return path.flatMap { $0.hasSuffix(" (deleted)") ? nil : $0 }
  }

  static func put(_ text: String, _ path: String) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    var text = text
    text.withUTF8 { _ = write(file, $0.baseAddress, $0.count) }
    close(file)
  }

  /// A group beneath the top; `tenants/a` is a tenant's.
  func group(_ name: String) throws -> Cgroup {
    let path = "\(root)/groups/\(name)"
    mkdir(path, 0o700)
    Self.put("populated 1\nfrozen 0\n", path + "/cgroup.events")
    for file in ["cgroup.controllers", "io.stat", "io.max"] where access("\(path)/\(file)", F_OK) != 0 {
      Self.put("", "\(path)/\(file)")
    }
    return try Cgroup(path: path, calls: calls)
  }

  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(root)/groups/\(name)") }

  func maximum(_ name: String) -> String { text("groups/\(name)/io.max") }

  func text(_ path: String) -> String { (try? String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)) ?? "" }

  func put(_ text: String, _ path: String) { Self.put(text, "\(root)/\(path)") }

  /// The disk did so many more reads, for the tenants named.
  func work(_ count: UInt64, by tenants: [String] = []) throws {
    reads += count
    put("\(reads) 0 \(reads * 8) \(reads) 0 0 0 0 0 0 0 0 0 0 0 0 0\n", "sys/259:3/stat")
    put("\(count) 0\n", "sys/259:3/inflight")
    for tenant in tenants {
      put(
        "259:3 rbytes=\(reads * 4096) wbytes=0 rios=\(reads) wios=0 dbytes=0 dios=0\n",
        "groups/tenants/\(tenant)/io.stat")
    }
  }

  func loop(identity: String? = "serial-1") throws -> IOControlLoop {
    var places = IOPlaces(
      top: try Cgroup(path: root + "/groups", calls: calls), tenants: root + "/groups/tenants",
      memory: root + "/memory")
    places.sysfs = root + "/sys"
    places.identity = { _ in identity }
    places.loadSensor = { () throws(Fault) in throw Fault(.systemCallFailed, "no sensor here") }
    return IOControlLoop(
      places: places, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, clock: { [unowned self] in now },
      jiffies: { [unowned self] in now }, edge: 0, post: { _ in }, publish: { [unowned self] in report = $0 })
  }

  func assignment(
    _ tenant: String, model: DeviceModel? = nil, limit: PromisedRates = .none, weight: Int = 100
  ) -> IOAssignment {
    IOAssignment(
      tenant: tenant, disk: Self.disk, promise: Promise(tenant: tenant, limit: limit, weight: weight), model: model)
  }

  /// Turns the loop every 20 ms.
  func run(_ loop: inout IOControlLoop, ticks: Int, reads: UInt64 = 0, by tenants: [String] = []) throws {
    for _ in 0..<ticks {
      now += 20_000_000
      try work(reads, by: tenants)
      loop.turn()
    }
  }

  static func model(measured: Int64 = 1, operations: Double = 1000) throws -> DeviceModel {
    let prices = CostModel.Prices(randomBase: 1e9 / operations, sequentialBase: 1e9 / operations, perPage: 0)
    let points = [0.1, 0.98].map {
      LatencyCurve.Point(utilisation: $0, mean: 1_000_000, p50: 1_000_000, p99: 3_000_000)
    }
    return DeviceModel(
      identity: DeviceIdentity(serial: "serial-1", model: "m", size: 1 << 30), measured: measured,
      cost: CostModel(read: prices, write: prices), curve: try LatencyCurve(points), burst: 0.1)
  }
}
