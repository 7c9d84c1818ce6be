import Faults
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Where the endpoint listens, and whether it does. Confined to one event loop.
final class ScrapeListener {
  private let loop: any EventLoop
  private let site: ScrapeSite
  private let report: (ScrapeServer.State) -> Void
  private var configuration: DaemonConfiguration.Metrics
  private var credentials: ScrapeCredentials?
  private var channel: (any Channel)?
  private var retry: Scheduled<Void>?
  private var failures = 0
  /// Rises whenever what is under way has become pointless.
  private var generation = 0

  init(
    loop: any EventLoop, configuration: DaemonConfiguration.Metrics, limits: ScrapeLimits,
    make: @escaping SharedAnswers.Maker, report: @escaping (ScrapeServer.State) -> Void
  ) {
    self.loop = loop
    self.configuration = configuration
    self.report = report
    site = ScrapeSite(
      rules: ScrapeRules(token: nil, checksHost: true), limits: limits, now: { loop.now }, make: make)
  }

  /// Listens, or tries to again and again: a missing certificate or a port that is taken never stops the daemon.
  func start() {
    guard let address = configuration.listen.value else { return report(.off) }
    let credentials: ScrapeCredentials
    do throws(Fault) {
      credentials = try ScrapeCredentials(configuration)
    } catch {
      return fail(error)
    }
    use(credentials)
    let socketAddress: SocketAddress
    do {
      socketAddress = try SocketAddress(ipAddress: address.ipAddress, port: Int(address.port))
    } catch {
      return fail(Fault(.cannotListen, "not an address: \(error)", path: "\(address)"))
    }
    let generation = generation
    let listener = NIOLoopBound(self, eventLoop: loop)
    bootstrap().bind(to: socketAddress).hop(to: loop).whenComplete { result in
      listener.value.didBind(result, to: address, generation: generation)
    }
  }

  /// Takes over another configuration. Connections that are open stay unless the address changed; a token counts
  /// from the next request on, a certificate from the next connection.
  ///
  /// - Parameter credentials: read from the configuration's files.
  func use(_ configuration: DaemonConfiguration.Metrics, _ credentials: ScrapeCredentials) {
    let isSameAddress = configuration.listen == self.configuration.listen
    self.configuration = configuration
    use(credentials)
    if isSameAddress, channel != nil { return }
    stop()
    failures = 0
    start()
  }

  /// Closes what is open.
  func stop() {
    generation += 1
    retry?.cancel()
    retry = nil
    channel?.close(promise: nil)
    channel = nil
    site.connections.abortAll()
  }

  private func use(_ credentials: ScrapeCredentials) {
    self.credentials = credentials
    site.rules = ScrapeRules(
      token: credentials.token,
      checksHost: credentials.token == nil && configuration.listen.value.map(\.isLoopback) ?? true)
  }

  private func didBind(_ result: Result<any Channel, any Error>, to address: ListenAddress, generation: Int) {
    switch result {
    case .success(let channel):
      guard generation == self.generation else { return channel.close(promise: nil) }
      self.channel = channel
      failures = 0
      var bound = address
      if let port = channel.localAddress?.port { bound.port = UInt16(clamping: port) }
      report(.listening(bound))
    case .failure(let error):
      guard generation == self.generation else { return }
      let number = (error as? IOError)?.errnoCode
      fail(
        Fault(
          .cannotListen, number == nil ? "cannot listen for scrapes: \(error)" : "cannot listen for scrapes",
          systemCall: "bind", path: "\(address)", errno: number.map { ErrorNumber($0) },
          position: configuration.listen.position, mend: "free the port, or set metrics.listen in isolated.yaml"))
    }
  }

  /// Tells of it, and tries again in 1, 2, 4 … 32 s.
  private func fail(_ fault: Fault) {
    let seconds = Int64(1) << min(failures, 5)
    failures += 1
    report(.failing(fault, retrySeconds: seconds))
    retry = loop.assumeIsolated().scheduleTask(in: .seconds(seconds)) { [weak self] in self?.start() }
  }

  private func bootstrap() -> ServerBootstrap {
    let listener = NIOLoopBound(self, eventLoop: loop)
    let limits = site.limits
    return ServerBootstrap(group: loop)
      .serverChannelOption(.backlog, value: 256)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(AcceptRelief(site: listener.value.site))
        }
      }
      .childChannelOption(.maxMessagesPerRead, value: 1)
      .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 8 << 10))
      .childChannelOption(.socketOption(.so_sndbuf), value: SocketOptionValue(limits.sendBufferBytes))
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try listener.value.configure(channel) }
      }
  }

  private func configure(_ channel: any Channel) throws {
    let tls = credentials?.tls.map { NIOSSLServerHandler(context: $0) }
    try site.configure(channel.pipeline.syncOperations, tls: tls)
  }
}

/// Stands at the listening socket: where the process has no descriptor left, gives one of ours back and waits a
/// moment, instead of asking again at once and for ever.
private final class AcceptRelief: ChannelDuplexHandler {
  typealias InboundIn = any Channel
  typealias OutboundIn = any Channel

  private let site: ScrapeSite
  private var isResting = false

  init(site: ScrapeSite) { self.site = site }

  func read(context: ChannelHandlerContext) {
    if !isResting { context.read() }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard !isResting else { return }
    isResting = true
    site.connections.evict()
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    context.eventLoop.scheduleTask(in: .milliseconds(100)) {
      let (handler, context) = bound.value
      handler.isResting = false
      context.read()
    }
  }
}
