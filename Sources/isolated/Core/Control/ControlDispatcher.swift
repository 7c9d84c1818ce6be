import ControlProtocol
import Faults
import Kernel

/// Decodes calls, checks their shape, and hands them to a ``ControlService``; answers `org.varlink.service` itself.
public struct ControlDispatcher<Service: ControlService>: ControlHandler {
  private let service: Service
  private let info: ServiceInterface.GetInfo.Reply

  /// Serves `service`; `version` is the daemon's, `url` where to read about it.
  public init(_ service: Service, version: String, url: String = "") {
    self.service = service
    info = .init(
      vendor: "isolated", product: "isolated", version: version, url: url,
      interfaces: [ServiceInterface.name, ControlInterface.name])
  }

  /// Answers a call, with an error if need be.
  public func handle(_ call: ControlCall) async -> ControlReply {
    do {
      return try await answer(call)
    } catch let error as StandardError {
      return ControlReply(error)
    } catch let fault as Fault {
      return ControlReply(failed: fault)
    } catch {
      return ControlReply(failed: Fault(.internalError, "the daemon failed: \(error)"))
    }
  }

  private func answer(_ call: ControlCall) async throws -> ControlReply {
    if call.envelope.upgrade == true { throw StandardError.invalidParameter("upgrade") }
    guard let (interface, name) = call.envelope.interfaceAndName else {
      throw StandardError.invalidParameter("method")
    }
    switch interface {
    case ServiceInterface.name: return try describe(call)
    case ControlInterface.name: return try await serve(name, call)
    default: throw StandardError.interfaceNotFound(interface)
    }
  }

  private func describe(_ call: ControlCall) throws -> ControlReply {
    switch call.envelope.method {
    case ServiceInterface.GetInfo.qualifiedName:
      _ = try call.parameters(as: NoParameters.self)
      return try ControlReply(info)
    case ServiceInterface.GetInterfaceDescription.qualifiedName:
      let request = try call.parameters(as: ServiceInterface.GetInterfaceDescription.Request.self)
      let texts = [
        ServiceInterface.name: ServiceInterface.description,
        ControlInterface.name: ControlInterface.description,
      ]
      guard let text = texts[request.interface] else {
        throw StandardError.interfaceNotFound(request.interface)
      }
      return try ControlReply(ServiceInterface.GetInterfaceDescription.Reply(description: text))
    default:
      throw StandardError.methodNotFound(call.envelope.method)
    }
  }

  private func serve(_ name: String, _ call: ControlCall) async throws -> ControlReply {
    let peer = call.peer
    switch name {
    case Spawn.name: return try await spawn(call)
    case Wait.name:
      let exit = try await service.wait(call.parameters(as: Wait.Request.self), peer: peer)
      return try ControlReply(Wait.Reply(exit: exit))
    case List.name:
      _ = try call.parameters(as: List.Request.self)
      return try ControlReply(List.Reply(tenants: await service.list(peer: peer)))
    case Inspect.name:
      let tenant = try await service.inspect(call.parameters(as: Inspect.Request.self), peer: peer)
      return try ControlReply(Inspect.Reply(tenant: tenant))
    case Kill.name:
      let request = try call.parameters(as: Kill.Request.self)
      guard (1...64).contains(request.signal) else { throw StandardError.invalidParameter("signal") }
      try await service.kill(request, peer: peer)
      return try ControlReply(NoParameters())
    case Stop.name:
      let request = try call.parameters(as: Stop.Request.self)
      guard request.graceUsec ?? 0 >= 0 else { throw StandardError.invalidParameter("graceUsec") }
      return try ControlReply(await service.stop(request, peer: peer))
    case Forget.name:
      try await service.forget(call.parameters(as: Forget.Request.self), peer: peer)
      return try ControlReply(NoParameters())
    case Logs.name:
      let (reply, descriptors) = try await service.logs(call.parameters(as: Logs.Request.self), peer: peer)
      return try ControlReply(reply, descriptors: descriptors)
    case IOStatus.name:
      _ = try call.parameters(as: IOStatus.Request.self)
      return try ControlReply(IOStatus.Reply(disks: await service.ioStatus(peer: peer)))
    case Version.name:
      _ = try call.parameters(as: Version.Request.self)
      return try ControlReply(await service.version(peer: peer))
    case Freeze.name:
      try await service.freeze(call.parameters(as: Freeze.Request.self), peer: peer)
      return try ControlReply(NoParameters())
    case Thaw.name:
      try await service.thaw(call.parameters(as: Thaw.Request.self), peer: peer)
      return try ControlReply(NoParameters())
    case Update.name:
      let request = try call.parameters(as: Update.Request.self)
      if request.document == nil && request.settings?.isEmpty ?? true {
        throw StandardError.invalidParameter("settings")
      }
      return try ControlReply(await service.update(request, peer: peer))
    case Events.name: return try await events(call)
    case Usage.name:
      _ = try call.parameters(as: Usage.Request.self)
      return try ControlReply(await service.usage(peer: peer))
    case Exec.name: return try await exec(call)
    case Attach.name:
      let session = try await service.attach(call.parameters(as: Attach.Request.self), peer: peer)
      return try ControlReply(Attach.Reply(session: 0), descriptors: [session])
    case Detach.name:
      try await service.detach(call.parameters(as: Detach.Request.self), peer: peer)
      return try ControlReply(NoParameters())
    default:
      throw StandardError.methodNotFound(call.envelope.method)
    }
  }

