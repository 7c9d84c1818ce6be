import Faults

/// Bounds how deep a text can be nested, without knowing which of its characters YAML takes for structure.
///
/// Yams builds nodes by recursion, and libyaml stops it after 1000 levels only: more than a small stack
/// holds. So texts that might be that deep never get there. The bound is an upper one; no real policy comes
/// near it.
///
/// - A flow collection starts with `[` or `{`. A pair of brackets is taken back only where nothing between
/// them, on
///   one line, can hide its end from YAML: no quote, comment or tag. Either both are structure then, or
/// neither.
/// - A block collection starts farther right than the one around it, a list in a mapping's value apart, and
/// only
///   spaces and the indicators `-`, `?` and `:` stand before it on its line.
struct NestingBound {
  private static let maximumBrackets = 64
  private static let maximumIndentation = 80

  /// The brackets that may be open.
  private var open = 0
  /// How many of them can't be taken back any more.
  private var kept = 0
  /// Whether everything so far on this line may come before a block collection.
  private var isIndentation = true
  private var line = 1
  private var column = 1

  /// Throws `too-deep` where `text` may be nested too deeply to be read.
  static func check(_ text: DocumentText) throws(PolicyErrors) {
    var bound = NestingBound()
    for (index, scalar) in text.scalars.enumerated() {
      let next = index + 1 < text.scalars.count ? text.scalars[index + 1] : "\n"
      bound.take(scalar, before: next)
      guard bound.open > maximumBrackets || (bound.isIndentation && bound.column > maximumIndentation) else {
        continue
      }
      throw PolicyErrors(
        Fault(
          DocumentProblem.tooDeep.code(in: text.domain), "the document is nested too deeply to be read",
          position: Fault.Position(file: text.file, line: bound.line, column: bound.column)))
    }
  }

  private mutating func take(_ scalar: Unicode.Scalar, before next: Unicode.Scalar) {
    column += 1
    switch scalar {
    case "\n", "\r":
      if scalar == "\n" || next != "\n" { line += 1 }
      column = 1
      isIndentation = true
      kept = open
      return
    case "[", "{": open += 1
    case "]", "}": if open > kept { open -= 1 }
    case "\"", "'", "#", "!": kept = open
    default: break
    }
    switch scalar {
    case " ", "\t": break
    case "-", "?", ":": isIndentation = isIndentation && [" ", "\t", "\n", "\r"].contains(next)
    default: isIndentation = false
    }
  }
}
