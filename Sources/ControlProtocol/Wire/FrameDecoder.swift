import Faults
import Glibc

/// Cuts a byte stream into varlink's frames: JSON texts, each ended by a NUL byte.
///
/// Bytes come in as they arrive, in pieces of any size; every byte is looked at at most twice, whatever the pieces.
/// A frame above the limit is refused before it is kept.
public struct FrameDecoder: Sendable {
  /// The most bytes that a frame may have, without its NUL.
  public let limit: Int

  private var bytes: [UInt8] = []
  /// Where in `bytes` the first frame not yet handed out begins.
  private var head = 0
  /// How many bytes came after the last NUL.
  private var unfinished = 0
  /// How many whole frames are waiting.
  private var whole = 0
  /// How many bytes were dropped from the front of `bytes` since the beginning of the stream.
  private var dropped = 0

  /// Starts at the beginning of a stream.
  ///
  /// - Parameter limit: the most bytes that a frame may have; 1 MiB by default.
  public init(limit: Int = 1 << 20) { self.limit = limit }

  /// Whether a whole frame is waiting.
  public var hasFrame: Bool { whole > 0 }

  /// Whether the stream stands in the middle of a frame.
  public var isInsideFrame: Bool { unfinished > 0 }

  /// How many bytes are kept.
  public var bufferedCount: Int { bytes.count - head }

  /// How many bytes the stream has brought so far.
  public var streamOffset: Int { dropped + bytes.count }

  /// Takes the next bytes of the stream.
  ///
  /// - Throws: `control.frame-too-large`; nothing of `piece` is kept then, and the stream can't go on.
  public mutating func append(_ piece: UnsafeRawBufferPointer) throws(Fault) {
    guard let base = piece.baseAddress, piece.count > 0 else { return }
    var tail = unfinished
    var ended = 0
    var position = 0
    while position < piece.count {
      let rest = piece.count - position
      guard let nul = memchr(base + position, 0, rest) else {
        tail += rest
        break
      }
      let length = UnsafeRawPointer(nul) - (base + position)
      if tail + length > limit { throw tooLarge }
      position += length + 1
      ended += 1
      tail = 0
    }
    if tail > limit { throw tooLarge }
    compact()
    bytes.append(contentsOf: piece)
    unfinished = tail
    whole += ended
  }

  /// Takes out the oldest whole frame, without its NUL; nil while there is none.
  public mutating func next() -> Frame? {
    guard whole > 0 else { return nil }
    let end = bytes.withUnsafeBytes { buffer -> Int in
      guard let base = buffer.baseAddress, let nul = memchr(base + head, 0, buffer.count - head) else {
        return buffer.count
      }
      return UnsafeRawPointer(nul) - base
    }
    let frame = Frame(bytes: Array(bytes[head..<end]), start: dropped + head, end: dropped + end)
    head = min(end + 1, bytes.count)
    whole -= 1
    return frame
  }

  /// A frame and where in the stream it stood.
  public struct Frame: Sendable, Hashable {
    /// The JSON text.
    public var bytes: [UInt8]
    /// The offset of the first byte, counted from the beginning of the stream.
    public var start: Int
    /// The offset of the NUL.
    public var end: Int
  }

  /// Drops what was handed out. What is moved is never more than what is dropped, so the cost stays linear.
  private mutating func compact() {
    guard head > 0, head >= bytes.count - head else { return }
    dropped += head
    bytes.removeFirst(head)
    head = 0
  }

  private var tooLarge: Fault {
    Fault(.frameTooLarge, "a message is larger than \(limit) bytes")
  }
}

extension Fault.Code {
  /// A message exceeds the most that the receiver takes.
  public static let frameTooLarge: Self = "control.frame-too-large"
}
