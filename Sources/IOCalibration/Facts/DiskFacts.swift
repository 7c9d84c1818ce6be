/// What is known of one block device, from sysfs. Sizes are bytes.
public struct DiskFacts: Sendable, Encodable, Hashable {
  /// What lies on the disk or on one of its partitions.
  public struct Mount: Sendable, Encodable, Hashable {
    /// Where it is mounted.
    public var point: String
    /// The file system's type.
    public var type: String
  }

  /// A part of the disk.
  public struct Partition: Sendable, Encodable, Hashable {
    /// Its name, as in /dev.
    public var name: String
    /// `major:minor`.
    public var number: String
    /// Bytes.
    public var size: Int
  }

  /// The name in /sys/block.
  public var name: String
  /// `major:minor`.
  public var number: String
  /// What stays the same over restarts: the WWN, the serial, the UUID of a mapped or RAID device, else the name.
  public var id: String
  /// Bytes; 0 without a medium.
  public var size: Int
  /// What sort of device it is.
  public var kind: DiskKind
  /// The model, or the name of a mapped device.
  public var model: String?
  /// The serial number.
  public var serial: String?
  /// Whether it is a spinning disk, by its driver.
  public var isRotational: Bool
  /// Whether it can't be written to.
  public var isReadOnly: Bool
  /// The scheduler in use.
  public var scheduler: String?
  /// Those that can be chosen now; one that is a module shows only once it is loaded.
  public var schedulers: [String]
  /// queue/nr_requests: how many may wait in the scheduler, for each hardware queue.
  public var requests: Int?
  /// The device's own depth.
  public var queueDepth: Int?
  /// `write back` or `write through`.
  public var writeCache: String?
  /// The least unit of IO.
  public var logicalBlock: Int?
  /// The unit that the medium itself writes.
  public var physicalBlock: Int?
  /// The largest IO that isn't split.
  public var largestIO: Int?
  /// Whether requests go through blk-mq; stacked drivers take bios.
  public var hasRequestQueue: Bool
  /// Its partitions.
  public var partitions: [Partition]
  /// Devices that are made of this one.
  public var holders: [String]
  /// What this one is made of.
  public var slaves: [String]
  /// The disks at the bottom; the disk itself where it is made of none.
  public var physicalDisks: [String]
  /// Mounts of it and its partitions, in this mount namespace.
  public var mounts: [Mount]
  /// What can govern its IO here.
  public var mechanisms: Mechanisms
  /// What can be promised on it here.
  public var promise: PromiseVerdict
}

/// What sort of block device it is, by its driver's name for it.
public enum DiskKind: Sendable, Encodable, Hashable {
  case disk
  case loop
  /// zram, brd.
  case memory
  case mapped
  /// Linux software RAID, with its level: `raid1`.
  case raid(level: String)
  /// nbd, rbd, drbd: a disk at the far end of a network.
  case network
  case optical

  init(name: String, tree: SystemTree) {
    func begins(_ prefixes: String...) -> Bool { prefixes.contains { name.hasPrefix($0) } }
    if begins("loop") {
      self = .loop
    } else if begins("zram", "ram") {
      self = .memory
    } else if begins("dm-") {
      self = .mapped
    } else if begins("md") {
      self = .raid(level: tree.text("/sys/block/\(name)/md/level") ?? "unknown")
    } else if begins("nbd", "rbd", "drbd") {
      self = .network
    } else if begins("sr") {
      self = .optical
    } else {
      self = .disk
    }
  }

  /// Writes the one word.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(label)
  }

  /// One word for it.
  public var label: String {
    switch self {
    case .disk: "disk"
    case .loop: "loop"
    case .memory: "memory"
    case .mapped: "dm"
    case .raid(let level): level
    case .network: "network"
    case .optical: "optical"
    }
  }
}

extension DiskFacts {
  /// All block devices of a host, by name; the empty ones of drivers that make them in advance (loop, nbd, ram) are
  /// left out.
  public static func all(_ tree: SystemTree = SystemTree()) -> [DiskFacts] {
    let host = HostMechanisms(tree)
    let mounts = MountTable(tree).mounts
    return tree.names("/sys/block").compactMap { name in
      // A name from the file system is used in paths.
      guard !name.isEmpty, !name.contains("/"), let facts = read(name, tree, host, mounts) else { return nil }
      if facts.size == 0, facts.kind != .disk { return nil }
      return facts
    }
  }

  /// The device of a name in /sys/block; nil where there is none.
  public static func named(_ name: String, _ tree: SystemTree = SystemTree()) -> DiskFacts? {
    guard !name.isEmpty, !name.contains("/") else { return nil }
    return read(name, tree, HostMechanisms(tree), MountTable(tree).mounts)
  }

