import ArgumentParser
import ControlProtocol
import Faults
import Glibc
import Kernel
import Policy
import PolicyTools
import Sandbox

struct PolicyLintCommand: IsoctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint", abstract: "Warn of what policies give away, without the daemon.",
    discussion: """
      Every finding has a stable code, the place, the reason and what to do. An error gives the wall away; a warning \
      widens what a hostile program reaches; a note is worth knowing.

      EXIT STATUS:
        0    no errors; with --strict, no warnings either
        1    with --strict: warnings, and no errors
        2    errors, or a file that isn't a valid policy
      """)

  @Argument(
    help: ArgumentHelp("The policy files; - is standard input.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var files: [String]

  @Flag(help: "Let warnings count for the exit status.")
  var strict = false

  @OptionGroup var options: GlobalOptions

  private struct Report: Encodable {
    var file: String
    var faults: [Failed]
    var findings: [Finding]
  }

  private struct Finding: Encodable {
    var code: String
    var severity: String
    var message: String
    var reason: String
    var mend: String
    var line: Int?
    var column: Int?
  }

  func perform() throws(Fault) -> Int32 {
    var reports: [Report] = []
    var worst: LintFinding.Severity?
    for file in files {
      var findings: [LintFinding] = []
      var faults: [Fault] = []
      do throws(PolicyErrors) { findings = try Self.findings(in: file) } catch { faults = error.faults }
      let severities = findings.map(\.severity) + (faults.isEmpty ? [] : [.error])
      worst = (severities + (worst.map { [$0] } ?? [])).max()
      if options.json {
        reports.append(Report(file: file, faults: faults.map(Failed.init), findings: findings.map(Self.finding)))
      } else {
        for line in Self.lines(file, faults, findings) { printToStandardOutput(printable(line)) }
      }
    }
    if options.json { try printJSON(reports) }
    switch worst {
    case .error: return ExitStatus.lintErrors
    case .warning where strict: return ExitStatus.failure
    default: return ExitStatus.success
    }
  }

  private static func lines(_ file: String, _ faults: [Fault], _ findings: [LintFinding]) -> [String] {
    if faults.isEmpty && findings.isEmpty { return ["\(file): nothing to say"] }
    return faults.map(\.description)
      + findings.flatMap { finding in
        let place = finding.position.map { "\(file):\($0.line):\($0.column)" } ?? file
        return [
          "\(place): \(finding.severity.rawValue): \(finding.message) [\(finding.code)]",
          "  why:  \(finding.reason)", "  mend: \(finding.mend)",
        ]
      }
  }

  private static func finding(_ finding: LintFinding) -> Finding {
    Finding(
      code: finding.code, severity: finding.severity.rawValue, message: finding.message, reason: finding.reason,
      mend: finding.mend, line: finding.position?.line, column: finding.position?.column)
  }

  private static func findings(in file: String) throws(PolicyErrors) -> [LintFinding] {
    let bytes: [UInt8]
    do throws(Fault) { bytes = try PolicyFile.readBytes(file) } catch { throw PolicyErrors(error) }
    let policy = try PolicyDocument.parse(bytes: bytes, file: file)
    do throws(Fault) {
      return PolicyLint.findings(in: policy, profile: try Self.profile(of: policy))
    } catch {
      var fault = error
      // A profile's own place says more than the line that names the profile.
      fault.position = fault.position ?? policy.seccomp.profile.position
      throw PolicyErrors(fault)
    }
  }

  /// The profile on this host, as the daemon would take it.
  private static func profile(of policy: TenantPolicy) throws(Fault) -> Sandbox.SeccompPolicy {
    var capabilities: Set<Sandbox.Capability> = []
    for capability in policy.capabilities {
      capabilities.insert(try Sandbox.Capability(name: capability.value.description, position: capability.position))
    }
    return try policy.seccomp.profile(capabilities: capabilities)
  }
}
