import Faults
import Glibc

/// Tells whether code on one thread takes memory from the heap, blocks that it gives back at once included.
///
/// glibc keeps the blocks that a thread frees in a list per size, and hands out the last one first. So: free a block
/// full of a pattern for every size up to 1 KiB, run the code, and take the blocks again. Where the code took one and
/// wrote into it, the pattern is broken. (The list itself lives in a block's first 16 bytes; every Swift object is
/// longer.)
enum AllocationProbe {
  private static let sizes = (1...64).map { $0 * 16 + 8 }
  private static let pattern: UInt8 = 0xa5

  /// Whether the allocator is glibc's: sanitizers bring their own, which hands blocks out in another order.
  static let works = dlsym(nil, "__tsan_init") == nil && dlsym(nil, "__asan_init") == nil

  /// The sizes of the blocks that `body` takes and writes to on the calling thread, after ten runs to warm up.
  static func sizesTaken(by body: () throws -> Void) throws -> [Int] {
    let blocks = UnsafeMutableBufferPointer<UnsafeMutableRawPointer?>.allocate(capacity: sizes.count)
    defer { blocks.deallocate() }
    for _ in 0..<10 {
      lay(blocks)
      try body()
      take(blocks)
      free(blocks)
    }
    lay(blocks)
    try body()
    take(blocks)
    var taken: [Int] = []
    for (block, size) in zip(blocks, sizes) {
      let bytes = UnsafeRawBufferPointer(start: block, count: size).dropFirst(16)
      if bytes.contains(where: { $0 != pattern }) { taken.append(size) }
    }
    free(blocks)
    return taken
  }

  // These three run between the marks: nothing in them may allocate, in debug builds neither, hence the plain loops.

  private static func lay(_ blocks: UnsafeMutableBufferPointer<UnsafeMutableRawPointer?>) {
    take(blocks)
    var index = 0
    while index < blocks.count {
      if let block = blocks[index] { memset(block, Int32(pattern), index * 16 + 24) }
      index += 1
    }
    free(blocks)
  }

  private static func take(_ blocks: UnsafeMutableBufferPointer<UnsafeMutableRawPointer?>) {
    var index = 0
    while index < blocks.count {
      blocks[index] = malloc(index * 16 + 24)
      index += 1
    }
  }

  private static func free(_ blocks: UnsafeMutableBufferPointer<UnsafeMutableRawPointer?>) {
    var index = 0
    while index < blocks.count {
      Glibc.free(blocks[index])
      index += 1
    }
  }
}

/// Runs `body` on a thread of its own, and waits for it: what it does isn't mixed with other tests' work.
func onOwnThread<Result>(_ body: @escaping () throws -> Result) throws -> Result {
  var result: Swift.Result<Result, any Error>?
  let work = Work { result = Swift.Result { try body() } }
  var thread = pthread_t()
  let context = Unmanaged.passRetained(work)
  let status = pthread_create(
    &thread, nil,
    { context in
      if let context { Unmanaged<Work>.fromOpaque(context).takeRetainedValue().run() }
      return nil
    }, context.toOpaque())
  guard status == 0 else {
    context.release()
    throw Fault(.systemCallFailed, "no thread", errno: ErrorNumber(status))
  }
  pthread_join(thread, nil)
  guard let result else { throw Fault(.internalError, "the thread gave no result") }
  return try result.get()
}

private final class Work {
  let run: () -> Void
  init(_ run: @escaping () -> Void) { self.run = run }
}
