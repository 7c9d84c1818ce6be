import ControlProtocol
import Faults
import Kernel

extension Supervisor {
  /// Hands over a tenant's terminal, also one that another daemon has started.
  func attach(_ request: ControlProtocol.TenantName, peer: ControlPeer) async throws(Fault) -> SharedDescriptor {
    let tenant = try tenant(request.name, for: peer)
    guard tenant.exit == nil, tenant.process != nil else {
      throw Fault(.wrongTenantState, "the tenant '\(request.name)' does not run", mend: "spawn it again")
    }
    guard tenant.record.terminal != nil else {
      throw Fault(
        .wrongTenantState, "the tenant '\(request.name)' has no terminal",
        mend: "spawn or run it with -t, or run a shell in it: `isoctl exec -it \(request.name) -- sh`")
    }
    return try AttachSocket.connect(parts.store.path(request.name, AttachSocket.suffix))
  }

  /// Has a foreground tenant go on without its client.
  func detach(_ request: ControlProtocol.TenantName, peer: ControlPeer) async throws(Fault) {
    guard try tenant(request.name, for: peer).record.isForeground else { return }
    // The next daemon keeps it in any case: its client went with the connection.
    tenants[request.name]?.record.isForeground = false
    saveInTurn(request.name)
  }
}
