import Policy

/// `devices`: what a node gives.
enum DeviceLint {
  private struct Rule {
    var code: String
    var severity: LintFinding.Severity
    /// Beginnings of names beneath /dev.
    var names: [String]
    var reason: String
  }

  static func findings(_ devices: [DevicePolicy]) -> [LintFinding] {
    devices.map { device in
      let name = String(device.path.value.dropFirst("/dev/".count))
      let rule = rules.first { rule in rule.names.contains { name.hasPrefix($0) } } ?? other
      return LintFinding(
        rule.code, rule.severity, "the tenant gets \(device.path.value) (\(device.access))", because: rule.reason,
        mend: "take it out, or give a service that has it a socket to the tenant", at: device.path.position)
    }
  }

  private static let rules = [
    Rule(
      code: "device-memory", severity: .error, names: ["mem", "kmem", "port", "cpu", "mei", "nvram"],
      reason: "it reads or writes the machine's memory, registers or firmware"),
    Rule(
      code: "device-disk", severity: .error,
      names: [
        "sd", "hd", "vd", "xvd", "nvme", "mmcblk", "dm-", "mapper/", "md", "loop", "nbd", "disk/", "block/", "sr",
        "zram", "bcache", "mtd", "ng", "bsg/", "btrfs-control", "snapshot",
      ],
      reason: "under the file systems no permission holds: whoever has the disk has every file on it"),
    Rule(
      code: "device-input", severity: .error, names: ["input/", "uinput", "uhid", "hidraw", "console", "tty0", "tty1"],
      reason: "it reads what is typed on the host, or types there itself"),
    Rule(
      code: "device-bus", severity: .error, names: ["vfio/", "usb/", "bus/usb/", "iommu", "i2c-", "spidev"],
      reason: "a device on a bus can be made to write the machine's memory, or to be another device"),
    Rule(
      code: "device-kernel-log", severity: .warning, names: ["kmsg"],
      reason: "the kernel's log tells addresses and everybody's mishaps, and lines written there pass for the kernel's"),
    Rule(
      code: "device-kernel-surface", severity: .warning,
      names: ["kvm", "fuse", "net/tun", "vhost", "userfaultfd", "dri/", "nvidia", "snd/", "binder", "ashmem", "ppp"],
      reason: "it opens a large part of the kernel to the tenant, which no system call filter looks into"),
  ]
  private static let other = Rule(
    code: "device", severity: .note, names: [], reason: "every device is a driver that the tenant talks to")
}
