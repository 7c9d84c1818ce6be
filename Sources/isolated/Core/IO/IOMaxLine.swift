import CgroupKit
import IOQoS

extension IOMaxLimits {
  /// What a line of `io.max` says.
  init(_ line: IOMax) {
    self.init(
      PerDirection(
        read: .init(operations: line.riops.amount?.rawValue, bytes: line.rbps.amount?.rawValue),
        write: .init(operations: line.wiops.amount?.rawValue, bytes: line.wbps.amount?.rawValue)))
  }

  /// The line about a disk; the kernel takes no limit below 2.
  func line(on disk: DeviceNumber) -> IOMax {
    func operations(_ value: UInt64?) -> CgroupKit.Limit<Count> { value.map { .at(Count(max(2, $0))) } ?? .max }
    func bytes(_ value: UInt64?) -> CgroupKit.Limit<Bytes> { value.map { .at(Bytes(max(2, $0))) } ?? .max }
    return IOMax(
      device: disk, rbps: bytes(limits.read.bytes), wbps: bytes(limits.write.bytes),
      riops: operations(limits.read.operations), wiops: operations(limits.write.operations))
  }
}
