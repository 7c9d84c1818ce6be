import CIOLatency
import Faults
import Glibc
import Kernel

/// Measures in the kernel how long the IO of each group takes on each disk, by a BPF program (Sources/iolatency).
///
/// The time runs from the submission of the bio, is charged to the group that the bio is charged to, and is split into
/// waiting for the group's own limit, queueing, and the device. See ``IOPhase`` and ``IOLatencyKey``.
///
/// The program, its maps and its attachments are descriptors of this process: nothing is pinned, and nothing is left
/// when the sensor is closed or the process ends, however it does. Counters are read from mapped memory while the kernel
/// counts on. What is in flight when the sensor is loaded isn't counted.
///
/// Methods may be called from any thread.
public final class IOLatencySensor: Sendable {
  /// The sizes of the sensor's tables, which the kernel allocates when the sensor is loaded.
  public struct Sizes: Sendable, Hashable {
    /// For how many combinations of group, disk, operation and shard there are histograms: 6.3 KiB each.
    public var rows: Int
    /// How many IOs in flight there is room for, held ones included: 160 bytes each.
    public var flights: Int
    /// Over how many rows the processors share a histogram, so that they don't fight for it: a power of two.
    public var shards: Int

    /// Gives sizes; what is out of range is taken for the nearest: rows from 1 to 65,536, flights from 64 to 1,048,576,
    /// shards from 1 to 64.
    public init(rows: Int = 1024, flights: Int = 32768, shards: Int = Sizes.usualShards) {
      self.rows = min(max(rows, 1), 65536)
      self.flights = min(max(flights, 64), 1 << 20)
      self.shards = min(max(shards, 1), 64)
    }

    /// One for every eight processors, at most eight.
    public static var usualShards: Int {
      let processors = sysconf(Int32(_SC_NPROCESSORS_ONLN))
      return min(max((processors + 7) / 8, 1), 8)
    }
  }

  /// Where the package puts the program.
  public static let installedProgram = "/usr/lib/isolated/iolatency.bpf.o"

  /// Whether waits for io.max are seen (``IOPhase/held``). Without it such a wait isn't in any phase: the kernel can't
  /// attach a program to its function `__blk_throtl_bio`, or has no such limits.
  public let seesThrottle: Bool

  private let state: Guarded<SensorState>

  private init(_ state: consuming sending SensorState, seesThrottle: Bool) {
    self.seesThrottle = seesThrottle
    self.state = Guarded(state)
  }

  deinit { close() }

  /// Loads the program into the kernel and starts to measure. It takes some tens of milliseconds, and meanwhile some
  /// megabytes of memory for the kernel's types.
  ///
  /// - Parameters:
  ///   - program: the path of the BPF object file.
  ///   - sizes: of the tables.
  /// - Throws: `.sensorProgramUntrusted`, `.sensorUnsupported` on a kernel without BTF or with too old a block layer,
  ///   `.sensorNotPermitted` without CAP_BPF and CAP_PERFMON, `.sensorRefused` with the verifier's words.
  public static func load(
    program: String = installedProgram, sizes: Sizes = Sizes()
  ) throws(Fault) -> IOLatencySensor {
    let bytes = try SensorProgram.read(program)
    guard access(LoadFailure.types, R_OK) == 0 else {
      throw Fault(
        .sensorUnsupported, "the kernel doesn't describe its types, which the IO sensor needs", systemCall: "access",
        path: LoadFailure.types, errno: ErrorNumber(errno),
        mend: "use a kernel with CONFIG_DEBUG_INFO_BTF=y, as Debian's are, and mount /sys")
    }
    var options = ciolatency_options(
      rows: UInt32(sizes.rows), flights: UInt32(sizes.flights), shards: UInt32(sizes.shards))
    var failure = ciolatency_failure()
    guard let handle = ciolatency_load(bytes, bytes.count, &options, &failure) else {
      throw LoadFailure.fault(failure, path: program)
    }
    return IOLatencySensor(SensorState(handle: handle), seesThrottle: ciolatency_sees_throttle(handle))
  }

  /// What was counted since this was called last, or the sensor was loaded: for one caller that does so often. It costs
  /// time for what has changed only; what hasn't is left out. ``read()`` is independent of it.
  ///
  /// - Throws: `.sensorClosed`; a system call's fault where the list of keys can't be read.
  public func readWindow() throws(Fault) -> [IOLatencyKey: IOLatencyWindow] {
    try state.withLock { state throws(Fault) in
      try state.update()
      return state.takeWindows()
    }
  }

  /// All that was counted since the sensor was loaded. A window is the difference of two:
  /// ``IOLatencySnapshot/since(_:)``.
  ///
  /// - Throws: `.sensorClosed`; a system call's fault where the list of keys can't be read.
  public func read() throws(Fault) -> IOLatencySnapshot {
    try state.withLock { state throws(Fault) in
      try state.update()
      return state.snapshot
    }
  }

  /// Leaves out a group from now on, and gives its rows back: for a group that was removed. If IO of the group still
  /// ends, it is counted anew.
  ///
  /// - Throws: `.sensorClosed`; a system call's fault.
  public func forget(cgroup: UInt64) throws(Fault) {
    try state.withLock { state throws(Fault) in try state.forget { $0.cgroup == cgroup } }
  }

  /// Leaves out every group that doesn't exist any more, and gives its rows back.
  ///
  /// - Parameter mount: an open directory of the cgroup2 mount.
  /// - Throws: `.sensorClosed`; a system call's fault, EPERM without CAP_DAC_READ_SEARCH.
  /// - Returns: the groups' ids.
  @discardableResult
  public func forgetRemovedGroups(under mount: Int32) throws(Fault) -> [UInt64] {
    try state.withLock { state throws(Fault) in
      try state.update()
      var gone: Set<UInt64> = []
      for cgroup in Set(state.snapshot.latencies.keys.map(\.cgroup)) {
        let exists = try systemCall("open_by_handle_at", message: "cannot tell whether a group exists") {
          ciolatency_cgroup_exists(mount, cgroup)
        }
        if exists == 0 { gone.insert(cgroup) }
      }
      guard !gone.isEmpty else { return [] }
      try state.forget { gone.contains($0.cgroup) }
      return gone.sorted()
    }
  }

  /// What the sensor's programs have cost.
  ///
  /// - Throws: `.sensorClosed`; a system call's fault.
  public func costs() throws(Fault) -> [SensorCost] {
    try state.withLock { state throws(Fault) in try state.costs() }
  }

  /// Takes the program out of the kernel. Closing twice does no harm.
  public func close() { state.withLock { $0.close() } }
}

/// What one of the sensor's programs has cost.
public struct SensorCost: Sendable, Hashable {
  /// The program's name, cut at 15 bytes as the kernel does.
  public var name: String
  /// How often it ran; 0 unless the sysctl `kernel.bpf_stats_enabled` is on.
  public var runs: UInt64
  /// How long, in all; likewise.
  public var nanoseconds: UInt64
  /// How often the kernel left a run out, for the program was running on that processor already: IOs that aren't counted.
  public var missed: UInt64
}
