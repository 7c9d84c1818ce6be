import CLinux
import CTenantPlan
import Faults
import Glibc
import Kernel

/// A look at a port of a tenant's loopback, by a process of its own: `tenant-init probe`, which joins the tenant's network
/// namespace by pidfd and sheds all privilege before it connects. Nothing that a tenant answers is read by the daemon
/// but a number.
public final class TenantProbe: Sendable {
  /// What to try.
  public struct Request: Sendable, Hashable {
    /// The port.
    public var port: UInt16
    /// The path to ask for by HTTP; nil where a connection is enough.
    public var path: String?
    /// What all of it may take.
    public var milliseconds: UInt32

    /// Describes a look.
    public init(port: UInt16, path: String? = nil, milliseconds: UInt32) {
      self.port = port
      self.path = path
      self.milliseconds = milliseconds
    }

    /// The HTTP request in full; empty where none is sent.
    var text: String {
      guard let path else { return "" }
      return "GET \(path) HTTP/1.1\r\nHost: localhost:\(port)\r\nUser-Agent: isolated\r\nAccept: */*\r\n"
        + "Connection: close\r\n\r\n"
    }

    /// `struct tenant_probe`.
    func bytes() throws(Fault) -> [UInt8] {
      let text = Array(text.utf8)
      var probe = tenant_probe()
      guard text.count <= MemoryLayout.size(ofValue: probe.request) else {
        throw Fault(.invalidSandbox, "the path to ask for is too long")
      }
      probe.magic = UInt32(TENANT_PROBE_MAGIC)
      probe.port = UInt32(port)
      probe.milliseconds = milliseconds
      probe.request_size = UInt32(text.count)
      withUnsafeMutableBytes(of: &probe.request) { $0.copyBytes(from: text) }
      return withUnsafeBytes(of: &probe) { Array($0) }
    }
  }

  /// What was found.
  public enum Finding: Sendable, Hashable {
    /// Somebody listens.
    case connected
    /// The status of an HTTP answer.
    case answered(UInt16)
    /// Nobody took the connection.
    case refused(ErrorNumber)
    /// The time was over.
    case late
    /// The connection ended before there was a status.
    case cut
    /// The answer is no HTTP.
    case notHTTP

    init?(value: UInt32) {
      let detail = UInt16(truncatingIfNeeded: value >> 16)
      switch tenant_probe_result(rawValue: value & 0xff) {
      case TENANT_PROBE_CONNECTED: self = .connected
      case TENANT_PROBE_ANSWERED: self = .answered(detail)
      case TENANT_PROBE_REFUSED: self = .refused(ErrorNumber(Int32(detail)))
      case TENANT_PROBE_LATE: self = .late
      case TENANT_PROBE_CUT: self = .cut
      case TENANT_PROBE_NOT_HTTP: self = .notHTTP
      default: return nil
      }
    }
  }

  private let child: SpawnedProcess
  private let channel: InitChannel

  /// Starts a look at a tenant. Blocks for less than a millisecond.
  ///
  /// - Parameter process: the pidfd of the tenant's first process.
  init(_ request: Request, process: SharedDescriptor, program: InitProgram) throws(Fault) {
    let sealed = try Launcher.sealed(try request.bytes(), as: "probe")
    let null = try NullDevice.open()
    var channel = try InitChannel()
    let numbers = [
      null.rawValue, null.rawValue, null.rawValue, channel.farEnd, sealed.rawValue, process.rawValue,
    ]
    child = try withExtendedLifetime(process) { () throws(Fault) in
      try program.spawn("probe", cgroup: -1, descriptors: numbers)
    }
    channel.closeFarEnd()
    self.channel = channel
  }

  /// Readable once the look is over.
  public var pidfd: SharedDescriptor { child.pidfd }

  /// Ends a look that takes longer than it may.
  public func kill() { _ = clinux_pidfd_send_signal(child.pidfd.rawValue, SIGKILL) }

  /// What was found; to be called once, when the process has ended.
  ///
  /// - Throws: what kept it from looking.
  public func finding() throws(Fault) -> Finding {
    try child.reap()
    let value = try channel.expect(TENANT_MESSAGE_PROBED).value
    guard let finding = Finding(value: value) else {
      throw Fault(.initLost, "tenant-init found \(value), which means nothing")
    }
    return finding
  }
}

extension Launcher {
  /// Starts a look at a port of a tenant's loopback. Blocks for less than a millisecond.
  ///
  /// - Parameter process: the pidfd of the tenant's first process.
  public func probe(_ request: TenantProbe.Request, process: SharedDescriptor) throws(Fault) -> TenantProbe {
    try TenantProbe(request, process: process, program: program)
  }
}
