/// One operation on its way.
struct SimulatedOperation {
  var stream: Int
  /// When its group asked for it.
  var submitted: Int64
  /// When it passed the throttle.
  var entered: Int64 = 0
  var bytes: Int
  var isWrite: Bool
}

/// What happens next in a simulation.
struct SimulatedEvent {
  enum Kind {
    case completion, arrival, throttle, tick, toggle
  }
  var time: Int64
  var kind: Kind
  var index: Int
  var operation: SimulatedOperation
}

/// A binary heap of events by time.
struct EventQueue {
  private var heap: [SimulatedEvent] = []

  mutating func push(_ event: SimulatedEvent) {
    heap.append(event)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      if heap[parent].time <= heap[child].time { break }
      heap.swapAt(parent, child)
      child = parent
    }
  }

  mutating func pop() -> SimulatedEvent? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    guard !heap.isEmpty else { return first }
    var hole = 0
    while true {
      var child = 2 * hole + 1
      if child >= heap.count { break }
      if child + 1 < heap.count, heap[child + 1].time < heap[child].time { child += 1 }
      if last.time <= heap[child].time { break }
      heap[hole] = heap[child]
      hole = child
    }
    heap[hole] = last
    return first
  }
}
