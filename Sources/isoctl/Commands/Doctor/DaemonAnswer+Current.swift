import ControlProtocol
import Faults
import Glibc
import Kernel

extension DaemonAnswer {
  /// Milliseconds that the daemon has for each answer: one that hangs must not keep the doctor from the host.
  private static let patience: Int32 = 5000

  /// Asks the daemon.
  static func current(_ connection: Connection) -> DaemonAnswer {
    do throws(Fault) {
      let version = try ask(Version.self, connection)
      var answer = DaemonAnswer(
        socket: connection.path, reach: .answers(version: version.version, controllers: version.controllers))
      for disk in try ask(IOStatus.self, connection).disks {
        if let absence = disk.sensor { answer.latencyAbsences[disk.name] = absence }
      }
      return answer
    } catch {
      return DaemonAnswer(socket: connection.path, reach: .fails(error))
    }
  }

  private static func ask<Method: ControlMethod>(
    _ method: Method.Type, _ connection: Connection
  ) throws(Fault) -> Method.Reply where Method.Request == NoParameters {
    var client = try connection.open()
    try client.send(
      WireFormat.encodeCall(CallEnvelope(method: Method.qualifiedName), parameters: NoParameters()))
    var watched = pollfd(fd: client.descriptor, events: Int16(POLLIN), revents: 0)
    guard try systemCall("poll", { poll(&watched, 1, patience) }) > 0 else {
      throw Fault(
        .noAnswer, "the daemon runs, but doesn't answer within \(patience / 1000) s",
        mend: "see journalctl -u isolated, then systemctl restart isolated (no tenant is touched)")
    }
    return try client.receive(Method.Reply.self).reply
  }
}

extension Fault.Code {
  /// The daemon took a call and didn't answer it.
  static let noAnswer: Self = "isoctl.no-answer"
}
