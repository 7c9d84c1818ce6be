import Faults
import Glibc
import IOSensor
import Testing

/// What is refused before the kernel is asked.
@Suite struct LoadTests {
  private func withFile(_ content: [UInt8], mode: mode_t, _ body: (String) throws -> Void) throws {
    var template = Array("/tmp/iosensor-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    try #require(descriptor >= 0)
    let path = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer {
      close(descriptor)
      unlink(path)
    }
    try #require(write(descriptor, content, content.count) == content.count)
    try #require(fchmod(descriptor, mode) == 0)
    try body(path)
  }

  private func fault(_ path: String) -> Fault? {
    do throws(Fault) {
      try IOLatencySensor.load(program: path).close()
      return nil
    } catch { return error }
  }

  @Test func aProgramThatIsNotThereIsNamedWithItsMend() {
    let fault = fault("/nowhere/iolatency.bpf.o")
    #expect(fault?.code == .sensorProgramUntrusted)
    #expect(fault?.path == "/nowhere/iolatency.bpf.o")
    #expect(fault?.mend != nil)
  }

  @Test func aProgramThatOthersMayWriteIsRefused() throws {
    for mode: mode_t in [0o664, 0o646] {
      try withFile([1, 2, 3], mode: mode) { #expect(fault($0)?.code == .sensorProgramUntrusted) }
    }
  }

  @Test func whatIsNoFileIsRefused() {
    for path in ["/", "/dev/null", "/proc/self/exe", ""] {
      #expect(fault(path)?.code == .sensorProgramUntrusted, "\(path)")
    }
  }

  @Test func anEmptyFileIsRefused() throws {
    try withFile([], mode: 0o644) { #expect(fault($0)?.code == .sensorProgramUntrusted) }
  }

  @Test func whatIsNoProgramIsAFaultAndNoCrash() throws {
    var random = SystemRandomNumberGenerator()
    for length in [1, 16, 64, 5000] {
      let noise = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
      for content in [noise, [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0] + noise] {
        try withFile(content, mode: 0o644) { path in
          let fault = fault(path)
          // A kernel without BTF says so first.
          #expect(fault?.code == .sensorRefused || fault?.code == .sensorUnsupported, "\(String(describing: fault))")
        }
      }
    }
  }

  @Test func sizesOutOfRangeAreTakenForTheNearest() {
    let small = IOLatencySensor.Sizes(rows: -1, flights: .min, shards: 0)
    #expect(small == IOLatencySensor.Sizes(rows: 1, flights: 64, shards: 1))
    let large = IOLatencySensor.Sizes(rows: .max, flights: .max, shards: .max)
    #expect(large == IOLatencySensor.Sizes(rows: 65536, flights: 1 << 20, shards: 64))
  }
}
