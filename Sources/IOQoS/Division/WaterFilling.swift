/// Fills rooms of different size, at a speed given by their weights, with one amount.
struct WaterFilling: Sendable {
  private var rooms: [Double] = []
  private var weights: [Double] = []
  private var times: [Double] = []
  private var weightsFrom: [Double] = []

  mutating func resize(to count: Int) {
    rooms.resize(to: count)
    weights.resize(to: count)
    times.resize(to: count)
    weightsFrom.resize(to: count)
  }

  mutating func set(_ index: Int, room: Double, weight: Double) {
    rooms[index] = room
    weights[index] = weight
    times[index] = weight > 0 ? room / weight : 0
  }

  func room(_ index: Int) -> Double { rooms[index] }

  /// What flows into a room by the time that the level is reached, were it endless.
  func part(_ index: Int, at level: Double) -> Double { weights[index] > 0 ? weights[index] * level : 0 }

  /// The level at which the parts, none more than its room, sum up to `amount`; infinite where all rooms hold less.
  mutating func level(of amount: Double, _ order: inout KeptOrder) -> Double {
    order.sort(times)
    // Sums of weights from behind: subtracting from the whole would lose the small ones in rounding.
    var sum = 0.0
    for place in stride(from: times.count - 1, through: 0, by: -1) {
      sum += weights[order[place]]
      weightsFrom[place] = sum
    }
    var left = amount
    for place in times.indices {
      let index = order[place]
      if times[index] * weightsFrom[place] > left { return max(0, left / weightsFrom[place]) }
      left -= rooms[index]
    }
    return .infinity
  }
}

extension [Double] {
  /// Makes the row as long as told, in place; what is new is 0.
  mutating func resize(to length: Int) {
    if count > length { removeLast(count - length) }
    while count < length { append(0) }
  }
}
