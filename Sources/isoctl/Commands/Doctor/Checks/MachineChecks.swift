/// What the host is: a machine, a virtual one, a container; and its clock.
enum MachineChecks {
  static func checks(_ host: DoctorHost) -> [HostCheck] { [container(host), virtual(host), clock(host)] }

  /// What the host runs in, in a few words; nil where it is a machine of its own.
  static func within(_ host: DoctorHost) -> String? {
    let parts = [
      containerName(host).map { "a container (\($0))" }, virtualName(host).map { "a virtual machine (\($0))" },
    ]
    let known = parts.compactMap { $0 }
    return known.isEmpty ? nil : known.joined(separator: " in ")
  }

  /// systemd's own marks (systemd.io/CONTAINER_INTERFACE), and those of Docker and Podman.
  private static func containerName(_ host: DoctorHost) -> String? {
    if let name = host.tree.text("/run/systemd/container") ?? host.tree.text("/run/host/container-manager") {
      return String(name.prefix(32))
    }
    let environment = (host.tree.text("/proc/1/environ", limit: 64 << 10) ?? "").split(separator: "\0")
    if let variable = environment.first(where: { $0.hasPrefix("container=") }), variable.count > 10 {
      return String(variable.dropFirst(10).prefix(32))
    }
    if host.tree.exists("/run/.containerenv") { return "podman" }
    if host.tree.exists("/.dockerenv") { return "docker" }
    return nil
  }

  private static func container(_ host: DoctorHost) -> HostCheck {
    HostCheck(
      "machine.container", .machine, "container",
      containerName(host).map { name in
        .limited(
          "this is a container (\(name)): groups, limits and disks are what its manager hands in, and its tenants' "
            + "promises count only within its own",
          mend: "run isolated on the machine itself, or delegate all controllers and whole disks to the container")
      } ?? .ok("none"), effect: .policies, why: "promises that nobody outside takes back")
  }

  private static func virtualName(_ host: DoctorHost) -> String? {
    let isGuest = host.lines("/proc/cpuinfo").first { $0.hasPrefix("flags") }?.split(separator: " ")
      .contains("hypervisor")
    let vendor = host.tree.text("/sys/class/dmi/id/sys_vendor", limit: 64)
    if let vendor,
      ["QEMU", "KVM", "VMware", "Xen", "innotek", "Amazon EC2", "Google", "Microsoft", "DigitalOcean"]
        .contains(where: { vendor.hasPrefix($0) }), isGuest != false || vendor.hasPrefix("QEMU")
    {
      return vendor
    }
    if let type = host.tree.text("/sys/hypervisor/type", limit: 64) { return type }
    return isGuest == true ? vendor ?? "unknown" : nil
  }

  private static func virtual(_ host: DoctorHost) -> HostCheck {
    HostCheck(
      "machine.virtual", .machine, "virtual machine",
      .ok(
        virtualName(host).map {
          "\($0): its disks are shared beneath it, and a promise is worth what the provider keeps"
        } ?? "none"), effect: .nothing, why: "knowing who else is on the disks")
  }

  private static func clock(_ host: DoctorHost) -> HostCheck {
    let source = host.tree.text("/sys/devices/system/clocksource/clocksource0/current_clocksource")
    let slow = ["hpet", "acpi_pm", "jiffies", "refined-jiffies", "pit"]
    let finding: HostCheck.Finding
    if let source, slow.contains(source) {
      finding = .limited(
        "\(source): reading the time takes microseconds",
        mend: "see journalctl -k for why the kernel gave up tsc; firmware and hypervisor settings mend it mostly")
    } else {
      finding = .ok(source ?? "not told")
    }
    return HostCheck(
      "machine.clock", .machine, "clock source", finding, effect: .nothing,
      why: "a scheduler that reads the time in each tick, and a sensor that does for each IO")
  }
}
