import Faults
import Glibc
import Kernel
import Testing

@testable import CgroupKit

/// Where the tests stand: on a real cgroup2 directory if the environment names one, else on a fake kernel.
///
/// - `CGROUPKIT_TEST_ROOT`: a group of a mounted cgroup2 file system which may have children and holds no process.
/// - `CGROUPKIT_TEST_CONTROLLERS`: the controllers that it hands down, separated by commas, or `none`; all of them if
///   unset. A test of a controller that is listed fails where the controller is missing.
/// - `CGROUPKIT_TEST_LAB`: if set, a missing `CGROUPKIT_TEST_ROOT` is a failure.
enum Ground {
  static let realRoot = environment("CGROUPKIT_TEST_ROOT")
  static let isReal = realRoot != nil
  static let isLab = environment("CGROUPKIT_TEST_LAB") != nil

  /// The controllers that tests may rely on.
  static let controllers: Set<Controller> = {
    let all = Set(FakeKernel.controllers.map(Controller.init(rawValue:)))
    guard isReal, let listed = environment("CGROUPKIT_TEST_CONTROLLERS") else { return all }
    guard listed != "none" else { return [] }
    return Set(listed.split(separator: ",").map { Controller(rawValue: String($0)) })
  }()

  static func has(_ controller: Controller) -> Bool { controllers.contains(controller) }

  /// A whole disk that limits can be set on.
  static func disk() throws -> DeviceNumber {
    guard isReal else { return FakeKernel.disk }
    for name in try directoryEntries("/sys/block").sorted()
    where !name.hasPrefix("loop") && !name.hasPrefix("ram") {
      let text = FakeKernel.get("/sys/block/\(name)/dev")
      if !text.isEmpty { return try DeviceNumber(parsing: text) }
    }
    throw Fault(.noSuchDevice, "the machine has no disk")
  }

  private static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  private static func directoryEntries(_ path: String) throws -> [String] {
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      names.append(
        withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    return names.filter { !$0.hasPrefix(".") }
  }
}

/// A group of a test's own, with all controllers that the ground has, and the fake kernel beneath it if there is one.
struct Site: Sendable {
  let group: Cgroup
  let fake: FakeKernel?
}

/// Runs a test in a group of its own, and removes that with all that is left in it.
func withSite(_ name: String = #function, _ body: (Site) async throws -> Void) async throws {
  let fake = Ground.isReal ? nil : try FakeKernel()
  let root =
    if let fake { try Cgroup(path: fake.root, calls: fake.calls) } else {
      try Cgroup(path: Ground.realRoot ?? "")
    }
  try root.enable(Ground.controllers)
  let unique = "test-\(getpid())-\(UInt32.random(in: 0 ... .max))"
  let group = try root.createChild(unique)
  do {
    try await body(Site(group: group, fake: fake))
  } catch {
    try? await group.removeTree(killing: true)
    throw error
  }
  try await group.removeTree(killing: true)
  #expect(try root.childIfPresent(unique) == nil, "\(name) left a group behind")
}

/// A process that does nothing but exist.
final class Sleeper: Sendable {
  let id: pid_t
  /// Once the process is reaped its id may be a stranger's.
  private let isReaped = Guarded(false)

  init(_ arguments: [String] = ["/bin/sleep", "1000"]) throws {
    var process = pid_t()
    var vector = arguments.map { strdup($0) } + [nil]
    defer { vector.forEach { free($0) } }
    let result = posix_spawn(&process, arguments[0], nil, nil, &vector, environ)
    guard result == 0 else {
      throw Fault(
        .systemCallFailed, "cannot start a process", systemCall: "posix_spawn", errno: ErrorNumber(result))
    }
    id = process
  }

  /// Waits, on the calling thread, until the process has ended.
  func reap() { _ = status() }

  /// The status that the process ended with, as wait(2) gives it; -1 once it was asked for.
  func status() -> Int32 {
    var status: Int32 = 0
    while true {
      if waitpid(id, &status, 0) == id {
        isReaped.withLock { $0 = true }
        return status
      }
      if errno != EINTR { return -1 }
    }
  }

  deinit {
    guard !isReaped.withLock({ $0 }) else { return }
    kill(id, SIGKILL)
    reap()
  }
}

/// The fault that `body` throws.
func fault(_ body: () throws -> Void) -> Fault? {
  do {
    try body()
    return nil
  } catch {
    return error as? Fault
  }
}
