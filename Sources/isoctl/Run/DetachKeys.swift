import Faults

/// The keys that part a terminal from a tenant without ending it: `ctrl-p,ctrl-q`.
struct DetachKeys: Equatable {
  /// What is used unless the user says otherwise.
  static let standard = DetachKeys(bytes: [16, 17])

  /// What the keys send.
  let bytes: [UInt8]

  private init(bytes: [UInt8]) { self.bytes = bytes }

  /// Reads keys with commas between them: a single character, or `ctrl-` and one of a-z, @, [, \, ], ^ and _.
  ///
  /// - Throws: `isoctl.bad-argument`.
  init(_ text: String) throws(Fault) {
    var bytes: [UInt8] = []
    for key in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let byte = Self.byte(key) else {
        throw Fault(
          .badArgument, "\"\(key)\" is no key to detach with",
          mend: "write keys like ctrl-p,ctrl-q: single characters, or ctrl- and one of a-z @ [ \\ ] ^ _")
      }
      bytes.append(byte)
    }
    guard bytes.count <= 16 else { throw Fault(.badArgument, "\(bytes.count) keys to detach with are more than 16") }
    self.bytes = bytes
  }

  private static func byte(_ key: Substring) -> UInt8? {
    let bytes = Array(key.utf8)
    if bytes.count == 1 { return bytes[0] }
    guard bytes.count == 6, key.lowercased().hasPrefix("ctrl-"), let last = bytes.last else { return nil }
    switch last {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): return last & 0x1f
    case UInt8(ascii: "@"), UInt8(ascii: "[")...UInt8(ascii: "_"): return last & 0x1f
    default: return nil
    }
  }

  /// Looks for the keys in what is typed.
  struct Search {
    private let keys: [UInt8]
    /// The keys' beginning that has been typed, and goes nowhere until it is known what it was.
    private var held: [UInt8] = []

    /// Starts to look.
    init(_ keys: DetachKeys) { self.keys = keys.bytes }

    /// Takes what was typed; answers what goes to the tenant, and whether the keys were complete. What follows them is
    /// dropped.
    mutating func take(_ typed: ArraySlice<UInt8>) -> (passed: [UInt8], isComplete: Bool) {
      var passed: [UInt8] = []
      for byte in typed {
        held.append(byte)
        while !keys.starts(with: held) { passed.append(held.removeFirst()) }
        if held.count == keys.count { return (passed, true) }
      }
      return (passed, false)
    }
  }
}
