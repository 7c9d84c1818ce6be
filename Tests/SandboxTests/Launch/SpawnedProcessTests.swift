import Faults
import Glibc
import Testing

@testable import Sandbox

/// What becomes of the processes that the daemon starts, with a program that only says what tenant-init says.
@Suite struct SpawnedProcessTests {
  private func spawn(_ word: String, _ channel: inout InitChannel) throws(Fault) -> SpawnedProcess {
    let null = try NullDevice.open()
    let process = try StandInInit.program().spawn(
      word, cgroup: -1, descriptors: [null.rawValue, null.rawValue, null.rawValue, channel.farEnd])
    channel.closeFarEnd()
    return process
  }

  /// Whether it was waited for: there is no zombie of it.
  private func isReaped(_ process: SpawnedProcess) -> Bool {
    do throws(Fault) {
      try process.reap()
      return false
    } catch {
      return error.errno?.number == ECHILD
    }
  }

  @Test func aCommandsFirstProcessForksOnlyWhenItHasItsPlace() throws {
    var channel = try InitChannel()
    let first = try spawn("enter", &channel)
    let number = channel.descriptor
    var placed: Int32?
    var said: Int32 = -1
    let attendant = try Launcher.attendant(of: first, channel) { pid in
      placed = pid
      var watched = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
      said = poll(&watched, 1, 200)
    }
    #expect(placed == first.pid)
    #expect(said == 0, "it speaks before it has its place")
    #expect(attendant.rawValue >= 0)
    #expect(isReaped(first))
  }

  @Test func oneThatDiesBeforeItHasItsPlaceIsAFaultAndNotAWait() throws {
    var channel = try InitChannel()
    let first = try spawn("die", &channel)
    do throws(Fault) {
      _ = try Launcher.attendant(of: first, channel) { _ in usleep(200_000) }
      Issue.record("nobody can attend")
    } catch {
      #expect(error.code == .initLost)
    }
    #expect(isReaped(first))
  }

  @Test func oneThatCanNotBeGivenItsPlaceIsEndedAndTheReasonTold() throws {
    var channel = try InitChannel()
    let first = try spawn("enter", &channel)
    do throws(Fault) {
      _ = try Launcher.attendant(of: first, channel) { _ throws(Fault) in
        throw Fault(.internalError, "there is no place")
      }
      Issue.record("it has no place")
    } catch {
      #expect(error.message == "there is no place")
    }
    #expect(isReaped(first))
  }

  @Test func whatIsReapedCanBeKilledOnceMore() throws {
    var channel = try InitChannel()
    let process = try spawn("enter", &channel)
    process.kill()
    #expect(isReaped(process))
    process.kill()
    #expect(isReaped(process))
  }
}
