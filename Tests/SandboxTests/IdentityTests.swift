import Faults
import Glibc
import Testing

@testable import Sandbox

@Suite("Identities")
struct IdentityTests {
  private let database = UserDatabase(
    passwd: Array(
      """
      # users
      root:x:0:0:root:/root:/bin/bash
      www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
      postgres:x:106:113:PostgreSQL,,,:/var/lib/postgresql:/bin/bash
      +nis:x:0:0::/:
      -gone:x:0:0::/:
      plus:x:+0:0::/:/bin/sh
      minus:x:-1:0::/:/bin/sh
      blank:x: 0:0::/:/bin/sh
      empty:x::0::/:/bin/sh
      hex:x:0x0:0::/:/bin/sh
      wrap:x:4294967296:0::/:/bin/sh
      keep:x:4294967295:0::/:/bin/sh
      huge:x:99999999999999999999999:0::/:/bin/sh
      short:x:0:0
      long:x:0:0:a:b:c:d
      big:x:100000:100::/home/big:
      biggroup:x:500:70000::/:
      www-data:x:0:0:second entry:/:/bin/sh
      1234:x:0:0:a name of digits:/:/bin/sh
      bare:x:77:77:::
      homeless:x:78:78:::
      """.utf8),
    group: Array(
      """
      root:x:0:
      adm:x:4:postgres,www-data
      www-data:x:33:
      ssl-cert:x:112:postgres
      postgres:x:113:postgres
      huge:x:70000:someone
      far:x:70001:bare
      dup:x:112:postgres
      """.utf8))

  @Test func `a user's name gives its ids, groups, home and shell`() throws {
    let postgres = try database.resolve(user: "postgres")
    #expect(
      postgres
        == ResolvedIdentity(
          uid: 106, gid: 113, groups: [113, 4, 112], home: "/var/lib/postgresql", shell: "/bin/bash",
          name: "postgres"))
    #expect(try database.resolve(user: "106") == postgres)
    #expect(try database.resolve(user: "www-data").uid == 33, "the first entry wins")
  }

  @Test func `a malformed line makes no user, least of all root`() {
    for name in [
      "plus", "minus", "blank", "empty", "hex", "wrap", "keep", "huge", "short", "long", "nis", "+nis",
      "gone", "-gone",
      "# users",
    ] {
      let fault = #expect(throws: Fault.self) { try database.resolve(user: name) }
      #expect(fault?.code == .unknownIdentity, "\(name)")
    }
    #expect(database.users.filter { $0.uid == 0 }.map(\.name) == ["root", "www-data", "1234"])
  }

  @Test func `digits are an id even where someone is called so`() throws {
    let fault = #expect(throws: Fault.self) { try database.resolve(user: "1234") }
    #expect(fault?.mend == "name the group too")
    let identity = try database.resolve(user: "1234", group: "1234")
    #expect(identity == ResolvedIdentity(uid: 1234, gid: 1234, groups: [1234]))
  }

  @Test func `group and supplementary groups come by name or id, without doubles`() throws {
    let identity = try database.resolve(
      user: "postgres", group: "www-data", supplementary: ["adm", "4", "999"])
    #expect(identity.gid == 33)
    #expect(identity.groups == [33, 4, 112, 113, 999])
    let homeless = try database.resolve(user: "homeless")
    #expect(homeless.home == "/")
    #expect(homeless.shell == "/bin/sh")
  }

  @Test func `an id beyond the tenant's is refused wherever it comes from`() {
    let attempts: [() throws -> ResolvedIdentity] = [
      { try database.resolve(user: "65536", group: "0") },
      { try database.resolve(user: "0", group: "65536") },
      { try database.resolve(user: "4294967295", group: "0") },
      { try database.resolve(user: "18446744073709551616", group: "0") },
      { try database.resolve(user: String(repeating: "9", count: 100_000), group: "0") },
      { try database.resolve(user: "big") },
      { try database.resolve(user: "biggroup") },
      { try database.resolve(user: "root", supplementary: ["huge"]) },
      { try database.resolve(user: "bare") },
    ]
    for attempt in attempts {
      let fault = #expect(throws: Fault.self) { try attempt() }
      #expect(fault?.code == .identityOutOfRange)
      #expect((fault?.description.utf8.count ?? .max) < 400)
    }
    #expect(throws: Never.self) { try database.resolve(user: "65535", group: "65535") }
  }

  @Test func `an unknown name is an error with the likely one`() {
    let user = #expect(throws: Fault.self) { try database.resolve(user: "www-dta", root: "/srv/web") }
    #expect(user?.mend == "did you mean www-data?")
    #expect(user?.message == "/srv/web has no user \"www-dta\"")
    let group = #expect(throws: Fault.self) { try database.resolve(user: "root", group: "ssl_cert") }
    #expect(group?.mend == "did you mean ssl-cert?")
    for name in ["", "-1", "+0", "0x0", " 0", "0 ", "root:0", "root\u{0}"] {
      #expect(throws: Fault.self) { try database.resolve(user: name) }
    }
  }

  @Test func `an empty or binary database has no users, and is no crash`() {
    #expect(UserDatabase(passwd: [], group: []).users.isEmpty)
    let noise = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 >> 8) }
    _ = UserDatabase(passwd: noise, group: noise)
    let endless = UserDatabase(
      passwd: Array(repeating: UInt8(ascii: ":"), count: 6 << 20), group: Array("a:x:1:b".utf8))
    #expect(endless.users.isEmpty)
    #expect(endless.groups.count == 1, "a last line without a newline counts")
    let nul = UserDatabase(
      passwd: Array("root\u{0}x:x:5:5::/:/bin/sh\nb:x:6:6::/a\u{0}b:/bin/sh\n".utf8), group: [])
    #expect(nul.users.isEmpty)
  }

  @Test func `a range maps 0 to its first id and never to the host's root`() throws {
    let range = try IdentityRange(first: 200_000)
    #expect(range.mapLine == "0 200000 65536\n")
    #expect(range.hostIdentity(of: 65_535) == 265_535)
    #expect(range.hostIdentity(of: 65_536) == nil)
    for (first, count) in [(0, 65_536), (1, 0), (4_294_967_295, 1), (4_294_901_760, 65_536), (5, .max)]
      as [(UInt32, UInt32)]
    {
      let fault = #expect(throws: Fault.self) { try IdentityRange(first: first, count: count) }
      #expect(fault?.code == .invalidIdentityRange)
    }
    #expect(throws: Never.self) { try IdentityRange(first: 4_294_901_759) }
  }

  @Test func `ranges overlap exactly when they share an id`() throws {
    let range = try IdentityRange(first: 200_000)
    #expect(range.overlaps(range))
    #expect(range.overlaps(try IdentityRange(first: 265_535)))
    #expect(!range.overlaps(try IdentityRange(first: 265_536)))
    #expect(!range.overlaps(try IdentityRange(first: 134_464)))
    #expect(range.overlaps(try IdentityRange(first: 134_465)))
  }
}

