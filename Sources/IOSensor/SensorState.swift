import CIOLatency
import Faults
import Glibc
import Kernel

/// What a sensor knows of its rows in the kernel. One thread at a time uses it.
struct SensorState {
  /// A row of counters and how far they were read.
  private struct Row {
    let key: IOLatencyKey
    let kernelKey: ciolatency_key
    let number: UInt32
    var count: UInt64 = 0
    var seen = [UInt32](repeating: 0, count: IOLatencies.size)
  }

  private var handle: OpaquePointer?
  private var rows: [Row] = []
  private var rowsMade: UInt64 = 0
  /// Rows without a key, which programs that looked them up before may still count in.
  private var limbo: [UInt32] = []
  private(set) var snapshot = IOLatencySnapshot()
  private var windows: [IOLatencyKey: IOLatencyWindow] = [:]

  init(handle: OpaquePointer) { self.handle = handle }

  /// Reads what has changed.
  mutating func update() throws(Fault) {
    let handle = try open()
    try recycle(handle)
    guard let shared = ciolatency_state(handle) else { return }
    // Read before the keys are: a row that is made meanwhile is found the next time.
    let made = shared.pointee.rows_made
    if made != rowsMade {
      try findNewRows(handle)
      rowsMade = made
    }
    for index in rows.indices { readRow(index, handle) }
    snapshot.lost = shared.pointee.lost_flights &+ shared.pointee.lost_rows
  }

  /// What has changed since the last call.
  mutating func takeWindows() -> [IOLatencyKey: IOLatencyWindow] {
    defer { windows.removeAll(keepingCapacity: true) }
    return windows
  }

  /// Gives the rows of some keys back.
  mutating func forget(_ chosen: (IOLatencyKey) -> Bool) throws(Fault) {
    let handle = try open()
    try findNewRows(handle)
    var kept: [Row] = []
    var failure: Fault?
    for row in rows {
      guard chosen(row.key), failure == nil else {
        kept.append(row)
        continue
      }
      do {
        var key = row.kernelKey
        try systemCall("bpf", message: "cannot take a row from the IO sensor's table") {
          ciolatency_forget(handle, &key)
        }
        limbo.append(row.number)
        snapshot.latencies[row.key] = nil
        windows[row.key] = nil
      } catch {
        failure = error
        kept.append(row)
      }
    }
    rows = kept
    if let failure { throw failure }
  }

  func costs() throws(Fault) -> [SensorCost] {
    let handle = try open()
    var costs = [ciolatency_cost](repeating: ciolatency_cost(), count: Int(CIOLATENCY_PROGRAMS))
    let count = try systemCall("bpf", message: "cannot ask for the cost of the IO sensor") {
      ciolatency_costs(handle, &costs)
    }
    return costs.prefix(Int(count)).map { cost in
      let name = withUnsafeBytes(of: cost.name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      return SensorCost(name: name, runs: cost.runs, nanoseconds: cost.nanoseconds, missed: cost.missed)
    }
  }

  mutating func close() {
    if let handle { ciolatency_close(handle) }
    handle = nil
    rows = []
    limbo = []
  }

  private func open() throws(Fault) -> OpaquePointer {
    guard let handle else { throw Fault(.sensorClosed, "the IO sensor was closed") }
    return handle
  }

  private mutating func findNewRows(_ handle: OpaquePointer) throws(Fault) {
    let capacity = ciolatency_row_count(handle)
    var keys = [ciolatency_key](repeating: ciolatency_key(), count: Int(capacity))
    var numbers = [UInt32](repeating: 0, count: Int(capacity))
    let count = try systemCall("bpf", message: "cannot read the IO sensor's table") {
      ciolatency_keys(handle, &keys, &numbers, capacity)
    }
    let known = Set(rows.map(\.number))
    for index in 0..<Int(count) where !known.contains(numbers[index]) {
      guard let key = IOLatencyKey(keys[index]) else { continue }
      rows.append(Row(key: key, kernelKey: keys[index], number: numbers[index]))
      if snapshot.latencies[key] == nil { snapshot.latencies[key] = IOLatencies() }
    }
  }

  private mutating func readRow(_ index: Int, _ handle: OpaquePointer) {
    guard let memory = ciolatency_row(handle, rows[index].number) else { return }
    let count = memory.pointee.count
    guard count != rows[index].count else { return }
    let raw = UnsafeRawPointer(memory) + (MemoryLayout<ciolatency_row>.offset(of: \.buckets) ?? 0)
    let changes = IOLatencyWindow(
      count: count &- rows[index].count, row: raw.assumingMemoryBound(to: UInt32.self), seen: &rows[index].seen)
    rows[index].count = count
    snapshot.latencies[rows[index].key]?.add(changes)
    windows[rows[index].key, default: IOLatencyWindow()].merge(changes)
  }

  /// A program runs for microseconds, and at least one call of the owner lies between taking a row and this.
  private mutating func recycle(_ handle: OpaquePointer) throws(Fault) {
    while let row = limbo.last {
      try systemCall("bpf", message: "cannot free a row of the IO sensor's table") { ciolatency_recycle(handle, row) }
      limbo.removeLast()
    }
  }
}
