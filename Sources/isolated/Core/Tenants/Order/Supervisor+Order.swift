import ControlProtocol
import Faults
import Kernel
import Policy

/// What `after` of policies asks for.
extension Supervisor {
  /// How far a tenant is for those who come after it.
  func standing(of name: String) -> BootSequence.Standing {
    guard let tenant = tenants[name] else { return .failed }
    switch tenant.phase {
    case .starting, .backingOff: return .coming
    case .running:
      switch tenant.health?.state.status {
      case nil, .healthy: return .ready
      case .starting: return .coming
      case .unhealthy: return .failed
      }
    case .stopping: return .failed
    case .ended(let exit): return exit.isFailure ? .failed : .ready
    }
  }

  /// Ends those who come after a tenant before it is ended itself: those that come last first, and each with its own
  /// grace. Tenants that the peer may not end run on.
  ///
  /// - Returns: how they ended, in order.
  func endDependants(of name: String, peer: ControlPeer) async throws(Fault) -> [Stop.Dependant] {
    let living = tenants.filter { other, tenant in
      tenant.exit == nil && (peer.uid == 0 || tenant.record.owner == peer.uid || other == name)
    }
    let steps = StartOrder.dependants(of: name, after: living.compactMapValues(\.record.after))
    var ended: [Stop.Dependant] = []
    for step in steps {
      parts.log.info("stopping dependants", metadata: ["of": "\(name)", "tenants": "\(step)"])
      var ends: [(name: String, task: Task<Result<Exit, Fault>, Never>)] = []
      for name in step { ends.append((name, Task { await outcome(of: name) })) }
      for end in ends {
        switch await end.task.value {
        case .success(let exit): ended.append(.init(name: end.name, exit: exit))
        // It has ended and was forgotten in between.
        case .failure(let fault) where fault.code == .unknownTenant: continue
        case .failure(var fault):
          fault.mend = "stop '\(end.name)' first, or give --only"
          throw fault
        }
      }
    }
    return ended
  }

  private func outcome(of name: String) async -> Result<Exit, Fault> {
    do throws(Fault) {
      return .success(try await end(name, grace: nil))
    } catch {
      return .failure(error)
    }
  }
}
