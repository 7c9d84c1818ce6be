import ControlProtocol
import Faults
import Glibc
import Kernel
import Policy

extension Supervisor {
  /// Starts the tenants whose policies lie in a directory, each once in the life that `started` speaks of: after those
  /// that its policy names, and otherwise in the order of the files' names. One that can't be started keeps no other from
  /// it, and is tried again by the next daemon.
  func startInstalled(from directory: String, started: StartedTenants) async {
    var started = started
    if started.isFirst { note(nil, in: &started) }
    let installed: [InstalledTenant]
    do throws(Fault) {
      installed = try Self.policyFiles(in: directory).compactMap { installedTenant("\(directory)/\($0)") }
    } catch {
      parts.log.error("cannot list the tenants to start", metadata: ["fault": "\(error)"])
      return
    }
    var sequence = BootSequence(
      orderable(installed).filter { !started.names.contains($0.name) }.map { .init(name: $0.name, after: $0.after) })
    let byName = Dictionary(installed.map { ($0.name, $0) }) { first, _ in first }
    while !sequence.isOver {
      let turns = sequence.turns(at: BootClock.microseconds()) { standing(of: $0) }
      for turn in turns {
        guard let tenant = byName[turn.entry.name] else { continue }
        if !turn.missing.isEmpty {
          parts.log.warning(
            "starts without those that it comes after",
            metadata: ["tenant": "\(tenant.name)", "missing": "\(turn.missing.joined(separator: " "))"])
        }
        await start(tenant, &started)
      }
      // Whoever was started now may be whom the next ones wait for.
      guard turns.isEmpty else { continue }
      do {
        try await Task.sleep(for: Self.bootStep)
      } catch {
        parts.log.error("cannot wait for installed tenants", metadata: ["fault": "\(error)"])
        return
      }
    }
  }

  /// How often it is looked whether one that others wait for has come.
  private static var bootStep: Duration { .milliseconds(100) }

  /// A tenant of the directory.
  private struct InstalledTenant {
    var path: String
    var bytes: [UInt8]
    var policy: TenantPolicy
    var name: String { policy.tenant.value.text }
    var after: [String] { policy.after.map(\.value.text) }
  }

  private func installedTenant(_ path: String) -> InstalledTenant? {
    do throws(Fault) {
      let bytes = try SmallFile.readBytes(path, limit: 1 << 20, called: "the policy")
      return InstalledTenant(path: path, bytes: bytes, policy: try parts.library.parse(bytes, file: path).policy)
    } catch {
      report(error, of: path)
      return nil
    }
  }

  /// All but those that come after each other in a circle. A name that nobody has is an error too, and keeps nobody from
  /// being started.
  private func orderable(_ installed: [InstalledTenant]) -> [InstalledTenant] {
    let policies = installed.map(\.policy)
    let known = Set(tenants.keys.compactMap { Policy.TenantName($0) })
    for fault in StartOrder.faults(of: policies, known: known) {
      parts.log.error("wrong order of installed tenants", metadata: ["fault": "\(fault)"])
    }
    let circular = StartOrder.circular(policies)
    return installed.filter { !circular.contains($0.policy.tenant.value) }
  }

  private func start(_ tenant: InstalledTenant, _ started: inout StartedTenants) async {
    do throws(Fault) {
      // One that runs was adopted or spawned by hand; one that has ended was started by a daemon that was killed before
      // it could note it, unless its end is older than this life.
      let wasStarted = tenants[tenant.name].map { $0.exit == nil || !started.isFirst } ?? false
      if !wasStarted {
        let request = Spawn.Request(
          document: String(decoding: tenant.bytes, as: UTF8.self), documentName: tenant.path)
        let daemon = ControlPeer(uid: 0, gid: 0, pid: getpid(), groups: [])
        _ = try await audited.spawn(request, peer: daemon, descriptors: [])
      }
      note(tenant.name, in: &started)
    } catch {
      report(error, of: tenant.path)
    }
  }

  private func report(_ error: Fault, of file: String) {
    for fault in [error] + error.others {
      parts.log.error("cannot start an installed tenant", metadata: ["file": "\(file)", "fault": "\(fault)"])
    }
  }

  private func note(_ name: String?, in started: inout StartedTenants) {
    do throws(Fault) {
      try started.note(name)
    } catch {
      parts.log.error("cannot note which tenants were started", metadata: ["fault": "\(error)"])
    }
  }

  /// The names of a directory's policy files, ordered. No directory is an empty one.
  static func policyFiles(in directory: String) throws(Fault) -> [String] {
    do throws(Fault) {
      return try DirectoryListing.names(directory, message: "cannot list the directory")
        .filter { $0.hasSuffix(".yaml") && !$0.hasPrefix(".") }
    } catch  where error.errno == ErrorNumber(ENOENT) {
      return []
    }
  }
}
