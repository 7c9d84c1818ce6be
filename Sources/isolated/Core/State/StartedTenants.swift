import FoundationEssentials
import Faults
import Glibc
import Kernel

/// Which tenants of `tenants.d` have been started in this life of the tenants' unit, so that a restarted daemon doesn't
/// bring back those that were stopped since.
///
/// A small file: a line that names the life, then a tenant's name in each. A life ends with the boot, and with the group
/// that holds the tenants.
struct StartedTenants {
  private let path: String
  private let life: String
  private(set) var names: Set<String>
  /// Whether this is the first daemon of the life.
  let isFirst: Bool

  /// Reads what earlier daemons have noted.
  init(path: String, life: String) {
    self.path = path
    self.life = life
    let text = (try? SmallFile.read(path, limit: 4 << 20)) ?? ""
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    isFirst = lines.first.map(String.init) != life
    names = isFirst ? [] : Set(lines.dropFirst().dropLast().map(String.init))
  }

  /// The present life: the kernel's boot, and the group's number, which is never used twice in it.
  static func life(of group: String) throws(Fault) -> String {
    let boot = try SmallFile.read("/proc/sys/kernel/random/boot_id", limit: 256)
    var status = stat()
    try systemCall("stat", path: group) { stat(group, &status) }
    return "\(boot.filter { !$0.isNewline }) \(status.st_ino)"
  }

  /// Writes down that the life has begun, or that a tenant of it was started.
  mutating func note(_ name: String? = nil) throws(Fault) {
    var names = names
    if let name { names.insert(name) }
    let text = ([life] + names.sorted()).map { "\($0)\n" }.joined()
    try SmallFile.replace(path, with: Array(text.utf8))
    self.names = names
  }
}
