import ArgumentParser
import ControlProtocol
import Faults
import Policy

struct PolicyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "Work with policy files.", subcommands: [PolicyCheckCommand.self])
}

struct PolicyCheckCommand: IsoctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check policy files, without the daemon.",
    discussion: "Prints every error with its place and how to mend it, and returns 1 if there is any.")

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
    for file in files {
      let faults = Self.faults(in: file)
      reports.append(Report(file: file, faults: faults.map(Failed.init)))
      guard !options.json else { continue }
      for fault in faults { printToStandardOutput(printable(fault.description)) }
      if faults.isEmpty { printToStandardOutput(printable("\(file): good")) }
    }
    if options.json { try printJSON(reports) }
    return reports.allSatisfy(\.faults.isEmpty) ? ExitStatus.success : ExitStatus.failure
  }

  /// All that is wrong with a file, its not being readable included.
  private static func faults(in file: String) -> [Fault] {
    let bytes: [UInt8]
    do throws(Fault) { bytes = try PolicyFile.readBytes(file) } catch { return [error] }
    do throws(PolicyErrors) {
      _ = try PolicyDocument.parse(bytes: bytes, file: file)
      return []
    } catch {
      return error.faults
    }
  }
}
