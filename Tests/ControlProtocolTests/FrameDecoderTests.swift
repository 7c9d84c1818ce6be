import ControlProtocol
import Faults
import Glibc
import Kernel
import Testing

@Suite struct FrameDecoderTests {
  @Test(arguments: [1, 2, 3, 7, 64, 4096])
  func cutsTheSameFramesWhateverThePieces(_ size: Int) throws {
    let texts = ["", "a", "{}", String(repeating: "x", count: 5000), "", "last"]
    let stream = texts.map { Array($0.utf8) + [0] }.joined() + Array("half".utf8)
    var decoder = FrameDecoder()
    var frames: [String] = []
    var rest = Array(stream)[...]
    while !rest.isEmpty {
      try decoder.append(Array(rest.prefix(size)))
      rest = rest.dropFirst(size)
      while let frame = decoder.next() { frames.append(String(decoding: frame.bytes, as: UTF8.self)) }
    }
    #expect(frames == texts)
    #expect(decoder.isInsideFrame)
    #expect(decoder.bufferedCount == 4)
    #expect(decoder.next() == nil)
  }

  @Test func takesAFrameOfExactlyTheLimitAndRefusesOneByteMore() throws {
    var decoder = FrameDecoder(limit: 10)
    try decoder.append(Array("0123456789\0".utf8))
    #expect(decoder.next()?.bytes.count == 10)
    #expect(throws: Fault.self) { try decoder.append(Array("0123456789A".utf8)) }
    #expect(decoder.bufferedCount == 0)
  }

  @Test func refusesALargeFrameBeforeItKeepsItWhereverItStands() throws {
    for text in ["0123456789A", "a\0b\00123456789A", "0123456789A\0", "a\00123456789A\0b"] {
      var decoder = FrameDecoder(limit: 10)
      let fault = #expect(throws: Fault.self) { try decoder.append(Array(text.utf8)) }
      #expect(fault?.code == .frameTooLarge)
      #expect(decoder.bufferedCount == 0)
    }
  }

  @Test func countsAFrameThatComesInPieces() throws {
    var decoder = FrameDecoder(limit: 10)
    try decoder.append(Array("01234".utf8))
    try decoder.append(Array("56789".utf8))
    #expect(throws: Fault.self) { try decoder.append(Array("A".utf8)) }
    #expect(decoder.bufferedCount == 10)
  }

  @Test func forgetsWhatItHandedOut() throws {
    var decoder = FrameDecoder()
    let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1000) + [0]
    for _ in 0..<1000 {
      try decoder.append(piece)
      try decoder.append(piece)
      #expect(decoder.next() != nil)
      #expect(decoder.next() != nil)
      #expect(decoder.bufferedCount == 0)
    }
    #expect(decoder.streamOffset == 2_002_000)
  }

  @Test func saysWhereAFrameStood() throws {
    var decoder = FrameDecoder()
    try decoder.append(Array("ab\0\0cde\0".utf8))
    let frames = [decoder.next(), decoder.next(), decoder.next()].compactMap { $0 }
    #expect(frames.map(\.start) == [0, 3, 4])
    #expect(frames.map(\.end) == [2, 3, 7])
  }
}

@Suite struct MessageDecoderTests {
  @Test func givesDescriptorsToTheMessageThatTheyCameWith() throws {
    var decoder = MessageDecoder()
    let descriptors = try (0..<3).map { _ in try devNull() }
    try decoder.append(Array("plain\0with".utf8), [descriptors[0]])
    try decoder.append(Array(" two\0".utf8), [descriptors[1]])
    try decoder.append(Array("plain\0third\0".utf8), [descriptors[2]])
    try decoder.append(Array("none\0".utf8), [])
    let counts = (0..<5).map { _ in decoder.next()?.descriptors.map(\.rawValue) }
    #expect(
      counts == [
        [], [descriptors[0].rawValue, descriptors[1].rawValue], [], [descriptors[2].rawValue], [],
      ])
  }

  @Test func refusesMoreDescriptorsThanAMessageMayBring() throws {
    var decoder = MessageDecoder(descriptorLimit: 2)
    let one = try devNull()
    try decoder.append(Array("a".utf8), [one])
    try decoder.append(Array("b".utf8), [one])
    let fault = #expect(throws: Fault.self) { try decoder.append(Array("c\0".utf8), [one]) }
    #expect(fault?.code == .tooManyDescriptors)
  }
}

@Suite struct MessageSocketTests {
  @Test func carriesDescriptorsAndClosesWhatNobodyTakes() throws {
    let (left, right) = try socketPair()
    let file = try devNull()
    let text = Array("hello".utf8)
    let sent = try text.withUnsafeBytes { bytes in
      Result { () throws(Fault) in
        try MessageSocket.send(bytes, descriptors: Array(repeating: file, count: 4), to: left.rawValue)
      }
    }.get()
    #expect(sent == 5)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 1)
    defer { buffer.deallocate() }
    let received = try MessageSocket.receive(from: right.rawValue, into: buffer, descriptorLimit: 2)
    #expect(received.count == 5)
    #expect(received.truncated)
    #expect(received.descriptors.count == 2)
    for descriptor in received.descriptors { #expect(fcntl(descriptor.rawValue, F_GETFD) == FD_CLOEXEC) }
  }

  @Test func refusesToSendMoreDescriptorsThanItCan() throws {
    let (left, _) = try socketPair()
    let file = try devNull()
    #expect(throws: Fault.self) {
      try [UInt8(1)].withUnsafeBytes { bytes in
        Result { () throws(Fault) in
          try MessageSocket.send(bytes, descriptors: Array(repeating: file, count: 17), to: left.rawValue)
        }
      }.get()
    }
  }
}

extension FrameDecoder {
  fileprivate mutating func append(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { buffer in Result { () throws(Fault) in try append(buffer) } }.get()
  }
}

extension MessageDecoder {
  fileprivate mutating func append(_ bytes: [UInt8], _ descriptors: [SharedDescriptor]) throws {
    try bytes.withUnsafeBytes { buffer in
      Result { () throws(Fault) in try append(buffer, descriptors: descriptors) }
    }.get()
  }
}

private func devNull() throws -> SharedDescriptor {
  SharedDescriptor(owning: try systemCall("open") { open("/dev/null", O_RDWR | O_CLOEXEC) })
}

private func socketPair() throws -> (SharedDescriptor, SharedDescriptor) {
  var ends: [Int32] = [-1, -1]
  try systemCall("socketpair") {
    socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends)
  }
  return (SharedDescriptor(owning: ends[0]), SharedDescriptor(owning: ends[1]))
}
