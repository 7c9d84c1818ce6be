import NIOCore
import NIOHTTP1

/// Makes answers, one exposition or status at a time, each for all who ask in the same moment; so a flood of scrapes
/// costs little. Whether the daemon is ready is asked beside them, since a slow scrape says nothing about it.
///
/// Confined to one event loop.
final class SharedAnswers {
  typealias Made = (status: HTTPResponseStatus, body: [UInt8])
  /// Makes a resource's answer and hands it over on the event loop.
  typealias Maker = (ScrapeResource, _ done: @escaping (Made) -> Void) -> Void

  private struct Desk {
    var latest: HeldAnswer?
    var isQueued = false
    var waiting: [(HeldAnswer) -> Void] = []
  }

  private let freshness: TimeAmount
  private let make: Maker
  private let now: () -> NIODeadline
  private let didMake: (HeldAnswer) -> Void
  private var desks: [ScrapeResource: Desk] = [:]
  private var queue: [ScrapeResource] = []
  private var isMaking = false
  private var made: UInt64 = 0

  /// - Parameters:
  ///   - freshness: how old an answer may be and still be given.
  ///   - now: the event loop's clock.
  ///   - make: see ``Maker``.
  ///   - didMake: hears of each new answer before those who wait get it.
  init(
    freshness: Duration, now: @escaping () -> NIODeadline, make: @escaping Maker,
    didMake: @escaping (HeldAnswer) -> Void
  ) {
    self.freshness = TimeAmount(freshness)
    self.now = now
    self.make = make
    self.didMake = didMake
  }

  /// Gives `receive` an answer, now or once it is made.
  func get(_ resource: ScrapeResource, _ receive: @escaping (HeldAnswer) -> Void) {
    var desk = desks[resource] ?? Desk()
    if let latest = desk.latest, now() < latest.madeAt + freshness { return receive(latest) }
    desk.latest = nil
    desk.waiting.append(receive)
    let isNew = !desk.isQueued
    desk.isQueued = true
    desks[resource] = desk
    guard isNew else { return }
    if resource == .readiness {
      start(resource)
    } else {
      queue.append(resource)
      startNext()
    }
  }

  private func startNext() {
    guard !isMaking, let resource = queue.first else { return }
    queue.removeFirst()
    isMaking = true
    start(resource)
  }

  private func start(_ resource: ScrapeResource) {
    make(resource) { made in self.finish(resource, made) }
  }

  private func finish(_ resource: ScrapeResource, _ made: Made) {
    self.made += 1
    let answer = HeldAnswer(
      number: self.made, status: made.status, contentType: resource.contentType, body: ByteBuffer(bytes: made.body),
      madeAt: now())
    let waiting = desks[resource]?.waiting ?? []
    desks[resource] = Desk(latest: answer)
    if resource != .readiness { isMaking = false }
    didMake(answer)
    for receive in waiting { receive(answer) }
    startNext()
  }
}
