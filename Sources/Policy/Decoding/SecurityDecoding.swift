import Faults

extension DocumentDecoder {
  /// `seccomp`.
  func seccompPolicy(_ top: StrictMapping) -> SeccompPolicy {
    var seccomp = SeccompPolicy(
      profile: Positioned(.standard), only: nil, allow: [], deny: [], mode: Positioned(.enforce))
    guard let node = top["seccomp"] else { return seccomp }
    guard case .mapping = node.content else {
      seccomp.profile = seccompProfile(node) ?? seccomp.profile
      return seccomp
    }
    guard let mapping = mapping(node, path: "seccomp") else { return seccomp }
    seccomp.profile = mapping["profile"].flatMap { seccompProfile($0) } ?? seccomp.profile
    seccomp.allow = systemCalls("allow", in: mapping)
    seccomp.deny = systemCalls("deny", in: mapping)
    seccomp.mode = choice("mode", in: mapping, as: SeccompPolicy.Mode.self) ?? seccomp.mode
    let allowed = Set(seccomp.allow.map(\.value))
    for name in seccomp.deny where allowed.contains(name.value) {
      report(.conflict, "\(name.value) is both allowed and denied", at: name.position)
    }
    if let node = mapping["only"] {
      seccomp.only = systemCalls("only", in: mapping)
      checkRemaining(seccomp, at: node.position)
    }
    return seccomp
  }

  /// A list that leaves out what every start needs would be found out at the start only.
  private func checkRemaining(_ seccomp: SeccompPolicy, at position: Fault.Position) {
    let denied = Set(seccomp.deny.map(\.value))
    let only = seccomp.only ?? []
    for name in only where denied.contains(name.value) {
      report(
        .conflict, "\(name.value) is both in \"only\" and denied", at: name.position,
        mend: "leave it out of \"only\"")
    }
    guard !(only + seccomp.allow).contains(where: { $0.value == "execve" }) else { return }
    report(
      .conflict, "the filter is in force when the command is executed, and \"only\" leaves execve out",
      at: position, mend: "add execve; exit_group, rt_sigreturn and restart_syscall are needed by most programs too")
  }

  private func seccompProfile(_ node: DocumentNode) -> Positioned<SeccompPolicy.Profile>? {
    guard let text = string(node) else { return nil }
    if text.value == "default" { return Positioned(.standard, at: node.position) }
    guard let objection = objection(toPath: text.value) else { return text.map { .file($0) } }
    let isUnconfined = ["none", "off", "unconfined", "disabled"].contains(text.value)
    report(
      .invalidValue, isUnconfined ? "a tenant always has a system call filter" : objection, at: node.position,
      mend: isUnconfined
        ? "allow single calls: seccomp: {allow: [ptrace]}, for example"
        : "it can be default, or the absolute path of an OCI seccomp profile in JSON")
    return nil
  }

  private func systemCalls(_ key: String, in mapping: StrictMapping) -> [Positioned<String>] {
    list(key, in: mapping).compactMap { node in
      guard let name = string(node) else { return nil }
      let bytes = name.value.utf8
      guard (1...64).contains(bytes.count), bytes.allSatisfy({ $0.isLetterOrDigit || $0 == 95 }) else {
        report(.invalidValue, "\"\(name.value.shortened)\" can't name a system call", at: node.position)
        return nil
      }
      return name
    }
  }

  /// `capabilities`.
  func capabilityList(_ top: StrictMapping) -> [Positioned<Capability>] {
    var seen: Set<Capability> = []
    return list("capabilities", in: top).compactMap { node in
      guard let name = string(node) else { return nil }
      guard let capability = Capability(name: name.value) else {
        let upper = name.value.uppercased()
        let full = upper.hasPrefix("CAP_") ? upper : "CAP_" + upper
        let likely = Capability.names.contains(full) ? full : nearMiss(of: full, among: Capability.names)
        report(
          .invalidValue, "unknown capability \"\(name.value.shortened)\"", at: node.position,
          mend: likely.map { "did you mean \($0)?" } ?? "capabilities(7) lists the names")
        return nil
      }
      guard seen.insert(capability).inserted else {
        report(
          .conflict, "\(capability) is given more than once", at: node.position, mend: "keep one of them")
        return nil
      }
      return Positioned(capability, at: node.position)
    }
  }

  /// `devices`.
  func devicePolicies(_ top: StrictMapping) -> [DevicePolicy] {
    var seen: Set<String> = []
    return list("devices", in: top).compactMap { node in
      guard let mapping = mapping(node, path: "devices[]") else { return nil }
      let path = required("path", in: mapping).flatMap { devicePath($0) }
      let access = mapping["access"].map { deviceAccess($0) } ?? [.read, .write]
      guard let path, let access else { return nil }
      if !seen.insert(path.value).inserted {
        report(
          .conflict, "\(path.value) is given more than once", at: path.position, mend: "keep one of them")
      }
      return DevicePolicy(path: path, access: access)
    }
  }

  private func devicePath(_ node: DocumentNode) -> Positioned<String>? {
    guard let path = absolutePath(node) else { return nil }
    guard path.value.hasPrefix("/dev/") else {
      report(.invalidValue, "\(path.value.shortened) is not beneath /dev", at: node.position)
      return nil
    }
    return path
  }

  private func deviceAccess(_ node: DocumentNode) -> DevicePolicy.Access? {
    guard let text = string(node) else { return nil }
    var access: DevicePolicy.Access = []
    for letter in text.value {
      let bit: DevicePolicy.Access
      switch letter {
      case "r": bit = .read
      case "w": bit = .write
      case "m": bit = .makeNode
      default: bit = []
      }
      guard !bit.isEmpty, access.isDisjoint(with: bit) else {
        access = []
        break
      }
      access.formUnion(bit)
    }
    guard !access.isEmpty else {
      report(
        .invalidValue, "\"\(text.value.shortened)\" is not an access", at: node.position,
        mend: "use the letters r (read), w (write) and m (mknod), each at most once")
      return nil
    }
    return access
  }
}
