import ArgumentParser
import Faults

struct DoctorCommand: IsoctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Tell what this host can enforce, what it lacks, and how to mend that.",
    discussion: """
      Looks at the kernel, control groups, disks, namespaces, limits, systemd, the installed files and the daemon. It \
      changes nothing and doesn't need the daemon; as root it can tell more. What is ok is only counted, unless --all \
      is given. A remark is about something that no policy asks for.

      --json prints an object with version (1), verdict (enforceable, limited or unusable), status, host, and checks, \
      each with a stable id, group, name, state (ok, limited, missing or unknown), found, why, mend unless it is ok, and \
      effect: what stops working (tenants, policies or nothing).

      EXIT STATUS:
        0        everything that policies may ask for can be enforced
        1        tenants can run, but something that policies may ask for can't be enforced, or it can't be told
        2        no tenant can run on this host as it is
        64       the command line is wrong
      """)

  @Flag(help: "Show every check, and not only what is wrong.")
  var all = false

  @OptionGroup var options: GlobalOptions

  func perform() throws(Fault) -> Int32 {
    let report = DoctorReport(.current(options.connection))
    if options.json {
      try printJSON(report)
    } else {
      for line in DoctorText(report, all: all, .current).lines { printToStandardOutput(line) }
    }
    return report.status
  }
}
