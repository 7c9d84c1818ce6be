import ControlProtocol
import Faults
import Glibc
import Kernel
import Testing

@testable import IsolatedCore

@Suite("Standard streams from a client")
struct StandardStreamTests {
  private func opened(_ path: String, _ flags: Int32) throws -> SharedDescriptor {
    SharedDescriptor(owning: try systemCall("open", path: path) { open(path, flags | O_CLOEXEC) })
  }

  private func refusal(_ descriptor: SharedDescriptor) -> Fault? {
    do throws(Fault) {
      try StandardStream.check(descriptor, name: "standard input")
      return nil
    } catch {
      return error
    }
  }

  @Test("A directory is refused, however it was opened", arguments: [O_RDONLY, O_RDONLY | O_DIRECTORY, O_PATH])
  func directory(flags: Int32) throws {
    for path in ["/", "/proc", "/dev"] {
      let fault = try #require(refusal(try opened(path, flags)))
      #expect(fault.code == .unsuitableStream)
      #expect(fault.message.contains("standard input is a directory"))
    }
  }

  @Test("A descriptor that only names a file, a link or a device is refused")
  func nameOnly() throws {
    for path in ["/dev/null", "/proc/self/exe", "/etc/passwd"] {
      #expect(refusal(try opened(path, O_PATH))?.code == .unsuitableStream)
    }
    #expect(refusal(try opened("/proc/self/exe", O_PATH | O_NOFOLLOW))?.code == .unsuitableStream)
  }

  @Test("Files, devices, pipes and sockets are streams")
  func streams() throws {
    #expect(refusal(try opened("/dev/null", O_RDWR)) == nil)
    #expect(refusal(try opened("/etc/passwd", O_RDONLY)) == nil)
    var pair: [Int32] = [-1, -1]
    try systemCall("pipe") { pipe(&pair) }
    let pipes = pair.map { SharedDescriptor(owning: $0) }
    for end in pipes { #expect(refusal(end) == nil) }
    try systemCall("socketpair") { socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) }
    let sockets = pair.map { SharedDescriptor(owning: $0) }
    for end in sockets { #expect(refusal(end) == nil) }
  }

  @Test("The call says which descriptor is which stream")
  func chosen() throws {
    let descriptors = try [opened("/dev/null", O_RDONLY), opened("/dev/zero", O_RDONLY)]
    let chosen = try #require(try StandardStream.chosen(Stdio(stdin: 1, stdout: 0, stderr: 0), from: descriptors))
    #expect(chosen.map(\.rawValue) == [descriptors[1], descriptors[0], descriptors[0]].map(\.rawValue))
    #expect(try StandardStream.chosen(nil, from: descriptors) == nil)
  }

  @Test("One unsuitable stream of the three is enough to be refused", arguments: [O_RDONLY, O_PATH])
  func chosenDirectory(flags: Int32) throws {
    let descriptors = try [opened("/dev/null", O_RDONLY), opened("/", flags)]
    for (stdio, name) in [
      (Stdio(stdin: 1, stdout: 0, stderr: 0), "input"), (Stdio(stdin: 0, stdout: 1, stderr: 0), "output"),
      (Stdio(stdin: 0, stdout: 0, stderr: 1), "error"),
    ] {
      let fault = #expect(throws: Fault.self) { try StandardStream.chosen(stdio, from: descriptors) }
      #expect(fault?.code == .unsuitableStream)
      #expect(fault?.message.contains("standard \(name) is a directory") == true)
    }
  }

  @Test("A descriptor that didn't come is a fault", arguments: [1, -1, Int.max])
  func missing(index: Int) throws {
    let descriptors = [try opened("/dev/null", O_RDONLY)]
    let fault = #expect(throws: Fault.self) {
      try StandardStream.chosen(Stdio(stdin: index, stdout: 0, stderr: 0), from: descriptors)
    }
    #expect(fault?.code == .unsuitableStream)
  }
}
