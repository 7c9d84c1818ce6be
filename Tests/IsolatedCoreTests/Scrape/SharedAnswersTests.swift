import NIOCore
import NIOHTTP1
import Testing

@testable import IsolatedCore

@Suite struct SharedAnswersTests {
  /// Makes answers when told to.
  private final class Workshop {
    var now = NIODeadline.uptimeNanoseconds(1_000_000_000)
    var begun: [ScrapeResource] = []
    var done: [(SharedAnswers.Made) -> Void] = []
    var made = 0

    func finish(_ text: String = "x") {
      let next = done.removeFirst()
      next((.ok, Array(text.utf8)))
    }

    func answers() -> SharedAnswers {
      SharedAnswers(
        freshness: .milliseconds(250), now: { self.now },
        make: { resource, done in
          self.begun.append(resource)
          self.done.append(done)
        }, didMake: { _ in self.made += 1 })
    }
  }

  @Test func thoseWhoAskInTheSameMomentShareOneExposition() {
    let workshop = Workshop()
    let answers = workshop.answers()
    var got: [UInt64] = []
    for _ in 0..<1000 { answers.get(.exposition(.prometheusText)) { got.append($0.number) } }
    #expect(workshop.begun == [.exposition(.prometheusText)])
    workshop.finish()
    #expect(got == [UInt64](repeating: 1, count: 1000))
    // Still fresh: nothing is made for those who come right after.
    answers.get(.exposition(.prometheusText)) { got.append($0.number) }
    #expect(got.last == 1 && workshop.begun.count == 1)
    workshop.now = workshop.now + .milliseconds(250)
    answers.get(.exposition(.prometheusText)) { got.append($0.number) }
    #expect(workshop.begun.count == 2)
    workshop.finish()
    #expect(got.last == 2 && workshop.made == 2)
  }

  @Test func oneAtATimeIsMadeAndReadinessWaitsForNone() {
    let workshop = Workshop()
    let answers = workshop.answers()
    var got: [String] = []
    answers.get(.exposition(.prometheusText)) { _ in got.append("text") }
    answers.get(.exposition(.openMetrics)) { _ in got.append("openmetrics") }
    answers.get(.status) { _ in got.append("status") }
    #expect(workshop.begun == [.exposition(.prometheusText)])
    answers.get(.readiness) { _ in got.append("ready") }
    #expect(workshop.begun.count == 2)
    workshop.done.removeLast()((.ok, []))
    #expect(got == ["ready"])
    for _ in 0..<3 { workshop.finish() }
    #expect(got == ["ready", "text", "openmetrics", "status"])
    #expect(workshop.begun.count == 4)
  }

  @Test func oneWhoAsksAgainFromWithinTheAnswerIsServed() {
    let workshop = Workshop()
    let answers = workshop.answers()
    var count = 0
    answers.get(.status) { _ in
      count += 1
      answers.get(.status) { _ in count += 1 }
      answers.get(.exposition(.openMetrics)) { _ in count += 1 }
    }
    workshop.finish()
    #expect(count == 2 && workshop.begun == [.status, .exposition(.openMetrics)])
    workshop.finish()
    #expect(count == 3)
  }

  private final class Client: BoundedConnection {
    var isAnswering = false
    var isKnown = false
    var lastActivity: NIODeadline
    var answer: HeldAnswer?
    var isAborted = false

    init(_ seconds: Int64) { lastActivity = .uptimeNanoseconds(UInt64(seconds) * 1_000_000_000) }

    func abort() {
      isAborted = true
      answer = nil
    }
  }

  private func answer(_ number: UInt64, bytes: Int) -> HeldAnswer {
    HeldAnswer(
      number: number, status: .ok, contentType: "", body: ByteBuffer(repeating: 0, count: bytes),
      madeAt: .uptimeNanoseconds(1))
  }

  @Test func theConnectionThatWasIdleForLongestMakesRoom() {
    let table = ConnectionTable(most: 3, mostHeldBytes: 1000)
    let clients = [Client(1), Client(3), Client(2)]
    clients[0].isAnswering = true
    for client in clients { table.add(client) }
    let more = [Client(9), Client(10), Client(11)]
    table.add(more[0])
    #expect(clients.map(\.isAborted) == [false, false, true])
    table.add(more[1])
    #expect(clients.map(\.isAborted) == [false, true, true])
    for client in more { client.isAnswering = true }
    // All are being answered now: the one whose client has read nothing for longest goes.
    table.add(more[2])
    #expect(clients.allSatisfy(\.isAborted) && table.count == 3)
    table.remove(more[0])
    #expect(table.count == 2)
  }

  @Test func newConnectionsAndServedOnesLeaveEachOtherRoom() {
    let table = ConnectionTable(most: 8, mostHeldBytes: 1000)
    let scraper = Client(0)
    scraper.isKnown = true
    table.add(scraper)
    for second in 1...100 { table.add(Client(Int64(second))) }
    #expect(!scraper.isAborted && table.count == 8)
    // Served ones take the places beyond the half that newcomers keep.
    let served = (101...200).map { Client(Int64($0)) }
    for client in served {
      client.isKnown = true
      table.add(client)
    }
    let newcomer = Client(201)
    table.add(newcomer)
    for second in 202...204 { table.add(Client(Int64(second))) }
    #expect(!newcomer.isAborted && scraper.isAborted)
    table.add(Client(205))
    #expect(newcomer.isAborted)
  }

  @Test func answersThatNobodyReadsDontFillTheMemory() {
    let table = ConnectionTable(most: 100, mostHeldBytes: 1000)
    let clients = (0..<6).map { _ in Client(1) }
    for client in clients { table.add(client) }
    let old = answer(1, bytes: 300)
    clients[0].answer = old
    clients[1].answer = old
    clients[2].answer = answer(2, bytes: 300)
    clients[3].answer = answer(3, bytes: 300)
    table.makeRoom(for: answer(4, bytes: 100))
    #expect(clients.allSatisfy { !$0.isAborted })
    table.makeRoom(for: answer(5, bytes: 101))
    #expect(clients.map(\.isAborted) == [true, true, false, false, false, false])
    table.makeRoom(for: answer(6, bytes: 5000))
    #expect(clients.map(\.isAborted) == [true, true, true, true, false, false])
  }
}
