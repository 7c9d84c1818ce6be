import Faults

extension DocumentDecoder {
  /// `disk`.
  func diskPolicy(_ top: StrictMapping) -> DiskPolicy? {
    guard let mapping = mapping("disk", in: top) else { return nil }
    let max = quantity("max", in: mapping, as: ByteSize.self)
    let inodes = quantity("inodes", in: mapping, as: ItemCount.self)
    if mapping["max"] == nil, mapping["inodes"] == nil {
      report(.missingKey, "\"disk\" bounds nothing", at: mapping.position, mend: "give max: 10GiB, for example")
    }
    if let max, max.value.bytes < 1 << 20 {
      report(.outOfRange, "\(max.value) of disk hold nothing", at: max.position, mend: "give 1MiB or more")
    }
    if let inodes, inodes.value.number < 1 {
      report(.outOfRange, "no file at all can't be a bound", at: inodes.position, mend: "give 1 or more")
    }
    return DiskPolicy(max: max, inodes: inodes)
  }
}
