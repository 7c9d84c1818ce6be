import Kernel
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import IsolatedCore

/// One connection on a clock that the test moves.
@Suite struct ScrapeConnectionTests {
  /// Stands where the socket is, and may leave what is written lying, as a peer does that doesn't read.
  private final class Socket: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    var isStuck = false
    var stuck: [(NIOAny, EventLoopPromise<Void>?)] = []
    var stuckBytes = 0

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
      guard isStuck else { return context.write(data, promise: promise) }
      stuckBytes += unwrapOutboundIn(data).readableBytes
      stuck.append((data, promise))
    }
  }

  private final class Bench {
    let loop = EmbeddedEventLoop()
    let channel: EmbeddedChannel
    let socket = Socket()
    let site: ScrapeSite
    var begun: [ScrapeResource] = []
    var done: [(SharedAnswers.Made) -> Void] = []

    init(limits: ScrapeLimits = ScrapeLimits(), token: String? = nil) throws {
      let loop = loop
      channel = EmbeddedChannel(loop: loop)
      var make: SharedAnswers.Maker = { _, _ in }
      site = ScrapeSite(
        rules: ScrapeRules(token: token.flatMap { ScrapeToken(fileContents: Array($0.utf8)) }, checksHost: true),
        limits: limits, now: { loop.now }, make: { make($0, $1) })
      make = { [weak self] resource, done in
        self?.begun.append(resource)
        self?.done.append(done)
      }
      try channel.pipeline.syncOperations.addHandler(socket)
      try site.configure(channel.pipeline.syncOperations, tls: nil)
      try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
      guard channel.isActive else { return }
      _ = try channel.writeInbound(ByteBuffer(bytes: bytes))
      loop.run()
    }

    func finish(_ text: String) {
      let next = done.removeFirst()
      next((.ok, Array(text.utf8)))
      loop.run()
    }

    func pass(_ duration: Duration) { loop.advanceTime(by: TimeAmount(duration)) }

    /// What has been sent since the last call.
    func received() throws -> String {
      loop.run()
      var bytes: [UInt8] = []
      while let part = try channel.readOutbound(as: ByteBuffer.self) { bytes += part.readableBytesView }
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  private static func get(_ target: String, _ fields: String = "") -> String {
    "GET \(target) HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n"
  }

  @Test func aConnectionIsKeptForTheNextScrape() throws {
    let bench = try Bench()
    for round in 1...3 {
      try bench.send(Self.get("/metrics"))
      bench.finish("a \(round)\n")
      let text = try bench.received()
      #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n") && text.hasSuffix("\r\n\r\na \(round)\n"))
      #expect(text.contains("Content-Length: 4\r\n") && !text.contains("Connection: close"))
      #expect(text.contains("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"))
      #expect(text.contains("X-Content-Type-Options: nosniff\r\n") && text.contains("Cache-Control: no-store\r\n"))
      bench.pass(.seconds(60))
    }
    #expect(bench.channel.isActive)
    bench.pass(.seconds(31))
    #expect(!bench.channel.isActive && bench.site.connections.count == 0)
    #expect(try bench.received() == "")
  }

  @Test func headsHaveNoBodyButItsLength() throws {
    let bench = try Bench()
    try bench.send("HEAD /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
    bench.finish("12345\n")
    let text = try bench.received()
    #expect(text.contains("Content-Length: 6\r\n") && text.hasSuffix("\r\n\r\n"))
    #expect(bench.channel.isActive)
  }

  @Test func whoSaysNothingIsDisconnected() throws {
    let bench = try Bench()
    bench.pass(.milliseconds(9_999))
    #expect(bench.channel.isActive)
    bench.pass(.milliseconds(1))
    #expect(!bench.channel.isActive)
  }

  @Test func aHeadThatDripsInIsCutOffHoweverSteadily() throws {
    let bench = try Bench()
    for byte in Self.get("/metrics", "X-A: \(String(repeating: "a", count: 200))\r\n").utf8 {
      guard bench.channel.isActive else { break }
      try bench.send([byte])
      bench.pass(.milliseconds(100))
    }
    #expect(!bench.channel.isActive && bench.begun.isEmpty)
  }

  @Test func aSecondHeadThatDripsInIsCutOffToo() throws {
    let bench = try Bench()
    try bench.send(Self.get("/healthz"))
    bench.pass(.seconds(80))
    try bench.send("G")
    bench.pass(.milliseconds(9_999))
    #expect(bench.channel.isActive)
    bench.pass(.milliseconds(2))
    #expect(!bench.channel.isActive)
  }

  @Test func aBodyThatDripsInIsCutOff() throws {
    let bench = try Bench()
    try bench.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in 0..<20 where bench.channel.isActive {
      try bench.send("1\r\na\r\n")
      bench.pass(.seconds(1))
    }
    #expect(!bench.channel.isActive && bench.begun.isEmpty)
  }

  @Test func aPeerThatDoesntReadCostsOneChunkAndIsCutOff() throws {
    var limits = ScrapeLimits()
    limits.chunkBytes = 1000
    let bench = try Bench(limits: limits)
    bench.socket.isStuck = true
    try bench.send(Self.get("/metrics"))
    bench.finish(String(repeating: "a", count: 1_000_000))
    #expect(bench.socket.stuckBytes > 1000 && bench.socket.stuckBytes < 2000)
    bench.pass(.milliseconds(29_999))
    #expect(bench.channel.isActive && bench.socket.stuckBytes < 2000)
    bench.pass(.milliseconds(1))
    #expect(!bench.channel.isActive && bench.site.connections.count == 0)
  }

  @Test func aLongAnswerArrivesWhole() throws {
    let bench = try Bench()
    try bench.send(Self.get("/metrics"))
    let exposition = String(repeating: "0123456789abcdef", count: 65_537)
    bench.finish(exposition)
    let text = try bench.received()
    #expect(text.hasSuffix("\r\n\r\n" + exposition) && text.contains("Content-Length: \(exposition.utf8.count)\r\n"))
  }

  @Test func pipelinedRequestsAreAnsweredOneByOneInTheirOrder() throws {
    let bench = try Bench()
    try bench.send(Self.get("/metrics") + Self.get("/healthz") + Self.get("/status.json") + Self.get("/nothing"))
    #expect(bench.begun == [.exposition(.prometheusText)])
    #expect(try bench.received() == "")
    bench.finish("first\n")
    #expect(bench.begun.count == 2)
    bench.finish("{}")
    let text = try bench.received()
    #expect(text.split(separator: "HTTP/1.1 ").map { $0.prefix(3) } == ["200", "200", "200", "404"])
    let bodies = text.split(separator: "\r\n\r\n").dropFirst().map { $0.prefix(2) }
    #expect(bodies == ["fi", "ok", "{}", "no"])
  }

  @Test func aThousandPipelinedScrapesMakeOneExposition() throws {
    let bench = try Bench()
    try bench.send(String(repeating: Self.get("/metrics"), count: 1000))
    #expect(bench.begun.count == 1)
    bench.finish("x\n")
    #expect(bench.begun.count == 1)
    let text = try bench.received()
    #expect(text.split(separator: "HTTP/1.1 200 OK").count == 1000)
  }

  @Test func aSourceThatHangsIsAnsweredFor() throws {
    let bench = try Bench()
    try bench.send(Self.get("/metrics"))
    bench.pass(.seconds(10))
    let text = try bench.received()
    #expect(text.hasPrefix("HTTP/1.1 503 ") && text.contains("Connection: close"))
    bench.finish("too late\n")
    #expect(try bench.received() == "")
  }

  @Test func anAnswerToOneWhoHasLeftIsDropped() throws {
    let bench = try Bench()
    try bench.send(Self.get("/metrics"))
    bench.channel.close(promise: nil)
    bench.loop.run()
    bench.finish("x\n")
    #expect(bench.site.connections.count == 0)
  }

  @Test(arguments: [
    ("GET /metrics HTTP/9.9\r\n\r\n", "400"), ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}", "400"), ("GET\r\n\r\n", "400"),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400"), ("GET /metrics HTTP/1.1\r\n\r\n", "400"),
    ("GET /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4097\r\n\r\n", "413"),
    ("GET /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n", "400"),
    ("GET /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", "400"),
    ("GET /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "400"),
    (
      "POST /metrics HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1001\r\n"
        + String(repeating: "a", count: 4097), "413"
    ),
    ("GET /metrics HTTP/1.1\r\nHost: localhost\r\n" + String(repeating: "a: b\r\n", count: 65) + "\r\n", "431"),
    (get("/metrics", "Accept: text/html\r\n"), "406"),
    (get("/metrics", "Connection: Upgrade\r\nUpgrade: h2c\r\n") + get("/metrics"), "503"),
    ("CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", "400"),
  ])
  func whatIsWrongIsToldAndNeverServed(request: String, status: String) throws {
    let bench = try Bench()
    try bench.send(request)
    bench.pass(.seconds(10))
    let text = try bench.received()
    #expect(text.hasPrefix("HTTP/1.1 \(status) "), "\(text.prefix(80))")
    #expect(text.split(separator: "HTTP/1.1 ").count == 1)
  }

  @Test func anEndlessHeadIsRefusedWithinItsBound() throws {
    for piece in ["a", "a: b\r\n", "X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] {
      let bench = try Bench()
      try bench.send("GET /\(piece == "a" ? "" : "metrics HTTP/1.1\r\n")")
      let chunk = String(repeating: piece, count: 1000 / piece.utf8.count)
      var sent = 0
      while bench.channel.isActive, sent < 1 << 20 {
        try bench.send(chunk)
        sent += chunk.utf8.count
        if try bench.received().hasPrefix("HTTP/1.1 431 ") { break }
      }
      #expect(sent <= 18 << 10, "\(piece)")
    }
  }

  @Test func manyRequestsWithLongHeadsOnOneConnectionAreNoEndlessHead() throws {
    let bench = try Bench()
    for _ in 0..<10 {
      try bench.send(Self.get("/healthz", "X-A: \(String(repeating: "a", count: 8000))\r\n"))
      #expect(try bench.received().hasPrefix("HTTP/1.1 200 "))
    }
  }

  /// Whatever comes, the answers are HTTP, and the connection's end comes in time.
  @Test func rubbishBreaksNothing() throws {
    let pieces = [
      "GET ", "/metrics", " HTTP/1.1", "\r\n", "\r\n\r\n", "Host: localhost\r\n", "Host: ", "POST /",
      "Content-Length: 3\r\n",
      "Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n", "0\r\n\r\n", "Connection: close\r\n", "Upgrade: x\r\n", "\n",
      " ", "\u{0}",
      "Accept: ", "a/b;q=", "Authorization: Basic ", "HEAD / HTTP/1.0\r\n\r\n", "ÿ", "Expect: 100-continue\r\n",
      "Trailer: a\r\n",
      Self.get("/"), Self.get("/metrics"), Self.get("/readyz"),
    ]
    var random = SystemRandomNumberGenerator()
    for _ in 0..<300 {
      let bench = try Bench(token: Bool.random(using: &random) ? ScrapeRulesTests.secret : nil)
      var sent = ""
      for _ in 0..<Int.random(in: 1...20, using: &random) {
        let piece = pieces.randomElement(using: &random) ?? ""
        sent += piece
        try bench.send(piece)
        if !bench.done.isEmpty, Bool.random(using: &random) { bench.finish("x\n") }
      }
      let text = try bench.received()
      #expect(text.isEmpty || text.hasPrefix("HTTP/1."), "\(sent.debugDescription)")
      bench.pass(.seconds(200))
      #expect(!bench.channel.isActive, "\(sent.debugDescription)")
      #expect(bench.site.connections.count == 0, "\(sent.debugDescription)")
    }
  }
}
