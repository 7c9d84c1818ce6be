import Testing

@testable import PolicyTools

@Suite struct UseRecorderTests {
  private let read: UInt64 = 0
  private let writeCreate: UInt64 = 0x41

  @Test func `a path is told from the working directory or from the descriptor that it starts at`() {
    var run = FakeRun()
    run.process.descriptors = [7: "/srv/data"]
    run.open("a/../b//c")
    run.call("openat", [7, run.text("./x"), read], result: 4)
    run.call("openat", [7, run.text("/abs"), read], result: 4)
    #expect(run.use.files == ["/work/b/c": .read, "/srv/data/x": .read, "/abs": .read])
  }

  @Test func `what fails isn't used, and only a lack of permission is remembered`() {
    var run = FakeRun()
    run.open("/none", result: -2)
    run.open("/secret", result: -13)
    run.open("/dev/fuse", result: -2)
    #expect(run.use.files.isEmpty)
    #expect(run.use.refusedPaths == ["/secret": "EACCES"])
    #expect(run.use.missingDevices == ["/dev/fuse"])
  }

  @Test func `flags of open decide between reading, writing, making and looking`() {
    var run = FakeRun()
    run.open("/r")
    run.open("/w", flags: 1)
    run.open("/rw", flags: 2)
    run.open("/made", flags: writeCreate)
    run.open("/cut", flags: 0x200)
    run.open("/path", flags: 0x20_0000)
    let how = run.bytes([0x41, 0, 0, 0, 0, 0, 0, 0])
    run.call("openat2", [UInt64(bitPattern: -100), run.text("/two"), how, 24], result: 5)
    #expect(
      run.use.files == [
        "/r": .read, "/w": .write, "/rw": [.read, .write], "/made": [.write, .change], "/cut": [.read, .write],
        "/path": .look, "/two": [.write, .change],
      ])
  }

  @Test func `renames and links touch both their ends, and directories made are known`() {
    var run = FakeRun()
    run.call("renameat2", [0, run.text("/a/x"), 0, run.text("/b/y")])
    run.call("symlink", [run.text("/anything"), run.text("/c/l")])
    run.call("mkdir", [run.text("/d")])
    run.call("mkdir", [run.text("/there")], result: -17)
    #expect(run.use.files == ["/a/x": .change, "/b/y": .change, "/c/l": .change, "/d": .change])
    #expect(run.use.madeDirectories == ["/d"])
  }

  @Test func `a descriptor's upper half, an empty path and a null path mislead nobody`() {
    var run = FakeRun()
    run.process.descriptors = [7: "/srv"]
    run.call("openat", [0xFFFF_FFFF_0000_0007, run.text("x"), read], result: 4)
    run.call("newfstatat", [7, run.text(""), 0, 0x1000])
    run.call("utimensat", [7, 0, 0, 0])
    run.call("openat", [7, 0xDEAD, read], result: 4)
    #expect(run.use.files == ["/srv/x": .read])
    #expect(run.use.unnameablePaths == 1)
  }

  @Test func `paths that no policy can name are counted, not written`() {
    var run = FakeRun()
    run.call("openat", [0, run.bytes([47, 0xFF, 0xFE, 0]), read], result: 3)
    run.open("/a\nb")
    run.open("/" + String(repeating: "x", count: 300))
    #expect(run.use.files.isEmpty)
    #expect(run.use.unnameablePaths == 3)
  }

  @Test func `only so many paths are kept, and the rest is counted`() {
    var run = FakeRun()
    for number in 0..<(ProgramUse.mostPaths + 10) { run.open("/f\(number)") }
    #expect(run.use.files.count == ProgramUse.mostPaths)
    #expect(run.use.forgottenPaths == 10)
  }

  @Test func `listing is seen by the descriptor, and no socket or deleted file passes for a path`() {
    var run = FakeRun()
    run.process.descriptors = [3: "/srv", 4: "socket:[5]", 5: "/tmp/x (deleted)", 6: "/memfd:y"]
    for number in 3...6 as ClosedRange<UInt64> { run.call("getdents64", [number]) }
    #expect(run.use.files == ["/srv": .list])
  }

  @Test func `a listening socket is known by what it was bound to`() {
    var run = FakeRun()
    run.process.descriptors = [3: "socket:[10]", 4: "socket:[11]", 5: "socket:[12]"]
    run.call("socket", [2, 0x8_0001, 0], result: 3)
    run.call("bind", [3, run.bytes(internetAddress(0, 0, 0, 0, port: 8080)), 16])
    run.call("socket", [2, 2, 0], result: 4)
    run.call("bind", [4, run.bytes(internetAddress(127, 0, 0, 1, port: 53)), 16])
    run.call("socket", [2, 1, 0], result: 5)
    run.call("bind", [5, run.bytes(internetAddress(0, 0, 0, 0, port: 9)), 16])
    run.call("listen", [3, 128])
    #expect(run.use.listens.map(\.port).sorted() == [53, 8080])
    #expect(run.use.listens.first { $0.port == 8080 }?.transport == "tcp")
    #expect(run.use.listens.first { $0.port == 53 }?.isLoopback == true)
  }

  @Test func `an attempt to connect counts even if nobody answers`() {
    var run = FakeRun()
    run.call("connect", [3, run.bytes(internetAddress(10, 0, 0, 5, port: 5432)), 16], result: -111)
    run.call("connect", [3, run.bytes([1, 0] + Array("/run/x.sock\0".utf8)), 110])
    run.call("connect", [3, run.bytes([1, 0, 0] + Array("abstract".utf8)), 11])
    run.call("bind", [3, run.bytes([1, 0] + Array("rel.sock\0".utf8)), 110])
    #expect(run.use.connects.map(\.address) == ["10.0.0.5"])
    #expect(run.use.files == ["/run/x.sock": .connect, "/work/rel.sock": .change])
    #expect(run.use.abstractSockets == ["@abstract"])
    #expect(run.use.boundSockets == ["/work/rel.sock"])
  }

  @Test func `what the filter refuses is counted apart and touches nothing`() {
    var run = FakeRun(refused: ["mount", "bpf"])
    run.call("mount", [run.text("/a"), run.text("/b")], result: -1)
    run.call("read", [3])
    #expect(run.use.wasAlwaysRefused("mount") && !run.use.wasAlwaysRefused("read"))
    #expect(!run.use.wasAlwaysRefused("bpf"))
    #expect(run.use.refusals.isEmpty)
  }

  @Test func `a capability is used where nothing else explains the success`() {
    var run = FakeRun(held: ["CAP_SETUID", "CAP_SETGID", "CAP_NET_BIND_SERVICE", "CAP_CHOWN"])
    run.call("setuid", [33])
    #expect(run.use.usedCapabilities.isEmpty)
    run.call("setresuid", [0xFFFF_FFFF, 34, 0xFFFF_FFFF])
    run.call("setgroups", [0, 0])
    run.call("bind", [3, run.bytes(internetAddress(0, 0, 0, 0, port: 80)), 16])
    run.call("chown", [run.text("/x"), 0xFFFF_FFFF, 33])
    run.call("chroot", [run.text("/x")])
    #expect(run.use.usedCapabilities == ["CAP_SETUID", "CAP_SETGID", "CAP_NET_BIND_SERVICE"])
  }

  @Test func `a refusal names what would mend it`() {
    var run = FakeRun()
    run.call("bind", [3, run.bytes(internetAddress(0, 0, 0, 0, port: 80)), 16], result: -13)
    run.call("setuid", [0], result: -1)
    run.call("mlockall", [1], result: -12)
    run.call("read", [0], result: -1)
    let refusals = run.use.refusals.sorted()
    #expect(refusals.map(\.call) == ["bind to port 80", "mlockall", "setuid to 0"])
    #expect(refusals.map(\.error) == ["EACCES", "ENOMEM", "EPERM"])
  }

  @Test func `numbers that no call has are remembered as such`() {
    var run = FakeRun()
    #expect(run.recorder.begin(number: .max, arguments: [0, 0, 0, 0, 0, 0], in: run.process) == nil)
    #expect(run.recorder.begin(number: 500, arguments: [0, 0, 0, 0, 0, 0], in: run.process) == nil)
    #expect(run.use.namelessCalls == [.max, 500])
  }

  @Test func `IPv6 addresses are written as people write them`() {
    func text(_ groups: [UInt16]) -> String {
      let address = groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
      guard case .network(let text, _, _) = SocketAddress([10, 0, 0, 80, 0, 0, 0, 0] + address + [0, 0, 0, 0]) else {
        return ""
      }
      return text
    }
    #expect(text([0, 0, 0, 0, 0, 0, 0, 0]) == "::")
    #expect(text([0, 0, 0, 0, 0, 0, 0, 1]) == "::1")
    #expect(text([0x2001, 0xDB8, 0, 0, 1, 0, 0, 1]) == "2001:db8::1:0:0:1")
    #expect(text([1, 0, 3, 4, 5, 6, 7, 8]) == "1:0:3:4:5:6:7:8")
    #expect(text([1, 2, 3, 4, 5, 6, 0, 0]) == "1:2:3:4:5:6::")
  }

  @Test func `addresses that are cut short are none`() {
    for count in 0..<8 {
      #expect(SocketAddress(Array(internetAddress(1, 2, 3, 4, port: 5).prefix(count))) == .other)
    }
    for count in 0..<24 {
      #expect(SocketAddress(Array(([10, 0] + [UInt8](repeating: 1, count: 26)).prefix(count))) == .other)
    }
    #expect(SocketAddress([1, 0]) == .other)
    #expect(SocketAddress([1, 0, 47]) == .path([47]))
  }

  @Test func `random calls of a hostile program trap nothing and stay within bounds`() {
    var generator = Generator(state: 7)
    var run = FakeRun(held: ["CAP_SETUID", "CAP_CHOWN"])
    for number in 0..<64 as Range<UInt64> {
      let count = Int(generator.next() % 200)
      run.process.memory[number * 8] = (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 13) }
      run.process.descriptors[Int32(number)] = number % 3 == 0 ? "socket:[\(number)]" : "/d/\(number)"
    }
    for _ in 0..<20_000 {
      let arguments = (0..<6).map { _ in
        generator.next() % 3 == 0 ? generator.next() : generator.next() % 64 * (generator.next() % 2 * 7 + 1)
      }
      guard
        let pending = run.recorder.begin(number: generator.next() % 520, arguments: arguments, in: run.process)
      else { continue }
      run.recorder.end(pending, result: Int64(bitPattern: generator.next()) % 5000, in: run.process)
    }
    #expect(run.use.files.keys.allSatisfy { $0.hasPrefix("/") && $0.utf8.count < 4096 })
    #expect(run.use.refusals.count <= 1024)
  }

  private struct Generator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }
}
