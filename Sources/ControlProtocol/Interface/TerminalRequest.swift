/// The terminal that a command is to get for its standard streams.
public struct TerminalRequest: ControlRequest {
  /// Lines, 1 to 65535.
  public var rows: Int
  /// Characters in a line, 1 to 65535.
  public var columns: Int
  /// What the user's terminal calls itself: the command's variable TERM, unless the policy sets it.
  public var term: String?

  /// Asks for a terminal.
  public init(rows: Int, columns: Int, term: String? = nil) {
    self.rows = rows
    self.columns = columns
    self.term = term
  }

  enum CodingKeys: String, CodingKey, CaseIterable { case rows, columns, term }

  /// The names of all parameters.
  public static var memberNames: [String] { CodingKeys.allCases.map(\.rawValue) }

  /// The name of a member that makes no sense; nil if all do.
  public var unusableMember: String? {
    let sizes = 1...Int(UInt16.max)
    if !sizes.contains(rows) { return "rows" }
    if !sizes.contains(columns) { return "columns" }
    return term.map(Self.isPlain) == false ? "term" : nil
  }

  /// Whether a text can be a terminal's name: what terminfo(5) has files for.
  public static func isPlain(_ term: String) -> Bool {
    (1...64).contains(term.utf8.count)
      && term.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "-+._".utf8.contains(byte)
        }
      }
  }
}
