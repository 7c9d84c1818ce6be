import Faults

extension Cgroup {
  /// The files that ``events(of:)`` watches when none are named.
  public static let eventFiles = [
    "cgroup.events", "memory.events", "memory.swap.events", "pids.events", "misc.events",
  ]

  /// What happens to the group from now on, without polling: the kernel's file-modified events wake one thread that
  /// all groups of the process share.
  ///
  /// Nothing between this call and the iteration is lost. A listener that is slow sees counters that grew by more at
  /// a time, and of a state that changed to and fro only the last; nothing piles up.
  ///
  /// ```swift
  /// for try await event in try group.events() {
  ///   if case .counted(.oomKill, let delta, _) = event { print("\(delta) processes were killed") }
  /// }
  /// ```
  ///
  /// The sequence ends after ``CgroupEvent/removed``, or when the task is cancelled. It serves one iteration. It needs
  /// /proc.
  ///
  /// - Parameter files: which files to watch, such as `memory.events.local`; by default those of ``eventFiles`` and
  ///   the huge pages' that the group has.
  /// - Throws: `.groupGone`, `.noSuchFile` for a file that was named, `.systemCallFailed` where a limit on inotify
  ///   watches is reached.
  public func events(of files: [String]? = nil) throws(Fault) -> CgroupEvents {
    if let files { return try CgroupEvents(self, files: files) }
    return try CgroupEvents(self, files: defaultEventFiles())
  }

  private func defaultEventFiles() throws(Fault) -> [String] {
    let present = Set(try fileNames())
    let pages = present.filter { $0.hasPrefix("hugetlb.") && $0.hasSuffix(".events") }
    return Self.eventFiles.filter(present.contains) + pages.sorted()
  }
}

/// What happens to a group, as it happens: see ``Cgroup/events(of:)``.
public struct CgroupEvents: AsyncSequence, Sendable {
  /// An event.
  public typealias Element = CgroupEvent
  /// Iteration throws a `Fault` where a file can't be read.
  public typealias Failure = Fault

  private let group: Cgroup
  private let files: [String]
  private let watch: FileWatch
  private let start: [String: [String: UInt64]]

  init(_ group: Cgroup, files: [String]) throws(Fault) {
    self.group = group
    self.files = files
    watch = try FileWatch(group, files: files)
    var start: [String: [String: UInt64]] = [:]
    for file in files { start[file] = try group.readValue(file, as: FlatKeys.self).values }
    self.start = start
  }

  /// Starts the one iteration that the sequence serves.
  public func makeAsyncIterator() -> Iterator {
    Iterator(group: group, files: files, watch: watch, signals: watch.makeIterator(), last: start)
  }

  /// The iteration.
  public struct Iterator: AsyncIteratorProtocol {
    let group: Cgroup
    var files: [String]
    let watch: FileWatch
    var signals: AsyncStream<Void>.Iterator
    var last: [String: [String: UInt64]]
    var pending: [CgroupEvent] = []
    var isAtEnd = false

    /// The next event: see ``next(isolation:)``.
    public mutating func next() async throws(Fault) -> CgroupEvent? { try await next(isolation: nil) }

    /// The next event, `nil` after the group's removal or when the task is cancelled.
    ///
    /// - Throws: `.unreadableText`, or whatever reading the files throws beyond `.groupGone`.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(Fault) -> CgroupEvent? {
      while true {
        if !pending.isEmpty { return pending.removeFirst() }
        guard !isAtEnd, await signals.next(isolation: actor) != nil else { return nil }
        try collect()
      }
    }

    private mutating func collect() throws(Fault) {
      do {
        for file in files {
          let values = try group.readValue(file, as: FlatKeys.self).values
          compare(file, values)
        }
      } catch let fault where fault.code == .groupGone {
        pending.append(.removed)
        isAtEnd = true
      } catch let fault where fault.code == .controllerNotEnabled {
        // The parent took a controller away while its files were watched: the other files go on.
        let group = group
        files.removeAll { fault.path == group.filePath($0) }
      }
    }

    private mutating func compare(_ file: String, _ values: [String: UInt64]) {
      let before = last[file] ?? [:]
      for (key, total) in values.sorted(by: { $0.key < $1.key }) {
        let previous = before[key] ?? 0
        if file == "cgroup.events" {
          guard total != previous else { continue }
          switch key {
          case "populated": pending.append(.populated(total != 0))
          case "frozen": pending.append(.frozen(total != 0))
          default: break
          }
        } else if total > previous {
          let counter = EventCounter(file: file, key: key)
          pending.append(.counted(counter, delta: total - previous, total: total))
        }
      }
      last[file] = values
    }
  }
}

/// Any flat-keyed file.
struct FlatKeys: KernelReadable {
  var values: [String: UInt64] = [:]

  init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    var values: [String: UInt64] = [:]
    try ByteScanner.forEachFlatKey(bytes) { key, value in values[key.text] = value }
    self.values = values
  }
}
