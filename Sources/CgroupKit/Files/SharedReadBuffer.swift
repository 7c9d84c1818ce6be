/// Memory that several readers fill in turn, so that a thousand of them need no thousand buffers.
///
/// Like its readers, it serves one task at a time.
public final class SharedReadBuffer {
  var content = ReadBuffer()

  /// Makes a buffer; it grows with the longest file.
  public init() {}
}
