import Synchronization

/// A mutex that classes without further ado can hold.
final class Lock<Value: Sendable>: Sendable {
  private let mutex: Mutex<Value>

  init(_ value: Value) { mutex = Mutex(value) }

  func withLock<Result>(_ body: (inout Value) -> Result) -> Result where Result: Sendable {
    mutex.withLock { body(&$0) }
  }
}
