import Faults

extension Cgroup {
  /// Huge pages, by their size.
  public var hugetlb: HugetlbController { HugetlbController(group: self) }
}

/// The files of the hugetlb controller.
public struct HugetlbController: Sendable {
  /// The group whose files they are.
  public let group: Cgroup

  /// A size of huge pages, in the kernel's spelling: `2MB`, `1GB`.
  public struct PageSize: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral {
    /// The kernel's spelling.
    public let rawValue: String
    /// Wraps the kernel's spelling.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// Wraps the kernel's spelling.
    public init(stringLiteral value: String) { rawValue = value }
  }

  /// The sizes that this group has files for.
  ///
  /// - Throws: `.groupGone`, `.permissionDenied`.
  public func pageSizes() throws(Fault) -> [PageSize] {
    try group.fileNames().compactMap { name in
      guard name.hasPrefix("hugetlb."), name.hasSuffix(".current"), !name.hasSuffix(".rsvd.current") else {
        return nil
      }
      return PageSize(rawValue: String(name.dropFirst("hugetlb.".count).dropLast(".current".count)))
    }.sorted { $0.rawValue < $1.rawValue }
  }

  /// The files for one size of pages.
  public subscript(size: PageSize) -> HugetlbFiles { HugetlbFiles(group: group, size: size) }
}

/// The files of the hugetlb controller for one size of pages.
public struct HugetlbFiles: Sendable {
  /// The group whose files they are.
  public let group: Cgroup
  /// The size of the pages.
  public let size: HugetlbController.PageSize

  /// hugetlb.SIZE.max: the limit on use, in bytes; beyond it a process gets SIGBUS.
  public var max: SettingFile<Limit<Bytes>> { .init(group, "hugetlb.\(size.rawValue).max") }
  /// hugetlb.SIZE.current: what is used.
  public var current: StatFile<Bytes> { .init(group, "hugetlb.\(size.rawValue).current") }
  /// hugetlb.SIZE.rsvd.max: the limit on reservations, in bytes; beyond it mmap(2) fails.
  public var reservedMax: SettingFile<Limit<Bytes>> { .init(group, "hugetlb.\(size.rawValue).rsvd.max") }
  /// hugetlb.SIZE.rsvd.current: what is reserved.
  public var reservedCurrent: StatFile<Bytes> { .init(group, "hugetlb.\(size.rawValue).rsvd.current") }
  /// hugetlb.SIZE.events: how often the limit was hit, descendants included.
  public var events: StatFile<HugetlbEvents> { .init(group, "hugetlb.\(size.rawValue).events") }
  /// hugetlb.SIZE.events.local: the same for this group alone.
  public var eventsLocal: StatFile<HugetlbEvents> { .init(group, "hugetlb.\(size.rawValue).events.local") }
}

/// What hugetlb.SIZE.events says.
public struct HugetlbEvents: KernelReadable, Hashable {
  /// How often an allocation failed at the limit.
  public var max: UInt64

  /// Parses hugetlb.SIZE.events; keys that this library doesn't know are passed over.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    var max: UInt64 = 0
    try ByteScanner.forEachFlatKey(bytes) { key, value in
      if key.equals("max") { max = value }
    }
    self.max = max
  }
}
