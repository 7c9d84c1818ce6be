import Dispatch
import Faults
import Glibc
import Kernel

/// A few threads for work that blocks in the kernel, so that it never stalls the pool that everything else runs on.
final class BlockingThreads: Sendable {
  private let queue: Guarded<[@Sendable () -> Void]>
  private let wakeups: DispatchSemaphore

  /// Starts `count` threads, which live as long as the process.
  init(count: Int) throws(Fault) {
    queue = Guarded([])
    wakeups = DispatchSemaphore(value: 0)
    for index in 0..<count {
      let threads = self
      try DedicatedThread.start(name: "launch-\(index)") { threads.work() }
    }
  }

  /// Runs `body` on one of the threads and answers what it does.
  func run<Result: Sendable>(_ body: @escaping @Sendable () throws(Fault) -> Result) async throws(Fault)
    -> Result
  {
    let outcome: Swift.Result<Result, Fault> = await withCheckedContinuation { continuation in
      queue.withLock { queue in
        queue.append {
          do throws(Fault) {
            continuation.resume(returning: .success(try body()))
          } catch {
            continuation.resume(returning: .failure(error))
          }
        }
      }
      wakeups.signal()
    }
    return try outcome.get()
  }

  private func work() -> Never {
    while true {
      wakeups.wait()
      let job = queue.withLock { $0.isEmpty ? nil : $0.removeFirst() }
      job?()
    }
  }
}