  private static func read(
    _ name: String, _ tree: SystemTree, _ host: HostMechanisms, _ mounts: [MountTable.Mount]
  ) -> DiskFacts? {
    let path = "/sys/block/\(name)"
    guard let number = tree.text(path + "/dev"), isNumber(number) else { return nil }
    func text(_ names: String...) -> String? {
      for name in names {
        if let text = tree.text("\(path)/\(name)", limit: 256) { return text }
      }
      return nil
    }
    func queue(_ name: String) -> Int? { tree.number("\(path)/queue/\(name)") }
    let kind = DiskKind(name: name, tree: tree)
    let serial = text("serial", "device/serial")
    let (scheduler, schedulers) = parseSchedulers(text("queue/scheduler") ?? "")
    let partitions = partitions(name, tree)
    let numbers = Set([number] + partitions.map(\.number))
    let nodes = Set(["/dev/" + name] + partitions.map { "/dev/" + $0.name })
    // btrfs has numbers of its own: there the source tells.
    let here = mounts.filter {
      numbers.contains($0.device) || $0.device.hasPrefix("0:") && nodes.contains($0.source)
    }
    let mechanisms = Mechanisms(
      host: host, hasRequestQueue: tree.exists(path + "/mq"), schedulers: schedulers, scheduler: scheduler)
    let isReadOnly = tree.number(path + "/ro") == 1
    let size = bytes(sectors: tree.number(path + "/size"))
    return DiskFacts(
      name: name, number: number,
      id: text("wwid", "device/wwid", "dm/uuid", "md/uuid") ?? serial ?? name, size: size, kind: kind,
      model: text("device/model", "dm/name"), serial: serial, isRotational: queue("rotational") == 1,
      isReadOnly: isReadOnly, scheduler: scheduler, schedulers: schedulers, requests: queue("nr_requests"),
      queueDepth: tree.number(path + "/device/queue_depth"), writeCache: text("queue/write_cache"),
      logicalBlock: queue("logical_block_size"), physicalBlock: queue("physical_block_size"),
      largestIO: queue("max_sectors_kb").flatMap { $0 <= 1 << 40 ? $0 * 1024 : nil },
      hasRequestQueue: tree.exists(path + "/mq"), partitions: partitions, holders: tree.names(path + "/holders"),
      slaves: tree.names(path + "/slaves"), physicalDisks: bottom(of: name, tree, depth: 0),
      mounts: Set(here.map { Mount(point: $0.point, type: $0.type) }).sorted { $0.point < $1.point },
      mechanisms: mechanisms,
      promise: PromiseVerdict(kind: kind, size: size, isReadOnly: isReadOnly, mechanisms: mechanisms))
  }

  private static func partitions(_ disk: String, _ tree: SystemTree) -> [Partition] {
    tree.names("/sys/block/\(disk)").compactMap { name in
      let path = "/sys/block/\(disk)/\(name)"
      guard tree.exists(path + "/partition"), let number = tree.text(path + "/dev"), isNumber(number) else {
        return nil
      }
      return Partition(name: name, number: number, size: bytes(sectors: tree.number(path + "/size")))
    }
  }

  /// The disks beneath; sysfs has no cycles, but a tree that was made up may.
  private static func bottom(of name: String, _ tree: SystemTree, depth: Int) -> [String] {
    let beneath = tree.names("/sys/block/\(name)/slaves")
    guard !beneath.isEmpty, depth < 8 else { return [whole(name, tree)] }
    return Set(beneath.prefix(64).flatMap { bottom(of: whole($0, tree), tree, depth: depth + 1) }).sorted()
  }

  /// The disk that a partition's name belongs to.
  private static func whole(_ name: String, _ tree: SystemTree) -> String {
    if tree.exists("/sys/block/\(name)") { return name }
    return tree.names("/sys/block").first { name.hasPrefix($0) && tree.exists("/sys/block/\($0)/\(name)") } ?? name
  }

  /// `[none] mq-deadline` → none, and both.
  private static func parseSchedulers(_ text: String) -> (String?, [String]) {
    var current: String?
    let all = text.split(separator: " ").map { word -> String in
      guard word.hasPrefix("["), word.hasSuffix("]"), word.count > 2 else { return String(word) }
      let name = String(word.dropFirst().dropLast())
      current = name
      return name
    }
    return (current, all)
  }

  /// Sysfs counts in units of 512 bytes whatever the disk's block is.
  private static func bytes(sectors: Int?) -> Int {
    let (bytes, overflow) = (sectors ?? 0).multipliedReportingOverflow(by: 512)
    return overflow ? 0 : bytes
  }

  private static func isNumber(_ text: String) -> Bool {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 2 && parts.allSatisfy { UInt32($0) != nil }
  }
}
