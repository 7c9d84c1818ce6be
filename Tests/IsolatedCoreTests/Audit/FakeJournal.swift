import ControlProtocol
import Faults
import Glibc
import Kernel

@testable import IsolatedCore

/// journald's end of the native protocol, in a directory of the test's.
final class FakeJournal {
  /// One field as it came.
  struct Field: Equatable {
    var name: String
    var value: [UInt8]
  }

  let path: String
  private let directory: TemporaryDirectory
  private let socket: OwnedDescriptor

  init() throws {
    directory = try TemporaryDirectory()
    path = directory.path + "/journal"
    socket = OwnedDescriptor(
      owning: try systemCall("socket") {
        Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
      })
    let number = socket.rawValue
    try UnixAddress.with(path: path) { address, length throws(Fault) in
      try systemCall("bind") { bind(number, address, length) }
    }
  }

  /// The next entry, taken apart as journald does; nil where none waits.
  func next() throws -> [Field]? {
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    let count = recv(socket.rawValue, &buffer, buffer.count, 0)
    return count < 0 ? nil : try Self.parse(Array(buffer[..<count]))
  }

  /// The next entry by its fields' names.
  func nextByName() throws -> [String: String]? {
    try next().map { fields in
      Dictionary(fields.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) }) { first, _ in first }
    }
  }

  /// Takes an entry apart.
  static func parse(_ bytes: [UInt8]) throws -> [Field] {
    var fields: [Field] = []
    var rest = bytes[...]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      let line = rest[..<end]
      rest = rest[(end + 1)...]
      if let sign = line.firstIndex(of: UInt8(ascii: "=")) {
        fields.append(Field(name: String(decoding: line[..<sign], as: UTF8.self), value: Array(line[(sign + 1)...])))
        continue
      }
      guard rest.count >= 8 else { throw Malformed() }
      let length = rest.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(8)
      guard rest.count > length, rest[rest.startIndex + length] == UInt8(ascii: "\n") else { throw Malformed() }
      fields.append(Field(name: String(decoding: line, as: UTF8.self), value: Array(rest.prefix(length))))
      rest = rest.dropFirst(length + 1)
    }
    guard rest.isEmpty else { throw Malformed() }
    return fields
  }

  struct Malformed: Error {}
}
