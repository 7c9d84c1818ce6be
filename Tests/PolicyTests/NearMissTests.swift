import Testing

@testable import Policy

@Suite struct NearMissTests {
  private let words = ["memory", "cpu", "command", "network", "oom_group", "io"]

  @Test(arguments: [
    ("memry", "memory"), ("meomry", "memory"), ("MEMORY", "memory"), ("oom-group", "oom_group"),
    ("cpus", "cpu"),
    ("comand", "command"), ("netwrok", "network"),
  ])
  func aSlipFindsTheWordThatWasMeant(word: String, meant: String) {
    #expect(nearMiss(of: word, among: words) == meant)
  }

  @Test(arguments: ["", "zebra", "xx", "--", String(repeating: "m", count: 10_000)])
  func aStrangerFindsNothing(word: String) {
    #expect(nearMiss(of: word, among: words) == nil)
  }
}
