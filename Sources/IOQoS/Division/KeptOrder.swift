/// The ascending order of a row of keys, kept from one sort to the next: keys that changed little are sorted in nearly
/// linear time, any others in O(n log n), in place.
///
/// Keys that are equal are ordered by their index, so the order depends on the keys alone.
struct KeptOrder: Sendable {
  private struct Entry {
    var key: Double
    var index: Int

    static func < (left: Entry, right: Entry) -> Bool {
      left.key < right.key || (left.key == right.key && left.index < right.index)
    }
  }

  private var entries: [Entry] = []

  /// The index of the key at a place of the order.
  subscript(place: Int) -> Int { entries[place].index }

  /// Orders keys of which none may be NaN.
  mutating func sort(_ keys: [Double]) {
    if entries.count != keys.count {
      entries.removeAll(keepingCapacity: true)
      for index in keys.indices { entries.append(Entry(key: 0, index: index)) }
    }
    for place in entries.indices { entries[place].key = keys[entries[place].index] }
    entries.withUnsafeMutableBufferPointer { entries in
      if !Self.insertionSort(entries, moves: 8 * keys.count) { Self.heapSort(entries) }
    }
  }

  /// Gives up, and returns false, after so many moves.
  private static func insertionSort(_ entries: UnsafeMutableBufferPointer<Entry>, moves: Int) -> Bool {
    var left = moves
    for place in 1..<max(1, entries.count) {
      let entry = entries[place]
      var hole = place
      while hole > 0, entry < entries[hole - 1] {
        entries[hole] = entries[hole - 1]
        hole -= 1
      }
      entries[hole] = entry
      left -= place - hole
      if left < 0 { return false }
    }
    return true
  }

  private static func heapSort(_ entries: UnsafeMutableBufferPointer<Entry>) {
    for root in stride(from: entries.count / 2 - 1, through: 0, by: -1) { sift(entries, root, entries.count) }
    for end in stride(from: entries.count - 1, to: 0, by: -1) {
      entries.swapAt(0, end)
      sift(entries, 0, end)
    }
  }

  private static func sift(_ entries: UnsafeMutableBufferPointer<Entry>, _ root: Int, _ end: Int) {
    let entry = entries[root]
    var hole = root
    while 2 * hole + 1 < end {
      var child = 2 * hole + 1
      if child + 1 < end, entries[child] < entries[child + 1] { child += 1 }
      guard entry < entries[child] else { break }
      entries[hole] = entries[child]
      hole = child
    }
    entries[hole] = entry
  }
}
