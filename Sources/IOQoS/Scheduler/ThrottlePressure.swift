/// How much of what its `io.max` lets through a tenant takes: about 1 where the throttle holds some of it back.
///
/// What waits in blk-throttle can't be read anywhere, so it is inferred from what passed it, in each number by itself:
/// whoever mixes reads and writes may wait for one of them alone.
struct ThrottlePressure: Sendable {
  /// Operations and bytes each second that a tenant was let through; nil where nothing bounds them.
  struct Bounds: Sendable {
    var operations: PerDirection<Double?>
    var bytes: PerDirection<Double?>

    /// What a line lets through that stands for longer than blk-throttle's slice of a tenth of a second. Of each slice
    /// only whole operations pass, and what is less is lost (block/blk-throttle.c, throtl_trim_slice).
    init(standing limits: IOMaxLimits) {
      func operations(_ direction: IOMaxLimits.Direction) -> Double? {
        direction.operations.map { $0 >= 10 ? Double($0 / 10 * 10) : Double($0) }
      }
      let (read, write) = (limits.limits.read, limits.limits.write)
      self.operations = PerDirection(read: operations(read), write: operations(write))
      bytes = PerDirection(read: read.bytes.map { Double($0) }, write: write.bytes.map { Double($0) })
    }

    /// What a line lets through that is written anew each tick so that `paces` operations a second pass.
    init(paces: PerDirection<Double>, within limits: IOMaxLimits) {
      operations = PerDirection(read: paces.read, write: paces.write)
      bytes = PerDirection(
        read: limits.limits.read.bytes.map { Double($0) }, write: limits.limits.write.bytes.map { Double($0) })
    }
  }

  /// Sums of which the past fades.
  private struct Window: Sendable {
    let seconds: Double
    var passed = PerDirection(read: Work.none, write: Work.none)
    var allowed = PerDirection(read: Work.none, write: Work.none)

    mutating func note(_ added: PerDirection<Work>, _ bounds: Bounds, _ elapsed: Double) {
      let kept = seconds / (seconds + elapsed)
      for direction in IODirection.allCases {
        let (operations, bytes) = (bounds.operations[direction], bounds.bytes[direction])
        func note(_ passed: inout Double, _ allowed: inout Double, _ added: Double, _ bound: Double?) {
          // What nothing bounds says nothing.
          passed = bound == nil ? 0 : passed * kept + added
          allowed = bound.map { allowed * kept + $0 * elapsed } ?? 0
        }
        note(
          &passed[direction].operations, &allowed[direction].operations, added[direction].operations, operations)
        note(&passed[direction].bytes, &allowed[direction].bytes, added[direction].bytes, bytes)
      }
    }

    /// The greatest part that was taken of any number; half an operation of these bytes may be on its way.
    func taken(_ size: PerDirection<Double>) -> Double {
      var most = 0.0
      for direction in IODirection.allCases {
        let (passed, allowed) = (passed[direction], allowed[direction])
        if passed.operations > 0.05 { most = max(most, (passed.operations + 0.5) / (allowed.operations + 0.5)) }
        let half = size[direction] / 2
        if passed.bytes > half / 10 { most = max(most, (passed.bytes + half) / (allowed.bytes + half)) }
      }
      return most
    }
  }

  /// Whether it would use more than it has.
  private(set) var isHungry = false
  /// Whether it took nearly all of what it has within the last tenth of a second.
  private(set) var isPressing = false
  private var short = Window(seconds: 0.1)
  private var long = Window(seconds: 0.5)

  /// Takes what passed within `elapsed` seconds, and what was let through.
  ///
  /// - Parameters:
  ///   - size: bytes of an operation on average.
  ///   - calm: whether nobody's rate has been cut short for a while, so that using little says something.
  mutating func note(
    _ added: PerDirection<Work>, size: PerDirection<Double>, _ bounds: Bounds, _ elapsed: Double, calm: Bool
  ) {
    short.note(added, bounds, elapsed)
    long.note(added, bounds, elapsed)
    isPressing = short.taken(size) >= 0.85
    if isHungry {
      if calm, long.taken(size) < 0.75 { isHungry = false }
    } else {
      isHungry = isPressing
    }
  }

  /// Forgets what was, where nothing bounds the tenant.
  mutating func reset() { self = ThrottlePressure() }
}
