/// The one of `names` that a person most likely meant by `written`: at most a third of its letters away.
///
/// Distance is Damerau-Levenshtein restricted to adjacent transpositions, over UTF-8 bytes. Overlong input has no
/// neighbour, so that a hostile name costs nothing.
func nearestName(to written: String, among names: some Sequence<String>) -> String? {
  let target = Array(written.utf8)
  guard !target.isEmpty, target.count <= 64 else { return nil }
  var best: (name: String, distance: Int)?
  let allowed = max(1, target.count / 3)
  for name in names {
    let candidate = Array(name.utf8)
    guard abs(candidate.count - target.count) <= allowed else { continue }
    let distance = editDistance(target, candidate)
    if distance <= allowed, distance < best?.distance ?? Int.max { best = (name, distance) }
  }
  return best?.name
}

/// A name from outside as it may stand in a message: quoted, printable, and no longer than 64 characters.
func quotedName(_ name: String) -> String {
  let shown = name.unicodeScalars.prefix(64).map { scalar -> Character in
    scalar.isASCII && (0x20..<0x7F).contains(scalar.value) ? Character(scalar) : "?"
  }
  return "\"" + String(shown) + (name.unicodeScalars.count > 64 ? "…" : "") + "\""
}

private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
  var beforePrevious = [Int](repeating: 0, count: right.count + 1)
  var previous = Array(0...right.count)
  for row in 0..<left.count {
    var current = [row + 1]
    current.reserveCapacity(right.count + 1)
    for column in 0..<right.count {
      let replacement = previous[column] + (left[row] == right[column] ? 0 : 1)
      var cost = min(replacement, previous[column + 1] + 1, current[column] + 1)
      if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
        cost = min(cost, beforePrevious[column - 1] + 1)
      }
      current.append(cost)
    }
    beforePrevious = previous
    previous = current
  }
  return previous[right.count]
}
