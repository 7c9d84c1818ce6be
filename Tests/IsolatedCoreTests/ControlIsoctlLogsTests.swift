import ControlProtocol
import Faults
import Glibc
import IsolatedCore
import Testing

@Suite struct ControlIsoctlLogsTests {
  private static let text = (1...5000).map { "line \($0)\n" }.joined()

  /// Runs `body` with a daemon whose tenants all log to the file that `body` gets.
  private func withLogFile(
    _ text: String = text, _ body: (StubServer, String) async throws -> Void
  ) async throws {
    try await StubServer.with { stub in
      let file = "\(stub.directory)/log"
      try writeFile(file, text)
      defer { unlink(file) }
      stub.service.state.withLock {
        $0.logs = (Logs.Reply(source: .file, identifier: "web", path: file, file: 0), file)
      }
      try await body(stub, file)
    }
  }

  @Test func showsTheFileOrItsEnd() async throws {
    try await withLogFile { stub, _ in
      #expect(try await IsoctlProcess.run(["logs", "web"], socket: stub.path).output == Self.text)
      for (count, first) in [(1, 5000), (10, 4991), (4999, 2), (5000, 1), (6000, 1)] {
        let outcome = try await IsoctlProcess.run(["logs", "-n", "\(count)", "web"], socket: stub.path)
        #expect(outcome.output == (first...5000).map { "line \($0)\n" }.joined(), "\(count)")
      }
      #expect(try await IsoctlProcess.run(["logs", "-n", "0", "web"], socket: stub.path).output == "")
      #expect(try await IsoctlProcess.run(["logs", "-n", "-1", "web"], socket: stub.path).status == 64)
    }
  }

  @Test func countsALastLineWithoutItsEnd() async throws {
    try await withLogFile("a\nb\nc") { stub, _ in
      #expect(try await IsoctlProcess.run(["logs", "-n", "2", "web"], socket: stub.path).output == "b\nc")
      #expect(try await IsoctlProcess.run(["logs", "-n", "0", "web"], socket: stub.path).output == "")
      let json = try await IsoctlProcess.run(["logs", "--json", "web"], socket: stub.path)
      #expect(json.output == "{\"message\":\"a\"}\n{\"message\":\"b\"}\n{\"message\":\"c\"}\n")
    }
    try await withLogFile("") { stub, _ in
      let outcome = try await IsoctlProcess.run(["logs", "-n", "2", "web"], socket: stub.path)
      #expect(outcome.output == "")
    }
  }

  @Test func followsThroughARotationUntilTheTenantEnds() async throws {
    try await withLogFile("old\n") { stub, file in
      // As its own end: `forever` runs until the follower's Wait is answered.
      let process = try IsoctlProcess(["logs", "-f", "short"], socket: stub.path)
      try await eventually { stub.service.state.withLock { $0.logsAsked >= 2 } }
      try writeFile(file, "added\n", append: true)
      rename(file, "\(file).1")
      try writeFile(file, "after rotation\n")
      let asked = stub.service.state.withLock { $0.logsAsked }
      try await eventually { stub.service.state.withLock { $0.logsAsked > asked + 1 } }
      try writeFile(file, "last words\n", append: true)
      stub.service.state.withLock { $0.exits["short"] = Exit(status: 0, cause: .exited, durationUsec: 1) }
      let outcome = try await process.outcome()
      #expect(outcome.output == "old\nadded\nafter rotation\nlast words\n")
      #expect(outcome.status == 0)
      unlink("\(file).1")
    }
  }

  @Test func asksJournalctlForTheTenantsOwnLines() async throws {
    try await StubServer.with { stub in
      let fake = "\(stub.directory)/journalctl"
      try writeFile(fake, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n")
      chmod(fake, 0o755)
      defer { unlink(fake) }
      stub.service.state.withLock {
        $0.logs = (Logs.Reply(source: .journal, identifier: "web", user: 65_536), nil)
      }
      let path = ["PATH": "\(stub.directory):/usr/bin:/bin"]
      let plain = try await IsoctlProcess.run(["logs", "web"], socket: stub.path, environment: path)
      #expect(
        plain.output
          == "--quiet\n--identifier=web\n--output=short-iso\n--no-hostname\n_UID=65536\n")
      let rich = try await IsoctlProcess.run(
        ["logs", "-f", "-n", "5", "--since=-1h", "--json", "web"], socket: stub.path, environment: path)
      #expect(
        rich.output
          == "--quiet\n--identifier=web\n--follow\n--lines=5\n--since=-1h\n--output=json\n_UID=65536\n"
      )
      let missing = try await IsoctlProcess.run(
        ["logs", "web"], socket: stub.path, environment: ["PATH": "/nonexistent"])
      #expect(missing.status == 1)
      #expect(missing.errors.contains("cannot run journalctl"))
    }
  }

  @Test func saysWhyThereIsNothingToShow() async throws {
    try await withLogFile("a\n") { stub, _ in
      let since = try await IsoctlProcess.run(["logs", "--since", "-1h", "web"], socket: stub.path)
      #expect(since.status == 1)
      #expect(since.errors.contains("a log file has no times"))
      stub.service.state.withLock { $0.logs = (Logs.Reply(source: .stdio, identifier: "web"), nil) }
      let stdio = try await IsoctlProcess.run(["logs", "web"], socket: stub.path)
      #expect(stdio.status == 1)
      #expect(stdio.errors.contains("went to whoever ran it"))
      stub.service.state.withLock { $0.logs = (Logs.Reply(source: .file, identifier: "web", file: 3), nil) }
      let lost = try await IsoctlProcess.run(["logs", "web"], socket: stub.path)
      #expect(lost.status == 1)
      #expect(lost.errors.contains("didn't send it"))
    }
  }
}
