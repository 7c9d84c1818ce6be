/// What `isoctl doctor --json` prints; later versions add members and change none.
struct DoctorReport: Sendable, Encodable {
  /// The host in a few words.
  struct Host: Sendable, Encodable {
    var kernel: String
    var machine: String
    var cgroups: String
    var systemd: String?
    /// What the host runs in: a container, a virtual machine; nil where it is a machine of its own.
    var within: String?
  }

  let version = 1
  /// `enforceable`, `limited` or `unusable`.
  var verdict: String
  /// The exit status that goes with it.
  var status: Int32
  var host: Host
  var checks: [HostCheck]

  private enum CodingKeys: String, CodingKey { case version, verdict, status, host, checks }

  init(_ doctor: DoctorHost) {
    let cgroups = CgroupLayout(doctor)
    checks =
      KernelChecks.checks(doctor) + CgroupChecks.checks(doctor, cgroups) + IOChecks.checks(doctor)
      + NamespaceChecks.checks(doctor) + SecurityChecks.checks(doctor) + LimitChecks.checks(doctor)
      + SystemdChecks.checks(doctor) + MachineChecks.checks(doctor) + InstallationChecks.checks(doctor)
      + DaemonChecks.checks(doctor, cgroups)
    let worst = checks.map(\.verdict).max() ?? .enforceable
    verdict = worst.word
    status = worst.rawValue
    host = Host(
      kernel: doctor.kernel.release, machine: doctor.kernel.machine, cgroups: cgroups.description,
      systemd: doctor.systemd?.version, within: MachineChecks.within(doctor))
  }
}
