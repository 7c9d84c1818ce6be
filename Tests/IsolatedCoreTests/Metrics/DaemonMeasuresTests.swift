import Faults
import Testing

@testable import IOQoS
@testable import IsolatedCore

@Suite struct DaemonMeasuresTests {
  @Test func aStageIsTheTimeSinceTheOneBefore() {
    let measures = DaemonMeasures()
    var times = SpawnTimes()
    times.end(.queue, at: times.asked + 1_000_000)
    times.end(.plan, at: times.asked + 3_000_000)
    // The init's stamp may be taken before the group's is written.
    times.end(.group, at: times.asked + 2_000_000)
    times.end(.exec, at: times.asked + 12_000_000)
    measures.spawned(times)
    let values = measures.snapshot
    #expect(values.spawned == 1)
    #expect(values.stages[.queue]?.nanoseconds == 1_000_000 && values.stages[.plan]?.nanoseconds == 2_000_000)
    #expect(values.stages[.group]?.nanoseconds == 0 && values.stages[.exec]?.nanoseconds == 10_000_000)
    #expect(values.stages[.namespaces]?.counts.allSatisfy { $0 == 0 } == true)
  }

  @Test func onlyWhatThereIsNoRoomForIsARefusal() {
    for code in [Fault.Code.tooManyTenants, .memoryRefused, .ioReservationsExceedCapacity, .ioTargetUnreachable] {
      #expect(DaemonMeasures.isRefusal(code.rawValue))
    }
    for code in [Fault.Code.tenantExists, .unknownPolicy, .internalError, .noDisk] {
      #expect(!DaemonMeasures.isRefusal(code.rawValue))
    }
  }

  @Test func manyThreadsCountTogether() async {
    let measures = DaemonMeasures()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<100 {
        group.addTask {
          measures.failed(.tenantExists)
          measures.ended(.exited)
          measures.spawned(SpawnTimes())
        }
      }
    }
    let values = measures.snapshot
    #expect(values.spawned == 100 && values.failures == ["tenant.exists": 100] && values.exits == ["exited": 100])
  }
}
