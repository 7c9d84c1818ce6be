import Faults
import Glibc
import Kernel

/// Runs blocking work on a thread of its own: Swift's pool has as many threads as the machine has cores.
func onOwnThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    let job = ThreadJob { continuation.resume(with: Result { try work() }) }
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { pointer in
        guard let pointer else { return nil }
        Unmanaged<ThreadJob>.fromOpaque(pointer).takeRetainedValue().run()
        return nil
      }, Unmanaged.passRetained(job).toOpaque())
    if status == 0 { pthread_detach(thread) } else { job.run() }
  }
}

private final class ThreadJob: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// A directory that is removed with all its plain files.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws(Fault) {
    var template = Array("/tmp/isolated-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Fault(.internalError, "mkdtemp failed") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  var files: [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  func write(_ name: String, _ bytes: [UInt8]) throws(Fault) {
    let descriptor = try systemCall("open", path: name) {
      open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    }
    let file = OwnedDescriptor(owning: descriptor)
    let count = try systemCall("write") {
      bytes.withUnsafeBytes { Glibc.write(file.rawValue, $0.baseAddress, $0.count) }
    }
    guard count == bytes.count else { throw Fault(.internalError, "short write") }
  }

  func read(_ name: String) throws(Fault) -> [UInt8] {
    let file = OwnedDescriptor(
      owning: try systemCall("open", path: name) { open("\(path)/\(name)", O_RDONLY | O_CLOEXEC) })
    return try readToEnd(file.rawValue)
  }

  deinit {
    for name in files { unlink("\(path)/\(name)") }
    rmdir(path)
  }
}

func readToEnd(_ descriptor: Int32) throws(Fault) -> [UInt8] {
  var contents: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = try systemCall("read") {
      buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
    }
    if count == 0 { return contents }
    contents += buffer[..<count]
  }
}

/// How a program ended and what it wrote to its standard output and error together.
struct ProgramResult: Sendable {
  var exitStatus: Int32?
  var signal: Int32?
  var output: String
}

/// Runs a program found on PATH to its end, with /dev/null as its input.
func runProgram(_ arguments: [String]) throws(Fault) -> ProgramResult {
  var ends: [Int32] = [-1, -1]
  try systemCall("pipe") { pipe(&ends) }
  let output = OwnedDescriptor(owning: ends[0])
  let input = OwnedDescriptor(owning: ends[1])
  _ = fcntl(output.rawValue, F_SETFD, FD_CLOEXEC)
  _ = fcntl(input.rawValue, F_SETFD, FD_CLOEXEC)
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
  posix_spawn_file_actions_adddup2(&actions, input.rawValue, 1)
  posix_spawn_file_actions_adddup2(&actions, input.rawValue, 2)
  var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
  defer { for pointer in pointers { free(pointer) } }
  var process = pid_t()
  let status = posix_spawnp(&process, arguments.first ?? "", &actions, nil, &pointers, environ)
  guard status == 0 else {
    throw Fault(
      .systemCallFailed, "cannot start \(arguments.first ?? "")", systemCall: "posix_spawnp",
      errno: ErrorNumber(status))
  }
  close(input.release())
  let text = try readToEnd(output.rawValue)
  var ending: Int32 = 0
  try systemCall("waitpid") { waitpid(process, &ending, 0) }
  let signal = ending & 0x7F
  return ProgramResult(
    exitStatus: signal == 0 ? (ending >> 8) & 0xFF : nil, signal: signal == 0 ? nil : signal,
    output: String(decoding: text, as: UTF8.self))
}
