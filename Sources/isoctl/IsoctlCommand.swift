import ArgumentParser
import Faults

/// A command that may fail with a fault.
protocol IsoctlCommand: ParsableCommand {
  var options: GlobalOptions { get }

  /// Does it, and answers with the exit status.
  func perform() throws(Fault) -> Int32
}

extension IsoctlCommand {
  func run() throws {
    let status: Int32
    do throws(Fault) {
      status = try perform()
    } catch {
      printFault(error, json: options.json)
      throw ExitCode(ExitStatus.failure)
    }
    if status != ExitStatus.success { throw ExitCode(status) }
  }
}
