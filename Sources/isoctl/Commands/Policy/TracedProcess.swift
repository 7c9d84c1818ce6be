import CLinux
import Glibc
import PolicyTools

/// A tracee that stands at a system call, as /proc and its memory show it.
struct TracedProcess: ObservedProcess {
  /// The task's id, as this process counts.
  let task: Int32
  /// What the user namespace's id 0 is here.
  let firstIdentity: UInt32

  private static let page: UInt64 = 4096
  private static let mostText = 4096

  func bytes(at address: UInt64, count: Int) -> [UInt8] {
    guard count > 0, count <= 1 << 16 else { return [] }
    var buffer = [UInt8](repeating: 0, count: count)
    let got = clinux_trace_read(task, address, &buffer, count)
    return got > 0 ? Array(buffer.prefix(got)) : []
  }

  func text(at address: UInt64) -> [UInt8]? {
    var text: [UInt8] = []
    while text.count < Self.mostText {
      // Up to the page's end: the next one may not be there, and the text may end before it.
      let (place, overflow) = address.addingReportingOverflow(UInt64(text.count))
      guard !overflow else { return nil }
      let piece = bytes(at: place, count: Int(min(Self.page - place % Self.page, 1024)))
      guard !piece.isEmpty else { return nil }
      if let end = piece.firstIndex(of: 0) {
        text += piece[..<end]
        return text.count < Self.mostText ? text : nil
      }
      text += piece
    }
    return nil
  }

  func descriptor(_ number: Int32) -> String? { number < 0 ? nil : Self.link("/proc/\(task)/fd/\(number)") }

  func workingDirectory() -> String? { Self.link("/proc/\(task)/cwd") }

  func identities() -> ObservedIdentities {
    var found = ObservedIdentities()
    for line in Self.lines("/proc/\(task)/status") {
      let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
      let ids = words.dropFirst().compactMap { UInt32($0) }.compactMap { id -> UInt32? in
        id >= firstIdentity ? id - firstIdentity : nil
      }
      switch words.first {
      case "Uid:": found.users.formUnion(ids)
      case "Gid:", "Groups:": found.groups.formUnion(ids)
      default: break
      }
    }
    return found
  }

  /// The files that are mapped into it to be executed: program, loader, libraries.
  func mappedFiles() -> [String] {
    var files: Set<String> = []
    for line in Self.lines("/proc/\(task)/maps") {
      guard let slash = line.firstIndex(of: "/") else { continue }
      files.insert(String(line[slash...]))
    }
    return files.sorted()
  }

  /// Processes end at any time, and with them these files: what can't be read isn't there.
  private static func lines(_ path: String) -> [Substring] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return [] }
    defer { _ = close(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 14)
    while bytes.count < 1 << 20 {
      let got = read(file, &chunk, chunk.count)
      guard got > 0 else { break }
      bytes += chunk[..<got]
    }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
  }

  private static func link(_ path: String) -> String? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let length = readlink(path, &buffer, buffer.count)
    return length > 0 && length < buffer.count ? String(validating: buffer[..<length], as: UTF8.self) : nil
  }
}
