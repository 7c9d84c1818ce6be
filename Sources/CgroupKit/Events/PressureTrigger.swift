import Faults
import Glibc
import Kernel

extension PressureFile {
  /// Whose time counts for a trigger.
  public enum Scope: String, Sendable {
    /// Time in which at least one task waited.
    case some
    /// Time in which all tasks that weren't idle waited.
    case full
  }

  /// Wakes whenever more than `stall` is lost within `window`, without polling.
  ///
  /// ```swift
  /// let pressed = try group.memory.pressure.trigger(stall: .milliseconds(150), within: .seconds(2))
  /// for try await pressure in pressed { print(pressure.some?.average10 ?? 0) }
  /// ```
  ///
  /// The kernel raises a trigger once per window at most. Triggers that nobody has taken yet fall together. It keeps
  /// one descriptor.
  ///
  /// - Parameters:
  ///   - scope: whose time counts.
  ///   - stall: how much of the window, at most all of it.
  ///   - window: at most 10 seconds; before Linux 6.4 at least 0.5 seconds; without CAP_SYS_RESOURCE a multiple of
  ///     2 seconds.
  /// - Throws: `.invalidValue`, `.unsupportedOperation` where pressure isn't accounted, `.permissionDenied`,
  ///   `.groupGone`.
  public func trigger(
    _ scope: Scope = .some, stall: Microseconds, within window: Microseconds
  ) throws(Fault) -> PressureTrigger {
    try PressureTrigger(file: self, request: "\(scope.rawValue) \(stall) \(window)")
  }
}

/// Moments at which a group was short of something: see ``PressureFile/trigger(_:stall:within:)``.
///
/// Each element is the pressure as it was then. The sequence ends with the group, or when the task is cancelled. It
/// serves one iteration.
public struct PressureTrigger: AsyncSequence, Sendable {
  /// The pressure when the trigger fired.
  public typealias Element = Pressure
  /// Iteration throws a `Fault` where the file can't be read.
  public typealias Failure = Fault

  private let file: PressureFile
  private let subscription: Subscription

  init(file: PressureFile, request: String) throws(Fault) {
    self.file = file
    subscription = try Subscription(file: file, request: request)
  }

  /// Starts the one iteration that the sequence serves.
  public func makeAsyncIterator() -> Iterator {
    Iterator(file: file, subscription: subscription, signals: subscription.stream.makeAsyncIterator())
  }

  /// The iteration.
  public struct Iterator: AsyncIteratorProtocol {
    let file: PressureFile
    let subscription: Subscription
    var signals: AsyncStream<Void>.Iterator

    /// The pressure when the trigger fires next: see ``next(isolation:)``.
    public mutating func next() async throws(Fault) -> Pressure? { try await next(isolation: nil) }

    /// The pressure when the trigger fires next; `nil` at the group's end or when the task is cancelled.
    ///
    /// - Throws: `.unreadableText`, or whatever reading the file throws beyond `.groupGone`.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(Fault) -> Pressure? {
      guard await signals.next(isolation: actor) != nil else { return nil }
      do {
        return try file.read()
      } catch let fault where fault.code == .groupGone {
        return nil
      }
    }
  }

  /// An armed trigger: the kernel keeps it for as long as its descriptor is open.
  final class Subscription: Sendable {
    let stream: AsyncStream<Void>
    private let thread: EventThread
    private let descriptor: SharedDescriptor
    private let token: UInt64

    init(file: PressureFile, request: String) throws(Fault) {
      let group = file.group
      thread = try EventThread.shared()
      descriptor = SharedDescriptor(owning: try group.openFile(file.name, flags: O_RDWR | O_NONBLOCK))
      do {
        try group.write(request, to: descriptor.rawValue, path: group.filePath(file.name))
      } catch {
        throw Explanation.writing(error, value: request, file: file.name, of: group)
      }
      let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
      self.stream = stream
      token = try thread.watch(trigger: descriptor.rawValue, waking: continuation)
    }

    deinit { thread.end(trigger: descriptor.rawValue, token: token) }
  }
}
