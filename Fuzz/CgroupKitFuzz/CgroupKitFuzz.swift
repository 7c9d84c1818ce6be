import Glibc

@testable import CgroupKit

/// libFuzzer's entry: the first byte chooses a parser of CgroupKit, the rest is the kernel file.
///
/// A trap, an access out of bounds, or a value that changes on its way through its own text ends the run.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  guard let data, size > 0 else { return -1 }
  let parsers = KernelTextParsers.all
  let parser = parsers[Int(data[0]) % parsers.count]
  // A copy of exactly the input's length, so that the address sanitizer sees one byte too many.
  let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: size - 1)
  defer { bytes.deallocate() }
  _ = bytes.initialize(from: UnsafeBufferPointer(start: data + 1, count: size - 1))
  guard parser.check(UnsafeBufferPointer(bytes)) else { fatalError("\(parser.name) isn't stable") }
  return 0
}

/// Writes the parsers' samples as a seed corpus into the directory that CGROUPKIT_FUZZ_SEEDS names.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
  _ count: UnsafeMutablePointer<Int32>?,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>?
) -> Int32 {
  guard let directory = getenv("CGROUPKIT_FUZZ_SEEDS").map({ String(cString: $0) }) else { return 0 }
  for (index, parser) in KernelTextParsers.all.enumerated() {
    for (number, sample) in parser.samples.enumerated() {
      let seed = [UInt8(index)] + Array(sample.utf8)
      let path = "\(directory)/seed-\(index)-\(number)"
      let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
      guard file >= 0, write(file, seed, seed.count) == seed.count else {
        fatalError("cannot write the seeds")
      }
      close(file)
    }
  }
  return 0
}
