import Faults
import Kernel

/// What the supervisor's work waits for without holding up anybody else's.
extension Supervisor {
  /// Lets time pass. Nothing cancels the work that asks for it; should that come to be, the log tells, and the work goes
  /// on at once rather than never.
  func pause(for duration: Duration, waitingFor purpose: String) async {
    do {
      try await Task.sleep(for: duration)
    } catch {
      parts.log.error("cannot wait", metadata: ["for": "\(purpose)", "fault": "\(error)"])
    }
  }

  /// Waits until a descriptor can be read: of a pidfd, until its process has ended.
  func untilReadable(_ descriptor: SharedDescriptor) async throws(Fault) {
    let fault: Fault? = await withCheckedContinuation { continuation in
      do throws(Fault) {
        try parts.exits.watch(descriptor) { continuation.resume(returning: nil) }
      } catch {
        continuation.resume(returning: error)
      }
    }
    if let fault { throw fault }
  }
}
