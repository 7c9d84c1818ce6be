import ControlProtocol
import Faults
import Kernel

/// The methods of `io.isolated`, typed.
///
/// ``ControlDispatcher`` has checked the shape of every request before it gets here: exactly one of policy and
/// document, stream indexes within the descriptors, a signal from 1 to 64, no negative grace. Whether the peer may
/// do it is the implementation's to decide. A method's task is cancelled when its client hangs up.
public protocol ControlService: Sendable {
  /// Starts a tenant; returns when its command runs.
  func spawn(
    _ request: Spawn.Request, peer: ControlPeer, descriptors: [SharedDescriptor]
  ) async throws(Fault) -> Spawn.Reply

  /// Waits for the end of a tenant that ``spawn(_:peer:descriptors:)`` has just started in the foreground, for the
  /// call that owns it. It is always called after such a spawn has returned, in the same task. If the task is
  /// cancelled, the owner has hung up: the tenant must end then.
  func attend(_ spawned: Spawn.Reply, peer: ControlPeer) async throws(Fault) -> Exit

  /// Waits for a tenant's end. A cancelled wait changes nothing for the tenant.
  func wait(_ request: TenantName, peer: ControlPeer) async throws(Fault) -> Exit

  /// Lists the tenants that the peer may see.
  func list(peer: ControlPeer) async throws(Fault) -> [TenantSummary]

  /// Tells all about a tenant.
  func inspect(_ request: TenantName, peer: ControlPeer) async throws(Fault) -> Inspection

  /// Signals a tenant's command.
  func kill(_ request: Kill.Request, peer: ControlPeer) async throws(Fault)

  /// Ends a tenant, after those that come after it, and returns when it has ended.
  func stop(_ request: Stop.Request, peer: ControlPeer) async throws(Fault) -> Stop.Reply

  /// Drops the record of a tenant that has ended.
  func forget(_ request: TenantName, peer: ControlPeer) async throws(Fault)

  /// Tells where a tenant's output is; the descriptors go with the answer.
  func logs(
    _ request: TenantName, peer: ControlPeer
  ) async throws(Fault) -> (reply: Logs.Reply, descriptors: [SharedDescriptor])

  /// Tells what the IO scheduler sees and does, with the tenants that the peer may see.
  func ioStatus(peer: ControlPeer) async throws(Fault) -> [IODisk]

  /// Tells which daemon answers.
  func version(peer: ControlPeer) async throws(Fault) -> Version.Reply

  /// Has a tenant's processes stand still; returns when they do.
  func freeze(_ request: TenantName, peer: ControlPeer) async throws(Fault)

  /// Lets a frozen tenant's processes run again.
  func thaw(_ request: TenantName, peer: ControlPeer) async throws(Fault)

  /// Changes what a running tenant may use: all of what is asked, or nothing.
  func update(_ request: Update.Request, peer: ControlPeer) async throws(Fault) -> Update.Reply

  /// Starts to listen to what happens to the tenants that the peer may see. Whoever reads the stream ends it.
  func events(_ request: Events.Request, peer: ControlPeer) async throws(Fault) -> TenantEventStream

  /// Tells what the tenants use that the peer may see.
  func usage(peer: ControlPeer) async throws(Fault) -> Usage.Reply

  /// Runs a further command in a running tenant; returns the client's end of its session once it runs.
  func exec(
    _ request: Exec.Request, peer: ControlPeer, descriptors: [SharedDescriptor]
  ) async throws(Fault) -> SharedDescriptor

  /// Hands over a tenant's terminal: the client's end of a session with its PID 1.
  func attach(_ request: TenantName, peer: ControlPeer) async throws(Fault) -> SharedDescriptor

  /// Has a foreground tenant go on when its client hangs up; ``attend(_:peer:)`` then answers with the cause
  /// ``Exit/Cause/detached``, which nobody hears.
  func detach(_ request: TenantName, peer: ControlPeer) async throws(Fault)
}
