/// `logs`: bounds on what a tenant writes to its standard output and standard error; `nil` takes the daemon's
/// default.
public struct LogPolicy: Sendable, Equatable {
  /// `rate`: bytes a second in the long run.
  public var rate: Positioned<ByteRate>?
  /// `burst`: bytes that may come at once.
  public var burst: Positioned<ByteSize>?
  /// `file_size`: bytes in one log file before it is rotated, where there is no journal.
  public var fileSize: Positioned<ByteSize>?
}
