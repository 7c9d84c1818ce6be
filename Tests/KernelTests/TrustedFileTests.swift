import Faults
import Glibc
import Kernel
import Testing

@Suite struct TrustedFileTests {
  private static let refusal = Fault("test.untrusted", "the file is not to be trusted", mend: "make it so")

  private static func read(_ path: String, mostBytes: Int = 100) throws(Fault) -> [UInt8] {
    try TrustedFile.read(path, called: "the file", mostBytes: mostBytes, refusal: refusal)
  }

  @Test func theBytesOfAFileThatNobodyElseMayWriteAreRead() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("good", Array(0...99), mode: 0o755)
    #expect(try Self.read(path) == Array(0...99))
  }

  @Test(arguments: [0o664, 0o646, 0o666] as [mode_t])
  func aFileThatOthersMayWriteIsRefusedWithItsPath(mode: mode_t) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("shared", [1], mode: mode)
    var expected = Self.refusal
    expected.path = path
    #expect(throws: expected) { try Self.read(path) }
  }

  @Test func aFileThatIsEmptyOrTooLongIsRefused() throws {
    let directory = try TemporaryDirectory()
    let empty = try directory.file("empty", [])
    let long = try directory.file("long", Array(0...100))
    for path in [empty, long, directory.path] {
      #expect(#expect(throws: Fault.self) { try Self.read(path) }?.code == Self.refusal.code)
    }
  }

  @Test func aFIFOIsRefusedAndNotWaitedFor() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/fifo"
    try #require(mkfifo(path, 0o600) == 0)
    #expect(#expect(throws: Fault.self) { try Self.read(path) }?.code == Self.refusal.code)
  }

  @Test func aLinkIsNotFollowed() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("good", [1])
    try #require(symlink(path, directory.path + "/link") == 0)
    let fault = #expect(throws: Fault.self) { try Self.read(directory.path + "/link") }
    #expect(fault?.systemCall == "open")
    #expect(fault?.errno?.number == ELOOP)
    #expect(fault?.message == "cannot open the file")
  }
}
