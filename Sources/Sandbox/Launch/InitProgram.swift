import CLinux
import Faults
import Glibc
import Kernel

extension Fault.Code {
  /// The tenant-init program is missing, or could have been changed by someone other than root.
  public static let untrustedInit: Self = "sandbox.untrusted-init"
}

/// tenant-init, copied once into sealed memory: no tenant and nobody on the host can change what runs
/// (CVE-2019-5736).
public final class InitProgram: Sendable {
  let executable: SharedDescriptor

  private static let mostBytes = 4 << 20

  /// Reads the program from `path`.
  ///
  /// - Throws: `sandbox.untrusted-init` if the file isn't root's, can be written by others, or is no program of a
  ///   sensible size; a system call's fault if memory can't be sealed.
  public init(path: String) throws(Fault) {
    let bytes = try TrustedFile.read(
      path, called: "tenant-init", mostBytes: Self.mostBytes,
      refusal: Fault(
        .untrustedInit, "tenant-init is not a program of root's that only root can write",
        mend: "install it with owner root and mode 0755"))
    do throws(Fault) {
      executable = SharedDescriptor(
        owning: try systemCall("memfd_create", message: "cannot seal tenant-init in memory") {
          bytes.withUnsafeBytes { clinux_memfd_sealed("tenant-init", $0.baseAddress, $0.count, 1) }
        })
    } catch {
      var fault = error
      if fault.errno?.number == EACCES {
        fault.mend = "let programs run from memory: `sysctl vm.memfd_noexec` must be 0 or 1 when the daemon starts"
      }
      throw fault
    }
  }

  /// Starts it in a group with `descriptors` as its 0, 1, 2 ….
  func spawn(_ word: String, cgroup: Int32, descriptors: [Int32]) throws(Fault) -> SpawnedProcess {
    let result = ["tenant-init", word].withCStrings { arguments in
      [String]().withCStrings { environment in
        descriptors.withUnsafeBufferPointer { numbers in
          var request = clinux_spawn_request()
          request.executable = executable.rawValue
          request.cgroup = cgroup
          request.descriptors = numbers.baseAddress
          request.descriptor_count = UInt32(numbers.count)
          request.arguments = arguments
          request.environment = environment
          return clinux_spawn(&request)
        }
      }
    }
    guard result.error == 0 else {
      throw Fault(
        .systemCallFailed, "cannot start tenant-init", systemCall: result.failed_call.map { String(cString: $0) },
        errno: ErrorNumber(result.error))
    }
    return SpawnedProcess(pid: result.pid, pidfd: SharedDescriptor(owning: result.pidfd))
  }
}

/// A child of this process that nobody has waited for yet, so that its pid is still its own.
struct SpawnedProcess {
  let pid: Int32
  let pidfd: SharedDescriptor

  /// Waits until it has ended.
  func reap() throws(Fault) {
    var information = siginfo_t()
    let number = pidfd.rawValue
    try systemCall("waitid", message: "cannot wait for a child") {
      waitid(idtype_t(P_PIDFD_NUMBER), id_t(number), &information, WEXITED)
    }
  }

  /// Ends it and every process of the group that it leads, also those that it made as children of this process, and
  /// waits for all of them.
  ///
  /// tenant-init leads a group from its first instructions on, and the tenant's first process is born into it.
  func killGroup() {
    // Until this child is waited for, no other process or group can have its number.
    _ = clinux_pidfd_send_signal(pidfd.rawValue, SIGKILL)
    var information = siginfo_t()
    let number = pidfd.rawValue
    // Once it has ended it makes no more children; WNOWAIT keeps its number taken.
    _ = waitid(idtype_t(P_PIDFD_NUMBER), id_t(number), &information, WEXITED | WNOWAIT)
    _ = Glibc.kill(-pid, SIGKILL)
    // Those that end without a signal to their parent are found with __WALL only. ECHILD: there are none left.
    while waitid(P_PGID, id_t(pid), &information, WEXITED | EVERY_CHILD) == 0 || errno == EINTR {}
    // One that was killed before it led a group of its own is still there.
    try? reap()
  }

  /// Ends it and waits.
  func kill() {
    _ = clinux_pidfd_send_signal(pidfd.rawValue, SIGKILL)
    // A child that was killed can be waited for; ECHILD, if someone else did, is as good.
    try? reap()
  }
}

/// P_PIDFD of waitid(2).
private let P_PIDFD_NUMBER: UInt32 = 3
/// __WALL of waitid(2).
private let EVERY_CHILD: Int32 = 0x4000_0000

extension [String] {
  /// Runs `body` with the strings as a C vector that ends with NULL.
  fileprivate func withCStrings<Result>(_ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>?) -> Result) -> Result {
    let copies = map { strdup($0) }
    defer { copies.forEach { free($0) } }
    return (copies + [nil]).withUnsafeBufferPointer { body($0.baseAddress) }
  }
}
