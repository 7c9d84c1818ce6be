import Faults
import Glibc
import Kernel
import Logging
import NIOCore
import NIOSSL
import Policy
import Testing

@testable import IsolatedCore

/// The endpoint on real sockets of the loopback interface.
@Suite struct ScrapeServerTests {
  /// Counts what is asked of it.
  private final class Source: ScrapeSource {
    let expositions = Guarded(0)
    let reason = Guarded<String?>(nil)
    let size: Int

    init(size: Int = 8) { self.size = size }

    func exposition(_ format: ExpositionFormat) async -> [UInt8] {
      expositions.withLock { $0 += 1 }
      // Characters that no header has.
      return [UInt8](repeating: UInt8(ascii: format == .openMetrics ? "^" : "~"), count: size)
    }

    func status() async -> [UInt8] { Array(#"{"tenants":[]}"#.utf8) }

    func unreadiness() async -> String? { reason.withLock { $0 } }
  }

  private static let loopback = ListenAddress(ipAddress: "127.0.0.1", port: 0)

  private struct Served {
    let server: ScrapeServer
    let states: AsyncStream<ScrapeServer.State>
    let port: UInt16
  }

  private func serve(
    _ configuration: DaemonConfiguration.Metrics = .init(listen: Positioned(loopback)), source: Source = Source(),
    limits: ScrapeLimits = ScrapeLimits()
  ) async throws -> Served {
    var limits = limits
    // Sources run on the pool of the tests, which may keep it busy for long.
    limits.answerTimeout = .seconds(600)
    let (states, continuation) = AsyncStream.makeStream(of: ScrapeServer.State.self)
    let server = try ScrapeServer(
      configuration: configuration, source: source, limits: limits,
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) { continuation.yield($0) }
    var iterator = states.makeAsyncIterator()
    guard case .listening(let address) = await iterator.next() else {
      await server.stop()
      throw Fault(.internalError, "the endpoint doesn't listen")
    }
    return Served(server: server, states: states, port: address.port)
  }

  private func ask(_ port: UInt16, _ target: String, _ fields: String = "", tls: NIOSSLContext? = nil) async throws
    -> String
  {
    let client = try await TestClient(port: port, tls: tls)
    client.send("GET \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\(fields)\r\n")
    return await client.untilClosed()
  }

  @Test func everythingIsServed() async throws {
    let source = Source()
    let served = try await serve(source: source)
    #expect(try await ask(served.port, "/metrics").hasSuffix("\r\n\r\n~~~~~~~~"))
    let accept = "Accept: \(AcceptHeaderTests.prometheus)\r\n"
    #expect(try await ask(served.port, "/metrics", accept).hasSuffix("\r\n\r\n^^^^^^^^"))
    #expect(try await ask(served.port, "/status.json").hasSuffix(#"{"tenants":[]}"#))
    #expect(try await ask(served.port, "/healthz").hasSuffix("\r\n\r\nok\n"))
    #expect(try await ask(served.port, "/readyz").hasSuffix("\r\n\r\nready\n"))
    #expect(try await ask(served.port, "/").hasSuffix(StatusPage.html))
    source.reason.withLock { $0 = "tenants are being recovered" }
    let client = try await TestClient(port: served.port)
    await client.wait {
      client.send("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n")
      return client.text.contains("503 Service Unavailable")
    }
    #expect(client.text.hasSuffix("\r\n\r\ntenants are being recovered\n"))
    await served.server.stop()
    await client.wait { !client.isOpen }
    #expect(!client.isOpen)
  }

  @Test func itsThreadIsNamedAndBlocksEverySignal() async throws {
    let served = try await serve()
    let tasks = try names(in: "/proc/self/task")
    let thread = tasks.first {
      (try? SmallFile.read("/proc/self/task/\($0)/comm", limit: 64))?.hasPrefix("scrape") ?? false
    }
    let status = try SmallFile.read("/proc/self/task/\(try #require(thread))/status", limit: 1 << 16)
    let blocked = try #require(status.split(separator: "\n").first { $0.hasPrefix("SigBlk:") })
    let mask = try #require(UInt64(blocked.split(separator: "\t").last ?? "", radix: 16))
    for number in [SIGTERM, SIGINT, SIGHUP, SIGCHLD, SIGPIPE] { #expect(mask & (1 << UInt64(number - 1)) != 0) }
    await served.server.stop()
  }

  private func names(in path: String) throws -> [String] {
    let directory = try #require(opendir(path))
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      names.append(
        withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    return names
  }

  @Test func manyTimesTheAllowedIdleConnectionsKeepNoScrapeOut() async throws {
    var limits = ScrapeLimits()
    limits.connections = 16
    let served = try await serve(limits: limits)
    let scraper = try await TestClient(port: served.port)
    var idle: [TestClient] = []
    for round in 0..<200 {
      idle.append(try await TestClient(port: served.port))
      if round % 3 == 0 { idle.last?.send("GET /metrics HT") }
      if round % 10 == 0 {
        scraper.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let wanted = round / 10 + 1
        await scraper.wait { scraper.tildes == wanted * 8 }
        #expect(scraper.isOpen)
      }
    }
    #expect(try await ask(served.port, "/metrics").contains("200 OK"))
    await idle[0].wait { idle.filter(\.isOpen).count <= 16 }
    #expect(idle.filter(\.isOpen).count <= 16)
    for client in idle { client.close() }
    await served.server.stop()
  }

  @Test func peersThatNeverReadAreCutOffAndKeepNoScrapeOut() async throws {
    var limits = ScrapeLimits()
    limits.connections = 16
    limits.writeTimeout = .milliseconds(300)
    limits.sendBufferBytes = 16 << 10
    let served = try await serve(source: Source(size: 4 << 20), limits: limits)
    var deaf: [TestClient] = []
    for _ in 0..<24 {
      let client = try await TestClient(port: served.port, reads: false)
      client.send(String(repeating: "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", count: 50))
      deaf.append(client)
    }
    #expect(try await ask(served.port, "/healthz").contains("200 OK"))
    // Their time has come, in 300 ms each, whatever they are still sent.
    await deaf[0].wait { deaf.allSatisfy { !$0.isOpen } }
    #expect(deaf.allSatisfy { !$0.isOpen })
    for client in deaf { client.close() }
    await served.server.stop()
  }

  @Test func aFloodOfScrapesCostsFewExpositions() async throws {
    let source = Source()
    var limits = ScrapeLimits()
    limits.freshness = .seconds(3600)
    let served = try await serve(source: source, limits: limits)
    let client = try await TestClient(port: served.port)
    for _ in 0..<20 {
      client.send(String(repeating: "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", count: 100))
    }
    await client.wait { client.tildes == 2000 * 8 }
    #expect(client.tildes == 2000 * 8)
    #expect(source.expositions.withLock { $0 } == 1)
    await served.server.stop()
  }

  @Test func tlsServesWhoTrustsTheCertificate() async throws {
    let directory = try TemporaryDirectory()
    let tls = DaemonConfiguration.Metrics.TLS(
      certificate: Positioned(try directory.file("certificate", Array(TestCertificate.certificate.utf8))),
      key: Positioned(try directory.file("key", Array(TestCertificate.key.utf8))))
    let source = Source(size: 3 << 20)
    let served = try await serve(.init(listen: Positioned(Self.loopback), tls: tls), source: source)
    var client = TLSConfiguration.makeClientConfiguration()
    client.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(TestCertificate.certificate.utf8)))
    let context = try NIOSSLContext(configuration: client)
    #expect(try await ask(served.port, "/healthz", tls: context).hasSuffix("\r\n\r\nok\n"))
    let exposition = try await ask(served.port, "/metrics", tls: context)
    #expect(exposition.hasSuffix(String(repeating: "~", count: 3 << 20)))
    // Plain HTTP gets nothing, nor does TLS 1.1.
    #expect(try await !ask(served.port, "/healthz").contains("HTTP"))
    client.maximumTLSVersion = .tlsv11
    #expect(try await ask(served.port, "/healthz", tls: NIOSSLContext(configuration: client)) == "")
    await served.server.stop()
  }

  @Test func aTokenIsAskedForAndCanBeReplaced() async throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("token", Array("0123456789abcdef\n".utf8))
    let configuration = DaemonConfiguration.Metrics(listen: Positioned(Self.loopback), tokenFile: Positioned(path))
    let served = try await serve(configuration)
    #expect(try await ask(served.port, "/metrics").contains("401 Unauthorized"))
    #expect(try await ask(served.port, "/metrics", "Authorization: Bearer 0123456789abcdef\r\n").contains("200 OK"))
    #expect(try await ask(served.port, "/healthz").contains("200 OK"))
    unlink(path)
    _ = try directory.file("token", Array("fedcba9876543210\n".utf8))
    try served.server.reload(configuration)
    #expect(try await ask(served.port, "/metrics", "Authorization: Bearer 0123456789abcdef\r\n").contains("401"))
    #expect(try await ask(served.port, "/metrics", "Authorization: Bearer fedcba9876543210\r\n").contains("200 OK"))
    unlink(path)
    #expect(throws: Fault.self) { try served.server.reload(configuration) }
    #expect(try await ask(served.port, "/metrics").contains("401"))
    await served.server.stop()
  }

