import Glibc
import NIOCore

/// The handler nearest to the socket: sees that bytes come, and can end the connection past all that TLS would still
/// like to say.
final class ConnectionGate: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  /// Hears that something came.
  var didReceive: () -> Void = {}
  private var context: ChannelHandlerContext?

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
    didReceive = {}
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    didReceive()
    context.fireChannelRead(data)
  }

  /// Closes at once. What the peer hasn't read is thrown away, in the kernel too, instead of being kept for a peer
  /// that doesn't read: socket(7), SO_LINGER.
  func abort() {
    guard let context else { return }
    if let socket = context.channel as? any SocketOptionProvider {
      // Where this fails the kernel keeps its buffer for a while, no more.
      socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in }
    }
    context.close(promise: nil)
  }
}
