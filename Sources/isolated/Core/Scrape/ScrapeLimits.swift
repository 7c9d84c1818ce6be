/// The bounds that keep one client of the scrape endpoint from costing others more than a wait.
public struct ScrapeLimits: Sendable, Hashable {
  /// The most connections at one time; one more costs one that has been idle for long.
  public var connections = 512
  /// The most bytes of a request's head; what came along in the same read isn't counted.
  public var headBytes = 16 << 10
  /// The most fields of a head.
  public var headFields = 64
  /// The most bytes of a request's body, which nothing here reads.
  public var bodyBytes = 4 << 10
  /// How long a request may take to come in, from its first byte, or from the connection on (TLS included).
  public var requestTimeout: Duration = .seconds(10)
  /// How long a connection may wait for its next request: longer than scrape intervals are.
  public var idleTimeout: Duration = .seconds(90)
  /// How long an answer may take to be made before 503 is sent instead.
  public var answerTimeout: Duration = .seconds(10)
  /// How long a client may take to read an answer.
  public var writeTimeout: Duration = .seconds(30)
  /// How long a client may take to see that the connection was closed.
  public var closeTimeout: Duration = .seconds(2)
  /// How much of an answer is handed to a connection at a time.
  public var chunkBytes = 64 << 10
  /// The kernel's buffer for what a client hasn't read, in bytes.
  public var sendBufferBytes = 256 << 10
  /// The most bytes of answers that slow clients may keep in memory, each answer counted once. Beyond that, those who
  /// read the oldest are disconnected.
  public var heldBytes = 64 << 20
  /// How old an answer may be and still go to one who asks: so many seconds pass at least between two collections.
  public var freshness: Duration = .milliseconds(250)

  /// The defaults.
  public init() {}
}
