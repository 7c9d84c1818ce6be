import Faults
import Glibc
import Kernel
import Testing

@testable import Sandbox

/// Whoever runs these owns the files, as root does in life.
@Suite struct SecretSourceTests {
  /// A directory that goes with the value.
  final class Place {
    let path: String

    init(mode: mode_t = 0o700) throws {
      var template = Array("/tmp/isolated-secrets-XXXXXX".utf8CString)
      guard let made = mkdtemp(&template) else { throw Fault(.systemCallFailed, "mkdtemp") }
      path = String(cString: made)
      _ = chmod(path, mode)
    }

    func file(_ name: String, _ text: String = "secret", mode: mode_t = 0o600) throws -> String {
      try SmallFile.replace("\(path)/\(name)", with: Array(text.utf8), mode: 0o600)
      _ = chmod("\(path)/\(name)", mode)
      return "\(path)/\(name)"
    }

    deinit {
      for name in (try? DirectoryListing.names(path, message: "")) ?? [] where name != "." && name != ".." {
        if unlink("\(path)/\(name)") != 0 { rmdir("\(path)/\(name)") }
      }
      rmdir(path)
    }
  }

  private func code(_ path: String) -> Fault.Code? {
    do throws(Fault) {
      _ = try SecretSource.open(path)
      return nil
    } catch {
      return error.code
    }
  }

  @Test func aFileThatOnlyRootCanReachIsASecret() throws {
    let place = try Place()
    #expect(try SecretSource.open(place.file("key", "twelve bytes")).size == 12)
    #expect(try SecretSource.open(place.file("empty", "")).size == 0)
    #expect(try code(place.file("read-only", mode: 0o400)) == nil)
  }

  @Test(arguments: [0o644, 0o640, 0o604, 0o660, 0o602, 0o601] as [mode_t])
  func aFileThatOthersCanReachIsNone(mode: mode_t) throws {
    let place = try Place()
    #expect(try code(place.file("key", mode: mode)) == .untrustedSecret)
  }

  @Test(arguments: [0o755, 0o750, 0o701, 0o1777] as [mode_t])
  func aFileInADirectoryThatOthersCanReachIsNone(mode: mode_t) throws {
    let place = try Place(mode: mode)
    #expect(try code(place.file("key")) == .untrustedSecret)
  }

  @Test func anothersFileIsNone() throws {
    try #require(geteuid() == 0, "only root can give a file away")
    let place = try Place()
    let file = try place.file("key")
    try #require(chown(file, 65534, 65534) == 0)
    #expect(code(file) == .untrustedSecret)
    _ = chown(file, 0, 0)
    try #require(chown(place.path, 65534, 65534) == 0)
    #expect(code(file) == .untrustedSecret)
  }

  @Test func noLinkIsFollowed() throws {
    let place = try Place()
    let file = try place.file("key")
    try #require(symlink(file, place.path + "/link") == 0)
    #expect(code(place.path + "/link") == .systemCallFailed)
    let other = try Place()
    try #require(symlink(place.path, other.path + "/directory") == 0)
    #expect(code(other.path + "/directory/key") == .systemCallFailed)
  }

  @Test func whatIsNoRegularFileIsRefusedWithoutWaiting() throws {
    let place = try Place()
    try #require(mkfifo(place.path + "/fifo", 0o600) == 0)
    #expect(code(place.path + "/fifo") == .untrustedSecret)
    try #require(mkdir(place.path + "/directory", 0o700) == 0)
    #expect(code(place.path + "/directory") == .untrustedSecret)
  }

  @Test func aSecretHasABound() throws {
    let place = try Place()
    let file = try place.file("key")
    try #require(truncate(file, off_t(SecretMount.mostBytes)) == 0)
    #expect(code(file) == nil)
    try #require(truncate(file, off_t(SecretMount.mostBytes) + 1) == 0)
    #expect(code(file) == .untrustedSecret)
  }

  @Test func aDirectoryGivesItsFilesButHiddenOnes() throws {
    let place = try Place()
    for name in ["b", "a", ".hidden"] { _ = try place.file(name) }
    let secrets = try SandboxSpec.Secret.all(in: place.path, uid: 7, gid: 8, position: nil)
    #expect(secrets.map(\.name) == ["a", "b"])
    #expect(secrets.allSatisfy { ($0.uid, $0.gid, $0.mode) == (7, 8, 0o400) })
    let open = try Place(mode: 0o755)
    #expect(throws: Fault.self) {
      try SandboxSpec.Secret.all(in: open.path, uid: 7, gid: 8, position: nil)
    }
  }

  @Test func thePlanHoldsNoByteAndNoSourceOfASecret() throws {
    var spec = SandboxSpec(
      hostname: "tenant", identityRange: try IdentityRange(first: 1 << 28), uid: 33, gid: 33,
      filter: [6, 0, 0, 0, 0, 0, 255, 127], arguments: ["/bin/true"])
    spec.secrets = [.init(name: "db-password", source: "/etc/vault/pg", uid: 33, gid: 33, mode: 0o400)]
    let plan = try TenantPlan(spec, stagingPath: "/run/staging", logsGoToJournal: false)
    let text = String(decoding: plan.bytes, as: UTF8.self)
    #expect(!text.contains("db-password") && !text.contains("/etc/vault"))
    #expect(text.contains("run/secrets"))
  }
}
