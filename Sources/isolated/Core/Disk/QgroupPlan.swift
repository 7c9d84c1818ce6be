import Faults

/// The name of a quota group of btrfs: of level 0 for each subvolume, of higher ones for groups of groups
/// (btrfs-qgroup(8)).
struct QgroupName: Hashable, Sendable, CustomStringConvertible {
  /// As the kernel has it: the level in the upper 16 bits.
  var number: UInt64

  init(number: UInt64) { self.number = number }

  /// The group of a subvolume.
  init(subvolume: UInt64) { number = subvolume }

  /// The group of a tenant, which has the number of the tenant's first host id on level 1.
  init(tenant project: UInt32) { number = 1 << 48 | UInt64(project) }

  var level: UInt64 { number >> 48 }
  var description: String { "\(level)/\(number & (1 << 48 - 1))" }

  /// Whether it may be a tenant's: first host ids are whole ranges above the host's own.
  var isOfATenant: Bool { level == 1 && (1 << 16..<1 << 32).contains(number & (1 << 48 - 1)) }
}

/// How a btrfs file system counts.
enum QgroupState: Hashable, Sendable {
  /// Not at all.
  case off
  /// By who wrote what first (`btrfs quota enable --simple`): always right, and what lay there before isn't counted.
  case simple
  /// By who refers to what. Limits mean nothing while the figures aren't right.
  case full(isRight: Bool, isCounting: Bool)

  /// Reads the flags of the file system's status item (`BTRFS_QGROUP_STATUS_FLAG_*`).
  init(flags: UInt64, isCounting: Bool) {
    if flags & 1 == 0 {
      self = .off
    } else if flags & 8 != 0 {
      self = .simple
    } else {
      self = .full(isRight: flags & 4 == 0, isCounting: isCounting || flags & 2 != 0)
    }
  }
}

/// What is to be known of a directory before its subvolume is bounded.
struct SubvolumeFacts: Sendable {
  /// Inode 256 is the top of a subvolume, on btrfs.
  var inode: UInt64
  var state: QgroupState
  /// The subvolume's number.
  var subvolume: UInt64
  /// Subvolumes that lie in it, at any depth.
  var nested: [UInt64] = []
  /// The groups that any of them is in.
  var groups: [QgroupName] = []

  /// BTRFS_FS_TREE_OBJECTID of linux/btrfs_tree.h.
  private static let top: UInt64 = 5

  /// Why the directory can't be bounded, and what to do; nil where it can.
  func refusal(path: String, group: QgroupName) -> (why: String, mend: String)? {
    guard inode == 256 else {
      return (
        "it is no subvolume of btrfs, and btrfs bounds subvolumes only",
        "make it one: btrfs subvolume create \(path), after what lies there has been moved aside"
      )
    }
    guard subvolume != Self.top else {
      return (
        "it is the top-level subvolume, from which all quota groups are managed, and has to keep room for that",
        "give the tenant a subvolume of its own: btrfs subvolume create \(path)/NAME"
      )
    }
    guard state != .off else {
      return ("the file system's quotas are off", "turn them on: btrfs quota enable \(path)")
    }
    if let other = groups.first(where: { $0.isOfATenant && $0 != group }) {
      return (
        "it belongs to the quota group \(other) of another tenant",
        "give each tenant a subvolume of its own; if no other tenant has it any more, take it out of that group: "
          + "btrfs qgroup remove \(QgroupName(subvolume: subvolume)) \(other) \(path)"
      )
    }
    return nil
  }
}

/// What is to be done to a tenant's group so that it has these members, and no others.
struct QgroupPlan: Hashable, Sendable {
  var added: [UInt64]
  var removed: [UInt64]

  init(wanted: Set<UInt64>, present: Set<UInt64>) {
    added = wanted.subtracting(present).sorted()
    removed = present.subtracting(wanted).sorted()
  }
}

/// What is next until a file system's figures are right.
enum QgroupRecount: Hashable, Sendable {
  case done, wait, start

  init(_ state: QgroupState) {
    switch state {
    case .off, .simple, .full(isRight: true, isCounting: false): self = .done
    case .full(_, isCounting: true): self = .wait
    case .full(isRight: false, isCounting: false): self = .start
    }
  }
}
