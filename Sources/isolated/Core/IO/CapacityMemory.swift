import CgroupKit
import Faults
import Glibc
import IOQoS
import Kernel

/// What disks could do a moment ago, as shares of their calibration, so that a restarted daemon doesn't begin by
/// letting in what a slowed disk can't take. It lies on /run, and so doesn't outlive the host.
final class CapacityMemory {
  private let directory: String
  private var kept: [String: Double] = [:]

  init(directory: String) { self.directory = directory }

  /// What was kept of a disk; nil where nothing was, or what is there is no such number.
  func recall(_ disk: IOAssignment.Disk) -> Double? {
    guard let text = try? SmallFile.read(path(disk), limit: 64), let share = Double(text), share.isFinite,
      share > 0.001, share < 1000
    else { return nil }
    return share
  }

  /// Keeps a disk's capacity, if it has changed by more than a hundredth.
  func keep(_ share: Double, of disk: IOAssignment.Disk) throws(Fault) {
    if let last = kept[disk.id], abs(share - last) <= 0.01 * last { return }
    try SmallFile.replace(path(disk), with: Array("\(share)".utf8))
    kept[disk.id] = share
  }

  private func path(_ disk: IOAssignment.Disk) -> String {
    "\(directory)/capacity-\(disk.number.major)-\(disk.number.minor)"
  }
}
