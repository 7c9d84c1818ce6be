import Faults
import Glibc
import Kernel
import Policy

extension Fault.Code {
  /// No installed policy has the name.
  public static let unknownPolicy: Self = "policy.unknown"
}

/// The installed policies: `NAME.yaml` in a list of directories, of which the first that has it counts.
struct PolicyLibrary: Sendable {
  /// How many further faults are told: nobody reads more, and a hostile text can hold thousands.
  private static let mostFaults = 49
  private let cache = PolicyCache()

  /// Reads and parses an installed policy.
  ///
  /// - Parameter directories: where to look.
  func policy(named name: String, in directories: [String]) throws(Fault) -> LoadedPolicy {
    guard Policy.TenantName(name) != nil else {
      throw Fault(
        .unknownPolicy, "'\(name)' is no policy's name", mend: "use `-f FILE` for a policy that isn't installed")
    }
    for directory in directories {
      let path = "\(directory)/\(name).yaml"
      guard access(path, F_OK) == 0 else { continue }
      return try parse(try SmallFile.readBytes(path, limit: 1 << 20), file: path)
    }
    throw Fault(
      .unknownPolicy, "there is no policy '\(name)' in \(directories.joined(separator: " or "))",
      mend: "install it there as \(name).yaml, or use `-f FILE`")
  }

  /// Parses what a tenant runs by; the first of its faults carries the others.
  func parse(_ source: PolicySource) throws(Fault) -> TenantPolicy {
    if source.settings.isEmpty { return try parse(Array(source.text.utf8), file: source.file).policy }
    do throws(PolicyErrors) {
      return try source.parse()
    } catch {
      throw error.joined(mostOthers: Self.mostFaults)
    }
  }

  /// Parses a policy's text; the first of its faults carries the others.
  func parse(_ bytes: [UInt8], file: String) throws(Fault) -> LoadedPolicy {
    do throws(PolicyErrors) {
      return try cache.policy(bytes, file: file) { () throws(PolicyErrors) in
        try PolicyDocument.parse(bytes: bytes, file: file)
      }
    } catch {
      throw error.joined(mostOthers: Self.mostFaults)
    }
  }
}
