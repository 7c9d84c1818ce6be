import Faults

extension DocumentDecoder {
  /// `memory`; `nil` without a valid `max`.
  func memoryPolicy(_ top: StrictMapping) -> MemoryPolicy? {
    let mend = "every tenant has a hard limit: give memory: {max: 256MiB}, for example"
    guard let node = required("memory", in: top, mend: mend), let mapping = mapping(node, path: "memory")
    else {
      return nil
    }
    let min = quantity("min", in: mapping, as: ByteSize.self)
    let low = quantity("low", in: mapping, as: ByteSize.self)
    let high = quantity("high", in: mapping, as: ByteSize.self)
    let max = required("max", in: mapping, mend: mend).flatMap { memoryMaximum($0) }
    let swap = mapping["swap"].flatMap { limit($0, as: ByteSize.self, unlimited: "max") }
    let zswap = mapping["zswap"].flatMap { limit($0, as: ByteSize.self, unlimited: "max") }
    let oomGroup = boolean("oom_group", in: mapping)
    let bandwidth = quantity("bandwidth", in: mapping, as: Percentage.self)
    if let bandwidth, !(100...10_000).contains(bandwidth.value.basisPoints) {
      report(
        .outOfRange, "\(bandwidth.value) is out of range", at: bandwidth.position, mend: "it can be 1% to 100%")
    }
    guard let max else { return nil }
    return MemoryPolicy(
      min: min, low: low, high: high, max: max, swap: swap ?? Positioned(.atMost(ByteSize(bytes: 0))),
      zswap: zswap, oomGroup: oomGroup ?? Positioned(true), bandwidth: bandwidth)
  }

  private func memoryMaximum(_ node: DocumentNode) -> Positioned<ByteSize>? {
    if case .scalar("max", _) = node.content {
      report(
        .invalidValue, "a tenant without a hard limit on memory can take the host's", at: node.position,
        mend: "give a size, at most the machine's memory")
      return nil
    }
    guard let size = quantity(node, as: ByteSize.self) else { return nil }
    guard size.value.bytes >= 1 << 20 else {
      report(
        .outOfRange, "\(size.value) is too little for any process to start", at: node.position,
        mend: "give 1MiB or more")
      return nil
    }
    return size
  }
}
