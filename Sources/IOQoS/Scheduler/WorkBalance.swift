/// What a device was given to do against what its tenants are known to have given it, over the last seconds.
///
/// Both are sums of which the past fades, so that what is learnt late of a tenant is made up for, and what waits in the
/// device counts as given.
struct WorkBalance: Sendable {
  /// The rate of what no tenant gave, in cost each second.
  private(set) var unexplained = 0.0
  /// The part of what the tenants gave that the device saw: below 1 where operations were merged on their way.
  private(set) var merging = 1.0

  /// Whether the device was given notably more in the last moments than its tenants are known to have given: one of
  /// those who are seldom read has woken.
  private(set) var isSurprised = false

  private var given = 0.0
  private var known = 0.0
  private var span = 0.0
  private var recent = 0.0
  private var last: (given: Double, known: Double, time: Int64)?

  /// Time constant in seconds; a tenant that sleeps is read twice a second.
  private static let fadeTime = 2.0
  /// The same for the last moments.
  private static let recentTime = 0.1
  /// What is less than this part of the whole is no more than the error of readings at different times.
  private static let noise = 0.02
  /// Seconds before anything is said.
  private static let least = 1.0

  /// Takes the sums: what the device has done, what waits in it, and what tenants dispatched to it.
  mutating func note(work: Double, waiting: Double, dispatched: Double, capacity: Double, at time: Int64) {
    let now = (given: work + waiting, known: dispatched, time: time)
    defer { last = now }
    guard let last, time > last.time, work >= 0 else { return }
    let seconds = Double(time &- last.time) / 1e9
    guard seconds <= 1 else {
      self = WorkBalance()
      return
    }
    let kept = Self.fadeTime / (Self.fadeTime + seconds)
    given = given * kept + (now.given - last.given)
    known = known * kept + (now.known - last.known)
    span = span * kept + seconds
    let added = (now.given - last.given) - (now.known - last.known)
    recent = recent * Self.recentTime / (Self.recentTime + seconds) + added
    isSurprised = recent > Self.noise * capacity * Self.recentTime * 5
    guard span >= Self.least else { return }
    let rest = given - known
    let noise = Self.noise * max(given, known)
    unexplained = max(0, rest - noise) / span
    merging = known > 0 && rest < -noise ? min(1, max(0.05, given / known)) : 1
  }
}
