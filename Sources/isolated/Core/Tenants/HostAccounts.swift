import Glibc
import Kernel
import Policy
import Sandbox

/// The host's users and groups, from its files: a static binary has no other name services.
enum HostAccounts {
  /// A user's id.
  static func user(named name: String) -> uid_t? { database().user(named: name)?.uid }

  /// A group's id.
  static func group(named name: String) -> gid_t? { database().group(named: name)?.gid }

  /// A group's id, given by name or by number.
  static func group(_ group: Principal) -> gid_t? {
    switch group {
    case .id(let id): id
    case .name(let name): self.group(named: name)
    }
  }

  private static func database() -> UserDatabase {
    let limit = UserDatabase.maximumSize
    return UserDatabase(
      passwd: (try? SmallFile.readBytes("/etc/passwd", limit: limit)) ?? [],
      group: (try? SmallFile.readBytes("/etc/group", limit: limit)) ?? [])
  }
}
