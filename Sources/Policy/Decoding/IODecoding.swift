import Faults

extension DocumentDecoder {
  /// `io`.
  func ioPolicies(_ top: StrictMapping) -> [IODevicePolicy] {
    var seen: Set<String> = []
    return list("io", in: top).compactMap { node in
      guard let mapping = mapping(node, path: "io[]") else { return nil }
      let device = required("device", in: mapping, mend: "name a path on the disk that is meant")
        .flatMap { absolutePath($0, rootAllowed: true) }
      let entry = ioDevicePolicy(mapping, device: device ?? Positioned("/"))
      guard let device else { return nil }
      if !seen.insert(device.value).inserted {
        report(
          .conflict, "\(device.value) has more than one entry", at: device.position,
          mend: "join them into one")
      }
      if ["latency", "reservation", "limit", "weight", "class"].allSatisfy({ mapping[$0] == nil }) {
        report(
          .missingKey, "the entry says nothing about \(device.value)", at: device.position,
          mend: "add a limit")
      }
      return entry
    }
  }

  private func ioDevicePolicy(_ mapping: StrictMapping, device: Positioned<String>) -> IODevicePolicy {
    IODevicePolicy(
      device: device, latency: self.mapping("latency", in: mapping).map { ioLatency($0) },
      reservation: self.mapping("reservation", in: mapping).map { ioRates($0) },
      limit: self.mapping("limit", in: mapping).map { ioRates($0) },
      weight: integer("weight", in: mapping, range: 1...10_000),
      priorityClass: choice("class", in: mapping, as: IODevicePolicy.PriorityClass.self))
  }

  private func ioLatency(_ mapping: StrictMapping) -> Positioned<IODevicePolicy.Latency> {
    func target(_ key: String) -> Positioned<TimeSpan>? {
      guard let operation = self.mapping(key, in: mapping),
        let span = required("p99", in: operation).flatMap({ quantity($0, as: TimeSpan.self) })
      else { return nil }
      guard span.value.microseconds > 0 else {
        report(.outOfRange, "no disk answers in no time", at: span.position)
        return nil
      }
      return span
    }
    if ["read", "write", "sync_write"].allSatisfy({ mapping[$0] == nil }) {
      reportNothing(mapping, "target")
    }
    return Positioned(
      IODevicePolicy.Latency(read: target("read"), write: target("write"), syncWrite: target("sync_write")),
      at: mapping.position)
  }

  /// Rates for both directions, each overridden by what `read` and `write` say of their own.
  private func ioRates(_ mapping: StrictMapping) -> Positioned<IODevicePolicy.DirectionalRates> {
    if ["bandwidth", "iops", "read", "write"].allSatisfy({ mapping[$0] == nil }) {
      reportNothing(mapping, "rate")
    }
    let both = directionRates(mapping)
    func direction(_ key: String) -> IODevicePolicy.Rates {
      guard let own = self.mapping(key, in: mapping) else { return both }
      if ["bandwidth", "iops"].allSatisfy({ own[$0] == nil }) { reportNothing(own, "rate") }
      let rates = directionRates(own)
      return IODevicePolicy.Rates(bandwidth: rates.bandwidth ?? both.bandwidth, iops: rates.iops ?? both.iops)
    }
    return Positioned(
      IODevicePolicy.DirectionalRates(
        isUndirected: mapping["read"] == nil && mapping["write"] == nil, read: direction("read"),
        write: direction("write")),
      at: mapping.position)
  }

  private func directionRates(_ mapping: StrictMapping) -> IODevicePolicy.Rates {
    var bandwidth = quantity("bandwidth", in: mapping, as: ByteRate.self)
    if let rate = bandwidth, rate.value.bytesPerSecond == 0 {
      report(.outOfRange, "the kernel takes no rate of 0", at: rate.position)
      bandwidth = nil
    }
    // The kernel keeps operations a second in 32 bits (block/blk-throttle.c).
    return IODevicePolicy.Rates(
      bandwidth: bandwidth, iops: integer("iops", in: mapping, range: 1...UInt64(UInt32.max)))
  }

  private func reportNothing(_ mapping: StrictMapping, _ what: String) {
    report(.missingKey, "\"\(mapping.path)\" gives no \(what)", at: mapping.position)
  }
}
