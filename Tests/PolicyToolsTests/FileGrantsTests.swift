import Testing

@testable import PolicyTools

@Suite struct FileGrantsTests {
  private static let directory = HostFile(kind: .directory, mode: 0o755, user: 0)
  private static let file = HostFile(kind: .file, mode: 0o644, user: 0)

  /// A host made of a list: a trailing slash is a directory; parents are there by themselves.
  private func grants(
    _ files: [String: FileUse], host paths: [String], special: [String: HostFile] = [:],
    made: Set<String> = [], base: String? = nil, _ edit: (inout ProgramUse) -> Void = { _ in }
  ) -> FileGrants {
    var known: [String: HostFile] = ["/": Self.directory]
    for path in paths {
      let name = path.hasSuffix("/") ? String(path.dropLast()) : path
      for ancestor in PathText.ancestors(of: name).dropFirst() { known[ancestor] = Self.directory }
      known[name] = path.hasSuffix("/") ? Self.directory : Self.file
    }
    known.merge(special) { _, new in new }
    var use = ProgramUse()
    use.files = files
    use.madeDirectories = made
    edit(&use)
    let table = known
    return FileGrants(
      use, base: .init(directory: base, configuration: ["ssl", "passwd"], temporary: ["/run"]), host: { table[$0] })
  }

  @Test func `what the host's base holds needs no grant`() {
    let grants = grants(
      [
        "/usr/lib/libc.so": .read, "/lib64/ld.so": [.read, .execute], "/etc/passwd": .read, "/etc/ssl/cert.pem": .read,
        "/proc/self/stat": .read, "/dev/null": [.read, .write], "/tmp/x": [.write, .change], "/": .look,
      ], host: ["/usr/lib/libc.so", "/lib64/ld.so", "/etc/passwd", "/etc/ssl/cert.pem"])
    #expect(grants.readable.isEmpty && grants.writable.isEmpty && grants.temporary.isEmpty)
  }

  @Test func `few files are granted one by one, and many by their directory`() {
    let few = grants(["/srv/app/a": .read, "/srv/app/b": .read], host: ["/srv/app/a", "/srv/app/b"])
    #expect(few.readable.map(\.path) == ["/srv/app/a", "/srv/app/b"])
    let names = (0..<5).map { "/srv/app/\($0)" }
    let many = grants(Dictionary(uniqueKeysWithValues: names.map { ($0, .read) }), host: names)
    #expect(many.readable.map(\.path) == ["/srv/app"])
    #expect(many.readable.first?.reason == "it read 0, 1, 2 and 2 more")
  }

  @Test func `a directory that many programs share is never granted as a whole`() {
    let names = (0..<9).map { "/etc/\($0).conf" }
    let grants = grants(
      Dictionary(uniqueKeysWithValues: (names + ["/srv"]).map { ($0, [.read, .list]) }), host: names + ["/srv/"])
    #expect(grants.readable.map(\.path) == names)
    #expect(grants.remarks.contains { $0.hasPrefix("listed /srv,") })
  }

