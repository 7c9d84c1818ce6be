import ControlProtocol
import Faults
import Kernel
import Testing

@testable import IsolatedCore

@Suite struct TenantEventsTests {
  private let events = TenantEvents()

  private func tell(_ kind: TenantEvent.Kind, _ tenant: String = "a", owner: UInt32 = 0, at time: Int = 1) {
    events.publish(TenantEvent(timeUsec: time, event: kind, tenant: tenant), owner: owner)
  }

  /// What waits, as words; the stream is ended first, so that nothing waits for more.
  private func heard(_ stream: TenantEventStream, _ count: Int) async -> [String] {
    var words: [String] = []
    for _ in 0..<count {
      guard let event = await stream.next() else { break }
      words.append(event.event.rawValue + (event.count.map { " \($0)" } ?? ""))
    }
    return words
  }

  @Test func eventsComeInOrderBehindTheWordThatTheStreamStands() async {
    let stream = events.listen(to: nil, owner: nil)
    for kind in [TenantEvent.Kind.spawned, .ready, .frozen, .thawed, .exited] { tell(kind) }
    #expect(await heard(stream, 6) == ["listening", "spawned", "ready", "frozen", "thawed", "exited"])
  }

  @Test func whoIsNotTheirOwnerHearsNothingOfThem() async {
    let stream = events.listen(to: nil, owner: 1000)
    tell(.spawned, owner: 0)
    tell(.ready, owner: 1001)
    tell(.exited, owner: 1000)
    #expect(await heard(stream, 2) == ["listening", "exited"])
    let past = events.listen(to: nil, owner: 1000, since: 0)
    #expect(await heard(past, 2) == ["listening", "exited"])
  }

  @Test func onlyTheTenantsThatAreNamedAreTold() async {
    let stream = events.listen(to: ["b", "nobody"], owner: nil)
    for tenant in ["a", "b", "c"] { tell(.spawned, tenant) }
    _ = await stream.next()
    #expect(await stream.next()?.tenant == "b")
  }

  @Test func aSlowReaderMissesAndIsToldHowMuchAndWhere() async {
    let stream = events.listen(to: nil, owner: nil)
    let most = TenantEventStream.mostWaiting
    for _ in 0..<(most + 99) { tell(.limit) }
    let first = await heard(stream, most)
    #expect(first.first == "listening" && first.dropFirst().allSatisfy { $0 == "limit" } && first.count == most)
    #expect(await heard(stream, 1) == ["lost 100"])
    tell(.frozen)
    #expect(await heard(stream, 1) == ["frozen"])
    // A gap in the middle stands where it was.
    for _ in 0..<(most + 5) { tell(.limit) }
    _ = await heard(stream, 2)
    tell(.exited)
    #expect(Array(await heard(stream, most).suffix(2)) == ["lost 5", "exited"])
  }

  @Test func noReaderHoldsUpAnotherOrTheTeller() async {
    let streams = (0..<50).map { _ in events.listen(to: nil, owner: nil) }
    let quick = events.listen(to: nil, owner: nil)
    #expect(await quick.next()?.event == .listening)
    for round in 0..<5000 {
      tell(.limit, at: round)
      #expect(await quick.next()?.timeUsec == round)
    }
    for stream in streams { #expect(await heard(stream, 257).last == "lost 4745") }
  }

  @Test func whoHasLeftCostsNothing() async {
    let stream = events.listen(to: nil, owner: nil)
    #expect(events.hasListeners)
    stream.end()
    stream.end()
    #expect(!events.hasListeners)
    tell(.spawned)
    #expect(await stream.next() == nil)
  }

  @Test func aCancelledReaderGetsNothingAndLeaves() async {
    let stream = events.listen(to: nil, owner: nil)
    let reader = Task {
      var count = 0
      while await stream.next() != nil { count += 1 }
      return count
    }
    while stream.waitingCount > 0 { await Task.yield() }
    reader.cancel()
    #expect(await reader.value == 1)
    #expect(!events.hasListeners)
  }

  @Test func whoIsCancelledBetweenTwoEventsLeavesToo() async {
    let stream = events.listen(to: nil, owner: nil)
    let reader = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await stream.next()
    }
    #expect(await reader.value == nil)
    #expect(!events.hasListeners)
  }

  @Test func whatHasHappenedIsToldFromAMomentOn() async {
    for time in 0..<(3 * TenantEvents.mostRecent) { tell(.limit, at: time) }
    let last = 3 * TenantEvents.mostRecent - 1
    let stream = events.listen(to: nil, owner: nil, since: last - 2)
    #expect(await stream.next()?.event == .listening)
    for time in (last - 2)...last { #expect(await stream.next()?.timeUsec == time) }
    let long = events.listen(to: nil, owner: nil, since: .min)
    for _ in 0..<TenantEventStream.mostWaiting { #expect(await long.next()?.event != .lost) }
    tell(.frozen)
    #expect(await long.next()?.event == .frozen)
  }

  @Test func manyTellersAndReadersLoseNothingUntold() async {
    let (tellers, each) = (8, 500)
    let streams = (0..<8).map { _ in events.listen(to: nil, owner: nil) }
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<tellers { group.addTask { for _ in 0..<each { tell(.limit) } } }
    }
    for stream in streams {
      var (told, lost) = (-1, 0)
      while told + lost < tellers * each, let event = await stream.next() {
        if event.event == .lost { lost += event.count ?? 0 } else { told += 1 }
      }
      #expect(told + lost == tellers * each)
    }
  }
}
