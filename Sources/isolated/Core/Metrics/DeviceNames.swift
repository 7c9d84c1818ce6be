import CgroupKit
import Glibc

/// The names of disks in /sys/block by their numbers, looked up once in a scrape: a number may get another disk.
struct DeviceNames {
  private var labels: [DeviceNumber: MetricLabels] = [:]
  private let directory: String

  /// - Parameter directory: where disks are listed by their numbers.
  init(directory: String = "/sys/dev/block") { self.directory = directory }

  /// `device="…"`: the name, or the numbers of a disk that has none any more.
  mutating func label(_ number: DeviceNumber) -> MetricLabels {
    if let known = labels[number] { return known }
    let label = MetricLabels("device", name(number) ?? Array("\(number)".utf8))
    labels[number] = label
    return label
  }

  private func name(_ number: DeviceNumber) -> [UInt8]? {
    // The link leads to a directory of that name: ../../devices/…/block/sda.
    var target = [CChar](repeating: 0, count: 4096)
    let count = readlink("\(directory)/\(number)", &target, target.count)
    guard count > 0 else { return nil }
    let name = target[..<count].split(separator: CChar(UInt8(ascii: "/"))).last
    return name?.map { UInt8(bitPattern: $0) }
  }
}
