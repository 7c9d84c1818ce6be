import CLinux
import Faults
import Glibc
import Kernel

/// Direct IO on a file or device by the kernel's native asynchronous interface: io_submit(2), one IO at a call.
///
/// It is used rather than io_uring since it is there on every kernel and allowed on every host (io_uring is switched
/// off on many by kernel.io_uring_disabled), and takes the same way through the block layer: what it costs more is
/// microseconds of processor time, which the report names where they weigh. One at a call, so that the kernel's plug
/// doesn't merge neighbours.
public struct LinuxAIO: IOEngine, ~Copyable {
  /// How many IOs may be in flight.
  public let slots: Int
  /// The bytes of the measured region.
  public let size: Int
  /// The largest IO that isn't split.
  public let largestIO: Int
  private let file: SharedDescriptor
  private let path: String
  private let context: UInt64
  private let requests: UnsafeMutablePointer<iocb>
  private let events: UnsafeMutablePointer<io_event>
  /// What is written, and behind it as much room for what is read.
  private let bytes: UnsafeMutableRawPointer
  private static let bufferSize = 4 << 20

  /// How the IO is done, for the report.
  public var method: String { "libaio (io_submit), O_DIRECT" }

  /// Sets up the IO of a descriptor that was opened with O_DIRECT.
  public init(
    file: SharedDescriptor, path: String, size: Int, largestIO: Int, slots: Int = 1024
  ) throws(Fault) {
    var made: UInt64 = 0
    try systemCall("io_setup", message: "the kernel gives no context for asynchronous IO") {
      clinux_aio_setup(UInt32(slots), &made)
    }
    context = made
    self.file = file
    self.path = path
    self.size = size
    self.largestIO = min(largestIO, Self.bufferSize)
    self.slots = slots
    requests = .allocate(capacity: slots)
    requests.initialize(repeating: iocb(), count: slots)
    events = .allocate(capacity: slots)
    events.initialize(repeating: io_event(), count: slots)
    bytes = .allocate(byteCount: 2 * Self.bufferSize, alignment: 4096)
    // Data that neither a disk nor a file system can compress or take for zeros.
    var random = SplitMix(seed: 0x1505)
    for word in 0..<(Self.bufferSize / 8) {
      bytes.storeBytes(of: random.next(), toByteOffset: word * 8, as: UInt64.self)
    }
    // Failing costs precision only, and the lateness of what is started shows in the report.
    _ = clinux_precise_timers()
  }

  deinit {
    // Waits for what is in flight: the kernel writes to the buffers till then.
    _ = clinux_aio_destroy(context)
    requests.deallocate()
    events.deallocate()
    bytes.deallocate()
  }

  /// CLOCK_MONOTONIC.
  public var now: Int64 { Self.time(CLOCK_MONOTONIC) }
  /// CLOCK_THREAD_CPUTIME_ID.
  public var processorTime: Int64 { Self.time(CLOCK_THREAD_CPUTIME_ID) }

  private static func time(_ clock: clockid_t) -> Int64 {
    var now = timespec()
    clock_gettime(clock, &now)
    return Int64(now.tv_sec) &* 1_000_000_000 &+ Int64(now.tv_nsec)
  }

  /// Starts an IO.
  ///
  /// - Throws: `io-calibration.io-failed`.
  public mutating func submit(_ request: IORequest) throws(Fault) {
    guard request.slot >= 0, request.slot < slots, request.length <= Self.bufferSize else {
      throw Fault(.internalError, "an IO out of bounds was asked for")
    }
    // IOs in flight may share memory: nobody looks at what was read. But what is being written must not change, since
    // checksums and mirrors are made of it (T10 protection information, dm-integrity, RAID).
    let room = Self.bufferSize / max(request.length, 1)
    let place = bytes + (request.isWrite ? 0 : Self.bufferSize) + request.slot % max(room, 1) * request.length
    let entry = requests + request.slot
    clinux_aio_prepare(
      entry, file.rawValue, request.isWrite ? 1 : 0, place, request.length, Int64(request.offset), UInt64(request.slot))
    while true {
      if clinux_aio_submit(context, entry) == 1 { return }
      if errno == EINTR { continue }
      if errno == EAGAIN {
        usleep(100)
        continue
      }
      let number = ErrorNumber(errno)
      throw Fault(
        .ioFailed, "the disk takes no direct IO", systemCall: "io_submit", path: path, errno: number)
    }
  }

  /// Takes what has completed.
  ///
  /// - Throws: `io-calibration.io-failed`, also where an IO was cut short.
  public mutating func reap(until deadline: Int64, into completions: inout [IOCompletion]) throws(Fault) {
    completions.removeAll(keepingCapacity: true)
    // EINTR counts as nothing having come: the caller looks whether it should go on.
    let count = Int(clinux_aio_wait(context, Int32(slots), events, max(deadline - now, 0)))
    if count < 0 {
      let number = ErrorNumber(errno)
      guard number.number != EINTR else { return }
      throw Fault(
        .ioFailed, "cannot wait for the disk", systemCall: "io_getevents", path: path, errno: number)
    }
    let time = now
    for index in 0..<count {
      let event = events[index]
      let slot = Int(truncatingIfNeeded: event.data)
      guard slot >= 0, slot < slots else { throw Fault(.internalError, "an unknown IO completed") }
      if event.res < 0 {
        throw Fault(
          .ioFailed, "an IO failed while the disk was measured", path: path,
          errno: ErrorNumber(Int32(truncatingIfNeeded: -event.res)))
      }
      guard UInt64(event.res) == requests[slot].aio_nbytes else {
        throw Fault(.ioFailed, "an IO was cut short while the disk was measured", path: path)
      }
      completions.append(IOCompletion(slot: slot, time: time))
    }
  }
}
