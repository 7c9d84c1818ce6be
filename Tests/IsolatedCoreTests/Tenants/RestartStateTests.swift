import ControlProtocol
import FoundationEssentials
import Testing

@testable import IsolatedCore

@Suite struct RestartStateTests {
  static func rule(
    _ condition: RestartRule.Condition = .failure, first: Int = 1_000_000, longest: Int = 30_000_000,
    limit: Int? = nil, resetAfter: Int = 60_000_000
  ) -> RestartRule {
    RestartRule(
      condition: condition, firstWait: first, longestWait: longest, limit: limit, resetAfter: resetAfter)
  }

  static func state(_ rule: RestartRule) -> RestartState {
    var state = RestartState(rule: rule, life: "life")
    state.begins(at: 0, isWell: true, isFirst: true)
    return state
  }

  @Test func waitsDoubleFromTheFirstToTheLongest() {
    let rule = Self.rule(first: 1, longest: 30)
    #expect((1...7).map { rule.wait(before: $0) } == [1, 2, 4, 8, 16, 30, 30])
    #expect(rule.wait(before: .max) == 30)
    #expect(Self.rule(first: 5, longest: 5).wait(before: 3) == 5)
    #expect(Self.rule(first: .max / 2 + 1, longest: .max).wait(before: 9) == .max)
  }

  @Test func jitterOnlyEverLengthensAndNeverByMoreThanATenth() {
    #expect(RestartRule.lengthened(1000, by: 0) == 1000)
    #expect(RestartRule.lengthened(1000, by: 1) == 1100)
    #expect(RestartRule.lengthened(1000, by: 77) == 1100)
    #expect(RestartRule.lengthened(1000, by: -3) == 1000)
    #expect(RestartRule.lengthened(.max, by: 1) == .max)
  }

  @Test(arguments: [
    (RestartRule.Condition.failure, false, false), (.failure, true, true), (.always, false, true),
    (.always, true, true),
  ])
  func theConditionDecidesWhichEndsCount(condition: RestartRule.Condition, isFailure: Bool, restarts: Bool) {
    var state = Self.state(Self.rule(condition))
    let verdict = state.ended(isFailure: isFailure, at: 10, chance: 0)
    #expect(verdict == (restarts ? .waits(until: 1_000_010) : .stays))
    #expect((state.due != nil) == restarts)
    #expect(!state.hasGivenUp)
  }

  @Test func endsThatAreFailures() {
    #expect(!Exit(status: 0, cause: .exited, durationUsec: 1).isFailure)
    #expect(Exit(status: 3, cause: .exited, durationUsec: 1).isFailure)
    for cause in [Exit.Cause.signaled, .outOfMemory, .killed, .initLost, .startFailed] {
      #expect(Exit(signal: 9, cause: cause, durationUsec: 1).isFailure, "\(cause)")
    }
  }

  @Test func aCrashLoopGivesUpAfterItsLimitAndNotBefore() {
    var state = Self.state(Self.rule(limit: 3))
    var (now, waits) = (0, [Int]())
    while case .waits(let due) = state.ended(isFailure: true, at: now, chance: 0) {
      waits.append(due - now)
      now = due
      state.begins(at: now, isWell: true)
      now += 10
    }
    #expect(waits == [1_000_000, 2_000_000, 4_000_000])
    #expect(state.hasGivenUp && state.due == nil)
    #expect(state.total == 3 && state.inARow == 3)
  }

  @Test func beingWellForLongEnoughStartsTheCountAnew() {
    var state = Self.state(Self.rule(limit: 2, resetAfter: 100))
    for round in 1...20 {
      let now = round * 1_000_000_000
      #expect(state.ended(isFailure: true, at: now, chance: 0) == .waits(until: now + 1_000_000), "round \(round)")
      state.begins(at: now + 1_000_000, isWell: true)
      #expect(state.count(at: now + 1_000_099) == 1)
      #expect(state.count(at: now + 1_000_100) == 0)
    }
    #expect(state.total == 20)
  }

  @Test func runningIsNotBeingWellWhereSomethingChecks() {
    var state = Self.state(Self.rule(limit: 1, resetAfter: 100))
    _ = state.ended(isFailure: true, at: 1, chance: 0)
    state.begins(at: 2_000_000, isWell: false)
    #expect(state.count(at: .max) == 1)
    state.becameWell(at: 3_000_000)
    state.becameWell(at: 3_000_090)
    state.becameUnhealthy(at: 3_000_099)
    #expect(state.count(at: .max) == 1, "99 are not 100")
    state.becameWell(at: 4_000_000)
    #expect(state.ended(isFailure: true, at: 4_000_100, chance: 0) == .waits(until: 5_000_100))
  }

