import Faults
import Kernel

/// A buffer that files are read into, again and again; it grows when a file doesn't fit, and never shrinks.
struct ReadBuffer: ~Copyable {
  private var storage: UnsafeMutableRawBufferPointer
  private var count = 0

  /// More than any cgroup file can sensibly hold: a listing of four million processes takes 32 MiB.
  private static let largest = 64 << 20

  init(capacity: Int = 4096) {
    storage = .allocate(byteCount: max(capacity, 1), alignment: 1)
  }

  deinit { storage.deallocate() }

  /// Reads a file that its kernel side prints in one piece: all but cgroup.procs and cgroup.threads.
  ///
  /// Such a file arrives whole in one pread(2) if the buffer has room, so a short answer is the end, and what was
  /// read is one consistent snapshot. A full buffer grows, and the file is read anew.
  mutating func snapshot(of file: Int32, path: String, calls: borrowing FileCalls) throws(Fault) {
    while true {
      let amount = try read(file, path: path, calls: calls, at: 0)
      if amount < storage.count {
        count = amount
        return
      }
      try grow(path: path)
    }
  }

  /// Reads a file to its end, in as many pieces as the kernel hands it out.
  mutating func fill(from file: Int32, path: String, calls: borrowing FileCalls) throws(Fault) {
    count = 0
    while true {
      let amount = try read(file, path: path, calls: calls, at: count)
      if amount == 0 { return }
      count += amount
      if count == storage.count { try grow(path: path) }
    }
  }

  /// Lends the bytes of the last read.
  func withBytes<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let bytes = storage.bindMemory(to: UInt8.self)
    return try body(UnsafeBufferPointer(rebasing: bytes[..<count]))
  }

  private func read(
    _ file: Int32, path: String, calls: borrowing FileCalls, at offset: Int
  ) throws(Fault) -> Int {
    let free = UnsafeMutableRawBufferPointer(rebasing: storage[offset...])
    guard let base = free.baseAddress else { return 0 }
    let amount = try systemCall("pread", path: path, message: "cannot read the file") {
      calls.read(file, base, free.count, offset)
    }
    // A count beyond the room that was given would be a broken seam or kernel: never index with it.
    return min(amount, free.count)
  }

  private mutating func grow(path: String) throws(Fault) {
    guard storage.count < Self.largest else {
      throw Fault(.unreadableText, "the file is larger than \(Self.largest) bytes", path: path)
    }
    let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: storage.count * 2, alignment: 1)
    larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[..<count]))
    storage.deallocate()
    storage = larger
  }
}