  @Test func `files by the hundred fit the mounts that a tenant may have`() {
    let names = (0..<400).map { "/srv/app/d\($0 / 2)/f\($0)" }
    let grants = grants(Dictionary(uniqueKeysWithValues: names.map { ($0, .read) }), host: names)
    #expect(grants.readable.count <= FileGrants.mostMounts)
    for name in names { #expect(grants.readable.contains { PathText.isInside(name, $0.path) }) }
  }

  @Test func `what doesn't fit is told of, rather than a directory granted that many share`() {
    let names = (0..<90).map { "/srv/d\($0)/f" }
    let grants = grants(Dictionary(uniqueKeysWithValues: names.map { ($0, .read) }), host: names)
    #expect(grants.readable.count == FileGrants.mostMounts)
    #expect(grants.remarks.contains { $0.contains("66 more places") })
  }

  @Test func `what it makes below a directory of its own is writable there`() {
    let grants = grants(
      [
        "/var/lib/redis/dump.rdb": [.read, .change], "/var/lib/redis/new": .change, "/var/lib/redis/new/x": .change,
        "/var/lib/redis/old": .read,
      ], host: ["/var/lib/redis/old"], made: ["/var/lib/redis/new"])
    #expect(grants.writable.map(\.path) == ["/var/lib/redis"])
    #expect(grants.readable.isEmpty && grants.temporary.isEmpty)
  }

  @Test func `what is made in places that don't last goes into memory`() {
    let grants = grants(
      [
        "/run/web.pid": .change, "/run/web": .change, "/run/web/s": .change,
        "/var/log/nginx/access.log": [.write, .change], "/var/cache/app/index": [.read, .change],
      ], host: ["/var/log/nginx/", "/var/cache/app/index"], made: ["/run/web"])
    #expect(grants.temporary.map(\.path) == ["/run", "/var/log/nginx"])
    // It read there what the host has.
    #expect(grants.writable.map(\.path) == ["/var/cache/app"])
  }

  @Test func `a change in a shared or a program's directory is a remark, not a grant`() {
    let grants = grants(
      ["/etc/x": .change, "/usr/lib/python3/a.pyc": .change, "/y": .change], host: ["/etc/", "/usr/lib/python3/"])
    #expect(grants.writable.isEmpty && grants.temporary.isEmpty)
    #expect(grants.remarks.count == 3)
  }

  @Test func `what not everybody may read keeps its owner only where it is writable`() {
    let secret = HostFile(kind: .file, mode: 0o640, user: 101)
    let closed = HostFile(kind: .directory, mode: 0o750, user: 101)
    let grants = grants(
      ["/srv/key": .read, "/etc/redis/redis.conf": .read], host: ["/srv/x", "/etc/redis/redis.conf"],
      special: ["/srv/key": secret, "/etc/redis": closed])
    #expect(grants.writable.map(\.path) == ["/etc/redis", "/srv/key"])
    #expect(grants.readable.isEmpty)
  }

  @Test func `the host's root's own secrets are no tenant's`() {
    let grants = grants(
      ["/etc/shadow": .read], host: ["/etc/x"],
      special: ["/etc/shadow": HostFile(kind: .file, mode: 0o600, user: 0)])
    #expect(grants.writable.isEmpty && grants.readable.isEmpty)
    #expect(grants.remarks.contains { $0.contains("/etc/shadow") })
  }

  @Test func `looking at directories on the way grants nothing, and looking at a file shows it`() {
    let grants = grants(
      ["/srv": .look, "/srv/www": .look, "/srv/www/a": .look, "/opt": .look], host: ["/srv/www/a", "/opt/"])
    #expect(grants.readable.map(\.path) == ["/srv/www/a"])
    #expect(grants.remarks == ["looked at /opt, and needed nothing in there"])
  }

  @Test func `a working directory that it used nothing of is an empty one`() {
    let grants = grants(["/srv/app": .enter], host: ["/srv/app/x"])
    #expect(grants.temporary.map(\.path) == ["/srv/app"])
    #expect(grants.readable.isEmpty)
  }

  @Test func `on a root of its own everything that is read is there`() {
    let grants = grants(
      ["/srv/a": .read, "/etc/own": .read, "/var/lib/db/x": .change], host: ["/srv/a", "/etc/own", "/var/lib/db/"],
      base: "/images/debian")
    #expect(grants.readable.isEmpty)
    #expect(grants.writable.map(\.path) == ["/var/lib/db"])
  }

  @Test func `no grant lies within another of its kind, whatever was used`() {
    var state: UInt64 = 3
    func random(_ below: UInt64) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % below)
    }
    let components = ["a", "b", "c", "var", "lib", "srv", "run", "log"]
    for _ in 0..<200 {
      var files: [String: FileUse] = [:]
      for _ in 0..<random(60) {
        let path = "/" + (0...random(4)).map { _ in components[random(8)] }.joined(separator: "/")
        files[path] = FileUse(rawValue: UInt8(random(255) + 1))
      }
      let grants = grants(files, host: Array(files.keys))
      for list in [grants.writable, grants.readable] {
        for one in list {
          for other in list where one != other { #expect(!PathText.isInside(one.path, other.path)) }
        }
      }
      let all = (grants.writable + grants.readable + grants.temporary).map(\.path)
      #expect(Set(all).count == all.count)
      #expect(!all.contains("/"))
    }
  }
}
