import ControlProtocol
import Testing

@Suite struct TerminalRequestTests {
  @Test(arguments: ["xterm-256color", "tmux", "screen.xterm_a", "9term", "rxvt+x"])
  func aTerminalsNameIsPlain(name: String) {
    #expect(TerminalRequest(rows: 24, columns: 80, term: name).unusableMember == nil)
  }

  @Test(arguments: ["", "a b", "a=b", "../x", "a\0", "a\n", "é", String(repeating: "x", count: 65)])
  func whatCouldBeSomethingElseIsNoName(name: String) {
    #expect(TerminalRequest(rows: 24, columns: 80, term: name).unusableMember == "term")
  }

  @Test(arguments: [0, -1, 65_536, Int.max, Int.min])
  func aSizeThatTheKernelCannotHoldIsRefused(size: Int) {
    #expect(TerminalRequest(rows: size, columns: 80).unusableMember == "rows")
    #expect(TerminalRequest(rows: 24, columns: size).unusableMember == "columns")
  }
}
