import Testing

@testable import Policy

@Suite struct NestingBoundTests {
  private static let scalars = [
    "a", "it's", "x\"y", "\"]\"", "']'", "\"[\"", "''", "\"\"", "\"\\\"]\"", "'it''s ]'", "a b\"c", "\"a, \"",
    "\"b: ]\"", "a'",
    "'\"' ", "\"'\"", "'a b'", "a#b", "'\n  ]'", "\"a\n  'b]\"", "'}, '",
  ]
  private static let gaps = ["", "", " ", "\n ", " # ]\n ", " #'\n ", " # \"]\n "]

  /// A small linear congruential generator (Knuth's MMIX), so that each run tries the same texts.
  private struct Generator: RandomNumberGenerator {
    var state: UInt64 = 1

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 33)
    }
  }

  private func flow(_ depth: Int, _ generator: inout Generator) -> String {
    func pick(_ list: [String]) -> String { list.randomElement(using: &generator) ?? "" }
    guard depth > 0, Int.random(in: 0..<4, using: &generator) > 0 else { return pick(Self.scalars) }
    let items = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
      pick(Self.gaps) + flow(depth - 1, &generator) + pick(Self.gaps)
    }
    if Bool.random(using: &generator) { return "[" + items.joined(separator: ",") + "]" }
    return "{" + items.enumerated().map { "k\($0.offset): \($0.element)" }.joined(separator: ",") + "}"
  }

  private func depth(_ node: DocumentNode) -> Int {
    switch node.content {
    case .scalar: 0
    case .sequence(let items): 1 + (items.map { depth($0) }.max() ?? 0)
    case .mapping(let entries): 1 + (entries.map { depth($0.value) }.max() ?? 0)
    }
  }

  @Test func noFlowCollectionIsDeeperThanItsBound() throws {
    var generator = Generator()
    var tried = 0
    for _ in 0..<500 {
      let string = "[" + flow(6, &generator) + "," + flow(6, &generator) + "]"
      let text = try DocumentText(string.utf8, file: "f", domain: "policy")
      guard let node = try? DocumentReader.read(text), depth(node) > 1 else { continue }
      tried += 1
      let brackets = depth(node) - 1
      #expect(throws: PolicyErrors.self, "\(string)") { try NestingBound.check(text, brackets: brackets) }
    }
    #expect(tried > 200)
  }
}