  private func spawn(_ call: ControlCall) async throws -> ControlReply {
    let request = try call.parameters(as: Spawn.Request.self)
    if (request.policy == nil) == (request.document == nil) {
      throw StandardError.invalidParameter(request.policy == nil ? "policy" : "document")
    }
    if request.command?.isEmpty == true { throw StandardError.invalidParameter("command") }
    try Self.check(request.terminal, stdio: request.stdio)
    if request.foreground && (call.envelope.more != true || call.envelope.oneway == true) {
      throw StandardError.expectedMore
    }
    var reply = try await start(request, call)
    guard request.foreground else { return try ControlReply(reply) }
    // A client that is gone by now is the task's cancellation, which attend() answers by ending the tenant.
    do throws(Fault) {
      try call.sendIntermediate(reply)
    } catch {
      guard error.code == .disconnected else { throw error }
    }
    reply.exit = try await service.attend(reply, peer: call.peer)
    return try ControlReply(reply)
  }

  /// Keeps the descriptors no longer than the start takes: an open pipe end here would hide its reader's end of file.
  private func start(_ request: Spawn.Request, _ call: ControlCall) async throws -> Spawn.Reply {
    let descriptors = call.takeDescriptors()
    try Self.check(request.stdio, descriptors)
    return try await service.spawn(request, peer: call.peer, descriptors: descriptors)
  }

  /// Answers with one event after the other until the client hangs up. It takes no more of them than the client reads,
  /// so that a slow one costs its stream's queue and no more.
  private func events(_ call: ControlCall) async throws -> ControlReply {
    let request = try call.parameters(as: Events.Request.self)
    guard call.envelope.more == true, call.envelope.oneway != true else { throw StandardError.expectedMore }
    let stream = try await service.events(request, peer: call.peer)
    defer { stream.end() }
    while let event = await stream.next() {
      try call.sendIntermediate(Events.Reply(event: event))
      await call.untilRead()
    }
    throw Fault(.disconnected, "the stream of events has ended")
  }

  private func exec(_ call: ControlCall) async throws -> ControlReply {
    let request = try call.parameters(as: Exec.Request.self)
    if request.command.isEmpty { throw StandardError.invalidParameter("command") }
    try Self.check(request.terminal, stdio: request.stdio)
    let session = try await enter(request, call)
    return try ControlReply(Exec.Reply(session: 0), descriptors: [session])
  }

  /// Keeps the descriptors no longer than it takes until the command runs.
  private func enter(_ request: Exec.Request, _ call: ControlCall) async throws -> SharedDescriptor {
    let descriptors = call.takeDescriptors()
    try Self.check(request.stdio, descriptors)
    return try await service.exec(request, peer: call.peer, descriptors: descriptors)
  }

  private static func check(_ terminal: TerminalRequest?, stdio: Stdio?) throws {
    guard let terminal else { return }
    if let member = terminal.unusableMember { throw StandardError.invalidParameter("terminal.\(member)") }
    if stdio != nil { throw StandardError.invalidParameter("stdio") }
  }

  private static func check(_ stdio: Stdio?, _ descriptors: [SharedDescriptor]) throws {
    guard let stdio else { return }
    let valid = descriptors.indices
    if !valid.contains(stdio.stdin) { throw StandardError.invalidParameter("stdio.stdin") }
    if !valid.contains(stdio.stdout) { throw StandardError.invalidParameter("stdio.stdout") }
    if !valid.contains(stdio.stderr) { throw StandardError.invalidParameter("stdio.stderr") }
  }
}
