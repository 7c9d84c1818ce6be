import CTenantPlan
import Dispatch
import Faults
import Glibc
import Kernel

/// User and network namespaces made ahead of time, as pairs: a network namespace takes half a millisecond to make,
/// and one that isn't owned by the tenant's user namespace refuses it CAP_NET_BIND_SERVICE.
///
/// A pair has no id map until a tenant gets it, and is never used again. Where the pool is empty or broken, a tenant
/// makes its own.
public final class NamespacePool: Sendable {
  /// Two namespaces that belong together.
  struct Pair: Sendable {
    let user: SharedDescriptor
    let network: SharedDescriptor
  }

  private let program: InitProgram
  private let size: Int
  private let stock = Guarded(Stock())
  private let wanted = DispatchSemaphore(value: 0)
  private let report: @Sendable (Fault) -> Void

  private struct Stock {
    var pairs: [Pair] = []
    /// How many have been asked for and aren't there yet.
    var ordered = 0
  }

  /// A pool that is filled by a thread of its own, once ``fill()`` runs on it.
  ///
  /// - Parameters:
  ///   - size: how many pairs are kept; each holds two descriptors.
  ///   - report: told when pairs can't be made.
  public init(program: InitProgram, size: Int, report: @escaping @Sendable (Fault) -> Void) {
    self.program = program
    self.size = size
    self.report = report
    stock.withLock { $0.ordered = size }
    for _ in 0..<size { wanted.signal() }
  }

  /// A pair, if there is one.
  ///
  /// New ones are made once half of them are gone: their making competes for processors with the start that takes
  /// this one. It isn't made less urgent by a nice value, since it holds locks that all network configuration waits for.
  func take() -> Pair? {
    let (pair, missing) = stock.withLock { stock -> (Pair?, Int) in
      let pair = stock.pairs.isEmpty ? nil : stock.pairs.removeFirst()
      guard stock.pairs.count <= size / 2 else { return (pair, 0) }
      let missing = size - stock.pairs.count - stock.ordered
      stock.ordered += missing
      return (pair, missing)
    }
    for _ in 0..<missing { wanted.signal() }
    return pair
  }

  /// Keeps the pool full, for ever; blocks its thread.
  public func fill() -> Never {
    while true {
      report(serveUntilBroken())
      // Whatever is broken is not mended by trying at once.
      sleep(10)
    }
  }

  // Not inlined: the optimizer of Swift 6.3 doesn't end on the two nested endless loops.
  @inline(never)
  private func serveUntilBroken() -> Fault {
    do throws(Fault) {
      let maker = try Maker(program)
      while true { try addPair(maker) }
    } catch {
      return error
    }
  }

  @inline(never)
  private func addPair(_ maker: borrowing Maker) throws(Fault) {
    wanted.wait()
    do throws(Fault) {
      let pair = try maker.make()
      stock.withLock { stock in
        stock.pairs.append(pair)
        stock.ordered -= 1
      }
    } catch {
      wanted.signal()
      throw error
    }
  }

  /// The process that makes pairs: tenant-init in the daemon's own group.
  private struct Maker: ~Copyable {
    private let channel: InitChannel
    private let process: SpawnedProcess

    init(_ program: InitProgram) throws(Fault) {
      var channel = try InitChannel()
      let null = try NullDevice.open()
      process = try program.spawn(
        "pairs", cgroup: -1, descriptors: [null.rawValue, null.rawValue, null.rawValue, channel.farEnd])
      channel.closeFarEnd()
      self.channel = channel
    }

    deinit { process.kill() }

    func make() throws(Fault) -> Pair {
      try channel.send(TENANT_MESSAGE_PAIR, value: AccountIdentity.next())
      let descriptors = try channel.expect(TENANT_MESSAGE_PAIR).descriptors
      guard descriptors.count == 2 else {
        throw Fault(
          .initLost, "tenant-init sent \(descriptors.count) descriptors instead of a pair of namespaces")
      }
      return Pair(user: descriptors[0], network: descriptors[1])
    }
  }
}
