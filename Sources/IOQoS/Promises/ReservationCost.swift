extension CostModel {
  /// The size that an operation of a reservation in operations alone is taken to have: 4 KiB, random, which is what
  /// data sheets mean by "IOPS".
  ///
  /// The reservation is kept in device time. A tenant whose operations are larger gets fewer of them, one whose
  /// operations are sequential more.
  public static let reservedOperationSize = 4096.0

  /// The size of the operations that carry a reservation in bytes alone: 128 KiB, the kernel's default read-ahead, at
  /// the random base, since the streams of several tenants interleave.
  ///
  /// A tenant whose operations are smaller gets fewer bytes.
  public static let reservedStreamSize = 131_072.0

  /// What a reservation costs, in nanoseconds of device time each second.
  ///
  /// Where operations and bytes are both given, their quotient is the size. A reservation for both directions
  /// together costs what the dearer direction does, since the tenant may choose; reads and writes given apart add up;
  /// of the two forms the dearer counts.
  public func cost(reserving rates: PromisedRates) -> Double {
    let apart = cost(reserving: rates.read, .read) + cost(reserving: rates.write, .write)
    let together = max(cost(reserving: rates.together, .read), cost(reserving: rates.together, .write))
    return max(apart, together).bounded()
  }

  /// What a reservation in one direction costs, in nanoseconds of device time each second.
  public func cost(reserving rate: PromisedRate, _ direction: IODirection) -> Double {
    let work: Work
    switch (rate.operations?.bounded(), rate.bytes?.bounded()) {
    case (nil, nil): return 0
    case (let operations?, nil):
      work = Work(operations: operations, bytes: operations * Self.reservedOperationSize)
    case (nil, let bytes?): work = Work(operations: bytes / Self.reservedStreamSize, bytes: bytes)
    case (let operations?, let bytes?): work = Work(operations: operations, bytes: bytes)
    }
    return cost(of: work, direction)
  }
}
