import Glibc
import NIOCore
import NIOHTTP1

/// One client: takes its requests one by one, and bounds how long each step may last.
final class ScrapeConnection: ChannelInboundHandler, BoundedConnection {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private enum Phase {
    /// A request is coming in, or the first one is awaited.
    case receiving
    /// The next request is awaited.
    case idle
    /// The answer is being made.
    case making
    /// The answer is being read by the client.
    case writing
    /// The last answer is out, and the client hasn't closed yet.
    case closing
    case closed
  }

  /// An answer on its way out.
  private struct Output {
    var body: ByteBuffer
    var closes: Bool
  }

  private let site: ScrapeSite
  private let gate: ConnectionGate
  private let headGuard: HeadGuard
  private var context: ChannelHandlerContext?
  private var phase = Phase.receiving
  private var request: HTTPRequestHead?
  private var bodyBytes = 0
  private var output: Output?
  private var deadline = NIODeadline.distantFuture
  private var timer: (at: NIODeadline, task: Scheduled<Void>)?
  private(set) var answer: HeldAnswer?
  private(set) var lastActivity = NIODeadline.distantPast
  private(set) var isKnown = false

  var isAnswering: Bool { phase == .making || phase == .writing }

  init(site: ScrapeSite, gate: ConnectionGate, headGuard: HeadGuard) {
    self.site = site
    self.gate = gate
    self.headGuard = headGuard
  }

  func abort() { gate.abort() }

