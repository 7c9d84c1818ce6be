import CLinux
import Faults
import Glibc
import Kernel

/// Runs Swift tasks and actors on the control server's own thread, between its events.
///
/// A call then goes from the socket to the supervisor and back without waking another thread, which costs more than
/// most calls do: 30 to 60 µs each time, and far more on a busy machine. What is enqueued on the thread itself is
/// run in its next round; what others enqueue wakes it.
final class LoopExecutor: SerialExecutor, TaskExecutor {
  private struct State {
    var jobs: [UnownedJob] = []
    /// The thread that runs the jobs, while it does.
    var thread: pthread_t?
  }

  private let state = Guarded(State())
  private let wakeup: OwnedDescriptor

  /// Readable while there may be jobs that its thread doesn't know of.
  var descriptor: Int32 { wakeup.rawValue }

  init() throws(Fault) {
    wakeup = OwnedDescriptor(
      owning: try systemCall("eventfd") { eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK)) })
  }

  func enqueue(_ job: UnownedJob) {
    let mustWake = state.withLock { state in
      state.jobs.append(job)
      guard let thread = state.thread else { return state.jobs.count == 1 }
      return state.jobs.count == 1 && pthread_equal(thread, pthread_self()) == 0
    }
    if mustWake { wake() }
  }

  func enqueue(_ job: consuming ExecutorJob) { enqueue(UnownedJob(job)) }

  /// Makes ``descriptor`` readable.
  func wake() {
    // The counter can't overflow: it is read before every round.
    _ = eventfd_write(wakeup.rawValue, 1)
  }

  /// Makes the calling thread the one that runs the jobs.
  func adopt() { state.withLock { $0.thread = pthread_self() } }

  /// Runs the jobs that are there now. Those that they bring forth wait for the next round, so that events come in
  /// between.
  ///
  /// - Returns: whether more are there.
  func runRound() -> Bool {
    let jobs = state.withLock { state in
      let jobs = state.jobs
      state.jobs = []
      return jobs
    }
    for job in jobs {
      job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
    }
    return state.withLock { !$0.jobs.isEmpty }
  }

  /// Forgets that it was woken; the next round finds all that came before.
  func acknowledge() {
    var count: eventfd_t = 0
    // EAGAIN: nobody has woken it.
    _ = eventfd_read(wakeup.rawValue, &count)
  }

  /// Runs jobs on the calling thread until `isDone` says so; whoever changes its answer has to ``wake()``.
  func run(until isDone: () -> Bool) throws(Fault) {
    adopt()
    while !isDone() {
      if runRound() { continue }
      var watched = pollfd(fd: wakeup.rawValue, events: Int16(POLLIN), revents: 0)
      if isDone() { break }
      try systemCall("poll") { poll(&watched, 1, -1) }
      acknowledge()
    }
    state.withLock { $0.thread = nil }
  }
}
