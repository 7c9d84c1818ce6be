import Faults
import Glibc

extension Cgroup {
  /// Memory and swap: protection, limits and what is used.
  public var memory: MemoryController { MemoryController(group: self) }
}

/// The files of the memory controller.
public struct MemoryController: Sendable {
  /// The group whose files they are.
  public let group: Cgroup

  /// memory.min: memory that is never reclaimed, as far as every ancestor grants it.
  public var min: SettingFile<Limit<Bytes>> { .init(group, "memory.min") }
  /// memory.low: memory that is reclaimed only when nothing unprotected is left.
  public var low: SettingFile<Limit<Bytes>> { .init(group, "memory.low") }
  /// memory.high: above it the group is slowed and reclaimed from, never killed.
  public var high: SettingFile<Limit<Bytes>> { .init(group, "memory.high") }
  /// memory.max: the hard limit; the OOM killer acts inside the group when reclaim doesn't help.
  public var max: SettingFile<Limit<Bytes>> { .init(group, "memory.max") }
  /// memory.swap.max: the hard limit on swap.
  public var swapMax: SettingFile<Limit<Bytes>> { .init(group, "memory.swap.max") }
  /// memory.swap.high: above it, allocations are slowed.
  public var swapHigh: SettingFile<Limit<Bytes>> { .init(group, "memory.swap.high") }
  /// memory.zswap.max: the most memory that compressed swap may take.
  public var zswapMax: SettingFile<Limit<Bytes>> { .init(group, "memory.zswap.max") }
  /// memory.zswap.writeback: whether compressed swap may go on to the swap device (Linux 6.8).
  public var zswapWriteback: SettingFile<Flag> { .init(group, "memory.zswap.writeback") }
  /// memory.oom.group: whether the OOM killer ends the whole group or single processes.
  public var oomGroup: SettingFile<Flag> { .init(group, "memory.oom.group") }
  /// memory.current: what the group and its descendants use.
  public var current: StatFile<Bytes> { .init(group, "memory.current") }
  /// memory.swap.current: what they use of swap.
  public var swapCurrent: StatFile<Bytes> { .init(group, "memory.swap.current") }
  /// memory.zswap.current: what compressed swap takes.
  public var zswapCurrent: StatFile<Bytes> { .init(group, "memory.zswap.current") }
  /// memory.peak: the most they ever used. See ``MemoryPeak`` for a peak since a moment of your choice.
  public var peak: StatFile<Bytes> { .init(group, "memory.peak") }
  /// memory.swap.peak: the most swap they ever used.
  public var swapPeak: StatFile<Bytes> { .init(group, "memory.swap.peak") }
  /// memory.stat: what the memory is used for.
  public var stat: StatFile<MemoryStat> { .init(group, "memory.stat") }
  /// memory.events: how often limits acted, descendants included.
  public var events: StatFile<MemoryEvents> { .init(group, "memory.events") }
  /// memory.events.local: the same for this group alone.
  public var eventsLocal: StatFile<MemoryEvents> { .init(group, "memory.events.local") }
  /// memory.swap.events: how often the limits on swap acted.
  public var swapEvents: StatFile<SwapEvents> { .init(group, "memory.swap.events") }
  /// memory.pressure: time lost waiting for memory.
  public var pressure: PressureFile { .init(group, .memory) }

  /// A reader of memory.peak that can start the measurement anew.
  ///
  /// - Throws: `.permissionDenied` on kernels before 6.12, where the file can't be written.
  public func peakReader() throws(Fault) -> MemoryPeak { try MemoryPeak(group: group, file: "memory.peak") }

  /// Has the kernel take memory back from the group, through memory.reclaim (Linux 5.19).
  ///
  /// The call blocks until the kernel is done.
  ///
  /// - Parameters:
  ///   - amount: how much to take back; the kernel may take more.
  ///   - swappiness: how readily anonymous memory is swapped out, 0 to 200 (Linux 6.10).
  /// - Throws: `.reclaimIncomplete` where less was taken back.
  public func reclaim(_ amount: Bytes, swappiness: UInt64? = nil) throws(Fault) {
    let value = amount.kernelText + (swappiness.map { " swappiness=\($0)" } ?? "")
    do {
      try group.writeFile("memory.reclaim", value)
    } catch {
      guard error.errno?.number == EAGAIN else { throw error }
      var explained = error
      explained.code = .reclaimIncomplete
      explained.mend = "the rest is in use: ask for less, or allow swap"
      throw explained
    }
  }
}

/// Reads memory.peak through a descriptor of its own, on which the peak can be set back (Linux 6.12).
public final class MemoryPeak {
  private let reader: Reader<Bytes>

  init(group: Cgroup, file: String) throws(Fault) {
    reader = try Reader(group: group, file: file, flags: O_RDWR)
  }

  /// The most memory used since ``reset()`` on this object, or ever if that was never called.
  ///
  /// - Throws: `.groupGone` once the group was removed.
  public func read() throws(Fault) -> Bytes { try reader.read() }

  /// Starts anew from what is used now; other readers aren't affected.
  ///
  /// - Throws: `.groupGone` once the group was removed.
  public func reset() throws(Fault) { try reader.write("reset\n") }
}
