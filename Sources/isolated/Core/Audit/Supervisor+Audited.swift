import ControlProtocol
import Faults
import Kernel

extension Supervisor {
  /// The supervisor as clients reach it: with an audit trail.
  nonisolated var audited: AuditedService<Supervisor> {
    AuditedService(service: self, audit: parts.audit) { request, peer, descriptors, trail throws(Fault) in
      try await self.start(request, peer: peer, descriptors: descriptors, trail: trail)
    }
  }
}
