import Faults
import Kernel

/// Filters compiled once for each distinct policy, kept in memory and, if a directory is given, on disk.
///
/// Compiling takes milliseconds and a lookup microseconds. Safe to use from any thread; two that ask for the same new
/// policy at once wait for one compilation.
public final class SeccompCache: Sendable {
  /// A filter and where it came from.
  public struct Answer: Sendable {
    /// Where a filter came from.
    public enum Source: Sendable {
      case memory, disk, compiler
    }
    /// The filter.
    public var filter: SeccompFilter
    /// Where it came from.
    public var source: Source
    /// What went wrong with the disk on the way, for the log: the filter is good all the same.
    public var complaints: [Fault]
  }

  /// Makes a cache.
  ///
  /// - Parameters:
  ///   - directory: where to keep programs between runs; it must exist, and only root (or whoever runs this) may write
  ///     there, since a program in it is believed after a check of its digest and of its meaning.
  ///   - capacity: how many filters stay in memory; the least recently used goes first. At least 1.
  public init(directory: String? = nil, capacity: Int = 64) {
    store = directory.map { SeccompStore(directory: $0) }
    self.capacity = max(1, capacity)
  }

  /// The filter for a policy, compiled if it has to be.
  ///
  /// - Throws: ``Faults/Fault`` of ``SeccompCompiler/compile(_:)``; trouble with the disk is no error but a complaint.
  public func filter(for policy: SeccompPolicy) throws(Fault) -> Answer {
    if let known = remembered(policy) { return known }
    // Compiling holds a lock of its own, so that a policy that takes long to compile delays no one who has a filter.
    let result = compilation.withLock { _ -> Result<Answer, Fault> in
      if let known = remembered(policy) { return .success(known) }
      do throws(Fault) {
        let answer = try load(policy)
        remember(answer.filter, for: policy)
        return .success(answer)
      } catch { return .failure(error) }
    }
    return try result.get()
  }

  private func remembered(_ policy: SeccompPolicy) -> Answer? {
    memory.withLock { memory in
      guard let known = memory.filters[policy]?.filter else { return nil }
      memory.clock += 1
      memory.filters[policy] = (known, memory.clock)
      return Answer(filter: known, source: .memory, complaints: [])
    }
  }

  private func remember(_ filter: SeccompFilter, for policy: SeccompPolicy) {
    memory.withLock { memory in
      if memory.filters.count >= capacity,
        let oldest = memory.filters.min(by: { $0.value.lastUse < $1.value.lastUse })?.key
      {
        memory.filters[oldest] = nil
      }
      memory.clock += 1
      memory.filters[policy] = (filter, memory.clock)
    }
  }

  private struct Memory {
    var filters: [SeccompPolicy: (filter: SeccompFilter, lastUse: UInt64)] = [:]
    var clock: UInt64 = 0
  }

  private let memory = Guarded(Memory())
  // As in SeccompCompiler: not of no size.
  private let compilation = Guarded(false)
  private let store: SeccompStore?
  private let capacity: Int

  private func load(_ policy: SeccompPolicy) throws(Fault) -> Answer {
    guard let store else {
      return Answer(filter: try SeccompCompiler.compile(policy), source: .compiler, complaints: [])
    }
    var complaints: [Fault] = []
    let key = SeccompCompiler.cacheKey(of: policy)
    do throws(Fault) {
      if let program = try store.load(key) {
        return Answer(
          filter: try SeccompCompiler.adopt(program, for: policy), source: .disk, complaints: [])
      }
    } catch {
      complaints.append(error)
    }
    let filter = try SeccompCompiler.compile(policy)
    do throws(Fault) { try store.save(filter.bytes, key) } catch { complaints.append(error) }
    return Answer(filter: filter, source: .compiler, complaints: complaints)
  }
}
