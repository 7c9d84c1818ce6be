/// The candidate that `word` was probably meant to be, if one is near enough.
///
/// Near is a Damerau-Levenshtein distance (optimal string alignment) of at most a third of the word's length,
/// and at least 1. Hyphens, underscores and letter case cost nothing.
public func nearMiss(of word: String, among candidates: some Sequence<String>) -> String? {
  let folded = foldedBytes(word)
  guard !folded.isEmpty, folded.count <= 64 else { return nil }
  let allowed = max(1, folded.count / 3)
  var best: (candidate: String, distance: Int)?
  for candidate in candidates {
    let other = foldedBytes(candidate)
    guard abs(other.count - folded.count) <= allowed else { continue }
    let distance = editDistance(folded, other)
    guard distance <= allowed, distance < other.count, distance < best?.distance ?? .max else { continue }
    best = (candidate, distance)
  }
  return best?.candidate
}

private func foldedBytes(_ text: String) -> [UInt8] {
  text.utf8.compactMap { byte in
    if byte == 45 || byte == 95 { return nil }
    return (65...90).contains(byte) ? byte + 32 : byte
  }
}

/// Insertions, deletions, substitutions and swaps of neighbours between two short words.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
  var beforePrevious: [Int] = []
  var previous = Array(0...right.count)
  for (row, byte) in left.enumerated() {
    var current = [row + 1]
    for (column, other) in right.enumerated() {
      var cost = min(
        previous[column + 1] + 1, current[column] + 1, previous[column] + (byte == other ? 0 : 1))
      if row > 0, column > 0, byte == right[column - 1], left[row - 1] == other {
        cost = min(cost, beforePrevious[column - 1] + 1)
      }
      current.append(cost)
    }
    beforePrevious = previous
    previous = current
  }
  return previous[right.count]
}
