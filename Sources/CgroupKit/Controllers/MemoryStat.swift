import Faults

/// What memory.stat says: some seventy amounts and counters, of which each kernel has its own selection.
///
/// ```swift
/// let stat = try group.memory.stat.read()
/// let cache = stat[.file].map(Bytes.init)
/// ```
public struct MemoryStat: KernelReadable {
  private var values = InlineArray<80, UInt64>(repeating: 0)
  private var present: (low: UInt64, high: UInt64) = (0, 0)

  /// The value of a key, `nil` where the kernel doesn't print it.
  public subscript(key: Key) -> UInt64? {
    let index = key.rawValue
    let mask = index < 64 ? present.low : present.high
    return mask & (1 << UInt64(index & 63)) == 0 ? nil : values[index]
  }

  /// Parses memory.stat; keys that this library doesn't know are passed over.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    var stat = MemoryStat()
    var next = 0
    try ByteScanner.forEachFlatKey(bytes) { name, value in
      guard let key = Key.named(name, expected: next) else { return }
      next = key.rawValue + 1
      stat.set(key, value)
    }
    self = stat
  }

  private init() {}

  private mutating func set(_ key: Key, _ value: UInt64) {
    let index = key.rawValue
    values[index] = value
    if index < 64 {
      present.low |= 1 << UInt64(index)
    } else {
      present.high |= 1 << UInt64(index - 64)
    }
  }
}

extension MemoryStat: Hashable {
  /// Whether both hold the same keys with the same values.
  public static func == (left: MemoryStat, right: MemoryStat) -> Bool {
    Key.allCases.allSatisfy { left[$0] == right[$0] }
  }

  /// Hashes all keys and values.
  public func hash(into hasher: inout Hasher) {
    for key in Key.allCases { hasher.combine(self[key]) }
  }
}

extension MemoryStat.Key {
  /// The key of a name. Kernels print in one order, so the key after the last one is tried first.
  static func named(_ name: ByteScanner, expected: Int) -> MemoryStat.Key? {
    if let key = Self(rawValue: expected), name.equals(key.name) { return key }
    for index in 0..<Self.count {
      if let key = Self(rawValue: index), name.equals(key.name) { return key }
    }
    return nil
  }
}
