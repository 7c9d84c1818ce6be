extension SeccompPolicy {
  /// The policy that a tenant gets unless its own says otherwise: an allow-list of what ordinary programs need.
  ///
  /// - A call that is neither allowed nor refused by name, newer ones above all, answers ENOSYS, so that programs
  ///   take the older way that they know. Calls refused for what they are answer EPERM.
  /// - Only the machine's own architecture may call; others are killed.
  /// - A few calls come with a capability (``SystemCallGroups/withCapability``). Those of
  ///   ``SystemCallGroups/refused`` come with none: only a name under `allow` brings them back.
  /// - ptrace(2) and process_vm_readv(2) are allowed: debuggers are ordinary programs, the process-id namespace ends
  ///   their reach at the tenant, and since Linux 4.8 a tracer can't get a call past the filter.
  ///
  /// - Parameter capabilities: what the tenant holds.
  public static func standard(capabilities: Set<Capability> = []) -> SeccompPolicy {
    var rules = [SeccompRule(SystemCallGroups.refused.flatMap(\.names), .errno(eperm))]
    rules.append(SeccompRule(SystemCallGroups.absent, .errno(enosys)))
    rules += terminalRules + processRules + personalityRules + limitRules + hugePageRules
    rules += socketRules(capabilities)
    for (capability, names) in SystemCallGroups.withCapability {
      rules.append(SeccompRule(names, capabilities.contains(capability) ? .allow : .errno(eperm)))
    }
    rules.append(SeccompRule(SystemCallGroups.allowed.flatMap(\.names), .allow))
    return SeccompPolicy(defaultAction: .errno(enosys), rules: rules)
  }

  private static let eperm: UInt16 = 1
  private static let enomem: UInt16 = 12
  private static let einval: UInt16 = 22
  private static let enosys: UInt16 = 38
  private static let eprotonosupport: UInt16 = 93
  private static let eafnosupport: UInt16 = 97

  /// TIOCSTI types into the terminal's input and TIOCLINUX pastes into a console's, so a tenant could write commands
  /// for the shell that started it (CVE-2017-5226); TIOCSETD loads line disciplines, old kernel modules that only
  /// serial links need. The command is an `unsigned int`: only its low 32 bits count.
  private static let terminalRules: [SeccompRule] =
    [0x5412, 0x541C, 0x5423].map { SeccompRule(["ioctl"], .errno(eperm), when: [.low32(1, equals: $0)]) }
    + [SeccompRule(["ioctl"], .allow)]

  /// CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET. (NEWTIME's bit belongs to the exit signal
  /// here; only clone3(2) and unshare(2) know it, and both are refused.)
  private static let newNamespaces: UInt64 = 0x7E02_0000

  /// The flags are argument 0 on every architecture of ours. clone3(2) has them behind a pointer, where a filter can't
  /// look: it answers ENOSYS, and the C library falls back to clone(2).
  private static let processRules = [
    SeccompRule(["clone"], .allow, when: [.clear(0, bits: newNamespaces)]),
    SeccompRule(["clone"], .errno(eperm)),
  ]

  /// PER_LINUX, PER_LINUX32 (8, what uname(2) calls the machine), each with and without UNAME26 (0x20000), and the
  /// query 0xffffffff. ADDR_NO_RANDOMIZE and READ_IMPLIES_EXEC stay off: they take hardening away.
  private static let personalityRules =
    [0x0, 0x8, 0x20000, 0x20008, 0xFFFF_FFFF].map {
      SeccompRule(["personality"], .allow, when: [.low32(0, equals: $0)])
    } + [SeccompRule(["personality"], .errno(eperm))]

  /// RLIMIT_CORE (4) stays what the policy says. At 1, no program that `kernel.core_pattern` names is started as the
  /// host's root on a tenant's memory; at 0, to which anybody may lower it, one is (fs/coredump.c). Programs that don't
  /// want to be dumped set it to 0, and some give up when they can't: so success is pretended, and no dump made.
  private static let limitRules = [
    SeccompRule(["setrlimit"], .errno(0), when: [.low32(0, equals: 4)]),
    SeccompRule(["setrlimit"], .allow),
    SeccompRule(["prlimit64"], .errno(0), when: [.low32(1, equals: 4), SeccompCondition(argument: 2, .notEqual, 0)]),
    SeccompRule(["prlimit64"], .allow),
  ]

  /// MAP_HUGETLB (0x40000) and MFD_HUGETLB (4): huge pages are set aside by the administrator, for a database say, and
  /// don't count as anybody's memory, so whoever asks first has them (hugetlbpage.rst). The answer is the kernel's own
  /// for none left, after which programs take ordinary pages. shmget(2) has a check of its own.
  private static let hugePageRules = [
    SeccompRule(["mmap"], .allow, when: [.clear(3, bits: 0x40000)]),
    SeccompRule(["mmap"], .errno(enomem)),
    SeccompRule(["memfd_create"], .allow, when: [.clear(1, bits: 4)]),
    SeccompRule(["memfd_create"], .errno(enomem)),
  ]

  /// The default of a type, ICMP, TCP, UDP, ICMPv6, UDP-Lite and MPTCP.
  private static let internetProtocols: [UInt32] = [0, 1, 6, 17, 58, 136, 262]
  /// NETLINK_ROUTE, USERSOCK, SOCK_DIAG, AUDIT (with its capability: see below), KOBJECT_UEVENT and GENERIC.
  private static let netlinkProtocols: [UInt32] = [0, 2, 4, 9, 15, 16]

  /// UNIX, IPv4, IPv6 and netlink. The others load modules and reach past a network namespace: AF_VSOCK speaks to
  /// the hypervisor, AF_ALG to kernel crypto, AF_PACKET to raw frames. The answer is the kernel's own for a family
  /// that it doesn't have. NETLINK_AUDIT (9) without its capability is "no such protocol", so that login programs
  /// take the audit system to be absent rather than broken.
  ///
  /// A protocol that the kernel doesn't have yet is a module, which it would load for whoever names it: DCCP
  /// (CVE-2017-6074), L2TP (CVE-2016-10200), SCTP, SMC. So only those pass that every kernel has, unless a capability
  /// says that the tenant is to handle others.
  private static func socketRules(_ capabilities: Set<Capability>) -> [SeccompRule] {
    let calls = ["socket", "socketpair"]
    var rules: [SeccompRule] = []
    if capabilities.isDisjoint(with: [.auditWrite, .auditControl, .auditRead]) {
      rules.append(SeccompRule(calls, .errno(einval), when: [.low32(0, equals: 16), .low32(2, equals: 9)]))
    }
    var families: [(number: UInt32, protocols: [UInt32])] = [(1, [])]
    families += [2, 10].map { ($0, capabilities.contains(.netRaw) ? [] : internetProtocols) }
    families.append((16, capabilities.contains(.netAdmin) ? [] : netlinkProtocols))
    for family in families {
      guard !family.protocols.isEmpty else {
        rules.append(SeccompRule(calls, .allow, when: [.low32(0, equals: family.number)]))
        continue
      }
      for number in family.protocols {
        rules.append(SeccompRule(calls, .allow, when: [.low32(0, equals: family.number), .low32(2, equals: number)]))
      }
      rules.append(SeccompRule(calls, .errno(eprotonosupport), when: [.low32(0, equals: family.number)]))
    }
    rules.append(SeccompRule(calls, .errno(eafnosupport)))
    return rules
  }
}
