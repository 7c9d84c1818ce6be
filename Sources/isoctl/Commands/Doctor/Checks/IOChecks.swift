import Faults
import IOCalibration
import IOPlanning
import IOQoS

/// Disks: what can govern them, what can be promised on them, and what measures them.
enum IOChecks {
  static func checks(_ host: DoctorHost) -> [HostCheck] {
    let disks = host.disks.filter { isWorthPromises($0) }
    return [pressure(host)] + sensor(host) + [latencyKnob(disks)]
      + disks.flatMap { [governed($0), scheduler($0), calibrated($0, host)] } + [quotas(host)]
  }

  /// Loop devices, RAM disks, drives without a medium and the like are nobody's promise.
  private static func isWorthPromises(_ disk: DiskFacts) -> Bool {
    switch disk.kind {
    case .loop, .memory, .optical: false
    case .disk, .mapped, .raid, .network: disk.size > 0
    }
  }

  // MARK: What measures

  private static func pressure(_ host: DoctorHost) -> HostCheck {
    let finding: HostCheck.Finding
    if host.tree.text("/proc/pressure/io") != nil {
      finding = .ok("on")
    } else if configuration(host, "CONFIG_PSI") == true {
      finding = .limited("built in, but off", mend: "boot with psi=1 on the kernel's command line")
    } else {
      finding = .missing(
        "off: there is no /proc/pressure",
        mend: "boot with psi=1 on the kernel's command line, on a kernel with CONFIG_PSI=y")
    }
    return HostCheck(
      "io.pressure", .io, "pressure stall information", finding, effect: .nothing,
      why: "telling how long tenants wait for processor, memory and disk")
  }

  /// Whether the kernel was built with an option; nil where its configuration isn't on the disk.
  private static func configuration(_ host: DoctorHost, _ option: String) -> Bool? {
    guard let text = host.tree.text("/boot/config-\(host.kernel.release)", limit: 1 << 20) else { return nil }
    return text.split(separator: "\n").contains { $0 == "\(option)=y" }
  }

  private static func sensor(_ host: DoctorHost) -> [HostCheck] {
    let why =
      "latency targets that are measured, not only steered to; without it, promises rest on io.stat and the queue"
    func check(_ id: String, _ name: String, _ finding: HostCheck.Finding) -> HostCheck {
      HostCheck("io.sensor." + id, .io, name, finding, effect: .policies, why: why)
    }
    let types: HostCheck.Finding =
      host.tree.exists("/sys/kernel/btf/vmlinux")
      ? .ok("the kernel describes its types")
      : .missing(
        "there is no /sys/kernel/btf/vmlinux",
        mend: "use a kernel with CONFIG_DEBUG_INFO_BTF=y, as Debian's, Ubuntu's and Fedora's are, and mount /sys")
    let compiler: HostCheck.Finding =
      host.tree.number("/proc/sys/net/core/bpf_jit_enable") == 0
      ? .missing("net.core.bpf_jit_enable is 0", mend: "sysctl net.core.bpf_jit_enable=1") : .ok("on")
    return [
      check("types", "IO sensor: BTF", types), check("compiler", "IO sensor: BPF compiler", compiler),
      check("lockdown", "IO sensor: lockdown", lockdown(host)),
      check("capability", "IO sensor: right to load", right(host)),
      check("program", "IO sensor: program", InstallationChecks.trusted(host, InstallationChecks.sensor)),
    ]
  }

  private static func lockdown(_ host: DoctorHost) -> HostCheck.Finding {
    guard let text = host.tree.text("/sys/kernel/security/lockdown") else { return .ok("none that could be seen") }
    return text.contains("[confidentiality]")
      ? .missing(
        "the kernel is locked down for confidentiality: BPF may not read its memory",
        mend: "boot with lockdown=integrity instead")
      : .ok("the kernel isn't locked down for confidentiality")
  }

  private static func right(_ host: DoctorHost) -> HostCheck.Finding {
    let line = host.lines("/proc/1/status").first { $0.hasPrefix("CapBnd:") }
    guard let digits = line?.split(separator: "\t").last, let set = UInt64(digits, radix: 16) else {
      return .ok("nothing speaks against it")
    }
    // CAP_BPF and CAP_PERFMON, or what stood for both before.
    let may = set >> 39 & 1 == 1 && set >> 38 & 1 == 1 || set >> 21 & 1 == 1
    return may
      ? .ok("root may load BPF programs, whatever kernel.unprivileged_bpf_disabled says")
      : .missing(
        "no service of this system can have CAP_BPF and CAP_PERFMON",
        mend: "give the container that this runs in both, or run isolated on the machine itself")
  }

  private static func latencyKnob(_ disks: [DiskFacts]) -> HostCheck {
    let isThere = disks.contains { $0.mechanisms.ioLatency.isAvailable }
    return HostCheck(
      "io.latency", .io, "io.latency", .ok(isThere ? "available, and not used" : "not available, and not needed"),
      effect: .nothing, why: "nothing: isolated holds latencies by itself")
  }

  // MARK: What governs a disk

  private static func named(_ disk: DiskFacts) -> String {
    let model = disk.model.map { "\($0), " } ?? ""
    return "\(disk.name) (\(model)\(Figures.bytes(disk.size)))"
  }

