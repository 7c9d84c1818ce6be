import CLinux
import Faults
import Glibc
import PolicyTools

extension Fault.Code {
  /// A program can't be watched.
  static let cannotTrace: Self = "isoctl.cannot-trace"
}

/// Watches a process and all that come from it by ptrace(2), and has a ``UseRecorder`` told of every system call.
///
/// Everything must happen on the thread that made it.
struct CallTracer {
  /// What has been seen.
  private(set) var recorder: UseRecorder
  /// How the process that was seized ended, as wait(2) has it; nil while it lives.
  private(set) var status: Int32?

  private let process: Int32
  private let firstIdentity: UInt32
  private struct Task {
    var pending: UseRecorder.PendingCall?
  }
  private var tasks: [Int32: Task]
  /// Whether the program has been executed: the held start's own calls aren't the program's.
  private(set) var hasStarted = false
  /// Called when the process is about to end, while its group still is there.
  private let ending: () -> UInt64?

  /// Seizes a process that has stopped itself.
  ///
  /// - Throws: `isoctl.cannot-trace`.
  init(
    _ process: Int32, recorder: UseRecorder, firstIdentity: UInt32, ending: @escaping () -> UInt64?
  ) throws(Fault) {
    guard clinux_trace_seize(process) == 0 else {
      let number = errno
      throw Fault(
        .cannotTrace, "the program can't be watched", systemCall: "ptrace", errno: ErrorNumber(number),
        mend: "run this as root, outside of a container; /proc/sys/kernel/yama/ptrace_scope must be below 3")
    }
    self.process = process
    self.recorder = recorder
    self.firstIdentity = firstIdentity
    self.ending = ending
    tasks = [process: Task()]
  }

  /// Whether anything is left to be watched.
  var isOver: Bool { tasks.isEmpty }

  /// Takes all news that there are; returns when there are none.
  mutating func advance() throws(Fault) {
    var news = clinux_trace_news()
    while true {
      guard clinux_trace_next(&news) == 0 else {
        guard errno != ECHILD else { return tasks.removeAll() }
        if errno == EINTR { continue }
        throw Fault(.systemCallFailed, "cannot wait for the program", systemCall: "waitpid", errno: ErrorNumber(errno))
      }
      let stop = clinux_trace_stop(UInt32(bitPattern: news.stop))
      if stop == CLINUX_TRACE_NOTHING { return }
      take(stop, news)
    }
  }

  private mutating func take(_ stop: clinux_trace_stop, _ news: clinux_trace_news) {
    let task = news.task
    if stop == CLINUX_TRACE_ENDED {
      tasks[task] = nil
      if task == process { status = news.value }
      return
    }
    if tasks[task] == nil {
      tasks[task] = Task()
      recorder.counted(tasks: tasks.count)
    }
    var signal: Int32 = 0
    switch stop {
    case CLINUX_TRACE_HALTED:
      // A program may stop itself for as long as it likes; the held start is to go on.
      _ = clinux_trace_listen(task)
      if !hasStarted { kill(task, SIGCONT) }
      return
    case CLINUX_TRACE_CALL: call(task)
    case CLINUX_TRACE_EXECUTED:
      hasStarted = true
      recorder.counted(tasks: tasks.count)
      recorder.executed(mapping: observed(task).mappedFiles())
    case CLINUX_TRACE_ENDING:
      if task == process, let memory = ending() { recorder.measured(memory: memory) }
    case CLINUX_TRACE_SIGNAL: signal = hasStarted || news.value != SIGCONT ? news.value : 0
    default: break
    }
    // It fails for a task that was killed meanwhile, of which wait(2) tells next.
    _ = clinux_trace_resume(task, signal)
  }

  private func observed(_ task: Int32) -> TracedProcess { TracedProcess(task: task, firstIdentity: firstIdentity) }

  private mutating func call(_ task: Int32) {
    var call = clinux_trace_call()
    guard hasStarted, clinux_trace_call(task, &call) == 0 else { return }
    switch UInt32(bitPattern: call.moment) {
    case CLINUX_TRACE_ENTRY.rawValue:
      let (first, second, third, fourth, fifth, sixth) = call.arguments
      let pending = recorder.begin(
        number: call.number, arguments: [first, second, third, fourth, fifth, sixth], in: observed(task))
      tasks[task]?.pending = pending
    case CLINUX_TRACE_EXIT.rawValue:
      guard let pending = tasks[task]?.pending else { return }
      tasks[task]?.pending = nil
      recorder.end(pending, result: call.result, in: observed(task))
    default: break
    }
  }
}
