import Faults
import Policy

/// libFuzzer's entry: one input is one document. Beside traps and memory errors, it looks for refusals that a
/// person couldn't use, and for accepted policies that don't mean the same in every place of a file.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  do throws(PolicyErrors) {
    let policy = try PolicyDocument.parse(bytes: bytes, file: "f")
    checkRendering(of: policy)
    checkMoved(policy, bytes)
  } catch {
    check(error, bytes)
  }
  return 0
}

private func check(_ errors: PolicyErrors, _ bytes: [UInt8]) {
  guard !errors.faults.isEmpty else { fatalError("refused without a fault") }
  let lines = bytes.count { $0 == 10 || $0 == 13 } + 1
  for fault in errors.faults {
    guard fault.code.rawValue.hasPrefix("policy."), !fault.message.isEmpty else { fatalError("\(fault)") }
    guard let position = fault.position, position.file == "f" else { fatalError("no position: \(fault)") }
    guard (1...lines + 1).contains(position.line), (1...bytes.count + 1).contains(position.column) else {
      fatalError("a position outside the text: \(fault)")
    }
    guard fault.description.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 }) else {
      fatalError("control characters in a message: \(fault)")
    }
  }
}

/// Quantities render to text that parses back to them.
private func checkRendering(of policy: TenantPolicy) {
  checkRoundTrip(policy.memory.max.value)
  if let span = policy.cpu.burst?.value { checkRoundTrip(span) }
  if let list = policy.cpu.cpus?.value { checkRoundTrip(list) }
  if let share = policy.cpu.uclamp.max?.value { checkRoundTrip(share) }
  if let rate = policy.logs.rate?.value { checkRoundTrip(rate) }
}

private func checkRoundTrip<Value: Quantity>(_ value: Value) {
  guard let again = try? Value(parsing: value.description), again == value else {
    fatalError("\(value) doesn't parse back")
  }
}

/// A comment in front changes nothing but the lines.
private func checkMoved(_ policy: TenantPolicy, _ bytes: [UInt8]) {
  let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
  let moved = Array("# moved\n".utf8) + (hasMark ? bytes.dropFirst(3) : bytes[...])
  guard moved.count <= 1 << 16 else { return }
  do throws(PolicyErrors) {
    let again = try PolicyDocument.parse(bytes: moved, file: "f")
    guard again == policy else { fatalError("a comment changed the policy") }
    guard again.tenant.position?.line == policy.tenant.position.map({ $0.line + 1 }) else {
      fatalError("a comment changed more than the line")
    }
  } catch {
    fatalError("a comment got the policy refused: \(error)")
  }
}
