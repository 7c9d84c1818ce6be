/// The keys that a tenant's policy may hold; `docs/policy.md` and the JSON Schema list the same.
enum PolicyKeys {
  static let table = KeyTable(
    sections.merging(resourceLimits) { first, _ in first }.merging(rates) { first, _ in first })

  private static let sections: [String: [String]] = [
    "": [
      "tenant", "description", "command", "root", "user", "group", "groups", "environment", "directory",
      "umask",
      "rlimits", "hostname", "cpu", "memory", "pids", "io", "network", "seccomp", "capabilities", "devices",
      "namespaces", "sysctls", "stop", "restart", "logs", "enforcement", "allow",
      "secrets", "disk", "landlock", "health", "after",
    ],
    "root": ["base", "writable", "readable", "tmpfs", "overlay", "size"],
    "root.writable[]": ["path", "source", "ids"],
    "root.readable[]": ["path", "source"],
    "root.tmpfs[]": ["path", "size", "inodes", "mode", "owner"],
    "cpu": ["weight", "idle", "max", "burst", "cpus", "uclamp", "core_scheduling"],
    "cpu.max": ["quota", "period"],
    "cpu.uclamp": ["min", "max"],
    "memory": ["min", "low", "high", "max", "swap", "zswap", "oom_group", "bandwidth"],
    "pids": ["max"],
    "io[]": ["device", "latency", "reservation", "limit", "weight", "class"],
    "io[].latency": ["read", "write", "sync_write"],
    "io[].latency.read": ["p99"],
    "io[].latency.write": ["p99"],
    "io[].latency.sync_write": ["p99"],
    "network": ["mode", "tcp", "hosts", "dns"],
    "network.tcp": ["bind", "connect"],
    "secrets[]": ["name", "source", "owner", "mode"],
    "disk": ["max", "inodes"],
    "seccomp": ["profile", "only", "allow", "deny", "mode"],
    "devices[]": ["path", "access"],
    "namespaces": ["user_namespaces", "time"],
    "namespaces.time": ["monotonic", "boottime"],
    "stop": ["signal", "grace"],
    "restart": ["on", "backoff", "limit", "reset_after"],
    "health": ["command", "tcp", "http", "start_period", "interval", "timeout", "retries", "action"],
    "health.http": ["port", "path", "status"],
    "logs": ["rate", "burst", "file_size"],
    "allow": ["groups", "users", "command_override"],
  ]

  private static var resourceLimits: [String: [String]] {
    let names = Resource.allCases.map(\.rawValue)
    return Dictionary(
      uniqueKeysWithValues: [("rlimits", names)] + names.map { ("rlimits.\($0)", ["soft", "hard"]) })
  }

  private static var rates: [String: [String]] {
    var keys: [String: [String]] = [:]
    for section in ["io[].reservation", "io[].limit"] {
      keys[section] = ["bandwidth", "iops", "read", "write"]
      keys["\(section).read"] = ["bandwidth", "iops"]
      keys["\(section).write"] = ["bandwidth", "iops"]
    }
    return keys
  }
}
