import Faults

extension OCISeccompProfile {
  /// Decodes a profile.
  ///
  /// - Parameter file: how messages call the text.
  /// - Throws: ``Faults/Fault`` `seccomp.malformed-profile`, `seccomp.invalid-policy` or `capability.unknown`, with the
  ///   place.
  public init(json bytes: [UInt8], file: String) throws(Fault) {
    guard bytes.count <= Self.maximumSize else {
      throw Fault(
        .malformedSeccompProfile, "the profile is larger than \(Self.maximumSize) bytes", path: file)
    }
    let root = try StrictObject(
      try StrictJSON.parse(bytes, file: file), "a profile",
      keys: [
        "defaultAction", "defaultErrnoRet", "defaultErrno", "architectures", "archMap", "flags", "syscalls",
        "listenerPath", "listenerMetadata",
      ])
    for key in ["listenerPath", "listenerMetadata"] {
      if let value = root[key] {
        throw Fault(
          .invalidSeccompPolicy, "\(key) is for SCMP_ACT_NOTIFY, which a tenant can't have",
          position: value.position)
      }
    }
    guard let action = root["defaultAction"] else { throw root.missing("defaultAction") }
    defaultAction = try Self.action(action, try Self.errno(root, "defaultErrnoRet", name: "defaultErrno"))
    architectures = []
    for value in try root["architectures"]?.elements("architectures") ?? [] {
      if let architecture = try Self.architecture(value) { architectures.insert(architecture) }
    }
    architectureMap = [:]
    for value in try root["archMap"]?.elements("archMap") ?? [] {
      let entry = try StrictObject(value, "an entry of archMap", keys: ["architecture", "subArchitectures"])
      guard let name = entry["architecture"] else { throw entry.missing("architecture") }
      var others: Set<SeccompArchitecture> = []
      for value in try entry["subArchitectures"]?.elements("subArchitectures") ?? [] {
        if let architecture = try Self.architecture(value) { others.insert(architecture) }
      }
      if let architecture = try Self.architecture(name) {
        architectureMap[architecture, default: []] = others
      }
    }
    flags = []
    for value in try root["flags"]?.elements("flags") ?? [] { flags.formUnion(try Self.flag(value)) }
    rules = []
    for value in try root["syscalls"]?.elements("syscalls") ?? [] { rules.append(try Self.rule(value)) }
  }

  private static func rule(_ value: StrictJSON) throws(Fault) -> ConditionalRule {
    let entry = try StrictObject(
      value, "an entry of syscalls",
      keys: ["names", "name", "action", "errnoRet", "errno", "args", "comment", "includes", "excludes"])
    var names: [String] = []
    for value in try entry["names"]?.elements("names") ?? [] { names.append(try value.string("a name")) }
    if let name = entry["name"] {
      guard entry["names"] == nil else {
        throw Fault(.malformedSeccompProfile, "name and names exclude each other", position: name.position)
      }
      names = [try name.string("name")]
    }
    guard !names.isEmpty else { throw entry.missing("names") }
    guard let action = entry["action"] else { throw entry.missing("action") }
    if let comment = entry["comment"] { _ = try comment.string("comment") }
    var conditions: [SeccompCondition] = []
    for value in try entry["args"]?.elements("args") ?? [] { conditions.append(try condition(value)) }
    return ConditionalRule(
      rule: SeccompRule(
        names, try Self.action(action, try errno(entry, "errnoRet", name: "errno")), when: conditions),
      includes: try applicability(entry["includes"]), excludes: try applicability(entry["excludes"]),
      position: (entry["names"] ?? entry["name"] ?? value).position)
  }

