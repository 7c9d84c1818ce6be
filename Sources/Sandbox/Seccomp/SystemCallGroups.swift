/// The calls of the standard policy, by what they are for.
///
/// Names of every supported 64-bit architecture stand side by side; one that the machine lacks is left out of its
/// filter. What container runtimes allow by default served as the measure of what ordinary programs need.
public enum SystemCallGroups {
  /// Calls for one purpose.
  public struct Group: Sendable {
    /// The purpose, for people.
    public let purpose: String
    /// The calls.
    public let names: [String]
  }

  private static func group(_ purpose: String, _ names: String) -> Group {
    Group(purpose: purpose, names: names.split(whereSeparator: \.isWhitespace).map(String.init))
  }

  /// Calls that the standard policy allows, whatever their arguments.
  public static let allowed: [Group] = [
    group(
      "reading, writing and moving data",
      """
      read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek sendfile copy_file_range splice
      tee readahead fadvise64 fsync fdatasync sync syncfs sync_file_range
      """),
    group(
      "asynchronous IO by libaio",
      "io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents"),
    group(
      "opening and describing files",
      """
      open openat openat2 creat close close_range dup dup2 dup3 fcntl flock stat fstat lstat newfstatat statx
      statfs fstatfs access faccessat faccessat2 readlink readlinkat getdents getdents64 getcwd chdir fchdir umask
      name_to_handle_at ustat
      """),
    group(
      "changing files and directories",
      """
      truncate ftruncate fallocate rename renameat renameat2 link linkat symlink symlinkat unlink unlinkat mkdir
      mkdirat rmdir mknod mknodat chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes
      futimesat utimensat
      """),
    group(
      "extended attributes",
      """
      getxattr lgetxattr fgetxattr getxattrat setxattr lsetxattr fsetxattr setxattrat listxattr llistxattr
      flistxattr listxattrat removexattr lremovexattr fremovexattr removexattrat file_getattr file_setattr
      """),
    group(
      "looking at one's own mounts", "statmount listmount"),
    group(
      "waiting for events",
      """
      poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd
      eventfd2 signalfd signalfd4 inotify_init inotify_init1 inotify_add_watch inotify_rm_watch fanotify_mark
      """),
    group("pipes and anonymous files", "pipe pipe2 memfd_secret"),
    group(
      "memory",
      """
      brk munmap mremap mprotect madvise msync mincore mlock mlock2 mlockall munlock munlockall
      remap_file_pages pkey_alloc pkey_free pkey_mprotect membarrier map_shadow_stack mseal process_mrelease
      """),
    group(
      "processes and threads",
      """
      fork vfork execve execveat exit exit_group wait4 waitid getpid getppid gettid getpgid getpgrp setpgid getsid
      setsid set_tid_address set_robust_list get_robust_list rseq rseq_slice_yield arch_prctl prctl pidfd_open
      pidfd_send_signal kill tkill tgkill getcpu restart_syscall uname sysinfo getrusage times
      """),
    group("locks between threads", "futex futex_wait futex_wake futex_requeue futex_waitv"),
    group(
      "signals",
      """
      rt_sigaction rt_sigprocmask rt_sigpending rt_sigsuspend rt_sigtimedwait rt_sigqueueinfo rt_tgsigqueueinfo
      rt_sigreturn sigaltstack pause alarm
      """),
    group(
      "identities and privileges, which the kernel checks against the tenant's own user namespace",
      """
      getuid geteuid getgid getegid getresuid getresgid getgroups setuid setgid setreuid setregid setresuid setresgid
      setfsuid setfsgid setgroups capget capset
      """),
    group(
      "scheduling and limits, which the tenant's group bounds",
      """
      sched_yield sched_getaffinity sched_setaffinity sched_getparam sched_setparam sched_getscheduler
      sched_setscheduler sched_getattr sched_setattr sched_get_priority_max sched_get_priority_min
      sched_rr_get_interval getpriority setpriority ioprio_get ioprio_set getrlimit
      """),
    group(
      "reading clocks, and timers (adjtimex and clock_adjtime may only read: setting needs the host's CAP_SYS_TIME)",
      """
      time gettimeofday clock_gettime clock_getres clock_nanosleep nanosleep adjtimex clock_adjtime getitimer
      setitimer timer_create timer_delete timer_settime timer_gettime timer_getoverrun timerfd_create
      timerfd_settime timerfd_gettime
      """),
    group(
      "sockets once made",
      """
      bind listen accept accept4 connect shutdown getsockname getpeername getsockopt setsockopt sendto sendmsg
      sendmmsg recvfrom recvmsg recvmmsg
      """),
    group(
      "System V and POSIX message passing, in the tenant's own IPC namespace",
      """
      shmget shmat shmdt shmctl semget semop semtimedop semctl msgget msgsnd msgrcv msgctl mq_open mq_unlink
      mq_timedsend mq_timedreceive mq_notify mq_getsetattr
      """),
    group("random numbers", "getrandom"),
    group(
      "sandboxes of the program's own, which only take away",
      "seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self"),
    group("debugging within the tenant", "ptrace process_vm_readv process_vm_writev"),
    group(
      "entered by the kernel's own probes: refusing them kills a program that an administrator traces",
      "uretprobe uprobe"),
  ]

  /// Calls that answer EPERM, and that no capability brings back.
  public static let refused: [Group] = [
    group(
      "changing what is mounted where",
      """
      mount umount umount2 pivot_root move_mount fsopen fsmount fsconfig fspick open_tree open_tree_attr
      mount_setattr
      """),
    group("making and entering namespaces (clone by its flags)", "unshare setns"),
    group("kernel keyrings, which namespaces don't divide", "add_key keyctl request_key"),
    group("programs and probes inside the kernel", "bpf perf_event_open"),
    group(
      "IO past the filter: a ring's operations are no system calls, and CVEs are many",
      "io_uring_setup io_uring_enter io_uring_register"),
    group("stopping the kernel at a page fault, which turns races into exploits", "userfaultfd"),
    group(
      "the kernel itself",
      "kexec_load kexec_file_load init_module finit_module delete_module create_module query_module reboot"),
    group("the host's clock", "settimeofday stime clock_settime clock_settime64"),
    group("files past every directory's permissions", "open_by_handle_at"),
    group("disks and swap of the host", "quotactl quotactl_fd swapon swapoff"),
    group("the host's log and accounts", "syslog acct lookup_dcookie"),
    group("hardware", "iopl ioperm modify_ldt"),
    group("moving other programs' pages", "move_pages migrate_pages vmsplice"),
  ]

  /// Calls that answer ENOSYS by name, because programs have an older way and take it then.
  ///
  /// clone3 hides its flags behind a pointer. cachestat showed, before Linux 6.14, which pages of a file that tenants
  /// share are in memory, and so what a neighbour reads.
  public static let absent = ["clone3", "cachestat"]

  /// Calls that are allowed with a capability, and answer EPERM without.
  public static let withCapability: [(Capability, [String])] = [
    (.sysChroot, ["chroot"]),
    (.sysAdmin, ["sethostname", "setdomainname", "fanotify_init"]),
    (.sysPtrace, ["kcmp", "pidfd_getfd", "process_madvise"]),
    (.sysNice, ["get_mempolicy", "mbind", "set_mempolicy", "set_mempolicy_home_node"]),
    (.sysTtyConfig, ["vhangup"]),
  ]
}
