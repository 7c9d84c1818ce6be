import Glibc
import Testing

/// What isoctl does about a call whose daemon ends before it answers.
@Suite struct ControlIsoctlLostCallTests {
  @Test func whatOnlyLooksIsAskedOfTheNextDaemon() async throws {
    let dying = try DyingDaemon()
    let isoctl = try IsoctlProcess(["ps"], socket: dying.path)
    let successor = try await replace(dying)
    let outcome = try await isoctl.outcome()
    await successor.close()
    #expect(outcome.errors == "")
    #expect(outcome.status == 0)
  }

  @Test func whatChangesSomethingIsNotAskedTwice() async throws {
    let dying = try DyingDaemon()
    let isoctl = try IsoctlProcess(["spawn", "web"], socket: dying.path)
    let successor = try await replace(dying)
    let outcome = try await isoctl.outcome()
    await successor.close()
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("closed the connection before it answered"))
    #expect(successor.service.state.withLock { $0.spawned.isEmpty })
  }

  @Test func daemonsThatEndOneAfterAnotherAreTold() async throws {
    let dying = try DyingDaemon()
    let isoctl = try IsoctlProcess(["ps"], socket: dying.path)
    for _ in 1...3 { close(try await dying.takeCall()) }
    let outcome = try await isoctl.outcome()
    dying.stopListening()
    _ = unlink(dying.path)
    _ = rmdir(dying.directory)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("closed the connection before it answered"))
  }

  /// Takes a call, has another daemon listen, and ends without an answer.
  private func replace(_ dying: DyingDaemon) async throws -> StubServer {
    let call = try await dying.takeCall()
    dying.stopListening()
    let successor = try StubServer(directory: dying.directory)
    close(call)
    return successor
  }
}
