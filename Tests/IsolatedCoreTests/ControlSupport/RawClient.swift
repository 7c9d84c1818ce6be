import ControlProtocol
import Faults
import Glibc
import Kernel

/// A client that sends whatever bytes a test wants. Its calls block, for at most ten seconds each.
final class RawClient: Sendable {
  let socket: SharedDescriptor

  init(path: String) throws {
    let number = try systemCall("socket") {
      Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    }
    socket = SharedDescriptor(owning: number)
    var patience = timeval(tv_sec: 120, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      try systemCall("setsockopt") {
        setsockopt(number, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
      }
    }
    try UnixAddress.with(path: path) { address, length throws(Fault) in
      try systemCall("connect", path: path) { connect(number, address, length) }
    }
  }

  /// Sends text as it stands; a `\0` in it ends a frame.
  func send(_ text: String, descriptors: [SharedDescriptor] = []) throws {
    try send(Array(text.utf8), descriptors: descriptors)
  }

  func send(_ bytes: [UInt8], descriptors: [SharedDescriptor] = []) throws {
    var sent = 0
    while sent < bytes.count {
      sent += try bytes.withUnsafeBytes { buffer in
        try MessageSocket.send(
          UnsafeRawBufferPointer(rebasing: buffer[sent...]), descriptors: sent == 0 ? descriptors : [],
          to: socket.rawValue)
      }
    }
  }

  func finishSending() { _ = shutdown(socket.rawValue, Int32(SHUT_WR)) }

  /// Reads until `count` frames have come or the stream has ended, and returns the frames.
  func frames(_ count: Int) throws -> [String] {
    var left = count
    return try frames { _ in
      left -= 1
      return left == 0
    }
  }

  /// Reads up to a frame that is the last, or to the end of the stream. What came with that frame is returned as well.
  func frames(until isLast: (String) -> Bool) throws -> [String] {
    var decoder = FrameDecoder(limit: 64 << 20)
    var frames: [String] = []
    var isDone = false
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer { buffer.deallocate() }
    while !isDone {
      let received: Int
      do throws(Fault) {
        received = try MessageSocket.receive(from: socket.rawValue, into: buffer).count
      } catch {
        guard error.errno?.number == ECONNRESET else { throw error }
        return frames
      }
      if received == 0 { return frames }
      try decoder.append(UnsafeRawBufferPointer(rebasing: buffer[..<received]))
      while let frame = decoder.next() {
        frames.append(String(decoding: frame.bytes, as: UTF8.self))
        if !isDone { isDone = isLast(frames[frames.count - 1]) }
      }
    }
    return frames
  }

  /// Reads to the end of the stream.
  func framesToTheEnd() throws -> [String] { try frames(.max) }
}

/// The calls that tests send as text.
enum Call {
  static let info = "{\"method\":\"org.varlink.service.GetInfo\"}\0"
  static let list = "{\"method\":\"io.isolated.List\",\"parameters\":{}}\0"

  static func named(_ method: String, _ parameters: String = "{}", _ rest: String = "") -> String {
    "{\"method\":\"\(method)\",\"parameters\":\(parameters)\(rest)}\0"
  }
}