  @Test func filesThatOthersMayReadOrThatHoldSomethingElseArentUsed() throws {
    let directory = try TemporaryDirectory()
    let token = Array("0123456789abcdef".utf8)
    let cases: [(String, [UInt8], mode_t, Fault.Code)] = [
      ("world", token, 0o604, .badTokenFile), ("writable", token, 0o620, .badTokenFile),
      ("short", Array("short".utf8), 0o600, .badTokenFile), ("empty", [], 0o600, .badTokenFile),
    ]
    for (name, bytes, mode, code) in cases {
      let path = try directory.file(name, bytes, mode: mode)
      #expect("\(name)") { try ScrapeCredentials(.init(tokenFile: Positioned(path))) } throws: { error in
        (error as? Fault)?.code == code
      }
    }
    let certificate = try directory.file("certificate", Array(TestCertificate.certificate.utf8), mode: 0o644)
    let other = try directory.file("other", Array(TestCertificate.other.utf8), mode: 0o644)
    let key = try directory.file("key", Array(TestCertificate.key.utf8), mode: 0o640)
    let open = try directory.file("open", Array(TestCertificate.key.utf8), mode: 0o644)
    let pairs = [(other, key), (certificate, open), (key, certificate), (certificate, certificate), (key, key)]
    for (chain, secret) in pairs {
      let tls = DaemonConfiguration.Metrics.TLS(certificate: Positioned(chain), key: Positioned(secret))
      #expect(throws: Fault.self, "\(chain) \(secret)") { try ScrapeCredentials(.init(tls: tls)) }
    }
    let link = directory.path + "/link"
    try #require(symlink(key, link) == 0)
    let tls = DaemonConfiguration.Metrics.TLS(certificate: Positioned(certificate), key: Positioned(link))
    #expect(try ScrapeCredentials(.init(tls: tls)).tls != nil)
  }

