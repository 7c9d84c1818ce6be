import FoundationEssentials
import Testing

@Suite struct ControlCompletionsTests {
  @Test(arguments: [("bash", "isoctl.bash"), ("zsh", "_isoctl"), ("fish", "isoctl.fish")])
  func theCommittedCompletionsAreTheProgramsOwn(_ shell: String, _ file: String) async throws {
    let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    let path = (root + ["completions", file[...]]).joined(separator: "/")
    let committed = try String(decoding: Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    let outcome = try await IsoctlProcess.run(["--generate-completion-script", shell])
    #expect(outcome.output == committed, "run completions/generate")
  }

  @Test func completesTheNamesOfTenants() async throws {
    try await StubServer.with { stub in
      stub.service.state.withLock { $0.tenants = [.sample("web-1"), .sample("web-2"), .sample("db")] }
      let script = """
        isoctl() { "\(IsoctlProcess.path)" "$@"; }
        source "$1"; COMP_WORDS=(isoctl stop we); COMP_CWORD=2; COMP_LINE="isoctl stop we"; COMP_POINT=14
        _isoctl; printf '%s\\n' "${COMPREPLY[@]}"
        """
      let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
      let path = (root + ["completions", "isoctl.bash"]).joined(separator: "/")
      let outcome = try await IsoctlProcess.run(
        ["-c", script, "bash", path], socket: stub.path, executable: "/bin/bash")
      let offered = outcome.output.split(separator: "\n")
      #expect(offered.contains("web-1") && offered.contains("web-2") && !offered.contains("db"), "\(outcome)")
    }
  }
}
