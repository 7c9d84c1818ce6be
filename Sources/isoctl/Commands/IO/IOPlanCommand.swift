import ArgumentParser
import ControlProtocol
import Faults
import Glibc
import IOCalibration
import IOPlanning
import IOQoS
import Policy

struct IOPlanCommand: IsoctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Tell whether disks can keep what policies promise about IO, and what is left.",
    discussion: """
      Reads the policies' io: entries, latency and reservation included, and judges them together with the host's own \
      share against what isoctl io calibrate --save has measured. Asks neither the daemon nor the disks, and changes \
      nothing. Returns 1 if the policies don't fit.
      """)

  @Argument(
    help: ArgumentHelp("The policy files; - is standard input.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var files: [String]

  @Option(
    help: ArgumentHelp("Where the calibrations are.", valueName: "directory"), completion: .directory)
  var calibrations = CalibrationStore.usualDirectory

  @OptionGroup var options: GlobalOptions

  func perform() throws(Fault) -> Int32 {
    let disks = DiskFacts.all()
    var entries: [IOPlan.Entry] = []
    var writers = FileSystemUse.host()
    for file in files {
      let policy = try Self.policy(in: file)
      let own = try Self.entries(of: policy, disks: disks)
      entries += own
      writers += FileSystemUse.uses(
        of: policy, as: policy.tenant.value.text, entries: own.map { (policy: $0.policy, disk: $0.disk) })
    }
    let directory = calibrations
    let plan = IOPlan(entries, writers: writers, now: Int64(time(nil))) { id throws(Fault) in
      try CalibrationStore.load(id: id, in: directory)
    }
    if options.json {
      try printJSON(plan.disks.map(IOPlanReport.init))
    } else if plan.disks.isEmpty {
      printToStandardOutput("none of the policies says anything about IO")
    } else {
      for (index, disk) in plan.disks.enumerated() {
        if index > 0 { printToStandardOutput("") }
        for line in IOPlanText(disk).lines(.current) { printToStandardOutput(printable(line)) }
      }
    }
    return plan.isAdmitted ? ExitStatus.success : ExitStatus.failure
  }

  private static func policy(in file: String) throws(Fault) -> TenantPolicy {
    let bytes = try PolicyFile.readBytes(file)
    do throws(PolicyErrors) {
      return try PolicyDocument.parse(bytes: bytes, file: file)
    } catch {
      throw error.joined()
    }
  }

  /// What a policy asks for, disk by disk.
  private static func entries(of policy: TenantPolicy, disks: [DiskFacts]) throws(Fault) -> [IOPlan.Entry] {
    var entries: [IOPlan.Entry] = []
    for entry in policy.io {
      do throws(Fault) {
        let place = try MeasuredPath(entry.device.value, disks: disks)
        entries.append(.init(tenant: policy.tenant.value.text, policy: entry, disk: place.facts))
      } catch {
        var fault = error
        fault.position = entry.device.position
        throw fault
      }
    }
    return entries
  }
}
