import Dispatch
import Faults
import Glibc
import Kernel

/// A few threads for work that blocks in the kernel, so that it never stalls the pool that everything else runs on.
final class BlockingThreads: Sendable {
  private let queue: Guarded<[@Sendable () -> Void]>
  private let wakeups: DispatchSemaphore

  /// Starts `count` threads, which live as long as the process.
  ///
  /// - Parameter name: what `ps -L` shows, before a number.
  init(count: Int, name: String = "launch") throws(Fault) {
    queue = Guarded([])
    wakeups = DispatchSemaphore(value: 0)
    for index in 0..<count {
      let threads = self
      try DedicatedThread.start(name: "\(name)-\(index)") { threads.work() }
    }
  }

  /// Runs `body` on one of the threads and answers what it does.
  func run<Result: Sendable>(_ body: @escaping @Sendable () throws(Fault) -> Result) async throws(Fault)
    -> Result
  {
    let outcome: Swift.Result<Result, Fault> = await answer {
      do throws(Fault) {
        return .success(try body())
      } catch {
        return .failure(error)
      }
    }
    return try outcome.get()
  }

  /// Runs `body`, which can't fail, on one of the threads and answers what it returns.
  func answer<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
      queue.withLock { queue in queue.append { continuation.resume(returning: body()) } }
      wakeups.signal()
    }
  }

  private func work() -> Never {
    while true {
      wakeups.wait()
      let job = queue.withLock { $0.isEmpty ? nil : $0.removeFirst() }
      job?()
    }
  }
}
