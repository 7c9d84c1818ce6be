import ControlProtocol
import Faults
import Glibc
import Kernel

extension Supervisor {
  /// Starts the tenants whose policies lie in a directory, in the order of the files' names, each once in the life that
  /// `started` speaks of. One that can't be started keeps no other from it, and is tried again by the next daemon.
  func startInstalled(from directory: String, started: StartedTenants) async {
    var started = started
    if started.isFirst { note(nil, in: &started) }
    let files: [String]
    do throws(Fault) {
      files = try Self.policyFiles(in: directory)
    } catch {
      parts.log.error("cannot list the tenants to start", metadata: ["fault": "\(error)"])
      return
    }
    for file in files {
      do throws(Fault) {
        try await startInstalled("\(directory)/\(file)", &started)
      } catch {
        for fault in [error] + error.others {
          parts.log.error("cannot start an installed tenant", metadata: ["file": "\(file)", "fault": "\(fault)"])
        }
      }
    }
  }

  private func startInstalled(_ path: String, _ started: inout StartedTenants) async throws(Fault) {
    let bytes = try SmallFile.readBytes(path, limit: 1 << 20, called: "the policy")
    let name = try parts.library.parse(bytes, file: path).policy.tenant.value.text
    guard !started.names.contains(name) else { return }
    // One that runs was adopted or spawned by hand; one that has ended was started by a daemon that was killed before it
    // could note it, unless its end is older than this life.
    let wasStarted = tenants[name].map { $0.exit == nil || !started.isFirst } ?? false
    if !wasStarted {
      let request = Spawn.Request(document: String(decoding: bytes, as: UTF8.self), documentName: path)
      let daemon = ControlPeer(uid: 0, gid: 0, pid: getpid(), groups: [])
      _ = try await audited.spawn(request, peer: daemon, descriptors: [])
    }
    note(name, in: &started)
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