  private static func condition(_ value: StrictJSON) throws(Fault) -> SeccompCondition {
    let entry = try StrictObject(value, "an entry of args", keys: ["index", "value", "valueTwo", "op"])
    guard let index = entry["index"] else { throw entry.missing("index") }
    guard let datum = entry["value"] else { throw entry.missing("value") }
    guard let operation = entry["op"] else { throw entry.missing("op") }
    guard let argument = UInt8(exactly: try index.number("index")), argument <= 5 else {
      throw Fault(.malformedSeccompProfile, "arguments are counted from 0 to 5", position: index.position)
    }
    let first = try datum.number("value")
    let second = try entry["valueTwo"]?.number("valueTwo") ?? 0
    switch try operation.string("op") {
    case "SCMP_CMP_NE": return SeccompCondition(argument: argument, .notEqual, first)
    case "SCMP_CMP_LT": return SeccompCondition(argument: argument, .less, first)
    case "SCMP_CMP_LE": return SeccompCondition(argument: argument, .lessOrEqual, first)
    case "SCMP_CMP_EQ": return SeccompCondition(argument: argument, .equal, first)
    case "SCMP_CMP_GE": return SeccompCondition(argument: argument, .greaterOrEqual, first)
    case "SCMP_CMP_GT": return SeccompCondition(argument: argument, .greater, first)
    case "SCMP_CMP_MASKED_EQ":
      return SeccompCondition(argument: argument, .maskedEqual(mask: first), second)
    case let name:
      throw unknown("operator", name, operation, ["SCMP_CMP_EQ", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_NE"])
    }
  }

  private static func applicability(_ value: StrictJSON?) throws(Fault) -> Condition {
    guard let value else { return Condition() }
    let entry = try StrictObject(value, "includes and excludes", keys: ["caps", "arches", "minKernel"])
    var condition = Condition()
    for value in try entry["caps"]?.elements("caps") ?? [] {
      condition.capabilities.append(
        try Capability(name: try value.string("a capability"), position: value.position))
    }
    for value in try entry["arches"]?.elements("arches") ?? [] {
      let name = try value.string("an architecture")
      guard goNames.contains(name) else { throw unknown("architecture", name, value, goNames.sorted()) }
      condition.architectures.append(name)
    }
    if let value = entry["minKernel"] {
      let text = try value.string("minKernel")
      let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      guard parts.count == 2, let major = StrictNumber.decimal(parts[0], upTo: UInt32(255)),
        let minor = StrictNumber.decimal(parts[1], upTo: UInt32(255))
      else {
        throw Fault(
          .malformedSeccompProfile, "minKernel is a version of two numbers, such as \"6.1\"",
          position: value.position)
      }
      condition.minimumKernel = KernelVersion(major, minor)
    }
    return condition
  }

  /// The errno in either notation: a number, or the name that some engines write beside it. The number counts.
  private static func errno(_ entry: StrictObject, _ key: String, name: String) throws(Fault) -> UInt16? {
    if let text = entry[name] { _ = try text.string(name) }
    guard let value = entry[key] else {
      if let text = entry[name] {
        throw Fault(
          .malformedSeccompProfile, "\(name) is only a comment on \(key), which is missing",
          position: text.position)
      }
      return nil
    }
    guard let number = UInt16(exactly: try value.number(key)), number <= 4095 else {
      throw Fault(.malformedSeccompProfile, "\(key) is 0 to 4095", position: value.position)
    }
    return number
  }

  private static func action(_ value: StrictJSON, _ errno: UInt16?) throws(Fault) -> SeccompAction {
    let action: SeccompAction
    switch try value.string("an action") {
    case "SCMP_ACT_ERRNO": return .errno(errno ?? 1)  // EPERM, as the specification has it
    case "SCMP_ACT_ALLOW": action = .allow
    case "SCMP_ACT_LOG": action = .log
    case "SCMP_ACT_TRAP": action = .trap
    case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD": action = .killThread
    case "SCMP_ACT_KILL_PROCESS": action = .killProcess
    case let name where name == "SCMP_ACT_NOTIFY" || name == "SCMP_ACT_TRACE":
      throw Fault(
        .invalidSeccompPolicy, "\(name) needs a process that decides every call, and a tenant has none",
        position: value.position, mend: "use SCMP_ACT_ERRNO or SCMP_ACT_LOG")
    case let name:
      throw unknown("action", name, value, ["SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL_PROCESS"])
    }
    return action
  }

  private static func flag(_ value: StrictJSON) throws(Fault) -> SeccompFlags {
    switch try value.string("a flag") {
    case "SECCOMP_FILTER_FLAG_LOG": return .log
    case "SECCOMP_FILTER_FLAG_SPEC_ALLOW": return .speculationAllowed
    // The filter is installed by a process with one thread.
    case "SECCOMP_FILTER_FLAG_TSYNC": return []
    case "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV":
      throw Fault(
        .invalidSeccompPolicy,
        "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV is for SCMP_ACT_NOTIFY, which a tenant can't have",
        position: value.position)
    case let name: throw unknown("flag", name, value, ["SECCOMP_FILTER_FLAG_LOG"])
    }
  }

  /// An architecture, or nil for one whose machines aren't supported, so that none of its calls can occur.
  private static func architecture(_ value: StrictJSON) throws(Fault) -> SeccompArchitecture? {
    switch try value.string("an architecture") {
    case "SCMP_ARCH_X86_64": return .x86_64
    case "SCMP_ARCH_X86": return .x86
    case "SCMP_ARCH_X32": return .x32
    case "SCMP_ARCH_AARCH64": return .aarch64
    case "SCMP_ARCH_ARM": return .arm
    case let name where otherArchitectures.contains(name): return nil
    case let name:
      throw unknown("architecture", name, value, ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_AARCH64"])
    }
  }

  private static let otherArchitectures: Set<String> = [
    "SCMP_ARCH_MIPS", "SCMP_ARCH_MIPS64", "SCMP_ARCH_MIPS64N32", "SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64",
    "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PPC", "SCMP_ARCH_PPC64", "SCMP_ARCH_PPC64LE", "SCMP_ARCH_S390",
    "SCMP_ARCH_S390X", "SCMP_ARCH_PARISC", "SCMP_ARCH_PARISC64", "SCMP_ARCH_RISCV64", "SCMP_ARCH_LOONGARCH64",
    "SCMP_ARCH_M68K", "SCMP_ARCH_SH", "SCMP_ARCH_SHEB",
  ]

  private static let goNames: Set<String> = [
    "amd64", "x86", "x32", "386", "arm", "arm64", "mips", "mipsle", "mips64", "mips64le", "mips64n32",
    "mips64p32",
    "mips64p32le", "mipsel", "mipsel64", "mipsel64n32", "ppc", "ppc64", "ppc64le", "s390", "s390x", "riscv64",
    "loong64", "loongarch64",
  ]

  private static func unknown(
    _ kind: String, _ name: String, _ value: StrictJSON, _ names: [String]
  ) -> Fault {
    Fault(
      .malformedSeccompProfile, "\(quotedName(name)) is no \(kind) of a profile", position: value.position,
      mend: nearestName(to: name, among: names).map { "did you mean \($0)?" }
        ?? "it is one like \(names.prefix(3).joined(separator: ", "))")
  }
}
