import ControlProtocol
import Faults
import Glibc
import IsolatedCore
import Kernel

extension [UInt8] {
  /// Sends once, and answers how much was taken.
  func sent(to socket: Int32, _ descriptors: [SharedDescriptor] = []) throws(Fault) -> Int {
    try withUnsafeBytes { bytes in
      Result { () throws(Fault) in try MessageSocket.send(bytes, descriptors: descriptors, to: socket) }
    }.get()
  }
}

/// The only reference to a descriptor, to give away.
final class LastReference: Sendable {
  private let descriptor: Guarded<SharedDescriptor?>

  init(_ number: Int32) { descriptor = Guarded(SharedDescriptor(owning: number)) }

  /// Gives it away; there must be a first time only.
  func take() -> SharedDescriptor {
    let taken = descriptor.withLock { held -> SharedDescriptor? in
      defer { held = nil }
      return held
    }
    guard let taken else { preconditionFailure("taken twice") }
    return taken
  }
}

/// A pipe: its reading end, and its writing end to give away.
func pipeEnds() throws -> (SharedDescriptor, LastReference) {
  var ends: [Int32] = [-1, -1]
  try systemCall("pipe") { pipe(&ends) }
  // Not for the children of tests that run at the same time.
  for end in ends { try systemCall("fcntl") { fcntl(end, F_SETFD, FD_CLOEXEC) } }
  return (SharedDescriptor(owning: ends[0]), LastReference(ends[1]))
}

/// Whether all writing ends of a pipe get closed within ten seconds.
func endOfFile(_ reading: SharedDescriptor) throws -> Bool {
  var watched = pollfd(fd: reading.rawValue, events: Int16(POLLIN), revents: 0)
  try systemCall("poll") { poll(&watched, 1, 10_000) }
  return watched.revents & Int16(POLLHUP) != 0
}

/// Lets this process open as many files as it may.
func raiseOpenFileLimit() throws {
  var limit = rlimit()
  try systemCall("getrlimit") { getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) }
  limit.rlim_cur = limit.rlim_max
  try systemCall("setrlimit") { setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) }
}

/// Serves any handler on a socket in a directory of its own.
func serve(
  _ handler: any ControlHandler, limits: ControlLimits = ControlLimits()
) throws -> (server: ControlServer, path: String, directory: String) {
  let directory = try temporaryDirectory()
  let path = "\(directory)/socket"
  let listener = try ControlListener(path: path, group: nil)
  return (
    try ControlServer(listener: listener, limits: limits, handler: handler, report: { _ in }), path, directory
  )
}

/// A fresh directory; the caller removes it.
func temporaryDirectory() throws -> String {
  var template = Array("/tmp/isolated-control-XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil else {
    throw Fault("test.setup", "no directory", errno: ErrorNumber(errno))
  }
  return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

extension ControlClient {
  /// The version that the daemon at `path` says it has.
  static func version(path: String) throws(Fault) -> String {
    var client = try ControlClient(path: path)
    return try client.call(Version.self, NoParameters()).reply.version
  }
}

extension TenantSummary {
  /// A running tenant with figures of every kind.
  static func sample(_ name: String) -> Self {
    Self(
      name: name, state: "running", policy: "web-role", pid: 4242, owner: 1000,
      startedUsec: 1_700_000_000_000_000, cpuUsec: 83_500_000, memoryBytes: 182_452_224,
      memoryMaxBytes: 536_870_912, pids: 7, pidsMax: 256, ioReadBytes: 1_048_576, ioWriteBytes: 0)
  }
}
