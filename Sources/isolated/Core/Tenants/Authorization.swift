import ControlProtocol
import Faults
import Glibc
import Policy

extension Fault.Code {
  /// The caller may not do this.
  public static let notPermitted: Self = "control.not-permitted"
}

/// Who may do what: root anything; others what installed policies grant them, and only to their own tenants.
enum Authorization {
  /// Checks a spawn.
  static func checkSpawn(
    _ request: Spawn.Request, policy: TenantPolicy, peer: ControlPeer
  ) throws(Fault) {
    guard peer.uid != 0 else { return }
    guard request.policy != nil else {
      throw Fault(
        .notPermitted, "user \(peer.uid) may spawn installed policies only",
        mend: "have root install the policy, with `allow:` naming you or your group")
    }
    let isAllowed =
      policy.allow.users.contains { names(user: $0.value, uid: peer.uid) }
      || policy.allow.groups.contains { names(group: $0.value, of: peer) }
    guard isAllowed else {
      throw Fault(
        .notPermitted, "the policy does not allow user \(peer.uid) to spawn it", position: policy.tenant.position,
        mend: "name the user or a group in `allow:`")
    }
    guard policy.allow.commandOverride.value || (request.command == nil && request.environment == nil) else {
      throw Fault(
        .notPermitted, "the policy does not allow another command or environment",
        position: policy.allow.commandOverride.position, mend: "set `allow: {command_override: true}`")
    }
  }

  /// Checks a further command in a tenant that the peer may act on.
  static func checkExec(_ request: Exec.Request, record: TenantRecord, peer: ControlPeer) throws(Fault) {
    guard peer.uid != 0 else { return }
    guard record.entry?.grantsCommands == true else {
      throw Fault(
        .notPermitted, "the policy of '\(record.name)' does not allow another command than its own",
        mend: "have root set `allow: {command_override: true}` in the policy, and update the tenant by it")
    }
    guard request.user == nil else {
      throw Fault(.notPermitted, "only root may choose the user of a command", mend: "leave out `--user`")
    }
  }

  /// Checks an action on a tenant that `owner` spawned.
  static func checkAccess(to name: String, owner: UInt32, peer: ControlPeer) throws(Fault) {
    guard peer.uid == 0 || peer.uid == owner else {
      throw Fault(.notPermitted, "the tenant '\(name)' belongs to another user")
    }
  }

  /// Checks a change of what a tenant may use: whoever may spawn a policy may not spawn another one.
  static func checkUpdate(of name: String, peer: ControlPeer) throws(Fault) {
    guard peer.uid == 0 else {
      throw Fault(
        .notPermitted, "only root may change what the tenant '\(name)' may use", mend: "have root run isoctl update")
    }
  }

  private static func names(user: Principal, uid: uid_t) -> Bool {
    switch user {
    case .id(let id): id == uid
    case .name(let name): HostAccounts.user(named: name) == uid
    }
  }

  private static func names(group: Principal, of peer: ControlPeer) -> Bool {
    switch group {
    case .id(let id): peer.isMember(of: id)
    case .name(let name): HostAccounts.group(named: name).map { peer.isMember(of: $0) } ?? false
    }
  }
}
