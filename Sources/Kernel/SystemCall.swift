import Faults
import Glibc

/// Runs a system call that answers -1 and `errno` on failure, and turns the failure into a ``Fault``.
///
/// This is the one place where EINTR is handled: an interrupted call is made again.
///
/// - Parameters:
///   - name: the call's name for the message, for example `openat2`.
///   - path: what it was about.
///   - message: what failed, for people; by default that the call did.
///   - body: makes the call.
/// - Returns: the call's result, never negative.
@discardableResult
public func systemCall<Result: FixedWidthInteger & SignedInteger>(
  _ name: StaticString, path: @autoclosure () -> String? = nil, message: @autoclosure () -> String? = nil,
  _ body: () -> Result
) throws(Fault) -> Result {
  while true {
    let result = body()
    if result >= 0 { return result }
    let number = errno
    if number == EINTR { continue }
    throw Fault(
      .systemCallFailed, message() ?? "a system call failed", systemCall: "\(name)", path: path(),
      errno: ErrorNumber(number))
  }
}
