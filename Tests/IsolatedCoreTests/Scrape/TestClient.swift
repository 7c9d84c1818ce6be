import Kernel
import NIOCore
import NIOPosix
import NIOSSL

/// A TCP or TLS client that sends what it is told and keeps what comes.
final class TestClient: Sendable {
  private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

  private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    let received: Guarded<[UInt8]>

    init(_ received: Guarded<[UInt8]>) { self.received = received }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let bytes = unwrapInboundIn(data).readableBytesView
      received.withLock { $0 += bytes }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
  }

  private let channel: any Channel
  private let received: Guarded<[UInt8]>

  /// - Parameters:
  ///   - tls: trusts what, or nil for plain TCP.
  ///   - reads: whether it takes what comes off the socket.
  init(port: UInt16, tls: NIOSSLContext? = nil, reads: Bool = true) async throws {
    let received = Guarded([UInt8]())
    self.received = received
    channel = try await ClientBootstrap(group: Self.group).channelOption(.autoRead, value: reads)
      .channelOption(.socketOption(.so_rcvbuf), value: reads ? 1 << 20 : 4096)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls {
            try channel.pipeline.syncOperations.addHandler(
              NIOSSLClientHandler(context: tls, serverHostname: "localhost"))
          }
          try channel.pipeline.syncOperations.addHandler(Collector(received))
        }
      }
      .connect(to: SocketAddress(ipAddress: "127.0.0.1", port: Int(port))).get()
  }

  var isOpen: Bool { channel.isActive }

  var text: String { String(decoding: received.withLock { $0 }, as: UTF8.self) }

  /// How many `~` have come: the source's expositions are made of them.
  var tildes: Int { received.withLock { bytes in bytes.count { $0 == UInt8(ascii: "~") } } }

  /// Sends; that the peer has closed meanwhile shows in what comes.
  func send(_ text: String) { channel.writeAndFlush(ByteBuffer(string: text), promise: nil) }

  func close() { channel.close(promise: nil) }

  /// Waits until the peer has closed, and answers what it sent.
  func untilClosed() async -> String {
    await wait { !self.isOpen }
    return text
  }

  private static func pause() async {
    await withCheckedContinuation { continuation in
      group.next().scheduleTask(in: .milliseconds(10)) { continuation.resume() }
    }
  }

  /// Waits for a condition; half a minute is more than any of these tests may take.
  func wait(until condition: () -> Bool) async {
    for _ in 0..<3000 {
      if condition() { return }
      await Self.pause()
    }
  }
}