  @Test func aPortThatIsTakenIsToldAndTriedAgain() async throws {
    let first = try await serve()
    let address = ListenAddress(ipAddress: "127.0.0.1", port: first.port)
    let (states, continuation) = AsyncStream.makeStream(of: ScrapeServer.State.self)
    let second = try ScrapeServer(
      configuration: .init(listen: Positioned(address)), source: Source(),
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) { continuation.yield($0) }
    var iterator = states.makeAsyncIterator()
    guard case .failing(let fault, let seconds) = await iterator.next() else {
      Issue.record("two listen on one port")
      return
    }
    #expect(fault.code == .cannotListen && fault.errno == ErrorNumber(EADDRINUSE) && seconds == 1)
    await first.server.stop()
    var state = await iterator.next()
    // Somebody else may have taken it meanwhile; so it may take more than one attempt.
    while case .failing = state { state = await iterator.next() }
    #expect(state == address.map { .listening($0) })
    #expect(try await ask(first.port, "/healthz").contains("200 OK"))
    await second.stop()
  }

  @Test func aMissingTokenNeverOpensTheEndpoint() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/token"
    let configuration = DaemonConfiguration.Metrics(listen: Positioned(Self.loopback), tokenFile: Positioned(path))
    let (states, continuation) = AsyncStream.makeStream(of: ScrapeServer.State.self)
    let server = try ScrapeServer(
      configuration: configuration, source: Source(), log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) { continuation.yield($0) }
    var iterator = states.makeAsyncIterator()
    guard case .failing(let fault, _) = await iterator.next() else {
      Issue.record("it listens without its token")
      return
    }
    #expect(fault.path == path)
    _ = try directory.file("token", Array("0123456789abcdef\n".utf8))
    var state = await iterator.next()
    while case .failing = state { state = await iterator.next() }
    guard case .listening(let address) = state else { return }
    #expect(try await ask(address.port, "/metrics").contains("401"))
    await server.stop()
  }

  @Test func anotherAddressIsMovedTo() async throws {
    let (states, continuation) = AsyncStream.makeStream(of: ScrapeServer.State.self)
    let server = try ScrapeServer(
      configuration: .init(listen: Positioned(nil)), source: Source(),
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) { continuation.yield($0) }
    var iterator = states.makeAsyncIterator()
    #expect(await iterator.next() == .off)
    try server.reload(.init(listen: Positioned(Self.loopback)))
    guard case .listening(let address) = await iterator.next() else { return }
    #expect(try await ask(address.port, "/healthz").contains("200 OK"))
    try server.reload(.init(listen: Positioned(nil)))
    #expect(await iterator.next() == .off)
    let client = try? await TestClient(port: address.port)
    #expect(client == nil)
    await server.stop()
  }
}
