import Faults
import Policy
import PolicyTools
import Sandbox

/// libFuzzer's entry: the bytes are a traced program's calls, their arguments and results, and its memory.
///
/// Whatever a program does while it is learnt from, a policy comes out that the decoder takes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  var tape = Tape(bytes: Array(UnsafeBufferPointer(start: start, count: count)))
  var recorder = UseRecorder(
    names: SystemCallNames.native, heldCapabilities: ["CAP_SETUID", "CAP_CHOWN", "CAP_KILL"]
  ) { number, _ in number % 7 != 3 }
  while !tape.isAtEnd {
    let process = Puppet(tape: tape)
    let number = tape.next() % 480
    let arguments = (0..<6).map { _ in tape.next() % 3 == 0 ? tape.wide() : tape.next() }
    guard let call = recorder.begin(number: number, arguments: arguments, in: process) else { continue }
    let result = tape.next()
    recorder.end(call, result: result < 200 ? Int64(result) : -Int64(result - 199), in: process)
  }
  recorder.executed(mapping: [tape.text()])
  let setup = LearntPolicy.Setup(
    tenant: LearntPolicy.tenantName(for: tape.text()), command: ["/bin/" + tape.safeText(), tape.safeText()],
    user: "nobody", group: nil, directory: "/", environment: [:],
    base: .init(directory: nil, configuration: ["passwd"], temporary: ["/run"]), hadNetwork: true,
    capabilities: [.setuid, .chown, .kill], allowedCalls: [], stopSignal: "SIGTERM")
  let learnt = LearntPolicy(recorder.use, setup) { path in
    HostFile(
      kind: path.utf8.count % 3 == 0 ? .file : .directory, mode: path.utf8.count % 5 == 0 ? 0o640 : 0o755,
      user: UInt32(path.utf8.count % 2))
  }
  do throws(PolicyErrors) {
    let policy = try PolicyDocument.parse(text: learnt.text, file: "learnt.yaml")
    precondition(policy.seccomp.unknownNames.isEmpty)
    precondition(policy.seccomp.only?.count == learnt.calls.count)
    _ = PolicyLint.findings(in: policy, profile: .standard())
  } catch {
    // Long paths by the dozen are more than a policy can hold.
    if error.faults.allSatisfy({ $0.code.rawValue == "policy.too-long" }) { return 0 }
    preconditionFailure("\(error)\n\(learnt.text)")
  }
  return 0
}

/// Bytes that are read one after the other; 0 from their end on.
private struct Tape {
  let bytes: [UInt8]
  var place = 0
  var isAtEnd: Bool { place >= bytes.count }

  mutating func next() -> UInt64 {
    guard !isAtEnd else { return 0 }
    place += 1
    return UInt64(bytes[place - 1])
  }

  mutating func wide() -> UInt64 { (0..<8).reduce(0) { value, _ in value << 8 | next() } }

  mutating func text() -> String {
    let length = Int(next() % 32)
    return String(decoding: (0..<length).map { _ in UInt8(next()) }, as: UTF8.self)
  }

  /// A text that a policy may hold.
  mutating func safeText() -> String {
    let letters = Array("abcXYZ019._-:#'\"\\ {}[],&*!|>%@`~=".utf8)
    let length = Int(next() % 16) + 1
    return "x" + String(decoding: (0..<length).map { _ in letters[Int(next()) % letters.count] }, as: UTF8.self)
  }
}

/// A process whose memory is the rest of the tape, wherever one looks.
private struct Puppet: ObservedProcess {
  var tape: Tape

  private func piece(_ place: UInt64, _ count: Int) -> [UInt8] {
    let rest = tape.bytes.dropFirst(tape.place + Int(place % 64))
    return Array(rest.prefix(count))
  }

  func bytes(at address: UInt64, count: Int) -> [UInt8] { piece(address, count) }
  func text(at address: UInt64) -> [UInt8]? {
    let bytes = piece(address, 4095).prefix { $0 != 0 }
    return address % 5 == 0 ? nil : (address % 2 == 0 ? [47] : []) + bytes
  }
  func descriptor(_ number: Int32) -> String? {
    number % 3 == 0 ? "socket:[\(number)]" : number % 3 == 1 ? "/srv/\(number)" : nil
  }
  func workingDirectory() -> String? { "/work" }
  func identities() -> ObservedIdentities { ObservedIdentities(users: [33], groups: [33]) }
}
