import ArgumentParser

/// By what the table of `isoctl top` is ordered. Its key is the first letter of the word.
enum TopOrder: String, CaseIterable, ExpressibleByArgument {
  case cpu, held, memory, io, wait, pids, name, state

  /// The one whose key was pressed.
  init?(key: UInt8) {
    guard let order = Self.allCases.first(where: { $0.rawValue.utf8.first == key | 0x20 }) else { return nil }
    self = order
  }

  /// The rows in order, the greatest first, names from A to Z.
  func sorted(_ rows: [TopRow], reversed: Bool) -> [TopRow] {
    let sorted = rows.sorted { left, right in
      switch self {
      case .name: return left.name < right.name
      case .state where left.state != right.state: return left.state < right.state
      default:
        let (one, other) = (figure(left), figure(right))
        return one == other ? left.name < right.name : one > other
      }
    }
    return reversed ? sorted.reversed() : sorted
  }

  private func figure(_ row: TopRow) -> Double {
    switch self {
    case .cpu: row.cpuPercent ?? -1
    case .held: row.throttledPercent ?? -1
    case .memory: Double(row.memoryBytes ?? -1)
    case .io: (row.readBytesPerSecond ?? -1) + (row.writeBytesPerSecond ?? 0)
    case .wait: max(row.cpuWaitPercent ?? -1, row.memoryWaitPercent ?? -1, row.ioWaitPercent ?? -1)
    case .pids: Double(row.pids ?? -1)
    case .name, .state: 0
    }
  }
}
