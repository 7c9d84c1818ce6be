import CgroupKit
import Faults
import Glibc
import IOQoS
import Kernel

/// What disks could do a moment ago, as shares of their calibration, so that a restarted daemon doesn't begin by
/// letting in what a slowed disk can't take. It lies on /run, and so doesn't outlive the host.
///
/// A file holds the share, when the calibration was made that it is a share of, and the disk's id: another disk may
/// come under the same number, and a new calibration counts in units of its own.
final class CapacityMemory {
  private let directory: String
  private var kept: [String: Double] = [:]

  init(directory: String) { self.directory = directory }

  /// What was kept of a disk under a calibration; nil where nothing was, or what is there is no such number.
  func recall(_ disk: IOAssignment.Disk, measured: Int64) -> Double? {
    guard let text = try? SmallFile.read(path(disk), limit: 4096) else { return nil }
    let words = text.split(separator: " ", maxSplits: 1)
    guard words.count == 2, words[1] == Self.key(disk, measured), let share = Double(words[0]), share.isFinite,
      share > 0.001, share < 1000
    else { return nil }
    return share
  }

  /// Keeps a disk's capacity, if it has changed by more than a hundredth.
  func keep(_ share: Double, of disk: IOAssignment.Disk, measured: Int64) throws(Fault) {
    let key = Self.key(disk, measured)
    if let last = kept[key], abs(share - last) <= 0.01 * last { return }
    try SmallFile.replace(path(disk), with: Array("\(share) \(key)".utf8))
    kept[key] = share
  }

  private static func key(_ disk: IOAssignment.Disk, _ measured: Int64) -> String { "\(measured) \(disk.id)" }

  private func path(_ disk: IOAssignment.Disk) -> String {
    "\(directory)/capacity-\(disk.number.major)-\(disk.number.minor)"
  }
}
