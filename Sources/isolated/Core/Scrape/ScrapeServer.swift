import Dispatch
import Faults
import Kernel
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix

/// The scrape endpoint and the status page, on one thread of their own.
///
/// Nothing that goes wrong here stops the daemon: where it can't listen it says so, and tries again.
public final class ScrapeServer: Sendable {
  /// How it does.
  public enum State: Sendable, Equatable {
    /// Not configured to listen.
    case off
    /// Serving, on this address.
    case listening(ListenAddress)
    /// Not serving; the next attempt comes in so many seconds.
    case failing(Fault, retrySeconds: Int64)
  }

  private let loop: any EventLoop
  private let listener: NIOLoopBound<ScrapeListener>
  private let log: Logger

  /// Starts the thread, and with it the attempts to listen.
  ///
  /// Call it after the process's mount namespace was entered, for a thread stays in the one that it was born into.
  ///
  /// - Parameters:
  ///   - configuration: `metrics` of isolated.yaml.
  ///   - source: what is served.
  ///   - limits: the bounds on clients.
  ///   - log: hears of each change of the state.
  ///   - report: hears of it too, on the endpoint's thread.
  /// - Throws: `system.call-failed` where there can be no thread.
  public init(
    configuration: DaemonConfiguration.Metrics, source: any ScrapeSource, limits: ScrapeLimits = ScrapeLimits(),
    log: Logger, report: @escaping @Sendable (State) -> Void = { _ in }
  ) throws(Fault) {
    let started = Guarded<(any EventLoop, NIOLoopBound<ScrapeListener>)?>(nil)
    let isRunning = DispatchSemaphore(value: 0)
    Self.warn(of: configuration, log)
    try DedicatedThread.start(name: "scrape") {
      MultiThreadedEventLoopGroup.withCurrentThreadAsEventLoop { loop in
        let listener = ScrapeListener(
          loop: loop, configuration: configuration, limits: limits, make: Self.maker(source, loop)
        ) { state in
          Self.tell(state, log)
          report(state)
        }
        let bound = NIOLoopBound(listener, eventLoop: loop)
        started.withLock { $0 = (loop, bound) }
        isRunning.signal()
        listener.start()
      }
    }
    isRunning.wait()
    guard let (loop, listener) = started.withLock({ $0 }) else {
      throw Fault(.internalError, "the scrape endpoint's thread has no event loop")
    }
    self.loop = loop
    self.listener = listener
    self.log = log
  }

  /// Takes over a new configuration, or the new contents of the files that the old one names.
  ///
  /// - Throws: where a file can't be used; everything then stays as it was.
  public func reload(_ configuration: DaemonConfiguration.Metrics) throws(Fault) {
    let credentials = try ScrapeCredentials(configuration)
    Self.warn(of: configuration, log)
    let listener = listener
    loop.execute { listener.value.use(configuration, credentials) }
  }

  /// Closes all connections and ends the thread.
  public func stop() async {
    let listener = listener
    loop.execute { listener.value.stop() }
    await withCheckedContinuation { continuation in
      loop.shutdownGracefully { _ in continuation.resume() }
    }
  }

  private static func maker(_ source: any ScrapeSource, _ loop: any EventLoop) -> SharedAnswers.Maker {
    { resource, done in
      let done = NIOLoopBound(done, eventLoop: loop)
      Task {
        let made: SharedAnswers.Made
        switch resource {
        case .exposition(let format): made = (.ok, await source.exposition(format))
        case .status: made = (.ok, await source.status())
        case .readiness:
          let reason = await source.unreadiness()
          made = reason.map { (.serviceUnavailable, Array("\($0)\n".utf8)) } ?? (.ok, Array("ready\n".utf8))
        }
        loop.execute { done.value(made) }
      }
    }
  }

  private static func tell(_ state: State, _ log: Logger) {
    switch state {
    case .off: log.info("no scrape endpoint")
    case .listening(let address): log.info("serving metrics", metadata: ["address": "\(address)"])
    case .failing(let fault, let seconds):
      log.error("metrics aren't served", metadata: ["fault": "\(fault)", "retry_seconds": "\(seconds)"])
    }
  }

  private static func warn(of configuration: DaemonConfiguration.Metrics, _ log: Logger) {
    guard let address = configuration.listen.value, !address.isLoopback else { return }
    let warning: Logger.Message? =
      switch (configuration.tls != nil, configuration.tokenFile != nil) {
      case (true, true): nil
      case (true, false): "everybody who reaches the scrape endpoint may read it: metrics.token_file isn't set"
      case (false, true): "the scrape endpoint's token crosses the network unencrypted: metrics.tls isn't set"
      case (false, false):
        "the scrape endpoint is open to the network: neither metrics.tls nor metrics.token_file is set"
      }
    if let warning { log.warning(warning, metadata: ["address": "\(address)"]) }
  }
}
