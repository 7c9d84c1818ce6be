import Faults

/// A watch over some files of a group, and over the group's own removal: a stream of wake-ups without content.
///
/// Wake-ups that nobody has taken yet fall together, so a busy group can't fill a slow listener's memory.
final class FileWatch: Sendable {
  private let thread: EventThread
  private let registrations: [EventThread.Registration]
  private let stream: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation

  /// Starts to watch: what changes from here on causes a wake-up.
  init(_ group: Cgroup, files: [String]) throws(Fault) {
    thread = try EventThread.shared()
    (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    var registrations: [EventThread.Registration] = []
    do {
      try Self.register(group, files, thread, waking: continuation, &registrations)
    } catch {
      for registration in registrations { thread.end(registration) }
      throw error
    }
    self.registrations = registrations
  }

  private static func register(
    _ group: Cgroup, _ files: [String], _ thread: EventThread,
    waking continuation: AsyncStream<Void>.Continuation,
    _ registrations: inout [EventThread.Registration]
  ) throws(Fault) {
    for file in files {
      do {
        registrations.append(try thread.watch(file: file, of: group, waking: continuation))
      } catch {
        throw Explanation.reading(error, file: file, of: group)
      }
    }
    if let name = try group.entry()?.name {
      registrations.append(try thread.watchRemoval(of: group, name: name, waking: continuation))
    }
    guard !group.isGone else {
      throw Fault(.groupGone, "the group was removed", path: group.path, mend: "create it again")
    }
  }

  deinit {
    for registration in registrations { thread.end(registration) }
    continuation.finish()
  }

  /// The wake-ups. A watch serves one iteration.
  func makeIterator() -> AsyncStream<Void>.Iterator { stream.makeAsyncIterator() }

  /// Ends the stream of wake-ups after a while, unless the task that this gives is cancelled before.
  func finish(after limit: Duration) -> Task<Void, Never> {
    let continuation = continuation
    return Task {
      do {
        try await Task.sleep(for: limit)
        continuation.finish()
      } catch {
        // Cancelled: whoever waited is done.
      }
    }
  }
}
