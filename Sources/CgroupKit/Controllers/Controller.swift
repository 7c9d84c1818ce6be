import Faults

/// The name of a resource controller.
public struct Controller: RawRepresentable, Hashable, Sendable, Comparable, ExpressibleByStringLiteral {
  /// The name as cgroup.controllers lists it.
  public let rawValue: String

  /// Wraps a name, known to this library or not.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// Wraps a name.
  public init(stringLiteral value: String) { rawValue = value }

  /// CPU time: ``Cgroup/cpu``.
  public static let cpu: Controller = "cpu"
  /// CPUs and memory nodes: ``Cgroup/cpuset``.
  public static let cpuset: Controller = "cpuset"
  /// Block devices: ``Cgroup/io``.
  public static let io: Controller = "io"
  /// Memory and swap: ``Cgroup/memory``.
  public static let memory: Controller = "memory"
  /// The number of processes: ``Cgroup/pids``.
  public static let pids: Controller = "pids"
  /// Huge pages: ``Cgroup/hugetlb``.
  public static let hugetlb: Controller = "hugetlb"
  /// Countable resources such as encryption contexts: ``Cgroup/misc``.
  public static let misc: Controller = "misc"
  /// RDMA devices: ``Cgroup/rdma``.
  public static let rdma: Controller = "rdma"

  /// Orders by name.
  public static func < (left: Controller, right: Controller) -> Bool { left.rawValue < right.rawValue }
}

extension Controller: CustomStringConvertible {
  /// The name.
  public var description: String { rawValue }
}

/// The controllers that cgroup.controllers or cgroup.subtree_control lists.
struct ControllerList: KernelReadable {
  var controllers: Set<Controller> = []

  init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    var scanner = ByteScanner(bytes)
    while let word = scanner.word() {
      guard
        word.rest.allSatisfy({
          $0 == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
        })
      else { throw word.fault(expected: "a controller's name") }
      controllers.insert(Controller(rawValue: word.text))
    }
  }
}
