import ControlProtocol
import Faults

/// One privileged action: who did what, and what came of it.
///
/// A record never holds a value of an environment, an argument beyond the program's name, a policy's text, or a fault's
/// message, which may quote any of them: of a policy it has the name and the digest, of a fault the code.
struct AuditRecord: Sendable, Hashable {
  /// What was done or tried. The raw value is ISOLATED_ACTION.
  enum Action: String, Sendable, CaseIterable {
    case spawn, stop, kill, forget, freeze, thaw, update
    /// A look at somebody else's tenant; recorded only where it was denied.
    case inspect, wait, logs
    case daemonStart = "daemon-start"
    case daemonStop = "daemon-stop"
    case reload
    /// A restarted daemon has taken over a tenant that runs.
    case adopt
    /// It found that a tenant had ended meanwhile.
    case settle
    /// It has removed what a start that was cut off had left.
    case undo
    /// A tenant that had ended was started again, as its policy says.
    case restart
    /// It has ended too often to be started again.
    case giveUp = "give-up"
    /// Records were lost.
    case lost
    /// A further command in a running tenant.
    case exec
    /// A tenant's terminal was handed over.
    case attach
    /// A foreground tenant was left to itself.
    case detach

    /// MESSAGE_ID: the same for all messages of this kind, in all versions.
    var messageID: String {
      switch self {
      case .spawn: "eeecf926cc684accaaa1cfa7ff017c17"
      case .stop: "f74ae77eeeeb445f9a2f74fa429f9257"
      case .kill: "24cea20661ac4c03851247d49a863eba"
      case .forget: "e0311828fa4749ba95381c9ccd2c3016"
      case .freeze: "0c4b7f1d9e5a4f0c8f1e63a2d7b95e14"
      case .thaw: "5d2a9c36e81b47b6a0f4c7d812e3569b"
      case .update: "91e7d0b84c2f4a539d6e1fa07cb38256"
      case .inspect, .wait, .logs: "08e0f29b0eb9403b90e12e93f0a04010"
      case .daemonStart: "b0673060d36c4347ba7b4e24d78a6d98"
      case .daemonStop: "e4f8f0eb51d54e25910989152f35fd4c"
      case .reload: "7e7d7bde91a54509964c642c3a8e3e9a"
      case .adopt: "5b0ff3fb0ba54b0a81d49161628b710f"
      case .settle: "7fed74960e7a41118d919e339ef69d0e"
      case .undo: "cbd3e17caa50410dafd789e2fe14e828"
      case .restart: "059544caee6945a1a26ab793330679cb"
      case .giveUp: "6fb7e5afb36b4cac9110266a5aa43742"
      case .lost: "aba64b3b0716495a87835beb3c621057"
      case .attach: "7acf723c3cec41a5964427e57212e7d5"
      case .detach: "5273035d96614c5ea009a00e64db30cb"
      case .exec: "6ab9670b49c74328ba5330180e1fb049"
      }
    }
  }

  /// What came of it. The raw value is ISOLATED_RESULT.
  enum Result: Sendable, Hashable {
    case done
    /// It couldn't be done.
    case refused(Fault.Code)
    /// Whoever asked may not.
    case denied(Fault.Code)

    /// What a fault means.
    init(_ fault: Fault) { self = fault.code == .notPermitted ? .denied(fault.code) : .refused(fault.code) }

    var word: String {
      switch self {
      case .done: "done"
      case .refused: "refused"
      case .denied: "denied"
      }
    }

    var code: Fault.Code? {
      switch self {
      case .done: nil
      case .refused(let code), .denied(let code): code
      }
    }
  }

  var action: Action
  /// Who asked; nil for what the daemon did by itself.
  var actor: AuditActor?
  var tenant: String?
  var policy: String?
  /// SHA-256 of the policy's text, in hexadecimal.
  var policyDigest: String?
  /// The program that was to run instead of the policy's.
  var program: String?
  var changesEnvironment = false
  /// Further facts.
  var details: [Detail] = []
  var result = Result.done

  /// One further fact.
  struct Detail: Sendable, Hashable {
    /// The field's name without the prefix ISOLATED_.
    enum Name: String, Sendable, CaseIterable {
      /// The tenant's first process, by the host's count.
      case tenantPID = "TENANT_PID"
      /// `client` where the policy's text came with the call, `tenants.d` where the daemon read it there.
      case policySource = "POLICY_SOURCE"
      case signal = "SIGNAL"
      case graceMicroseconds = "GRACE_USEC"
      /// How a tenant ended.
      case cause = "CAUSE"
      case reason = "REASON"
      /// The number of a restart in its row.
      case attempt = "ATTEMPT"
      /// The keys of a policy, or files of a group, that were changed.
      case changed = "CHANGED"
      /// The daemon's.
      case version = "VERSION"
      /// Records of the same user that were left out.
      case suppressed = "SUPPRESSED"
      /// Records that nobody took.
      case lost = "LOST"
      /// As whom a further command was to run, where that wasn't the tenant's user.
      case user = "USER"
    }

    var name: Name
    var value: String
  }

  init(_ action: Action, by peer: ControlPeer? = nil, tenant: String? = nil, result: Result = .done) {
    self.action = action
    actor = peer.map { AuditActor($0) }
    self.tenant = tenant
    self.result = result
  }

  /// The record with one more fact.
  func with(_ name: Detail.Name, _ value: some CustomStringConvertible) -> AuditRecord {
    var record = self
    record.details.append(Detail(name: name, value: "\(value)"))
    return record
  }
}

/// Who asked for something, as the kernel recorded it.
struct AuditActor: Sendable, Hashable {
  var uid: UInt32
  var gid: UInt32
  var pid: Int32
  /// What the process calls itself (/proc/PID/comm), which is its own to choose; nil if it is gone.
  var process: String?
}
