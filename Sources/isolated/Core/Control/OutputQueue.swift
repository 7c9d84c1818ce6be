import ControlProtocol
import Faults
import Glibc
import Kernel

/// Answers that the kernel didn't take yet, in order.
struct OutputQueue {
  private var replies: [ControlReply] = []
  private var first = 0
  /// How many bytes of the first answer the kernel has taken.
  private var sent = 0
  /// How many bytes wait.
  private(set) var byteCount = 0

  var isEmpty: Bool { byteCount == 0 }

  mutating func append(_ reply: ControlReply) {
    replies.append(reply)
    byteCount += reply.frame.count
  }

  /// Sends what the kernel takes without blocking.
  ///
  /// - Returns: whether it took anything.
  /// - Throws: `system.call-failed` when the peer is gone.
  mutating func flush(to socket: Int32) throws(Fault) -> Bool {
    var progress = false
    while first < replies.count {
      let reply = replies[first]
      do throws(Fault) {
        let count = try Self.send(reply, from: sent, to: socket)
        progress = progress || count > 0
        sent += count
        byteCount -= count
      } catch  where error.errno?.number == EAGAIN {
        return progress
      }
      guard sent == reply.frame.count else { continue }
      sent = 0
      first += 1
      // What is moved is never more than what is dropped, so the cost stays linear.
      if first * 2 >= replies.count {
        replies.removeFirst(first)
        first = 0
      }
    }
    return progress
  }

  /// Sends a piece of an answer, from `offset` on; the descriptors go with the first byte.
  private static func send(_ reply: ControlReply, from offset: Int, to socket: Int32) throws(Fault) -> Int {
    let descriptors = offset == 0 ? reply.descriptors : []
    return try reply.frame.withUnsafeBytes { bytes in
      Result { () throws(Fault) in
        try MessageSocket.send(
          UnsafeRawBufferPointer(rebasing: bytes[offset...]), descriptors: descriptors, to: socket,
          flags: Int32(MSG_DONTWAIT))
      }
    }.get()
  }
}
