import NIOHTTP1

/// What has to be made to answer a request.
enum ScrapeResource: Hashable, Sendable {
  case exposition(ExpositionFormat)
  case status
  case readiness

  var contentType: String {
    switch self {
    case .exposition(let format): format.contentType
    case .status: "application/json"
    case .readiness: ScrapeAnswer.plainText
    }
  }
}

/// An answer that is ready.
struct ScrapeAnswer: Sendable, Equatable {
  static let plainText = "text/plain; charset=utf-8"

  var status: HTTPResponseStatus
  var contentType = plainText
  var fields: [Field] = []
  var body: String

  struct Field: Sendable, Equatable {
    var name: String
    var value: String
  }
}

/// Decides what a request gets, from its head alone.
struct ScrapeRules: Sendable {
  enum Verdict: Sendable, Equatable {
    case answer(ScrapeAnswer)
    case make(ScrapeResource)
  }

  /// What clients must present for all but the health of the daemon; nil where everybody may ask.
  var token: ScrapeToken?
  /// Whether `Host` must name this machine; see ``HostField``.
  var checksHost: Bool

  func judge(_ head: HTTPRequestHead) -> Verdict {
    guard let target = Target(head) else { return .answer(Self.refusal(.badRequest, "this target isn't understood")) }
    let hosts = head.headers["host"]
    guard hosts.count == 1 || (hosts.isEmpty && head.version == .http1_0) else {
      return .answer(Self.refusal(.badRequest, "a request has one Host field"))
    }
    if checksHost, let host = target.authority ?? hosts.first, !HostField.namesThisMachine(host) {
      return .answer(
        Self.refusal(.misdirectedRequest, "this endpoint answers to localhost and to addresses, not to other names"))
    }
    let route = Route(rawValue: target.path)
    if route != .health, route != .readiness, let token, !token.isPresented(in: head.headers["authorization"]) {
      return .answer(Self.unauthorized(route))
    }
    guard let route else { return .answer(Self.refusal(.notFound, "nothing is here; there are /, \(Route.list)")) }
    guard head.method == .GET || head.method == .HEAD else {
      var answer = Self.refusal(.methodNotAllowed, "GET and HEAD are what can be done here")
      answer.fields.append(ScrapeAnswer.Field(name: "Allow", value: "GET, HEAD"))
      return .answer(answer)
    }
    return verdict(route, accept: head.headers["accept"])
  }

  private func verdict(_ route: Route, accept: [String]) -> Verdict {
    switch route {
    case .metrics:
      guard let format = ExpositionFormat.negotiated(accept) else {
        let offers = ExpositionFormat.allCases.map(\.contentType).joined(separator: " and ")
        return .answer(Self.refusal(.notAcceptable, "there are \(offers)"))
      }
      return .make(.exposition(format))
    case .health: return .answer(ScrapeAnswer(status: .ok, body: "ok\n"))
    case .readiness: return .make(.readiness)
    case .page:
      return .answer(
        ScrapeAnswer(
          status: .ok, contentType: "text/html; charset=utf-8",
          fields: [ScrapeAnswer.Field(name: "Content-Security-Policy", value: StatusPage.contentSecurityPolicy)],
          body: StatusPage.html))
    case .status: return .make(.status)
    }
  }

  static func refusal(_ status: HTTPResponseStatus, _ reason: String) -> ScrapeAnswer {
    ScrapeAnswer(status: status, body: reason + "\n")
  }

  private static func unauthorized(_ route: Route?) -> ScrapeAnswer {
    var answer = refusal(.unauthorized, "this needs the token of metrics.token_file in isolated.yaml")
    answer.fields.append(ScrapeAnswer.Field(name: "WWW-Authenticate", value: #"Bearer realm="isolated""#))
    if route == .page || route == .status {
      // A browser then asks for a name, which doesn't matter, and a password, which is the token.
      answer.fields.append(
        ScrapeAnswer.Field(name: "WWW-Authenticate", value: #"Basic realm="isolated", charset="UTF-8""#))
    }
    return answer
  }

  /// What can be asked for.
  private enum Route: String, CaseIterable {
    case page = "/"
    case metrics = "/metrics"
    case status = "/status.json"
    case health = "/healthz"
    case readiness = "/readyz"

    static var list: String { allCases.dropFirst().map(\.rawValue).joined(separator: ", ") }
  }

  /// A request's target in origin form or absolute form, RFC 9112 section 3.2.
  private struct Target {
    var authority: String?
    var path: String

    init?(_ head: HTTPRequestHead) {
      guard head.uri.utf8.allSatisfy({ (33...126).contains($0) }) else { return nil }
      var rest = Substring(head.uri)
      for scheme in ["http://", "https://"] where rest.lowercased().hasPrefix(scheme) {
        rest = rest.dropFirst(scheme.count)
        let end = rest.firstIndex { "/?".contains($0) } ?? rest.endIndex
        authority = String(rest[..<end])
        rest = rest[end...]
        if !rest.hasPrefix("/") { rest = "/" + rest }
        break
      }
      guard rest.hasPrefix("/") else { return nil }
      path = String(rest.prefix { $0 != "?" && $0 != "#" })
    }
  }
}
