import Sandbox

/// What it takes to run a further command in a tenant, also for a daemon that didn't start it.
struct EntryRecord: Codable, Sendable {
  /// What the tenant's own command was given.
  var profile: PayloadProfile
  /// The directory of the host whose /etc/passwd and /etc/group name the tenant's users.
  var root: String
  /// Whether the policy lets those who may spawn it choose the command.
  var grantsCommands: Bool
}