  // MARK: What comes in

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    lastActivity = context.eventLoop.now
    gate.didReceive = { [weak self] in self?.didReceive() }
    site.connections.add(self)
    enter(.receiving, for: site.limits.requestTimeout)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    phase = .closed
    timer?.task.cancel()
    timer = nil
    answer = nil
    output = nil
    self.context = nil
    site.connections.remove(self)
  }

  func channelInactive(context: ChannelHandlerContext) {
    phase = .closed
    site.connections.remove(self)
    context.fireChannelInactive()
  }

  private func didReceive() {
    guard let context else { return }
    lastActivity = context.eventLoop.now
    if phase == .idle { enter(.receiving, for: site.limits.requestTimeout) }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard phase == .idle || phase == .receiving else { return }
    switch unwrapInboundIn(data) {
    case .head(let head):
      headGuard.headIsComplete()
      if phase == .idle { enter(.receiving, for: site.limits.requestTimeout) }
      request = head
      bodyBytes = 0
      let promised = head.headers.first(name: "content-length").flatMap { UInt64($0) } ?? 0
      if promised > UInt64(site.limits.bodyBytes) { refuse(.payloadTooLarge, "no body is read here") }
    case .body(let part):
      bodyBytes += part.readableBytes
      if bodyBytes > site.limits.bodyBytes { refuse(.payloadTooLarge, "no body is read here") }
    case .end:
      if let request { serve(request) }
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? HTTPParserError else { return abort() }
    guard phase == .idle || phase == .receiving else { return }
    request = nil
    switch error {
    case .headerOverflow: refuse(.requestHeaderFieldsTooLarge, "the request's head is too long")
    default: refuse(.badRequest, "this isn't HTTP/1.1")
    }
  }

  // MARK: What goes out

  private func serve(_ head: HTTPRequestHead) {
    switch site.rules.judge(head) {
    case .answer(let answer): send(answer)
    case .make(let resource):
      enter(.making, for: site.limits.answerTimeout)
      site.answers.get(resource) { [weak self] in self?.send($0) }
    }
  }

  /// Answers and closes, since what follows can't be told from the rest of this request.
  private func refuse(_ status: HTTPResponseStatus, _ reason: String) {
    send(ScrapeRules.refusal(status, reason), closes: true)
  }

  private func send(_ answer: ScrapeAnswer, closes: Bool = false) {
    send(
      answer.status, contentType: answer.contentType, fields: answer.fields, body: ByteBuffer(string: answer.body),
      closes: closes)
  }

  private func send(_ answer: HeldAnswer) {
    // Its time is over and 503 went out, or its client is gone.
    guard phase == .making else { return }
    self.answer = answer
    send(answer.status, contentType: answer.contentType, fields: [], body: answer.body, closes: false)
  }

  private func send(
    _ status: HTTPResponseStatus, contentType: String, fields: [ScrapeAnswer.Field], body: ByteBuffer, closes: Bool
  ) {
    guard let context else { return }
    // After an upgrade or CONNECT the decoder reads no further.
    let isLast =
      closes || request.map { !$0.isKeepAlive || $0.headers.contains(name: "upgrade") || $0.method == .CONNECT } ?? true
    var head = HTTPResponseHead(version: .http1_1, status: status)
    head.headers.add(name: "Date", value: HTTPDate.text(seconds: time(nil)))
    head.headers.add(name: "Content-Type", value: contentType)
    head.headers.add(name: "Content-Length", value: "\(body.readableBytes)")
    head.headers.add(name: "Cache-Control", value: "no-store")
    head.headers.add(name: "Vary", value: "Accept, Authorization")
    head.headers.add(name: "X-Content-Type-Options", value: "nosniff")
    head.headers.add(name: "X-Frame-Options", value: "DENY")
    head.headers.add(name: "Referrer-Policy", value: "no-referrer")
    head.headers.add(name: "Cross-Origin-Resource-Policy", value: "same-origin")
    for field in fields { head.headers.add(name: field.name, value: field.value) }
    if !head.headers.contains(name: "Content-Security-Policy") {
      head.headers.add(name: "Content-Security-Policy", value: "default-src 'none'; frame-ancestors 'none'")
    }
    if isLast { head.headers.add(name: "Connection", value: "close") }
    output = Output(body: request?.method == .HEAD ? ByteBuffer() : body, closes: isLast)
    request = nil
    enter(.writing, for: site.limits.writeTimeout)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    sendChunk()
  }

  /// Hands over the next piece once the kernel has taken the one before, so that a client that doesn't read costs one
  /// piece, however long the answer is.
  private func sendChunk() {
    guard phase == .writing, let context, var output else { return }
    let length = min(site.limits.chunkBytes, output.body.readableBytes)
    let chunk = output.body.readSlice(length: length) ?? ByteBuffer()
    self.output = output
    let isLast = output.body.readableBytes == 0
    let promise = context.eventLoop.makePromise(of: Void.self)
    let connection = NIOLoopBound(self, eventLoop: context.eventLoop)
    promise.futureResult.whenSuccess {
      // In a turn of its own: chunks that the kernel takes at once mustn't nest.
      connection.eventLoop.execute { connection.value.didSendChunk(isLast: isLast) }
    }
    context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(chunk))), promise: promise)
  }

  private func didSendChunk(isLast: Bool) {
    guard phase == .writing, let context, let output else { return }
    lastActivity = context.eventLoop.now
    guard isLast else { return sendChunk() }
    answer = nil
    isKnown = true
    self.output = nil
    if output.closes {
      headGuard.isShut = true
      enter(.closing, for: site.limits.closeTimeout)
    } else {
      enter(.idle, for: site.limits.idleTimeout)
    }
    // From here on the next request may come in, from within this call.
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    if output.closes { context.close(mode: .output, promise: nil) }
  }

  // MARK: Time

  private func enter(_ phase: Phase, for duration: Duration) {
    guard let context, self.phase != .closed else { return }
    self.phase = phase
    deadline = context.eventLoop.now + TimeAmount(duration)
    schedule(context)
  }

  /// Keeps one timer, which looks at the deadline when it fires; a deadline that comes earlier needs a new one.
  private func schedule(_ context: ChannelHandlerContext) {
    if let timer, timer.at <= deadline { return }
    timer?.task.cancel()
    let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] () -> Void in
      self?.tick()
    }
    timer = (deadline, task)
  }

  private func tick() {
    timer = nil
    guard let context, phase != .closed else { return }
    guard context.eventLoop.now >= deadline else { return schedule(context) }
    if phase == .making {
      send(
        ScrapeRules.refusal(.serviceUnavailable, "the daemon is too busy to answer; try again later"), closes: true)
    } else {
      abort()
    }
  }
}
