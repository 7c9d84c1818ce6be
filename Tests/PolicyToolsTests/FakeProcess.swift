import PolicyTools
import Sandbox

/// A process made of a table: what lies at which address, and what its descriptors are.
struct FakeProcess: ObservedProcess {
  var memory: [UInt64: [UInt8]] = [:]
  var descriptors: [Int32: String] = [:]
  var directory: String? = "/work"
  var ids = ObservedIdentities(users: [33], groups: [33])

  func bytes(at address: UInt64, count: Int) -> [UInt8] { Array((memory[address] ?? []).prefix(count)) }
  func text(at address: UInt64) -> [UInt8]? {
    guard let bytes = memory[address] else { return nil }
    return Array(bytes.prefix { $0 != 0 })
  }
  func descriptor(_ number: Int32) -> String? { descriptors[number] }
  func workingDirectory() -> String? { directory }
  func identities() -> ObservedIdentities { ids }
}

/// A run that tests tell call by call.
struct FakeRun {
  var recorder: UseRecorder
  var process = FakeProcess()
  private var nextAddress: UInt64 = 0x1000

  init(held: Set<String> = [], refused: Set<String> = []) {
    let names = SystemCallNames.native
    recorder = UseRecorder(names: names, heldCapabilities: held) { number, _ in
      !refused.contains(names[Int(number)] ?? "")
    }
  }

  var use: ProgramUse { recorder.use }

  /// The address of a text in the process's memory.
  mutating func text(_ text: String) -> UInt64 { bytes(Array(text.utf8) + [0]) }

  mutating func bytes(_ bytes: [UInt8]) -> UInt64 {
    nextAddress += 0x1000
    process.memory[nextAddress] = bytes
    return nextAddress
  }

  mutating func call(_ name: String, _ arguments: [UInt64] = [], result: Int64 = 0) {
    guard let number = SystemCallNames.native.firstIndex(of: name) else { return }
    let whole = Array((arguments + [0, 0, 0, 0, 0, 0]).prefix(6))
    guard let pending = recorder.begin(number: UInt64(number), arguments: whole, in: process) else { return }
    recorder.end(pending, result: result, in: process)
  }

  mutating func open(_ path: String, flags: UInt64 = 0, result: Int64 = 3) {
    call("openat", [UInt64(bitPattern: -100), text(path), flags], result: result)
  }
}

/// `struct sockaddr_in`.
func internetAddress(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, port: UInt16) -> [UInt8] {
  [2, 0, UInt8(port >> 8), UInt8(port & 0xFF), a, b, c, d] + [UInt8](repeating: 0, count: 8)
}