@Suite("Reading files of a tenant's root")
struct IdentityRootFileTests {
  /// A root with honest and hostile files; removed afterwards.
  private func withRoot(_ body: (Int32, String) throws -> Void) throws {
    var template = Array("/tmp/isolated-root-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Fault(.internalError, "mkdtemp failed") }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    let names = ["file", "link", "up", "absolute", "loop", "fifo", "magic", "sub/within", "sub"]
    defer {
      for name in names { unlinkat(descriptor, name, name == "sub" ? Int32(0x200) : 0) }
      close(descriptor)
      rmdir(path)
    }
    let file = openat(descriptor, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    _ = write(file, "contents", 8)
    close(file)
    mkdirat(descriptor, "sub", 0o700)
    symlinkat("file", descriptor, "link")
    symlinkat("../../../../../../etc/hostname", descriptor, "up")
    symlinkat("/file", descriptor, "absolute")
    symlinkat("loop", descriptor, "loop")
    symlinkat("/proc/self/exe", descriptor, "magic")
    symlinkat("../file", descriptor, "sub/within")
    mkfifoat(descriptor, "fifo", 0o600)
    try body(descriptor, path)
  }

  @Test func `links stay beneath the root, absolute ones and dots too`() throws {
    try withRoot { root, _ in
      for path in ["file", "/file", "link", "absolute", "/../../file", "sub/within", "sub/../file"] {
        let contents = try RootFileReader.read(beneath: root, path: path, limit: 8)
        #expect(contents == Array("contents".utf8), "\(path)")
      }
      for path in ["up", "magic", "loop", "/etc/hostname", "missing", ""] {
        let fault = #expect(throws: Fault.self) {
          try RootFileReader.read(beneath: root, path: path, limit: 8)
        }
        #expect(fault?.errno?.number == (path == "loop" ? ELOOP : ENOENT), "\(path)")
      }
    }
  }

  @Test func `a FIFO, a directory, a device or too much is refused without blocking`() throws {
    try withRoot { root, _ in
      for path in ["fifo", "sub", "/"] {
        let fault = #expect(throws: Fault.self) {
          try RootFileReader.read(beneath: root, path: path, limit: 8)
        }
        #expect(fault?.code == .unsuitableRootFile)
      }
      let large = #expect(throws: Fault.self) {
        try RootFileReader.read(beneath: root, path: "file", limit: 7)
      }
      #expect(large?.code == .unsuitableRootFile)
      let nul = #expect(throws: Fault.self) {
        try RootFileReader.read(beneath: root, path: "file\u{0}x", limit: 8)
      }
      #expect(nul?.code == .unsuitableRootFile)
    }
    let host = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { close(host) }
    let device = #expect(throws: Fault.self) {
      try RootFileReader.read(beneath: host, path: "/dev/zero", limit: 8)
    }
    #expect(device?.code == .unsuitableRootFile)
  }

  @Test func `a link through proc doesn't lead out`() throws {
    let host = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { close(host) }
    let fault = #expect(throws: Fault.self) {
      try RootFileReader.read(beneath: host, path: "/proc/self/exe", limit: 1 << 30)
    }
    #expect(fault?.errno?.number == ELOOP)
  }
}
