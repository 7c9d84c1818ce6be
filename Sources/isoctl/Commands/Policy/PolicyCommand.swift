import ArgumentParser
import ControlProtocol
import Faults
import Policy
import Sandbox

struct PolicyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "Work with policy files.",
    subcommands: [PolicyCheckCommand.self, PolicyLearnCommand.self, PolicyLintCommand.self])
}

struct PolicyCheckCommand: IsoctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check policy files, without the daemon.",
    discussion: """
      Prints every error with its place and how to mend it, and returns 1 if there is any. Of several files it tells too \
      whom "after" names that none of them is, and who come after each other in a circle.
      """)

  @Argument(
    help: ArgumentHelp("The policy files; - is standard input.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var files: [String]

  @OptionGroup var options: GlobalOptions

  private struct Report: Encodable {
    var file: String
    var faults: [Failed]
  }

  func perform() throws(Fault) -> Int32 {
    var reports: [Report] = []
    var policies: [(file: String, policy: TenantPolicy)] = []
    var known: [String: [Fault]] = [:]
    for file in files {
      let (policy, faults) = Self.read(file)
      known[file] = faults
      if let policy { policies.append((file, policy)) }
    }
    // One file alone can't know what lies beside it, and what a bad one would have said nobody knows.
    if files.count > 1, policies.count == files.count {
      for fault in StartOrder.faults(of: policies.map(\.policy)) {
        known[fault.position?.file ?? files[0], default: []].append(fault)
      }
    }
    for file in files {
      let faults = known[file] ?? []
      reports.append(Report(file: file, faults: faults.map(Failed.init)))
      guard !options.json else { continue }
      for fault in faults { printToStandardOutput(printable(fault.description)) }
      if faults.isEmpty { printToStandardOutput(printable("\(file): good")) }
    }
    if options.json { try printJSON(reports) }
    return reports.allSatisfy(\.faults.isEmpty) ? ExitStatus.success : ExitStatus.failure
  }

  /// A file's policy, or all that is wrong with it, its not being readable included.
  private static func read(_ file: String) -> (policy: TenantPolicy?, faults: [Fault]) {
    let bytes: [UInt8]
    do throws(Fault) { bytes = try PolicyFile.readBytes(file) } catch { return (nil, [error]) }
    do throws(PolicyErrors) {
      let policy = try PolicyDocument.parse(bytes: bytes, file: file)
      return (policy, policy.seccomp.unknownNames)
    } catch {
      return (nil, error.faults)
    }
  }
}
