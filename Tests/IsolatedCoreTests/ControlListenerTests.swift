import ControlProtocol
import Faults
import Glibc
@testable import IsolatedCore
import Kernel
import Testing

@Suite struct ControlListenerTests {
  @Test func makesASocketForItsOwnerAndGroupAndRemovesIt() throws {
    let directory = try temporaryDirectory()
    let path = "\(directory)/socket"
    let group: gid_t = getuid() == 0 ? 12_345 : getgid()
    do {
      let listener = try ControlListener(path: path, group: group)
      var status = stat()
      try systemCall("stat") { stat(path, &status) }
      #expect(status.st_mode == S_IFSOCK | 0o660)
      #expect(status.st_gid == group)
      #expect(status.st_uid == getuid())
      _ = listener.socket.rawValue
    }
    #expect(access(path, F_OK) == -1)
    #expect(rmdir(directory) == 0)
  }

  @Test func replacesASocketThatNobodyListensOnButNoOther() throws {
    let directory = try temporaryDirectory()
    let path = "\(directory)/socket"
    try abandonSocket(path)
    let first = try ControlListener(path: path, group: nil)
    let fault = #expect(throws: Fault.self) { try start(path) }
    #expect(fault?.code == .alreadyRunning)
    // The loser must not have taken the winner's file away.
    #expect(access(path, F_OK) == 0)
    _ = first.socket.rawValue
  }

  @Test func leavesWhatIsNoSocketAlone() throws {
    let directory = try temporaryDirectory()
    let path = "\(directory)/socket"
    try writeFile(path, "precious")
    defer {
      unlink(path)
      rmdir(directory)
    }
    let overFile = #expect(throws: Fault.self) { try start(path) }
    #expect(overFile?.code == .badListener)
    unlink(path)
    symlink("/etc/passwd", path)
    let overLink = #expect(throws: Fault.self) { try start(path) }
    #expect(overLink?.code == .badListener)
  }

  @Test func doesNotRemoveTheSocketOfASuccessor() throws {
    let directory = try temporaryDirectory()
    let path = "\(directory)/socket"
    do {
      let listener = try ControlListener(path: path, group: nil)
      unlink(path)
      try abandonSocket(path)
      _ = listener.socket.rawValue
    }
    #expect(access(path, F_OK) == 0)
    unlink(path)
    rmdir(directory)
  }

  @Test(arguments: [
    "relative", "", "/nonexistent/directory/socket", "/tmp/" + String(repeating: "x", count: 120),
  ])
  func refusesAPathThatCannotBe(_ path: String) {
    #expect(throws: Fault.self) { try start(path) }
  }

