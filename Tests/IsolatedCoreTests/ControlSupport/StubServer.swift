import ControlProtocol
import Faults
import Glibc
import IsolatedCore
import Kernel

/// A control server over a ``StubService``, on a socket in a directory of its own.
struct StubServer {
  let service: StubService
  let path: String
  let directory: String
  private let server: ControlServer

  /// Starts to serve, in a directory of its own or where another server was.
  init(
    limits: ControlLimits = ControlLimits(), directory: String? = nil, service: StubService = StubService()
  ) throws {
    self.service = service
    self.directory = try directory ?? temporaryDirectory()
    path = "\(self.directory)/io.isolated"
    server = try ControlServer(
      listener: ControlListener(path: path, group: nil), limits: limits,
      handler: ControlDispatcher(service, version: "0.0-stub"), report: { _ in })
  }

  /// Runs `body` against a fresh server and stops it.
  static func with<Result>(
    limits: ControlLimits = ControlLimits(), _ body: (StubServer) async throws -> Result
  ) async throws -> Result {
    let stub = try StubServer(limits: limits)
    do {
      let result = try await body(stub)
      await stub.close()
      return result
    } catch {
      await stub.close()
      throw error
    }
  }

  /// Stops serving; the directory stays for a successor.
  func stop() async { await server.stop() }

  func close() async {
    await stop()
    _ = rmdir(directory)
  }
}
