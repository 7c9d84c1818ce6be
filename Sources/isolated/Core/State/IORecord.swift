import IOPlanning
import IOQoS

/// What a restarted daemon must know of a tenant's disks.
struct IORecord: Codable, Sendable {
  /// What the tenant was promised of one disk.
  struct Entry: Codable, Sendable {
    /// The policy's path.
    var path: String
    var disk: IOAssignment.Disk
    var promise: IOQoS.Promise
    /// The policy's `class`.
    var priorityClass: String?
  }

  var entries: [Entry]
  /// The file systems that it may write to.
  var written: [FileSystemUse]

  /// The promises in sentences, one for each disk.
  var texts: [String] {
    entries.map { entry in
      let promise = entry.promise
      var words: [String] = []
      if !promise.reservation.isEmpty { words.append("\(Wording.rates(promise.reservation)) reserved") }
      if !promise.limit.isEmpty { words.append("at most \(Wording.rates(promise.limit))") }
      words += promise.targets.map(Wording.target)
      words.append("weight \(promise.weight)")
      let preset = entry.priorityClass.map { " (class \($0))" } ?? ""
      return "\(entry.disk.name), by \(entry.path): \(words.joined(separator: ", "))\(preset)"
    }
  }
}
