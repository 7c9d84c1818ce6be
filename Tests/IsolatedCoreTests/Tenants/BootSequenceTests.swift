import Testing

@testable import IsolatedCore

@Suite struct BootSequenceTests {
  private static let second = 1_000_000

  private func names(_ turns: [BootSequence.Turn]) -> [String] { turns.map(\.entry.name) }

  @Test func thoseWithoutPredecessorsStartAtOnceInTheOrderOfTheirFiles() {
    var sequence = BootSequence(["c", "a", "b"].map { .init(name: $0, after: []) })
    #expect(names(sequence.turns(at: 0) { _ in .coming }) == ["c", "a", "b"])
    #expect(sequence.isOver)
  }

  @Test func aTenantStartsOnceAllThatItNamesAreReady() {
    var sequence = BootSequence([
      .init(name: "web", after: ["cache", "database"]), .init(name: "cache", after: ["database"]),
      .init(name: "database", after: []), .init(name: "other", after: []),
    ])
    var ready: Set<String> = []
    func turns(_ now: Int) -> [BootSequence.Turn] {
      sequence.turns(at: now) { ready.contains($0) ? .ready : .coming }
    }
    #expect(names(turns(0)) == ["database", "other"])
    #expect(turns(1).isEmpty, "the database is not healthy yet")
    ready = ["database"]
    #expect(turns(2) == [.init(entry: .init(name: "cache", after: ["database"]), missing: [])])
    #expect(turns(3).isEmpty)
    ready = ["database", "cache"]
    #expect(names(turns(4)) == ["web"])
    #expect(sequence.isOver)
  }

  @Test func whoWontComeIsNotWaitedFor() {
    var sequence = BootSequence([.init(name: "web", after: ["database", "cache"])])
    let turns = sequence.turns(at: 0) { $0 == "cache" ? .ready : .failed }
    #expect(turns.map(\.missing) == [["database"]])
  }

  @Test func whoNeverGetsReadyIsWaitedForOnlySoLong() {
    var sequence = BootSequence([.init(name: "web", after: ["database"]), .init(name: "database", after: [])])
    let start = 77 * Self.second
    #expect(names(sequence.turns(at: start) { _ in .coming }) == ["database"])
    // Patience begins when the last predecessor has been started.
    let begin = start + 1000 * Self.second
    #expect(sequence.turns(at: begin) { _ in .coming }.isEmpty)
    #expect(sequence.turns(at: begin + BootSequence.patience - 1) { _ in .coming }.isEmpty)
    let late = sequence.turns(at: begin + BootSequence.patience) { _ in .coming }
    #expect(late.map(\.missing) == [["database"]])
    #expect(sequence.isOver)
  }

  @Test func oneThatNamesItselfWaitsForNobody() {
    var sequence = BootSequence([.init(name: "odd", after: ["odd"])])
    #expect(names(sequence.turns(at: 0) { _ in .failed }) == ["odd"])
  }

  /// Whatever order the files have: everybody starts once, and after those that it names.
  @Test(arguments: 0..<50)
  func everybodyStartsOnceAndInOrder(seed: Int) {
    var random = SplitMix(state: UInt64(seed))
    let entries = (0..<20).map { index in
      BootSequence.Entry(
        name: "t\(index)",
        after: (0..<Int.random(in: 0...3, using: &random)).map { _ in "t\(Int.random(in: 0...index, using: &random))" }
          .filter { $0 != "t\(index)" })
    }.shuffled(using: &random)
    var sequence = BootSequence(entries)
    var order: [String] = []
    var (ready, now) = (Set<String>(), 0)
    while !sequence.isOver && now < 10_000 {
      now += 1
      let turns = sequence.turns(at: now) { ready.contains($0) ? .ready : .coming }
      for turn in turns {
        #expect(turn.missing.isEmpty)
        #expect(Set(turn.entry.after).isSubset(of: ready), "\(turn.entry)")
      }
      order += names(turns)
      if let next = order.filter({ !ready.contains($0) }).randomElement(using: &random) { ready.insert(next) }
    }
    #expect(order.sorted() == entries.map(\.name).sorted())
  }
}
