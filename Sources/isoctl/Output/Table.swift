/// A table of text that fits a terminal: columns that may shrink lose their ends to "…" when there is no room.
struct Table {
  /// One column.
  struct Column {
    enum Alignment { case left, right }

    var title: String
    var alignment = Alignment.left
    /// The least width to which it may shrink; nil if it may not.
    var shrinksTo: Int?
    /// Whether it may be left out, and in which turn: the lowest goes first; nil if it may not.
    var leavesAt: Int?
  }

  let columns: [Column]
  private var rows: [[String]] = []

  init(_ columns: [Column]) { self.columns = columns }

  /// Adds a row; missing cells are empty.
  mutating func add(_ cells: [String]) {
    let padded = cells + Array(repeating: "", count: max(0, columns.count - cells.count))
    rows.append(padded.prefix(columns.count).map { printable($0.replacing("\n", with: " ")) })
  }

  /// The lines, headings first.
  func lines(_ terminal: Terminal) -> [String] {
    let widths = fittedWidths(terminal.width)
    let heading = line(columns.map(\.title), widths, terminal.width)
    return [terminal.hasColour ? "\u{1b}[1m\(heading)\u{1b}[0m" : heading]
      + rows.map { line($0, widths, terminal.width) }
  }

  /// `widths` has a width for each column, nil for one that is left out.
  private func line(_ cells: [String], _ widths: [Int?], _ limit: Int?) -> String {
    var parts: [String] = []
    for (index, column) in columns.enumerated() {
      guard let width = widths[index] else { continue }
      let cell = Self.cut(cells[index], to: width)
      let padding = String(repeating: " ", count: width - cell.count)
      parts.append(column.alignment == .left ? cell + padding : padding + cell)
    }
    var text = parts.joined(separator: Self.gap)
    while text.last == " " { text.removeLast() }
    return limit.map { Self.cut(text, to: $0) } ?? text
  }

  /// The natural widths, less what has to go: whole columns where even the least widths are too much, then the ends of
  /// the widest ones that may shrink.
  private func fittedWidths(_ limit: Int?) -> [Int?] {
    var widths: [Int?] = columns.indices.map { index in
      rows.reduce(columns[index].title.count) { max($0, $1[index].count) }
    }
    guard let limit else { return widths }
    while total(widths.enumerated().map { least($0.element, columns[$0.offset]) }) > limit {
      let droppable = columns.indices.filter { widths[$0] != nil && columns[$0].leavesAt != nil }
      guard let first = droppable.min(by: { columns[$0].leavesAt ?? 0 < columns[$1].leavesAt ?? 0 }) else {
        break
      }
      widths[first] = nil
    }
    while total(widths) > limit {
      let candidates = columns.indices.filter { widths[$0] ?? 0 > columns[$0].shrinksTo ?? .max }
      guard let widest = candidates.max(by: { widths[$0] ?? 0 < widths[$1] ?? 0 }) else { break }
      widths[widest] = widths[widest].map { $0 - 1 }
    }
    return widths
  }

  private func least(_ width: Int?, _ column: Column) -> Int? {
    width.map { min($0, column.shrinksTo ?? $0) }
  }

  private func total(_ widths: [Int?]) -> Int {
    let shown = widths.compactMap { $0 }
    return shown.reduce(0, +) + Self.gap.count * max(0, shown.count - 1)
  }

  private static let gap = "  "

  private static func cut(_ text: String, to width: Int) -> String {
    text.count <= width ? text : String(text.prefix(max(width - 1, 0))) + "…"
  }
}
