import Faults

/// A value that can be parsed from the text of a kernel file.
public protocol KernelReadable: Sendable {
  /// Parses the bytes of a file, or of the part of it that this type stands for; a newline at the end is allowed.
  ///
  /// - Throws: `.unreadableText`, with the text at fault and no path.
  init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault)
}

/// A setting: a value that the kernel prints and takes as text.
public protocol KernelValue: KernelReadable, Hashable, CustomStringConvertible {
  /// The text exactly as the kernel prints it, without the newline at the end.
  var kernelText: String { get }

  /// The text to write; the same as ``kernelText`` unless the kernel prints more than it takes.
  var writtenText: String { get }
}

extension KernelReadable {
  /// Parses the text of a kernel file; a newline at the end is allowed.
  ///
  /// - Throws: `.unreadableText`, with the text at fault and no path.
  public init(parsing text: some StringProtocol) throws(Fault) {
    var text = String(text)
    let result: Result<Self, Fault> = text.withUTF8 { bytes in
      Result { () throws(Fault) in try Self(parsing: bytes) }
    }
    self = try result.get()
  }
}

extension KernelValue {
  /// The same as ``kernelText``.
  public var writtenText: String { kernelText }

  /// The same as ``kernelText``.
  public var description: String { kernelText }
}
