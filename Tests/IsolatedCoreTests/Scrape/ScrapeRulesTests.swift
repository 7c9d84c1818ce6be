import NIOHTTP1
import Testing

@testable import IsolatedCore

@Suite struct ScrapeRulesTests {
  static let secret = "0123456789abcdef"

  private func head(
    _ target: String, _ fields: [(String, String)] = [], method: HTTPMethod = .GET, host: String? = "localhost:9273",
    version: HTTPVersion = .http1_1
  ) -> HTTPRequestHead {
    var headers = HTTPHeaders(fields)
    if let host { headers.add(name: "Host", value: host) }
    return HTTPRequestHead(version: version, method: method, uri: target, headers: headers)
  }

  private func rules(token: String? = nil, checksHost: Bool = true) throws -> ScrapeRules {
    ScrapeRules(
      token: try token.map { try #require(ScrapeToken(fileContents: Array($0.utf8))) }, checksHost: checksHost)
  }

  private func status(_ verdict: ScrapeRules.Verdict) -> UInt? {
    if case .answer(let answer) = verdict { answer.status.code } else { nil }
  }

  @Test func eachRouteIsFound() throws {
    let rules = try rules()
    #expect(rules.judge(head("/metrics")) == .make(.exposition(.prometheusText)))
    #expect(rules.judge(head("/metrics?name[]=a")) == .make(.exposition(.prometheusText)))
    #expect(rules.judge(head("http://localhost/metrics")) == .make(.exposition(.prometheusText)))
    #expect(rules.judge(head("/metrics", method: .HEAD)) == .make(.exposition(.prometheusText)))
    #expect(
      rules.judge(head("/metrics", [("Accept", AcceptHeaderTests.prometheus)])) == .make(.exposition(.openMetrics)))
    #expect(rules.judge(head("/status.json")) == .make(.status))
    #expect(rules.judge(head("/readyz")) == .make(.readiness))
    #expect(status(rules.judge(head("/healthz"))) == 200)
    #expect(status(rules.judge(head("/"))) == 200)
  }

  @Test(arguments: [
    "/metrics/", "//metrics", "/Metrics", "/metrics.json", "/../metrics", "/%6detrics", "/favicon.ico", "/status",
    "/.env",
  ])
  func anythingElseIsNotFound(target: String) throws {
    #expect(status(try rules().judge(head(target))) == 404)
  }

  @Test(arguments: ["metrics", "", "*", "localhost:80", "/met rics", "/\u{7f}", "/ü", "ftp://localhost/metrics"])
  func whatIsNoTargetIsRefused(target: String) throws {
    #expect(status(try rules().judge(head(target))) == 400)
  }

  @Test(arguments: [HTTPMethod.POST, .PUT, .DELETE, .OPTIONS, .TRACE, .RAW(value: "BREW")])
  func otherMethodsAreRefusedWithThoseThatAreAllowed(method: HTTPMethod) throws {
    for target in ["/", "/metrics", "/status.json", "/healthz", "/readyz"] {
      guard case .answer(let answer) = try rules().judge(head(target, method: method)) else {
        Issue.record("\(method) \(target) is made")
        continue
      }
      #expect(answer.status == .methodNotAllowed)
      #expect(answer.fields == [ScrapeAnswer.Field(name: "Allow", value: "GET, HEAD")])
    }
  }

  @Test func anAcceptThatNothingFitsIsToldSo() throws {
    #expect(status(try rules().judge(head("/metrics", [("Accept", "application/json")]))) == 406)
    #expect(try rules().judge(head("/status.json", [("Accept", "text/html")])) == .make(.status))
  }

  @Test(arguments: [
    "localhost", "LOCALHOST:1", "a.localhost", "127.0.0.1", "127.0.0.1:9273", "10.1.2.3", "[::1]", "[::1]:9273",
    "[fe80::1]",
  ])
  func aHostThatIsThisMachineIsLetIn(host: String) throws {
    #expect(try rules().judge(head("/metrics", host: host)) == .make(.exposition(.prometheusText)))
  }

  @Test(arguments: [
    "evil.example", "evil.example:9273", "127.0.0.1.evil.example", "localhost.evil.example", "notlocalhost", "", ":80",
    "[::1].evil.example", "[evil]", "127.1", "0x7f000001", "2130706433", "localhost:80:80", "local\u{0}host",
    "evil@localhost",
    "127.0.0.1\u{0}.evil",
  ])
  func aReboundNameIsMisdirected(host: String) throws {
    #expect(status(try rules().judge(head("/metrics", host: host))) == 421)
    #expect(status(try rules().judge(head("/healthz", host: host))) == 421)
    #expect(status(try rules(checksHost: false).judge(head("/healthz", host: host))) == 200)
  }

  @Test func theTargetsAuthorityCountsMoreThanTheHostField() throws {
    #expect(status(try rules().judge(head("http://evil.example/metrics"))) == 421)
    #expect(status(try rules().judge(head("http://evil.example"))) == 421)
    #expect(try rules().judge(head("http://127.0.0.1/status.json", host: "evil.example")) == .make(.status))
  }

  @Test func aRequestHasOneHost() throws {
    #expect(status(try rules().judge(head("/metrics", host: nil))) == 400)
    #expect(status(try rules().judge(head("/metrics", [("Host", "localhost")]))) == 400)
    #expect(try rules().judge(head("/readyz", host: nil, version: .http1_0)) == .make(.readiness))
  }

  @Test(arguments: [
    "Bearer \(secret)", "bearer \(secret)", "BEARER  \(secret)", "Basic bmFtZTowMTIzNDU2Nzg5YWJjZGVm",
    "basic OjAxMjM0NTY3ODlhYmNkZWY=",
  ])
  func theTokenIsTakenAsBearerAndAsPassword(field: String) throws {
    let verdict = try rules(token: Self.secret).judge(head("/metrics", [("Authorization", field)]))
    #expect(verdict == .make(.exposition(.prometheusText)))
  }

  @Test(arguments: [
    "", "Bearer", "Bearer ", "Bearer x", "Bearer \(secret)0", "Bearer 1123456789abcdef", "Bearer 0123456789abcdeF",
    secret,
    "Digest \(secret)", "Basic \(secret)", "Basic Og==", "Basic !!!!", "Basic bmFtZQ==", "Bearer\t\(secret)",
  ])
  func anotherTokenIsRefusedWithAChallenge(field: String) throws {
    let rules = try rules(token: Self.secret)
    guard case .answer(let answer) = rules.judge(head("/metrics", [("Authorization", field)])) else {
      Issue.record("let in with \(field)")
      return
    }
    #expect(answer.status == .unauthorized)
    #expect(answer.fields.map(\.name) == ["WWW-Authenticate"])
    #expect(!answer.body.contains(Self.secret))
  }

  @Test func withATokenOnlyTheDaemonsHealthIsOpen() throws {
    let rules = try rules(token: Self.secret)
    for target in ["/", "/metrics", "/status.json", "/nothing", "/metrics/"] {
      #expect(status(rules.judge(head(target))) == 401, "\(target)")
    }
    #expect(status(rules.judge(head("/healthz"))) == 200)
    #expect(rules.judge(head("/readyz")) == .make(.readiness))
    let twice = [("Authorization", "Bearer x"), ("Authorization", "Bearer \(Self.secret)")]
    #expect(status(rules.judge(head("/metrics", twice))) == 401)
  }

  @Test func aBrowserIsAskedForAPasswordOnThePageAlone() throws {
    let rules = try rules(token: Self.secret)
    guard case .answer(let page) = rules.judge(head("/")), case .answer(let metrics) = rules.judge(head("/metrics"))
    else {
      Issue.record("let in without a token")
      return
    }
    #expect(page.fields.count == 2 && page.fields.contains { $0.value.hasPrefix("Basic ") })
    #expect(metrics.fields.count == 1)
  }

  @Test func thePageAllowsNothingExternal() throws {
    guard case .answer(let page) = try rules().judge(head("/")) else { return }
    let policy = try #require(page.fields.first { $0.name == "Content-Security-Policy" }?.value)
    #expect(policy.hasPrefix("default-src 'none'; script-src 'sha256-") && policy.contains("frame-ancestors 'none'"))
    #expect(!policy.contains("unsafe"))
    #expect(page.body.hasPrefix("<!doctype html>") && page.body.hasSuffix("</html>"))
    for reference in ["src=\"", "@import", "url(", "innerHTML", "insertAdjacentHTML", "document.write", "eval("] {
      #expect(!page.body.contains(reference), "\(reference)")
    }
  }

  @Test(arguments: [
    "short", "", "   \n", "0123456789abcde", "0123456789 abcdef", "0123456789abcdeü", "0123456789abc\u{1}def",
  ])
  func whatCanBeGuessedOrNotBeSentIsNoToken(text: String) {
    #expect(ScrapeToken(fileContents: Array(text.utf8)) == nil)
  }

  @Test func lineEndsArentPartOfAToken() throws {
    let token = try #require(ScrapeToken(fileContents: Array("\n \(Self.secret)\r\n".utf8)))
    #expect(token.isPresented(in: ["Bearer \(Self.secret)"]))
    #expect(ScrapeToken(fileContents: [UInt8](repeating: 65, count: ScrapeToken.mostBytes + 1)) == nil)
  }

  @Test(arguments: [
    (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
    (1_709_210_096, "Thu, 29 Feb 2024 12:34:56 GMT"),
  ])
  func datesAreHTTPs(seconds: Int, text: String) {
    #expect(HTTPDate.text(seconds: seconds) == text)
  }
}
