import Faults

extension DocumentDecoder {
  /// Reports values that are fine alone and can't hold together.
  func checkConsistency(of policy: TenantPolicy) {
    checkMemory(policy.memory)
    checkCPU(policy.cpu)
    checkNetwork(policy)
    checkWall(policy)
    checkHealth(policy)
    checkOrder(policy)
  }

  private func checkMemory(_ memory: MemoryPolicy) {
    let bounds = [
      ("min", memory.min), ("low", memory.low), ("high", memory.high), ("max", Optional(memory.max)),
    ]
    .compactMap { name, size in size.map { (name: name, size: $0) } }
    for (lower, upper) in zip(bounds, bounds.dropFirst()) where lower.size.value > upper.size.value {
      report(
        .conflict,
        "memory.\(lower.name) (\(lower.size.value)) is above memory.\(upper.name) (\(upper.size.value))",
        at: lower.size.position, mend: "keep min <= low <= high <= max")
    }
    if let zswap = memory.zswap, zswap.value != .atMost(ByteSize(bytes: 0)),
      memory.swap.value == .atMost(ByteSize(bytes: 0))
    {
      report(
        .conflict, "zswap holds pages on their way to swap, and the tenant has no swap", at: zswap.position,
        mend: "give memory.swap a size, or remove zswap")
    }
  }

  private func checkCPU(_ cpu: CPUPolicy) {
    if cpu.idle.value, let weight = cpu.weight {
      report(
        .conflict, "an idle tenant has no weight", at: weight.position, mend: "remove \"weight\" or \"idle\"")
    }
    if let burst = cpu.burst, let max = cpu.max, burst.value > max.value.quota {
      report(
        .conflict,
        "the burst (\(burst.value)) is above the quota (\(max.value.quota) in \(max.value.period))",
        at: burst.position, mend: "give a burst of at most \(max.value.quota)")
    }
    if let min = cpu.uclamp.min, let max = cpu.uclamp.max, min.value > max.value {
      report(.conflict, "uclamp.min is above uclamp.max", at: min.position)
    }
  }

  /// On the host's network a tenant has no power: its capabilities count in its own user namespace only.
  private func checkNetwork(_ policy: TenantPolicy) {
    guard policy.network.mode.value == .host else { return }
    for capability in policy.capabilities where capability.description.hasPrefix("CAP_NET_") {
      report(
        .conflict, "\(capability) has no effect on the host's network", at: capability.position,
        mend: "remove it; a port below 1024 needs net.ipv4.ip_unprivileged_port_start lowered on the host")
    }
    for sysctl in policy.sysctls where sysctl.name.value.hasPrefix("net.") {
      report(
        .conflict, "\(sysctl.name) would change the host's network", at: sysctl.name.position,
        mend: "set it on the host, or give the tenant a network of its own")
    }
  }

  /// Secrets, disk space and Landlock.
  private func checkWall(_ policy: TenantPolicy) {
    if !policy.secrets.isEmpty {
      let place = SecretsPolicy.place
      let binds = (policy.root.writable + policy.root.readable).map { $0.map(\.path) }
      for path in binds + policy.root.temporary.map(\.path)
      where path.value == place || path.value.hasPrefix(place + "/") {
        report(.conflict, "\(path) is where the tenant's secrets are", at: path.position, mend: "choose another path")
      }
      for path in binds where path.value == "/run" {
        report(
          .conflict, "the secrets need a place in the host's \(path)", at: path.position,
          mend: "name what the tenant needs beneath it, such as /run/postgresql")
      }
    }
    if let disk = policy.disk, policy.root.writable.isEmpty {
      guard case .directory = policy.root.overlay.value else {
        report(
          .conflict, "\"disk\" bounds what the tenant leaves on the host's disks, and it can leave nothing there",
          at: disk.max?.position ?? disk.inodes?.position,
          mend: "name a path in \"root.writable\", or remove it; \"root.tmpfs\" has sizes of its own")
        return
      }
    }
    if policy.landlock?.value == false, let tcp = policy.network.tcp {
      report(
        .conflict, "Landlock holds the rules for TCP ports, and it is off", at: tcp.position,
        mend: "remove \"landlock: false\" or \"tcp\"")
    }
  }
}
