import Faults
import Testing

@testable import CgroupKit

/// The article "Limit a worker" of the library's documentation, step by step.
@Suite struct WorkedExampleTests {
  @Test(
    .enabled(
      if: [.cpu, .io, .memory, .pids].allSatisfy(Ground.has),
      "the ground doesn't hand all four controllers down"))
  func aWorkerIsLimitedWatchedFrozenAndEnded() async throws {
    try await withSite { site in
      let service = site.group
      let program = try Sleeper()
      try service.attach(program.id)
      let supervisor = try service.createChild("supervisor")
      try service.moveProcesses(to: supervisor)
      try service.enable([.cpu, .io, .memory, .pids])

      let worker = try service.createChild("worker")
      try worker.cpu.max.write(.percent(50))
      try worker.memory.max.write(.at(.mebibytes(256)))
      if worker.memory.swapMax.exists { try worker.memory.swapMax.write(0) }
      try worker.memory.oomGroup.write(true)
      let disk = try Ground.disk()
      try worker.io.max.write(IOMax(device: disk, rbps: .at(10_000_000), wbps: .at(10_000_000)))
      try worker.pids.max.write(64)
      #expect(try worker.cpu.max.read().kernelText == "50000 100000")
      let limits = try worker.io.max.read()
      #expect(limits.description == "\(disk) rbps=10000000 wbps=10000000 riops=max wiops=max")

      let process = try Sleeper()
      var events = try worker.events().makeAsyncIterator()
      try worker.attach(process.id)
      #expect(try await events.next() == .populated(true))
      try await worker.freeze()
      try await worker.thaw()
      try worker.kill()
      try await worker.waitUntilEmpty()
      try await worker.remove()
      #expect(try service.childIfPresent("worker") == nil)
    }
  }
}
