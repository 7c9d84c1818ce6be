import NIOCore
import NIOHTTP1

/// Stands before the HTTP decoder, whose own bounds leave out the request line: lets no endless head through, and
/// nothing at all once the connection is on its way to its end.
final class HeadGuard: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let mostBytes: Int
  private var bytes = 0
  /// Whether what comes is thrown away.
  var isShut = false

  /// - Parameter mostBytes: of a head.
  init(mostBytes: Int) { self.mostBytes = mostBytes }

  /// To be told of each head that is complete.
  func headIsComplete() { bytes = 0 }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isShut else { return }
    let count = unwrapInboundIn(data).readableBytes
    guard bytes <= mostBytes else {
      isShut = true
      // In the parser's words, since the pipelining handler lets only those be answered.
      context.fireErrorCaught(HTTPParserError.headerOverflow)
      return
    }
    bytes += count
    context.fireChannelRead(data)
  }
}
