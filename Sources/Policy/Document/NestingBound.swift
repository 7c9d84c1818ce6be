import Faults

/// Bounds how deep a text can be nested, without knowing which of its characters YAML takes for structure.
///
/// libyaml looks at every open flow collection for each token: 64 KiB of brackets take it seconds. So texts
/// that might be that deep never get there. The bound is an upper one; no real policy comes near it.
///
/// - A flow collection starts with `[` or `{`, and may hold a mapping of one pair without braces. A closing
/// bracket takes one back only where nothing since can have
///   turned it into mere text: no quote, comment or tag. In a block scalar or a plain one nothing is open
/// yet.
/// - A block collection starts farther right than the one around it, a list in a mapping's value apart, and
/// only
///   spaces and the indicators `-`, `?` and `:` stand before it on its line.
struct NestingBound {
  static let maximumBrackets = 64
  private static let maximumIndentation = 80

  /// The brackets that may be open.
  private var open = 0
  /// How many of them can't be taken back any more.
  private var kept = 0

  /// Throws `too-deep` where `text` may have more than `brackets` brackets open, or blocks as deep as that.
  static func check(_ text: DocumentText, brackets: Int = maximumBrackets) throws(PolicyErrors) {
    var bound = NestingBound()
    for (number, line) in text.lines().enumerated() {
      let indentation = indentation(of: line)
      guard let column = indentation > maximumIndentation ? indentation : bound.take(line, brackets) else {
        continue
      }
      throw PolicyErrors(
        Fault(
          DocumentProblem.tooDeep.code(in: text.domain), "the document is nested too deeply to be read",
          position: Fault.Position(file: text.file, line: number + 1, column: column + 1)))
    }
  }

  /// How many characters may stand before a block collection that starts on the line.
  private static func indentation(of line: ArraySlice<Unicode.Scalar>) -> Int {
    var index = line.startIndex
    while index < line.endIndex {
      switch line[index] {
      case " ", "\t": break
      case "-", "?", ":":
        guard index + 1 == line.endIndex || [" ", "\t"].contains(line[index + 1]) else {
          return index - line.startIndex
        }
      default: return index - line.startIndex
      }
      index += 1
    }
    return index - line.startIndex
  }

  /// Counts a line's brackets; returns the column after which there are too many.
  private mutating func take(_ line: ArraySlice<Unicode.Scalar>, _ maximum: Int) -> Int? {
    var index = line.startIndex
    while index < line.endIndex {
      switch line[index] {
      case "[", "{":
        open += 1
        if open > maximum { return index - line.startIndex }
      case "]", "}": if open > kept { open -= 1 }
      case "#", "!": kept = open
      case "\"", "'":
        if let end = Self.endOfQuotes(in: line, from: index) {
          index = end
        } else {
          kept = open
        }
      default: break
      }
      index += 1
    }
    return nil
  }

  /// The second of two quotes that change nothing: within a text both are part of it, elsewhere they enclose
  /// one.
  ///
  /// The second can't start a text of its own, since nothing but a separator stands before such a start.
  private static func endOfQuotes(in line: ArraySlice<Unicode.Scalar>, from start: Int) -> Int? {
    let quote = line[start]
    var last = quote
    for index in line.indices[(start + 1)...] {
      let scalar = line[index]
      if scalar == quote { return separators.contains(last) ? nil : index }
      if hiding.contains(scalar) { return nil }
      last = scalar
    }
    return nil
  }

  private static let separators: Set<Unicode.Scalar> = [
    " ", "\t", ",", ":", "?", "-", "&", "*", "|", ">", "%", "@", "`",
  ]
  private static let hiding: Set<Unicode.Scalar> = ["[", "]", "{", "}", "#", "!", "\\", "\"", "'"]
}
