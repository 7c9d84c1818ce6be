import Faults
import Glibc

/// The exit statuses that `isoctl --help` promises.
enum ExitStatus {
  /// Done.
  static let success: Int32 = 0
  /// The daemon refused or failed, or a policy has errors.
  static let failure: Int32 = 1
  /// `policy lint`: a policy has errors, or gives the wall away.
  static let lintErrors: Int32 = 2
  /// The command line is wrong: EX_USAGE of sysexits.h.
  static let usage: Int32 = 64
  /// `run`, `exec`, `attach`: isoctl or the daemon failed.
  static let runFailed: Int32 = 125
  /// `run`, `exec`: the command can't be run.
  static let cannotRun: Int32 = 126
  /// `run`, `exec`: the command wasn't found.
  static let notFound: Int32 = 127

  /// `run`, `exec`, `attach`: what a failure to start means, in the words of env(1).
  static func ofRun(_ fault: Fault) -> Int32 {
    guard let call = fault.systemCall, call == "execve" || call == "execveat" else { return runFailed }
    return fault.errno?.number == ENOENT ? notFound : cannotRun
  }
}

/// Ends the process.
func exitProcess(_ status: Int32) -> Never { exit(status) }
