import Faults
import Glibc
import Kernel
import Testing

@Suite struct SmallFileTests {
  @Test func aFileBeyondTheBoundIsRefused() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/big"
    try SmallFile.replace(path, with: Array(repeating: 1, count: 100))
    let fault = #expect(throws: Fault.self) { try SmallFile.readBytes(path, limit: 99) }
    #expect(fault?.code == .fileTooLarge)
    #expect(try SmallFile.readBytes(path, limit: 100).count == 100)
  }

  @Test func whatACrashLeftBesideIsNotWrittenTo() throws {
    let directory = try TemporaryDirectory()
    let left = try directory.file("state.half", Array(repeating: 7, count: 50), mode: 0o666)
    try #require(link(left, directory.path + "/elsewhere") == 0)
    let path = directory.path + "/state"
    try SmallFile.replace(path, with: [1, 2, 3], durable: true, suffix: ".half")
    #expect(try SmallFile.readBytes(path, limit: 10) == [1, 2, 3])
    var status = stat()
    try #require(stat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
    #expect(try SmallFile.readBytes(directory.path + "/elsewhere", limit: 50).count == 50)
    #expect(directory.names == ["elsewhere", "state"])
  }

  @Test func nothingTemporaryStaysWhereTheFileCannotBeReplaced() throws {
    let directory = try TemporaryDirectory()
    let taken = directory.path + "/taken"
    try #require(mkdir(taken, 0o700) == 0)
    defer { rmdir(taken) }
    #expect(throws: Fault.self) { try SmallFile.replace(taken, with: [1]) }
    #expect(directory.names == ["taken"])
  }
}
