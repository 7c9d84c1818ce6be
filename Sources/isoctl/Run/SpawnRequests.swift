import ControlProtocol
import Faults
import Glibc
import Kernel

extension RunArguments {
  /// The request that these arguments mean, with the policy file's text if one is named.
  ///
  /// - Throws: `isoctl.policy-file`, `isoctl.bad-argument`, `system.call-failed`.
  func spawnRequest(foreground: Bool, terminal: TerminalRequest? = nil) throws(Fault) -> Spawn.Request {
    // In one go: each member that is replaced costs a fresh process the look-up of its type.
    Spawn.Request(
      policy: policy, document: try file.map { path throws(Fault) in try PolicyFile.read(path) },
      documentName: file, name: name, command: command.isEmpty ? nil : command,
      environment: environment.isEmpty ? nil : try Self.variables(environment),
      stdio: foreground && terminal == nil ? Stdio(stdin: 0, stdout: 1, stderr: 2) : nil, foreground: foreground,
      terminal: terminal)
  }

  static func variables(_ assignments: [String]) throws(Fault) -> [String: String] {
    var variables: [String: String] = [:]
    for assignment in assignments {
      guard let equals = assignment.firstIndex(of: "="), equals != assignment.startIndex else {
        throw Fault(
          .badArgument, "\"\(assignment)\" is no environment variable", mend: "write NAME=VALUE")
      }
      variables[String(assignment[..<equals])] = String(assignment[assignment.index(after: equals)...])
    }
    return variables
  }
}

/// A policy file on the caller's side: it is read with the caller's rights, and its text travels.
enum PolicyFile {
  /// The most that is read; the daemon takes less still.
  static let limit = 1 << 19

  /// Reads a file's text; `-` is standard input.
  ///
  /// - Throws: `isoctl.policy-file`, `system.call-failed`.
  static func read(_ path: String) throws(Fault) -> String {
    let bytes = try readBytes(path)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Fault(.policyFile, "the policy file is not UTF-8 text", path: path)
    }
    return text
  }

  /// Reads a file's bytes; `-` is standard input.
  ///
  /// - Throws: `isoctl.policy-file`, `system.call-failed`.
  static func readBytes(_ path: String) throws(Fault) -> [UInt8] {
    let file = OwnedDescriptor(
      owning: try systemCall("open", path: path, message: "cannot read the policy file") {
        path == "-" ? dup(0) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
      })
    var bytes = [UInt8](repeating: 0, count: 1 << 13)
    var count = 0
    while true {
      if count == bytes.count {
        guard count < limit else {
          throw Fault(.policyFile, "the policy file is larger than \(limit) bytes", path: path)
        }
        bytes.append(contentsOf: repeatElement(0, count: count))
      }
      let taken = try systemCall("read", path: path, message: "cannot read the policy file") {
        bytes.withUnsafeMutableBytes {
          Glibc.read(file.rawValue, $0.baseAddress.map { $0 + count }, $0.count - count)
        }
      }
      if taken == 0 { return Array(bytes.prefix(count)) }
      count += taken
    }
  }
}

extension Fault.Code {
  /// A policy file can't be used.
  static let policyFile: Self = "isoctl.policy-file"
  /// An argument makes no sense.
  static let badArgument: Self = "isoctl.bad-argument"
}
