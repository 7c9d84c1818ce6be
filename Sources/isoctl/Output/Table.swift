/// A table of text that fits a terminal: columns that may shrink lose their ends to "…" when there is no room.
struct Table {
  /// One column.
  struct Column {
    enum Alignment { case left, right }

    var title: String
    var alignment = Alignment.left
    /// The least width to which it may shrink; nil if it may not.
    var shrinksTo: Int?
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

  private func line(_ cells: [String], _ widths: [Int], _ limit: Int?) -> String {
    var text = ""
    for (index, column) in columns.enumerated() {
      let cell = Self.cut(cells[index], to: widths[index])
      let padding = String(repeating: " ", count: widths[index] - cell.count)
      text += index > 0 ? "  " : ""
      text += column.alignment == .left ? cell + padding : padding + cell
    }
    while text.last == " " { text.removeLast() }
    return limit.map { Self.cut(text, to: $0) } ?? text
  }

  /// The natural widths, less what has to go, taken from the widest column that may shrink.
  private func fittedWidths(_ limit: Int?) -> [Int] {
    var widths = columns.indices.map { index in
      rows.reduce(columns[index].title.count) { max($0, $1[index].count) }
    }
    guard let limit else { return widths }
    var excess = widths.reduce(0, +) + 2 * (columns.count - 1) - limit
    while excess > 0 {
      let candidates = columns.indices.filter { widths[$0] > columns[$0].shrinksTo ?? .max }
      guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
      widths[widest] -= 1
      excess -= 1
    }
    return widths
  }

  private static func cut(_ text: String, to width: Int) -> String {
    text.count <= width ? text : String(text.prefix(max(width - 1, 0))) + "…"
  }
}
