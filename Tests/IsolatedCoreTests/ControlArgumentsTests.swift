import ArgumentParser
@testable import isoctl
import Testing

/// `run` has two readers of its arguments, a quick one and the argument parser: they must never part.
@Suite struct ControlArgumentsTests {
  private static let words = [
    "--", "-f", "--file", "--name", "--socket", "--json", "-e", "--env", "p", "q", "a=b", "-", "--help", "-x",
    "",
    "--name=n", "-fx", "--no-json", "run",
  ]

  @Test func bothReadersAgreeWhereverTheQuickOneAnswers() throws {
    var generator = SystemRandomNumberGenerator()
    var answered = 0
    for _ in 0..<1500 {
      let count = Int.random(in: 1...7, using: &generator)
      let arguments = (0..<count).map { _ in Self.words.randomElement(using: &generator) ?? "" }
      guard let quick = RunArguments(fast: ["isoctl", "run"] + arguments) else { continue }
      answered += 1
      let general: RunArguments
      do {
        let command = try #require(try Isoctl.parseAsRoot(["run"] + arguments) as? RunCommand)
        general = command.spawn.arguments(command.options)
      } catch {
        Issue.record("only the quick reader takes \(arguments): \(Isoctl.message(for: error))")
        continue
      }
      #expect(quick == general, "\(arguments)")
    }
    #expect(answered > 30)
  }

  @Test(arguments: [
    [], ["p"], ["run"], ["run", "-h"], ["run", "--help"], ["run", "p", "q"], ["run", "p", "-f", "x"],
    ["run", "-f"], ["run", "--name=x", "p"], ["run", "p", "--name", "-x"], ["run", "p", "--bogus"], ["ps"],
    ["run", "-e", "noequals", "p"], ["run", "--json"], ["run", "--", "x"],
  ])
  func leavesWhatIsNotPlainToTheArgumentParser(_ arguments: [String]) {
    #expect(RunArguments(fast: ["isoctl"] + arguments) == nil)
  }

  @Test(arguments: [
    (0, "0s"), (5, "5us"), (1500, "1ms"), (999_999, "999ms"), (1_000_000, "1.0s"), (59_999_999, "59.9s"),
    (60_000_000, "1m00s"), (3_599_000_000, "59m59s"), (3_600_000_000, "1h00m"), (90_000_000_000, "1d01h"),
    (-5, "0s"), (Int.max, "106751991d04h"),
  ])
  func tellsTimesInTwoUnits(_ microseconds: Int, _ text: String) {
    #expect(Figures.duration(microseconds: microseconds) == text)
  }

  @Test(arguments: [
    (0, "0B"), (1023, "1023B"), (1024, "1.0KiB"), (10_239, "10KiB"), (1_047_552, "1023KiB"),
    (1_048_575, "1.0MiB"),
    (1 << 30, "1.0GiB"), (Int.max, "8.0EiB"), (-1, "-1B"),
  ])
  func tellsBytesInBinaryUnits(_ count: Int, _ text: String) { #expect(Figures.bytes(count) == text) }

  @Test func aTableOfNoRowsIsItsHeading() {
    let table = Table([.init(title: "A"), .init(title: "B")])
    #expect(table.lines(Terminal(width: nil, hasColour: false)) == ["A  B"])
    #expect(table.lines(Terminal(width: 1, hasColour: false)) == ["…"])
    #expect(table.lines(Terminal(width: 0, hasColour: false)).count == 1)
  }
}
