import ControlProtocol
import Faults
import Glibc
import Kernel

/// A tenant's log file, read through the descriptor that the daemon opened.
struct LogFile {
  private let descriptor: SharedDescriptor
  /// Whether each line is shown as a JSON object.
  private let json: Bool
  private var offset: Int = 0
  /// With JSON: a line whose end hasn't come yet.
  private var unfinished: [UInt8] = []
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)

  init(_ descriptor: SharedDescriptor, json: Bool) {
    self.descriptor = descriptor
    self.json = json
  }

  /// Which file it is, so that a rotated one can be told from its successor.
  func identity() throws(Fault) -> Identity {
    var status = stat()
    try systemCall("fstat") { fstat(descriptor.rawValue, &status) }
    return Identity(device: status.st_dev, inode: status.st_ino)
  }

  /// A file's device and inode.
  struct Identity: Equatable {
    var device: dev_t
    var inode: ino_t
  }

  /// Goes on where the last `count` lines begin, reading the file from its end.
  mutating func skip(toLast count: Int) throws(Fault) {
    var status = stat()
    try systemCall("fstat") { fstat(descriptor.rawValue, &status) }
    let size = Int(status.st_size)
    offset = count > 0 ? 0 : size
    guard count > 0 else { return }
    var end = size
    // The newline at the very end finishes the last line and doesn't begin another.
    var wanted = count + 1
    var isLastByte = true
    while end > 0 {
      let start = max(0, end - buffer.count)
      let taken = try read(at: start, upTo: end - start)
      for index in (0..<taken).reversed() {
        defer { isLastByte = false }
        guard buffer[index] == UInt8(ascii: "\n") else {
          if isLastByte { wanted -= 1 }
          continue
        }
        wanted -= 1
        if wanted == 0 {
          offset = start + index + 1
          return
        }
      }
      end = start
    }
  }

  /// Shows everything up to the file's present end.
  mutating func copyToEnd() throws(Fault) {
    while true {
      let taken = try read(at: offset, upTo: buffer.count)
      guard taken > 0 else { return }
      offset += taken
      show(buffer[..<taken])
    }
  }

  /// Goes on with the file that took this one's place.
  mutating func replace(by successor: LogFile) {
    let rest = unfinished
    self = successor
    unfinished = rest
  }

  /// Shows a last line that has no end.
  mutating func finish() {
    if !unfinished.isEmpty { show([UInt8(ascii: "\n")]) }
  }

  private mutating func read(at offset: Int, upTo count: Int) throws(Fault) -> Int {
    let file = descriptor.rawValue
    return try systemCall("pread", message: "cannot read the log file") {
      buffer.withUnsafeMutableBytes { pread(file, $0.baseAddress, min(count, $0.count), off_t(offset)) }
    }
  }

  private mutating func show(_ bytes: ArraySlice<UInt8>) {
    guard json else { return write(bytes, to: 1) }
    unfinished.append(contentsOf: bytes)
    var lines = unfinished.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    unfinished = Array(lines.removeLast())
    for line in lines { write(Self.jsonLine(line), to: 1) }
  }

  /// Bytes that are no UTF-8 become U+FFFD: JSON has no way to say them.
  private static func jsonLine(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    do throws(Fault) {
      return try WireFormat.encode(["message": String(decoding: line, as: UTF8.self)])[...] + [
        UInt8(ascii: "\n")
      ]
    } catch {
      return line + [UInt8(ascii: "\n")]
    }
  }
}

/// Shows what is added to a log file until its tenant ends.
struct LogFollower {
  let tenant: String
  let connection: Connection
  let json: Bool

  func follow(_ log: inout LogFile) throws(Fault) {
    let waiting = try connection.open()
    try waiting.send(
      WireFormat.encodeCall(CallEnvelope(method: Wait.qualifiedName), parameters: TenantName(name: tenant)))
    var watched = pollfd(fd: waiting.descriptor, events: Int16(POLLIN), revents: 0)
    while true {
      // A caller who has only the descriptor may not watch the file by inotify(7), which asks for its path's rights.
      let ended = try systemCall("poll") { poll(&watched, 1, 200) } > 0
      try log.copyToEnd()
      if ended { return }
      try followRotation(&log)
    }
  }

  private func followRotation(_ log: inout LogFile) throws(Fault) {
    let answer = try connection.call(Logs.self, TenantName(name: tenant))
    guard let index = answer.reply.file, answer.descriptors.indices.contains(index) else { return }
    let successor = LogFile(answer.descriptors[index], json: json)
    guard try successor.identity() != log.identity() else { return }
    // What was written between the last look and the rotation.
    try log.copyToEnd()
    log.replace(by: successor)
    try log.copyToEnd()
  }
}
