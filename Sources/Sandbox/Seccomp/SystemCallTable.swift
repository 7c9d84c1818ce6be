import CSeccomp
import Faults
import Glibc

/// System call names and numbers: libseccomp's tables, and the calls that are newer than the oldest libseccomp (2.5.4).
enum SystemCallTable {
  /// Where a name stands on an architecture.
  enum Entry: Hashable {
    /// The call's number, from libseccomp's tables; negative for one that exists only inside socketcall(2) or ipc(2).
    case library(Int32)
    /// A number that libseccomp doesn't know.
    case recent(UInt32)
    /// Some architecture has the call, this one doesn't.
    case absent
  }

  /// Finds a call.
  ///
  /// - Throws: ``Faults/Fault`` `seccomp.unknown-system-call` for a name that no architecture has.
  static func entry(_ name: String, _ architecture: SeccompArchitecture) throws(Fault) -> Entry {
    guard !name.isEmpty, name.utf8.count <= 64, !name.utf8.contains(0) else { throw unknown(name) }
    let number = seccomp_syscall_resolve_name_arch(architecture.token, name)
    if number != unresolved {
      if number >= 0 { return .library(number) }
      // On 32-bit x86 the socket and IPC calls go through socketcall(2) and ipc(2) too. libseccomp calls them by
      // these numbers, and makes rules for both ways.
      guard multiplexed.contains(number), architecture == .x86 else { return .absent }
      return .library(directOn32BitX86[name] ?? number)
    }
    if let number = recentEverywhere[name] {
      return .recent(architecture == .x32 ? number | 0x4000_0000 : number)
    }
    if let number = recentOnX86[name] {
      switch architecture {
      case .x86_64: return .recent(number)
      case .x32: return .recent(number | 0x4000_0000)
      case .x86, .aarch64, .arm: return .absent
      }
    }
    if recentElsewhere.contains(name) { return .absent }
    throw unknown(name)
  }

  /// __NR_SCMP_ERROR.
  private static let unresolved: Int32 = -1
  /// libseccomp's socketcall(2) and ipc(2) pseudo numbers.
  private static let multiplexed: ClosedRange<Int32> = -299 ... -100

  /// asm/unistd_32.h's numbers of calls that libseccomp knows by a pseudo number.
  private static let directOn32BitX86: [String: Int32] = [
    "recvmmsg": 337, "sendmmsg": 345, "socket": 359, "socketpair": 360, "bind": 361, "connect": 362,
    "listen": 363,
    "accept4": 364, "getsockopt": 365, "setsockopt": 366, "getsockname": 367, "getpeername": 368,
    "sendto": 369,
    "sendmsg": 370, "recvfrom": 371, "recvmsg": 372, "shutdown": 373, "semget": 393, "semctl": 394,
    "shmget": 395,
    "shmctl": 396, "shmat": 397, "shmdt": 398, "msgget": 399, "msgsnd": 400, "msgrcv": 401, "msgctl": 402,
  ]
  /// Since 2019 every architecture gives a new call the same number.
  private static let recentEverywhere: [String: UInt32] = [
    "cachestat": 451, "fchmodat2": 452, "map_shadow_stack": 453, "futex_wake": 454, "futex_wait": 455,
    "futex_requeue": 456, "statmount": 457, "listmount": 458, "lsm_get_self_attr": 459,
    "lsm_set_self_attr": 460,
    "lsm_list_modules": 461, "mseal": 462, "setxattrat": 463, "getxattrat": 464, "listxattrat": 465,
    "removexattrat": 466, "open_tree_attr": 467, "file_getattr": 468, "file_setattr": 469, "listns": 470,
    "rseq_slice_yield": 471,
  ]
  private static let recentOnX86: [String: UInt32] = ["uretprobe": 335, "uprobe": 336]
  private static let recentElsewhere: Set<String> = [
    "atomic_barrier", "atomic_cmpxchg_32", "getpagesize", "riscv_hwprobe",
  ]

  /// The name of a call of this machine's that libseccomp doesn't know; nil if there is none.
  static func recentName(of number: UInt32) -> String? {
    if let entry = recentEverywhere.first(where: { $0.value == number }) { return entry.key }
    guard SeccompArchitecture.native == .x86_64 else { return nil }
    return recentOnX86.first { $0.value == number }?.key
  }

  private static func unknown(_ name: String) -> Fault {
    var names = Array(recentEverywhere.keys) + Array(recentOnX86.keys)
    for number in Int32(0)..<470 {
      guard let text = seccomp_syscall_resolve_num_arch(SeccompArchitecture.native.token, number) else {
        continue
      }
      names.append(String(cString: text))
      free(text)
    }
    let likely = nearestName(to: name, among: names.sorted())
    return Fault(
      .unknownSystemCall, "\(quotedName(name)) is no system call of any architecture",
      mend: likely.map { "did you mean \($0)?" } ?? "syscalls(2) lists the names")
  }
}