  @Test func whoEndsUnhealthyHasFailedWhateverItsStatus() {
    var state = Self.state(Self.rule())
    state.becameUnhealthy(at: 5)
    var recovered = state
    recovered.becameWell(at: 6)
    #expect(recovered.ended(isFailure: false, at: 10, chance: 0) == .stays)
    #expect(state.ended(isFailure: false, at: 10, chance: 0) == .waits(until: 1_000_010))
    state.begins(at: 2_000_000, isWell: false)
    #expect(state.ended(isFailure: false, at: 2_000_001, chance: 0) == .stays, "a new start is a new chance")
  }

  @Test func whoseEndWasAskedForStaysEndedAlsoUnderTheNextDaemon() throws {
    var state = Self.state(Self.rule(.always))
    state.isStopAsked = true
    var copy = try JSONDecoder().decode(RestartState.self, from: JSONEncoder().encode(state))
    #expect(copy.ended(isFailure: true, at: 10, chance: 0) == .stays)
    #expect(!copy.hasGivenUp && copy.due == nil)
  }

  @Test func aStartThatFailedIsNoTimeOfBeingWell() {
    var state = Self.state(Self.rule(limit: 2, resetAfter: 5))
    _ = state.ended(isFailure: true, at: 1, chance: 0)
    state.begins(at: 100, isWell: true)
    _ = state.ended(isFailure: true, hasRun: false, at: 5000, chance: 0)
    #expect(state.inARow == 2)
    state.begins(at: 10_000, isWell: true)
    #expect(state.ended(isFailure: true, hasRun: false, at: 90_000, chance: 0) == .givesUp)
  }

  @Test func whatIsReadBackGoesOnWithItsCountAndItsTime() throws {
    var state = Self.state(Self.rule(limit: 5))
    state.lastExit = Exit(status: 1, cause: .exited, durationUsec: 4)
    for _ in 0..<3 { _ = state.ended(isFailure: true, at: 1, chance: 0.5) }
    let copy = try JSONDecoder().decode(RestartState.self, from: JSONEncoder().encode(state))
    #expect(copy == state)
    #expect(copy.remaining(at: 1) == 4_200_000)
  }

  @Test func aDueTimeThatNoWaitCanReachIsCutToTheLongest() {
    var state = Self.state(Self.rule(longest: 2_000_000))
    _ = state.ended(isFailure: true, at: 1_000_000_000_000, chance: 0)
    #expect(state.remaining(at: 5) == 2_200_000, "a clock that began anew")
    #expect(state.remaining(at: .max) == 0)
  }

  /// Whatever happens in whatever order: never more restarts in a row than the limit, every wait within its bounds and
  /// none shorter than the one before in the row, and a due time exactly while one waits.
  @Test(arguments: 0..<200)
  func noOrderOfEventsBreaksTheRule(seed: Int) {
    var random = SplitMix(state: UInt64(seed))
    let limit: Int? = Bool.random(using: &random) ? Int.random(in: 1...6, using: &random) : nil
    let first = Int.random(in: 1...5_000_000, using: &random)
    let rule = Self.rule(
      Bool.random(using: &random) ? .always : .failure, first: first,
      longest: first * Int.random(in: 1...50, using: &random), limit: limit,
      resetAfter: Int.random(in: 1...50_000_000, using: &random))
    var state = Self.state(rule)
    var (now, lastBase, restarts) = (0, 0, 0)
    for _ in 0..<300 {
      now += Int.random(in: 0...20_000_000, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: state.becameWell(at: now)
      case 1: state.becameUnhealthy(at: now)
      default:
        let before = state.count(at: now)
        let hasRun = Int.random(in: 0..<3, using: &random) > 0
        let verdict = state.ended(
          isFailure: Bool.random(using: &random), hasRun: hasRun, at: now,
          chance: .random(in: 0..<1, using: &random))
        guard case .waits(let due) = verdict else {
          #expect(state.due == nil)
          #expect(verdict != .givesUp || state.inARow == limit)
          state = Self.state(rule)
          (lastBase, restarts) = (0, 0)
          continue
        }
        #expect(state.due == due && state.remaining(at: now) == due - now)
        #expect(due - now >= rule.wait(before: state.inARow) && due - now <= rule.bound)
        #expect(limit.map { state.inARow <= $0 } ?? true)
        if before == 0 { lastBase = 0 }
        #expect(rule.wait(before: state.inARow) >= lastBase)
        lastBase = rule.wait(before: state.inARow)
        now = due
        state.begins(at: now, isWell: Bool.random(using: &random))
        restarts += 1
        #expect(state.total == restarts && state.due == nil)
      }
    }
  }
}

/// A generator whose numbers a seed determines: Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", 2014.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
