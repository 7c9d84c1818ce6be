import NIOCore
import NIOHTTP1

/// An answer that was made, shared by all who asked for it meanwhile.
final class HeldAnswer {
  /// Rises with each answer.
  let number: UInt64
  let status: HTTPResponseStatus
  let contentType: String
  let body: ByteBuffer
  let madeAt: NIODeadline

  init(number: UInt64, status: HTTPResponseStatus, contentType: String, body: ByteBuffer, madeAt: NIODeadline) {
    self.number = number
    self.status = status
    self.contentType = contentType
    self.body = body
    self.madeAt = madeAt
  }
}
