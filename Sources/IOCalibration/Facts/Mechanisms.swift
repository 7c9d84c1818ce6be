/// What the running kernel and the host's cgroup set-up offer for IO, whatever the disk.
struct HostMechanisms: Sendable {
  /// Whether cgroup v2 has the io controller here.
  var hasController = false
  /// The knobs of groups; nil where no group has the controller, so that none can be seen.
  var knobs: Set<String>?
  /// io.cost.qos is a file of the root group.
  var hasCost = false
  var hasPressure: Bool
  var hasTypes: Bool

  init(_ tree: SystemTree) {
    hasPressure = tree.exists("/proc/pressure/io")
    hasTypes = tree.exists("/sys/kernel/btf/vmlinux")
    guard let top = MountTable(tree).mounts.first(where: { $0.type == "cgroup2" })?.point else { return }
    let controllers = tree.text(top + "/cgroup.controllers") ?? ""
    hasController = controllers.split(separator: " ").contains("io")
    hasCost = tree.exists(top + "/io.cost.qos")
    for group in tree.names(top) where tree.exists("\(top)/\(group)/io.stat") {
      knobs = Set(tree.names("\(top)/\(group)").filter { $0.hasPrefix("io.") })
      break
    }
  }
}

/// What can govern the IO of one disk.
public struct Mechanisms: Sendable, Encodable, Hashable {
  /// One of them.
  public enum State: Sendable, Encodable, Hashable {
    case available
    /// There, if what is named is done first.
    case possible(after: String)
    case missing(because: String)

    /// Writes `state`, and `detail` where there is one.
    public func encode(to encoder: any Encoder) throws {
      enum Key: CodingKey { case state, detail }
      var container = encoder.container(keyedBy: Key.self)
      switch self {
      case .available: try container.encode("available", forKey: .state)
      case .possible(let after):
        try container.encode("possible", forKey: .state)
        try container.encode("after " + after, forKey: .detail)
      case .missing(let because):
        try container.encode("missing", forKey: .state)
        try container.encode(because, forKey: .detail)
      }
    }

    /// Whether it works now.
    public var isAvailable: Bool { self == .available }
  }

  /// Caps by rate.
  public var ioMax: State
  /// Sharing by the cost of IO.
  public var ioCost: State
  /// Sharing by weight.
  public var ioWeight: State
  /// The BFQ scheduler, with io.bfq.weight.
  public var bfq: State
  /// The kernel's own latency targets.
  public var ioLatency: State
  /// Pressure stall information of IO.
  public var pressure: State
  /// Latency histograms by BPF.
  public var bpf: State

  init(host: HostMechanisms, hasRequestQueue: Bool, schedulers: [String], scheduler: String?) {
    let noController = "cgroup v2 has no io controller on this host"
    func knob(_ name: String, _ option: String) -> State {
      guard host.hasController else { return .missing(because: noController) }
      guard let knobs = host.knobs else { return .possible(after: "a group has the io controller") }
      return knobs.contains(name) ? .available : .missing(because: "the kernel was built without \(option)")
    }
    ioMax = knob("io.max", "CONFIG_BLK_DEV_THROTTLING")
    ioLatency = knob("io.latency", "CONFIG_BLK_CGROUP_IOLATENCY")
    if !host.hasController {
      ioCost = .missing(because: noController)
    } else if !host.hasCost {
      ioCost = .missing(because: "the kernel was built without CONFIG_BLK_CGROUP_IOCOST")
    } else if !hasRequestQueue {
      ioCost = .missing(because: "the driver takes bios and has no request queue (blk-mq)")
    } else {
      ioCost = .available
    }
    if scheduler == "bfq" {
      bfq = host.hasController ? .available : .missing(because: noController)
    } else if schedulers.contains("bfq") {
      bfq = .possible(after: "bfq is chosen in queue/scheduler")
    } else if hasRequestQueue {
      bfq = .possible(after: "the module bfq is loaded, if the kernel has it")
    } else {
      bfq = .missing(because: "the driver takes bios and has no scheduler")
    }
    switch (bfq, ioCost) {
    case (.available, _): ioWeight = .available
    case (_, .available): ioWeight = .possible(after: "io.cost is enabled on this disk")
    default: ioWeight = .missing(because: "neither io.cost nor bfq works on this disk")
    }
    pressure = host.hasPressure ? .available : .missing(because: "no /proc/pressure (CONFIG_PSI, psi=1)")
    bpf = host.hasTypes ? .available : .missing(because: "no /sys/kernel/btf/vmlinux (CONFIG_DEBUG_INFO_BTF)")
  }

  /// All of them, with the names that the kernel's documentation uses.
  public var named: [(name: String, state: State)] {
    [
      ("io.max", ioMax), ("io.cost", ioCost), ("io.weight", ioWeight), ("BFQ", bfq), ("io.latency", ioLatency),
      ("PSI", pressure), ("BPF", bpf),
    ]
  }
}
