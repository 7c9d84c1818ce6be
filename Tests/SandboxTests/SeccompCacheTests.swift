import Faults
import Glibc
import Testing

@testable import Sandbox

@Suite("Seccomp cache")
struct SeccompCacheTests {
  private func policy(_ errno: UInt16) -> SeccompPolicy {
    SeccompPolicy(defaultAction: .allow, rules: [SeccompRule(["mount"], .errno(errno))])
  }

  @Test func `a policy is compiled once, and remembered beyond the process`() throws {
    let directory = try TemporaryDirectory()
    let cache = SeccompCache(directory: directory.path)
    let first = try cache.filter(for: policy(1))
    let second = try cache.filter(for: policy(1))
    let later = try SeccompCache(directory: directory.path).filter(for: policy(1))
    #expect([first.source, second.source, later.source] == [.compiler, .memory, .disk])
    #expect(first.filter == second.filter)
    #expect(first.filter == later.filter)
    #expect(first.complaints + later.complaints == [])
    #expect(directory.files.count == 1)
  }

  @Test func `policies that differ in one thing never share a program`() throws {
    let directory = try TemporaryDirectory()
    let cache = SeccompCache(directory: directory.path)
    var policies = [policy(1), policy(2)]
    policies.append(SeccompPolicy(defaultAction: .allow, rules: [SeccompRule(["umount2"], .errno(1))]))
    policies.append(SeccompPolicy(defaultAction: .log, rules: policy(1).rules))
    policies.append(SeccompPolicy(defaultAction: .allow, rules: policy(1).rules, flags: .log))
    policies.append(
      SeccompPolicy(defaultAction: .allow, rules: policy(1).rules, foreignArchitectureAction: .errno(38)))
    policies.append(
      SeccompPolicy(
        defaultAction: .allow, rules: policy(1).rules,
        additionalArchitectures: SeccompArchitecture.native.family))
    for comparison in [.equal, .notEqual, .maskedEqual(mask: 1), .maskedEqual(mask: 2)]
      as [SeccompCondition.Comparison]
    {
      policies.append(
        SeccompPolicy(
          defaultAction: .allow,
          rules: [SeccompRule(["mount"], .errno(1), when: [SeccompCondition(argument: 0, comparison, 2)])]))
    }
    for policy in policies { #expect(try cache.filter(for: policy).source == .compiler) }
    #expect(Set(policies.map(SeccompCompiler.cacheKey)).count == policies.count)
    #expect(directory.files.count == policies.count)
  }

  @Test func `a damaged file is reported, compiled anew and replaced`() throws {
    let directory = try TemporaryDirectory()
    let good = try SeccompCache(directory: directory.path).filter(for: policy(1)).filter
    let name = try #require(directory.files.first)
    let bytes = try directory.read(name)
    var damages: [[UInt8]] = [
      [], [0], Array(bytes.dropLast()), Array(bytes.dropLast(8)), bytes + [0], Array(bytes.dropFirst()),
    ]
    for index in stride(from: 0, to: bytes.count, by: 37) {
      var changed = bytes
      changed[index] ^= 1
      damages.append(changed)
    }
    for damage in damages {
      try directory.write(name, damage)
      let answer = try SeccompCache(directory: directory.path).filter(for: policy(1))
      #expect(answer.source == .compiler)
      #expect(answer.complaints.map(\.code) == [.seccompCacheDamaged])
      #expect(answer.filter == good)
      #expect(try directory.read(name) == bytes)
    }
  }

  @Test func `a well-formed file with another meaning is found out`() throws {
    let directory = try TemporaryDirectory()
    let store = SeccompStore(directory: directory.path)
    let allowed = try SeccompCompiler.compile(SeccompPolicy(defaultAction: .allow)).bytes
    try store.save(allowed, SeccompCompiler.cacheKey(of: policy(1)))
    let answer = try SeccompCache(directory: directory.path).filter(for: policy(1))
    #expect(answer.source == .compiler)
    #expect(answer.complaints.map(\.code) == [.seccompCompilationFailed])
    #expect(answer.filter.bytes != allowed)
  }

  @Test func `a file that others may write, a link and a directory are not believed`() throws {
    let directory = try TemporaryDirectory()
    _ = try SeccompCache(directory: directory.path).filter(for: policy(1))
    let path = directory.path + "/" + (try #require(directory.files.first))
    chmod(path, 0o620)
    let writable = try SeccompCache(directory: directory.path).filter(for: policy(1))
    #expect(writable.complaints.map(\.code) == [.seccompCacheDamaged])
    unlink(path)
    symlink("/etc/hostname", path)
    let link = try SeccompCache(directory: directory.path).filter(for: policy(1))
    #expect(link.complaints.first?.code == .seccompCacheDamaged)
    unlink(path)
    mkdir(path, 0o700)
    let folder = try SeccompCache(directory: directory.path).filter(for: policy(1))
    #expect(folder.source == .compiler)
    #expect(folder.complaints.count == 2, "neither readable nor replaceable")
    rmdir(path)
    #expect(directory.files.isEmpty, "no temporary file stays behind")
  }

  @Test func `without its directory the cache still answers, and says so`() throws {
    let answer = try SeccompCache(directory: "/nonexistent/isolated").filter(for: policy(1))
    #expect(answer.source == .compiler)
    #expect(answer.complaints.allSatisfy { $0.errno?.number == ENOENT })
    #expect(answer.complaints.count == 2)
  }

  @Test func `a policy that doesn't compile is an error each time, and leaves no file`() throws {
    let directory = try TemporaryDirectory()
    let cache = SeccompCache(directory: directory.path)
    let bad = SeccompPolicy(defaultAction: .allow, rules: [SeccompRule(["mounnt"], .errno(1))])
    for _ in 0..<2 { #expect(throws: Fault.self) { try cache.filter(for: bad) } }
    #expect(directory.files.isEmpty)
  }

  @Test func `memory holds no more than its capacity, and forgets the least used first`() throws {
    let cache = SeccompCache(capacity: 2)
    let order: [UInt16] = [1, 2, 1, 3, 1, 2]
    let sources = try order.map { try cache.filter(for: policy($0)).source }
    #expect(sources == [.compiler, .compiler, .memory, .compiler, .memory, .compiler])
  }

  @Test func `many threads get one filter from one compilation`() async throws {
    let cache = SeccompCache()
    let answers = try await withThrowingTaskGroup(of: SeccompCache.Answer.self) { group in
      for _ in 0..<16 { group.addTask { try await onOwnThread { try cache.filter(for: .standard()) } } }
      var answers: [SeccompCache.Answer] = []
      for try await answer in group { answers.append(answer) }
      return answers
    }
    #expect(answers.filter { $0.source == .compiler }.count == 1)
    #expect(Set(answers.map(\.filter)).count == 1)
  }

  @Test func `SHA-256 gives the standard's digests`() {
    let vectors = [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
      (
        String(repeating: "a", count: 1_000_000),
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
      ),
    ]
    for (text, digest) in vectors { #expect(SHA256.hexadecimal(of: Array(text.utf8)) == digest) }
  }
}
