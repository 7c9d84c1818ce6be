import Faults
import Kernel

/// A frame and the descriptors that came with it.
public struct Message: Sendable {
  /// The JSON text.
  public var bytes: [UInt8]
  /// The descriptors, in the order in which they were sent; closed when nobody keeps them.
  public var descriptors: [SharedDescriptor]

  /// Pairs a text with descriptors.
  public init(bytes: [UInt8], descriptors: [SharedDescriptor] = []) {
    self.bytes = bytes
    self.descriptors = descriptors
  }
}

/// Cuts a stream of bytes and descriptors into messages.
///
/// A sender puts a message with descriptors into a sendmsg(2) of its own, and the kernel never reads beyond such a
/// piece (unix(7)). So descriptors belong to the message that has the last byte which was read together with them.
public struct MessageDecoder: Sendable {
  /// The most descriptors that a message may bring.
  public let descriptorLimit: Int

  private var frames: FrameDecoder
  private var pending: [(offset: Int, descriptor: SharedDescriptor)] = []

  /// Starts at the beginning of a stream.
  public init(frameLimit: Int = 1 << 20, descriptorLimit: Int = 8) {
    self.frames = FrameDecoder(limit: frameLimit)
    self.descriptorLimit = descriptorLimit
  }

  /// Whether a whole message is waiting.
  public var hasMessage: Bool { frames.hasFrame }

  /// Whether the stream stands in the middle of a message.
  public var isInsideMessage: Bool { frames.isInsideFrame }

  /// How many bytes are kept.
  public var bufferedCount: Int { frames.bufferedCount }

  /// Takes the next piece of the stream.
  ///
  /// - Throws: `control.frame-too-large`, `control.too-many-descriptors`; the stream can't go on then.
  public mutating func append(
    _ piece: UnsafeRawBufferPointer, descriptors: [SharedDescriptor] = []
  ) throws(Fault) {
    if pending.count + descriptors.count > descriptorLimit {
      throw tooManyDescriptors
    }
    try frames.append(piece)
    let offset = frames.streamOffset - 1
    for descriptor in descriptors { pending.append((offset, descriptor)) }
  }

  /// The refusal of a message with more than ``descriptorLimit`` descriptors.
  public var tooManyDescriptors: Fault {
    Fault(.tooManyDescriptors, "a message brings more than \(descriptorLimit) file descriptors")
  }

  /// Takes out the oldest whole message; nil while there is none.
  public mutating func next() -> Message? {
    guard let frame = frames.next() else { return nil }
    guard !pending.isEmpty else { return Message(bytes: frame.bytes) }
    let descriptors = pending.prefix { $0.offset <= frame.end }.map(\.descriptor)
    pending.removeFirst(descriptors.count)
    return Message(bytes: frame.bytes, descriptors: descriptors)
  }
}

extension Fault.Code {
  /// A message brings more file descriptors than the receiver takes.
  public static let tooManyDescriptors: Self = "control.too-many-descriptors"
}
