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
      return try ControlReply(Stop.Reply(exit: await service.stop(request, peer: peer)))
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
    if let stdio = request.stdio {
      let valid = descriptors.indices
      if !valid.contains(stdio.stdin) { throw StandardError.invalidParameter("stdio.stdin") }
      if !valid.contains(stdio.stdout) { throw StandardError.invalidParameter("stdio.stdout") }
      if !valid.contains(stdio.stderr) { throw StandardError.invalidParameter("stdio.stderr") }
    }
    return try await service.spawn(request, peer: call.peer, descriptors: descriptors)
  }
}
