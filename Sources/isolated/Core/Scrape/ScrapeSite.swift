import NIOCore
import NIOHTTP1

/// What the connections of the endpoint share. Confined to one event loop.
final class ScrapeSite {
  var rules: ScrapeRules
  let limits: ScrapeLimits
  let connections: ConnectionTable
  let answers: SharedAnswers

  init(
    rules: ScrapeRules, limits: ScrapeLimits, now: @escaping () -> NIODeadline, make: @escaping SharedAnswers.Maker
  ) {
    self.rules = rules
    self.limits = limits
    let connections = ConnectionTable(most: limits.connections, mostHeldBytes: limits.heldBytes)
    self.connections = connections
    answers = SharedAnswers(freshness: limits.freshness, now: now, make: make) { connections.makeRoom(for: $0) }
  }

  /// Adds the handlers of one connection, with those of TLS between the first and the rest.
  func configure(_ pipeline: ChannelPipeline.SynchronousOperations, tls: (any ChannelHandler)?) throws {
    let gate = ConnectionGate()
    let headGuard = HeadGuard(mostBytes: limits.headBytes)
    var decoderLimits = NIOHTTPDecoderLimitConfiguration()
    decoderLimits.maxHeaderFieldSize = limits.headBytes
    decoderLimits.maxHeaderListSize = limits.headBytes
    decoderLimits.maxHeaderFieldCount = limits.headFields
    try pipeline.addHandler(gate)
    if let tls { try pipeline.addHandler(tls) }
    try pipeline.addHandler(headGuard)
    try pipeline.addHandler(HTTPResponseEncoder())
    try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: decoderLimits)))
    try pipeline.addHandler(HTTPServerPipelineHandler())
    try pipeline.addHandler(ScrapeConnection(site: self, gate: gate, headGuard: headGuard))
  }
}