  @Test func takesOverOnlyAListeningUnixStreamSocket() throws {
    let stream = Int32(SOCK_STREAM.rawValue)
    for (domain, type) in [(AF_UNIX, stream), (AF_UNIX, Int32(SOCK_DGRAM.rawValue)), (AF_INET, stream)] {
      let number = try systemCall("socket") { socket(domain, type, 0) }
      if domain == AF_INET { try systemCall("listen") { listen(number, 1) } }
      let fault = #expect(throws: Fault.self) {
        _ = try ControlListener(adopting: OwnedDescriptor(owning: number), path: "/run/x", group: nil)
      }
      #expect(fault?.code == .badListener)
    }
    let file = try systemCall("open") { open("/dev/null", O_RDONLY) }
    #expect(throws: Fault.self) {
      _ = try ControlListener(adopting: OwnedDescriptor(owning: file), path: "/dev/null", group: nil)
    }
  }

  @Test func servesOnASocketThatSystemdMade() async throws {
    let directory = try temporaryDirectory()
    let path = "\(directory)/socket"
    let number = try listening(path)
    chmod(path, 0o777)
    let group: gid_t = getuid() == 0 ? 12_345 : getgid()
    let server = try ControlServer(
      listener: ControlListener(adopting: OwnedDescriptor(owning: number), path: path, group: group),
      handler: ControlDispatcher(StubService(), version: "0.0-stub"), report: { _ in })
    let version = try await DetachedThread.result { try ControlClient.version(path: path) }
    #expect(version == "0.0-stub")
    var status = stat()
    try systemCall("stat") { stat(path, &status) }
    #expect(status.st_mode == S_IFSOCK | 0o660 && status.st_gid == group, "who may connect is the daemon's to say")
    await server.stop()
    // It is systemd's to remove.
    #expect(access(path, F_OK) == 0)
    unlink(path)
    rmdir(directory)
  }

  @Test func refusesASocketThatListensElsewhere() throws {
    let directory = try temporaryDirectory()
    let path = "\(directory)/socket"
    for configured in ["\(directory)/other", "\(path)x", directory] {
      let number = try listening(path)
      let fault = #expect(throws: Fault.self) {
        _ = try ControlListener(adopting: OwnedDescriptor(owning: number), path: configured, group: nil)
      }
      #expect(fault?.code == .badListener)
      unlink(path)
    }
    let unnamed = try systemCall("socket") { socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0) }
    // Listening without a name binds to an abstract one.
    var family = sa_family_t(AF_UNIX)
    _ = withUnsafeMutablePointer(to: &family) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(unnamed, $0, 2) }
    }
    try systemCall("listen") { listen(unnamed, 1) }
    #expect(throws: Fault.self) {
      _ = try ControlListener(adopting: OwnedDescriptor(owning: unnamed), path: path, group: nil)
    }
    rmdir(directory)
  }

  private func listening(_ path: String) throws -> Int32 {
    let number = try systemCall("socket") { socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0) }
    try UnixAddress.with(path: path) { address, length throws(Fault) in
      try systemCall("bind") { bind(number, address, length) }
    }
    try systemCall("listen") { listen(number, 16) }
    return number
  }

  @Test func knowsWhoCalls() async throws {
    let handler = PeerRecorder()
    let (server, path, directory) = try serve(handler)
    _ = try await DetachedThread.result {
      let client = try RawClient(path: path)
      try client.send(Call.info)
      return try client.frames(1)
    }
    let peer = try #require(handler.peers.withLock { $0.first })
    #expect(peer.uid == getuid() && peer.gid == getgid() && peer.pid == getpid())
    #expect(peer.isMember(of: getgid()))
    await server.stop()
    rmdir(directory)
  }

  @Test(.enabled(if: getuid() == 0, "needs root, to call as somebody else"))
  func knowsTheGroupsOfOthersAndBoundsTheirConnections() async throws {
    let handler = PeerRecorder()
    var limits = ControlLimits()
    let (server, path, directory) = try serve(handler, limits: limits)
    chmod(directory, 0o755)
    chmod(path, 0o666)
    let arguments = [
      "--reuid", "12345", "--regid", "12346", "--groups", "12347,12348", "/usr/bin/python3", "-c",
      """
      import socket, sys
      s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
      try: s.sendall(b'{"method":"a.B"}\\0')
      except BrokenPipeError: pass
      print(s.recv(4096).decode().strip('\\0'))
      """, path,
    ]
    let answer = try await IsoctlProcess.run(arguments, executable: "/usr/bin/setpriv")
    #expect(answer.output.contains("PermissionDenied"), "\(answer)")
    let peer = try #require(handler.peers.withLock { $0.first })
    #expect(peer.uid == 12_345 && peer.gid == 12_346 && peer.groups == [12_347, 12_348])
    #expect(peer.isMember(of: 12_346) && peer.isMember(of: 12_348) && !peer.isMember(of: 0))
    await server.stop()

    limits.connectionsPerUser = 0
    let strict = try ControlServer(
      listener: ControlListener(path: path, group: nil), limits: limits, handler: handler, report: { _ in })
    chmod(path, 0o666)
    let refused = try await IsoctlProcess.run(arguments, executable: "/usr/bin/setpriv")
    #expect(refused.output.contains("control.too-many-connections"), "\(refused)")
    await strict.stop()
    rmdir(directory)
  }

  private func start(_ path: String) throws { _ = try ControlListener(path: path, group: nil) }

  /// Leaves a socket file behind, as a daemon does that was killed.
  private func abandonSocket(_ path: String) throws {
    let number = try systemCall("socket") { socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0) }
    try UnixAddress.with(path: path) { address, length throws(Fault) in
      try systemCall("bind") { bind(number, address, length) }
    }
    close(number)
  }
}

/// Remembers who called, and refuses.
private final class PeerRecorder: ControlHandler {
  let peers = Guarded<[ControlPeer]>([])

  func handle(_ call: ControlCall) async -> ControlReply {
    peers.withLock { $0.append(call.peer) }
    return ControlReply(.permissionDenied)
  }
}
