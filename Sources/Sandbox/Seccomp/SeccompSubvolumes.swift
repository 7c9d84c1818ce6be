extension SeccompPolicy {
  /// BTRFS_IOC_SNAP_CREATE, SUBVOL_CREATE, SNAP_CREATE_V2 and SUBVOL_CREATE_V2 of linux/btrfs.h.
  private static let newSubvolume: [UInt32] = [0x5000_9401, 0x5000_940E, 0x5000_9417, 0x5000_9418]

  /// The policy with EPERM for making subvolumes and snapshots on btrfs, whatever else it says of ioctl(2).
  ///
  /// Anybody may make a subvolume where they may make a directory, and under full accounting a new one is in no quota
  /// group but its own: what is written there would count against nobody's bound.
  public var refusingNewSubvolumes: SeccompPolicy {
    var policy = self
    policy.rules =
      Self.newSubvolume.map { SeccompRule(["ioctl"], .errno(1), when: [.low32(1, equals: $0)]) } + rules
    return policy
  }
}
