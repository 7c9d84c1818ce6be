import Faults

/// The text form of a ``TenantPolicy``: one strict YAML document of at most 64 KiB.
public enum PolicyDocument {
  /// The first word of every fault's code.
  public static let domain = "policy"

  /// The keys that a policy may hold.
  public static var keys: KeyTable { PolicyKeys.table }

  /// Parses a policy.
  ///
  /// - Parameters:
  ///   - text: the whole document.
  ///   - file: the file's name for positions; it is not opened.
  /// - Returns: the policy with defaults filled in; all that a policy can say by itself has been checked.
  /// - Throws: every fault that was found, each with its position.
  public static func parse(text: String, file: String) throws(PolicyErrors) -> TenantPolicy {
    try parse(bytes: text.utf8, file: file)
  }

  /// Parses a policy from the bytes of a file; what isn't UTF-8 is a fault.
  ///
  /// - Parameters:
  ///   - bytes: the whole document.
  ///   - file: the file's name for positions; it is not opened.
  /// - Returns: the policy with defaults filled in.
  /// - Throws: every fault that was found, each with its position.
  public static func parse(
    bytes: some Collection<UInt8>, file: String
  ) throws(PolicyErrors) -> TenantPolicy {
    try policy(by: DocumentDecoder(bytes, file: file, domain: domain, table: keys))
  }

  /// Makes a policy of a document that was read.
  static func policy(from document: DocumentNode) throws(PolicyErrors) -> TenantPolicy {
    try policy(by: DocumentDecoder(document, domain: domain, table: keys))
  }

  private static func policy(by decoder: DocumentDecoder) throws(PolicyErrors) -> TenantPolicy {
    let policy = decoder.tenantPolicy(decoder.root)
    if let policy { decoder.checkConsistency(of: policy) }
    try decoder.finish()
    guard let policy else {
      throw PolicyErrors(Fault(.internalError, "the policy was refused without a reason"))
    }
    return policy
  }
}

extension DocumentDecoder {
  /// The whole policy; `nil` where something is missing that has no default.
  func tenantPolicy(_ top: StrictMapping) -> TenantPolicy? {
    let tenant = required("tenant", in: top).flatMap { tenantName($0) }
    let command = required("command", in: top, mend: "give the program and its arguments as a list")
      .flatMap { commandLine($0) }
    let memory = memoryPolicy(top)
    let identity = identityPolicy(top)
    let root = rootPolicy(top, user: identity.user)
    let environment = environmentVariables(top)
    let umask = top["umask"].flatMap { octalMode($0, highest: 0o777, example: "0022") }
    let hostname = top["hostname"].flatMap { hostName($0) }
    let directory = top["directory"].flatMap { absolutePath($0, rootAllowed: true) }
    let limits = resourceLimits(top)
    let cpu = cpuPolicy(top)
    let processes = processLimit(top)
    let io = ioPolicies(top)
    let network = networkPolicy(top)
    let seccomp = seccompPolicy(top)
    let capabilities = capabilityList(top)
    let devices = devicePolicies(top)
    let namespaces = namespacePolicy(top)
    let sysctls = sysctlSettings(top)
    let stop = stopPolicy(top)
    let restart = restartPolicy(top)
    let logs = logPolicy(top)
    let health = healthPolicy(top)
    let after = predecessors(top)
    let enforcement = choice("enforcement", in: top, as: Enforcement.self)?.value ?? .strict
    let allow = allowPolicy(top)
    let description = string("description", in: top)?.value
    let secrets = secretsPolicy(top)
    let disk = diskPolicy(top)
    let landlock = boolean("landlock", in: top)
    guard let tenant, let command, let memory else { return nil }
    return TenantPolicy(
      tenant: tenant, description: description, command: command, root: root, identity: identity,
      environment: environment, directory: directory ?? Positioned("/"), umask: umask ?? 0o022,
      resourceLimits: limits, hostname: hostname ?? Positioned(tenant.value.text), cpu: cpu, memory: memory,
      processes: processes, io: io, network: network, seccomp: seccomp, capabilities: capabilities,
      devices: devices, namespaces: namespaces, sysctls: sysctls, stop: stop, restart: restart, logs: logs,
      enforcement: enforcement, allow: allow, secrets: secrets, disk: disk, landlock: landlock, health: health,
      after: after)
  }

  func tenantName(_ node: DocumentNode) -> Positioned<TenantName>? {
    guard let text = string(node) else { return nil }
    guard let name = TenantName(text.value) else {
      report(
        .invalidValue, "\"\(text.value.shortened)\" can't name a tenant", at: node.position,
        mend: "use 1 to 63 of a-z, 0-9 and -, starting with a letter and not ending with a hyphen")
      return nil
    }
    return Positioned(name, at: node.position)
  }

  func commandLine(_ node: DocumentNode) -> Positioned<[String]>? {
    guard let items = list(node) else { return nil }
    let arguments = items.compactMap { string($0)?.value }
    guard arguments.count == items.count else { return nil }
    guard let program = arguments.first else {
      report(.invalidValue, "the command is empty", at: node.position, mend: "give at least the program")
      return nil
    }
    if program.utf8.contains(47) {
      if let objection = objection(toPath: program) {
        report(
          .invalidValue, objection, at: items.first?.position, mend: "give an absolute path, or a bare name")
        return nil
      }
    } else if program.isEmpty || program == "." || program == ".." {
      report(.invalidValue, "the command's program has no name", at: items.first?.position)
      return nil
    }
    return Positioned(arguments, at: node.position)
  }

  private func hostName(_ node: DocumentNode) -> Positioned<String>? {
    guard let text = string(node) else { return nil }
    guard isHostName(text.value, longest: 64) else {
      report(
        .invalidValue, "\"\(text.value.shortened)\" is not a host name", at: node.position,
        mend: "use at most 64 letters, digits, hyphens and dots, as RFC 1123 has it")
      return nil
    }
    return text
  }

  private func processLimit(_ top: StrictMapping) -> Positioned<Limit<UInt64>> {
    let standard = Positioned(Limit<UInt64>.atMost(512))
    guard let pids = mapping("pids", in: top), let node = pids["max"] else { return standard }
    if case .scalar("max", _) = node.content { return Positioned(.unlimited, at: node.position) }
    // PID 1 of the tenant and its command are two; the kernel has at most 2^22 (PID_MAX_LIMIT).
    return integer(node, in: 2...4_194_304)?.map { .atMost($0) } ?? standard
  }
}
