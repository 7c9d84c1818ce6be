import Faults
import Glibc

/// The first moments of a program that is to be learnt from: it stands still until its watcher is there.
///
/// This process is the tenant's command. It stops itself, and whoever continues it has it executed as the program.
enum HeldStart {
  /// Stops, and becomes the program. Returns only if that can't be executed, with env(1)'s status for it.
  static func perform(_ command: [String]) -> Int32 {
    kill(getpid(), SIGSTOP)
    var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) }
    arguments.append(nil)
    if let program = command.first { execvp(program, arguments) }
    let number = errno
    for argument in arguments { free(argument) }
    let fault = Fault(
      .systemCallFailed, "cannot execute the program", systemCall: "execve", path: command.first,
      errno: ErrorNumber(number))
    printFault(fault, json: false)
    return ExitStatus.ofRun(fault)
  }
}
