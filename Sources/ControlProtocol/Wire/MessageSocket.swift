import CLinux
import Faults
import Glibc
import Kernel

/// Bytes and descriptors over a connected UNIX stream socket.
public enum MessageSocket {
  /// The most descriptors that one call here carries.
  public static let descriptorMaximum = Int(CLINUX_SCM_RIGHTS_MAXIMUM)

  /// What one recvmsg(2) brought.
  public struct Received: Sendable {
    /// How many bytes; 0 at the end of the stream.
    public var count: Int
    /// The descriptors, close-on-exec.
    public var descriptors: [SharedDescriptor]
    /// Whether the sender attached more than were asked for; the rest are closed.
    public var truncated: Bool
  }

  /// Receives what is there, up to the buffer's size.
  ///
  /// - Parameters:
  ///   - socket: the connected socket.
  ///   - buffer: where the bytes go.
  ///   - descriptorLimit: the most descriptors to take, at most ``descriptorMaximum``; more are closed.
  ///   - flags: recvmsg(2)'s.
  /// - Throws: `system.call-failed`; EAGAIN is among its error numbers.
  public static func receive(
    from socket: Int32, into buffer: UnsafeMutableRawBufferPointer, descriptorLimit: Int = 8, flags: Int32 = 0
  ) throws(Fault) -> Received {
    var numbers = [Int32](repeating: -1, count: max(descriptorLimit, 0))
    var taken = 0
    var truncated: Int32 = 0
    let count = try systemCall("recvmsg", message: "cannot receive a message") {
      clinux_scm_rights_receive(
        socket, buffer.baseAddress, buffer.count, &numbers, numbers.count, &taken, &truncated, flags)
    }
    let descriptors = numbers.prefix(taken).map { SharedDescriptor(owning: $0) }
    return Received(count: count, descriptors: descriptors, truncated: truncated != 0)
  }

  /// Sends bytes, with descriptors attached to the first of them, and never raises SIGPIPE.
  ///
  /// - Returns: how many bytes the kernel took. When it took any, it took all descriptors.
  /// - Throws: `system.call-failed`; EAGAIN and EPIPE are among its error numbers.
  public static func send(
    _ bytes: UnsafeRawBufferPointer, descriptors: [SharedDescriptor] = [], to socket: Int32, flags: Int32 = 0
  ) throws(Fault) -> Int {
    let numbers = descriptors.map(\.rawValue)
    let count = try systemCall("sendmsg", message: "cannot send a message") {
      clinux_scm_rights_send(socket, bytes.baseAddress, bytes.count, numbers, numbers.count, flags)
    }
    withExtendedLifetime(descriptors) {}
    return count
  }
}
