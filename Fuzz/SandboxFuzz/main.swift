import Faults
import Sandbox

/// libFuzzer's entry: the first byte of an input chooses a parser, the rest is its text.
///
/// A fault is a fine answer to any text; a trap, a hang or a broken promise is a finding.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  guard let choice = bytes.first else { return 0 }
  let text = Array(bytes.dropFirst())
  switch choice % 4 {
  case 0: profile(text)
  case 1, 2: users(text)
  default: status(text)
  }
  return 0
}

/// Whatever the decoder takes either compiles, and then means what it says, or is refused with a reason.
private func profile(_ text: [UInt8]) {
  do throws(Fault) {
    let profile = try OCISeccompProfile(json: text, file: "fuzz.json")
    let policy = try profile.policy(on: .init(kernel: .init(6, 1), capabilities: [.sysAdmin, .chown]))
    precondition(!policy.summary.isEmpty)
    let filter = try SeccompCompiler.compile(policy)
    precondition(filter.instructions.count <= BPFInstruction.maximumCount)
  } catch {
    precondition(error.code.rawValue.contains("."))
    precondition(error.code != .internalError)
    precondition(error.description.utf8.count < 4096)
  }
}

/// Nobody in a database is anybody beyond 65535, and every identity names its primary group.
private func users(_ text: [UInt8]) {
  let halves = text.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false).map(Array.init)
  let database = UserDatabase(passwd: halves.first ?? [], group: halves.count > 1 ? halves[1] : [])
  for user in database.users.prefix(16) {
    precondition(user.uid < UInt32.max && user.gid < UInt32.max && !user.name.isEmpty)
    do throws(Fault) {
      let identity = try database.resolve(user: user.name)
      precondition(identity.uid < 65_536 && identity.groups.allSatisfy { $0 < 65_536 })
      precondition(
        identity.groups.first == identity.gid && Set(identity.groups).count == identity.groups.count)
    } catch {
      precondition(error.code == .identityOutOfRange || error.code == .unknownIdentity)
    }
  }
}

private func status(_ text: [UInt8]) {
  do throws(Fault) {
    let status = try ProcessStatus(parsing: text)
    precondition(status.capabilities.description.utf8.count == 5 * (8 + 16) + 4)
  } catch {
    precondition(error.code == .malformedProcessStatus)
  }
}