  private static func governed(_ disk: DiskFacts) -> HostCheck {
    let reasons = disk.promise.reasons.joined(separator: "; ")
    let finding: HostCheck.Finding
    switch disk.promise.level {
    case .all: finding = .ok("\(named(disk)): reservations, limits, weights and latency targets")
    case .some: finding = .limited("\(named(disk)): \(reasons)", mend: "isoctl io devices says which promises hold")
    case .none:
      if case .missing(let because) = disk.mechanisms.ioMax {
        finding = .missing(
          "\(named(disk)): \(because)",
          mend: because.contains("CONFIG_") ? "use a kernel with that option" : "give the io controller to cgroup v2")
      } else {
        finding = .limited("\(named(disk)): no promise: \(reasons)", mend: "keep tenants' data on another disk")
      }
    }
    // What lies in the disk itself, and not in the host, stops no policy on other disks.
    let isOfHost = if case .missing = disk.mechanisms.ioMax { true } else { false }
    return HostCheck(
      "io.disk.\(disk.name)", .io, "disk \(disk.name)", finding, effect: isOfHost ? .policies : .nothing,
      why: "the policy key io on this disk")
  }

  private static func scheduler(_ disk: DiskFacts) -> HostCheck {
    let parts = [("io.max", disk.mechanisms.ioMax), ("io.cost", disk.mechanisms.ioCost), ("BFQ", disk.mechanisms.bfq)]
    let texts = parts.map { name, state in
      switch state {
      case .available: "\(name) works"
      case .possible(let after): "\(name) after \(after)"
      case .missing: "no \(name)"
      }
    }
    return HostCheck(
      "io.mechanisms.\(disk.name)", .io, "mechanisms of \(disk.name)", .ok(texts.joined(separator: ", ")),
      effect: .nothing, why: "isolated holds tenants by io.max; the others are the kernel's own, for comparison")
  }

  private static func calibrated(_ disk: DiskFacts, _ host: DoctorHost) -> HostCheck {
    let place = disk.mounts.first.map { "on its file system: isoctl io calibrate --save \($0.point)" }
    let mend = "measure it, \(place ?? "once it has a file system: isoctl io calibrate --save DIRECTORY")"
    return HostCheck(
      "io.calibration.\(disk.name)", .io, "calibration of \(disk.name)", calibration(disk, host, mend),
      effect: disk.promise.level == .none ? .nothing : .policies,
      why: "reservations and latency targets on this disk: nothing is promised of a disk that nobody has measured")
  }

  private static func calibration(_ disk: DiskFacts, _ host: DoctorHost, _ mend: String) -> HostCheck.Finding {
    do throws(Fault) {
      guard let stored = try host.calibration(disk.id) else { return .missing("never measured", mend: mend) }
      let model = try DeviceModel(stored)
      let age = (host.now - model.measured) / 86_400
      let present = DeviceIdentity(disk.measured)
      if let stale = Admission().staleness(of: model, present: present, now: host.now) {
        return .limited("can't be used any more: \(stale.fault.message)", mend: mend)
      }
      return .ok(age <= 0 ? "measured today" : age == 1 ? "measured yesterday" : "measured \(age) days ago")
    } catch {
      if error.errno?.number == 13 {
        return .unknown("only root may read \(error.path ?? "it")", mend: "run isoctl doctor as root")
      }
      return .limited(error.message, mend: mend)
    }
  }

  // MARK: Space

  private static func quotas(_ host: DoctorHost) -> HostCheck {
    let mounts = MountTable(host.tree).mounts
    let onBtrfs = countedByGroups(host.tree)
    let on = mounts.filter { mount in
      mount.type == "btrfs"
        ? mount.source.split(separator: "/").last.map { onBtrfs.contains(String($0)) } ?? false
        : mount.fileSystemOptions.contains { ["prjquota", "pquota"].contains($0) }
    }.map(\.point)
    return HostCheck(
      "io.project-quotas", .io, "project quotas",
      on.isEmpty
        ? .missing(
          "on no file system, nor btrfs' quota groups",
          mend: "XFS: mount it with prjquota. ext4: unmount it, tune2fs -O project,quota DEVICE, mount it with "
            + "prjquota. btrfs: btrfs quota enable PATH"
        )
        : .ok("on at \(Set(on).sorted().joined(separator: ", "))"),
      effect: PolicyPaths.effect(host) { $0.disk != nil }, why: "the policy key disk")
  }

  /// The devices, by the kernel's names and the device mapper's, of btrfs file systems that count by quota groups:
  /// those have a directory of them (fs/btrfs/sysfs.c). What is mapped is listed as `dm-0`, and mounted as
  /// `/dev/mapper/NAME`.
  private static func countedByGroups(_ tree: SystemTree) -> Set<String> {
    var names: Set<String> = []
    for identity in tree.names("/sys/fs/btrfs") where tree.exists("/sys/fs/btrfs/\(identity)/qgroups") {
      for device in tree.names("/sys/fs/btrfs/\(identity)/devices") {
        names.insert(device)
        if let mapped = tree.text("/sys/class/block/\(device)/dm/name") { names.insert(mapped) }
      }
    }
    return names
  }
}
