import Faults
import Policy
import Sandbox
import Testing

@testable import IsolatedCore

@Suite struct HealthStateTests {
  private static let second = 1_000_000

  private static func policy(_ more: String = "") throws -> HealthPolicy {
    let policy = try PolicyDocument.parse(
      text: "tenant: a\ncommand: [/bin/true]\nmemory: {max: 64MiB}\nhealth: {http: {port: 80}\(more)}\n", file: "p")
    return try #require(policy.health)
  }

  private static func state(_ more: String = "") throws -> HealthState {
    HealthState(try policy(more), started: 100 * second)
  }

  @Test func theFirstCheckThatPassesMakesItHealthyAtOnce() throws {
    var state = try Self.state()
    #expect(state.status == .starting)
    #expect(state.take(.passed, at: 100 * Self.second) == .healthy)
    #expect(state.take(.passed, at: 101 * Self.second) == nil)
  }

  @Test func failuresWhileItStartsDontCountButAreTold() throws {
    var state = try Self.state(", start_period: 5s, retries: 2")
    for time in 0..<50 {
      #expect(state.take(.failed("no"), at: 100 * Self.second + time * 100_000) == nil)
    }
    #expect(state.failures == 0 && state.reason == "no")
    #expect(state.take(.failed("no"), at: 105 * Self.second) == nil)
    #expect(state.take(.failed("why"), at: 106 * Self.second) == .unhealthy)
    #expect(state.reason == "why")
  }

  @Test func aTenantThatWasHealthyHasStartedHoweverSoon() throws {
    var state = try Self.state(", start_period: 1h, retries: 1")
    _ = state.take(.passed, at: 100 * Self.second)
    #expect(state.take(.failed("no"), at: 101 * Self.second) == .unhealthy)
  }

  @Test func onlyFailuresInARowCountAndOneSuccessMends() throws {
    var state = try Self.state(", start_period: 0, retries: 3")
    for _ in 0..<20 {
      #expect(state.take(.failed("no"), at: 200 * Self.second) == nil)
      #expect(state.take(.failed("no"), at: 200 * Self.second) == nil)
      _ = state.take(.passed, at: 200 * Self.second)
    }
    for expected in [nil, nil, HealthState.Status.unhealthy, nil] {
      #expect(state.take(.failed("no"), at: 300 * Self.second) == expected)
    }
    #expect(state.take(.passed, at: 301 * Self.second) == .healthy)
    #expect(state.failures == 0 && state.reason == nil)
  }

  @Test func checksOfATenantThatStartsComeSoonerAndNeverLaterThanAsked() throws {
    var state = try Self.state(", interval: 10s")
    #expect(state.wait == Self.second)
    _ = state.take(.passed, at: 100 * Self.second)
    #expect(state.wait == 10 * Self.second)
    #expect(try Self.state(", interval: 200ms").wait == 200_000)
  }

  @Test func whatAProbeFindsMeansWhatThePolicyAsked() throws {
    let page = try Self.policy()
    #expect(page.outcome(of: .answered(200)) == .passed && page.outcome(of: .answered(399)) == .passed)
    #expect(page.outcome(of: .answered(503)) == .failed("it answered with status 503"))
    #expect(page.outcome(of: .refused(ErrorNumber(111))) == .failed("no connection: ECONNREFUSED"))
    #expect(page.outcome(of: .late) == .failed("no answer within 2s"))
    for finding in [TenantProbe.Finding.cut, .notHTTP, .connected] {
      #expect(page.outcome(of: finding) != .passed, "\(finding)")
    }
    var port = page
    port.check = Positioned(.tcp(80))
    #expect(port.outcome(of: .connected) == .passed)
    #expect(port.outcome(of: .answered(200)) != .passed)
    #expect(port.probe == .init(port: 80, milliseconds: 2000))
    #expect(page.probe == .init(port: 80, path: "/", milliseconds: 2000))
    port.check = Positioned(.command(["/bin/true"]))
    #expect(port.probe == nil)
  }
}
