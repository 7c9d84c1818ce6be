import ArgumentParser
import ControlProtocol
import Faults
import Glibc
import Policy

struct IOTopCommand: IsoctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "top", abstract: "Watch the disks: who uses them, who is held back and why, and who keeps its target.",
    discussion: """
      On a terminal the page is shown anew each second until q or Ctrl-C; elsewhere, and with --once or --json, it is \
      printed once. A disk's headline says how much of what it can do is used, and what the scheduler does about it. \
      Below, each tenant:

        HELD BY    what holds it back and in which part of the last second: its share, its own limit, or a disk that \
      does less than was calibrated
        IOPS, MiB/S  reads and writes a second
        SHARE      its part of the disk's time, and the part that it may have; the second is missing where nothing \
      holds it back
        P50 …      how long its IO took, its own limit's wait apart; behind P99 its target, \
      with ! where it is missed
        KEPT       in how many of the last minute's seconds the target held
      """)

  @Flag(help: "Print the page once.")
  var once = false

  @Flag(help: "Show tenants that do nothing and were promised nothing, too.")
  var all = false

  @Option(
    help: ArgumentHelp("How long a page stands, for example 500ms.", valueName: "time"), transform: Self.milliseconds)
  var interval: Int32 = 1000

  @OptionGroup var options: GlobalOptions

  func perform() throws(Fault) -> Int32 {
    if options.json {
      try printJSON(disks())
      return ExitStatus.success
    }
    guard !once, isatty(1) == 1 else {
      for line in IOTopText.page(try disks(), all: all, .current) { printToStandardOutput(line) }
      return ExitStatus.success
    }
    // A daemon that isn't there at the start is an error; one that goes later may come back.
    return try watch(first: disks())
  }

  private func disks() throws(Fault) -> IOStatus.Reply {
    try options.connection.call(IOStatus.self, NoParameters()).reply
  }

  private func watch(first: IOStatus.Reply) throws(Fault) -> Int32 {
    let screen = try LiveScreen()
    var status = first
    var fault: Fault?
    while true {
      screen.show(page(status, fault))
      var event = screen.wait(milliseconds: interval)
      if event == .timeout {
        do throws(Fault) {
          switch try ask(screen) {
          case .status(let newer): (status, fault) = (newer, nil)
          case .event(let meanwhile): event = meanwhile
          }
        } catch {
          fault = error
        }
      }
      switch event {
      case .timeout, .readable, .redraw, .key: continue
      case .quit:
        screen.leave()
        return ExitStatus.success
      case .signal(let number):
        screen.leave()
        return 128 + number
      }
    }
  }

  private func page(_ status: IOStatus.Reply, _ fault: Fault?) -> [String] {
    let terminal = Terminal.current
    let time = Figures.duration(microseconds: Int(interval) * 1000)
    var lines = wrapped("isoctl io top, each \(time); q ends", to: terminal.width, indent: 0)
    if let fault { lines += wrapped(printable("\(fault.message); trying again"), to: terminal.width, indent: 2) }
    return lines + [""] + IOTopText.page(status, all: all, terminal)
  }

  private enum Answer {
    case status(IOStatus.Reply)
    /// The user or a signal came before the daemon.
    case event(LiveScreen.Event)
  }

  /// Asks the daemon without being deaf to the user meanwhile.
  private func ask(_ screen: borrowing LiveScreen) throws(Fault) -> Answer {
    var client = try options.connection.open()
    try client.send(
      WireFormat.encodeCall(CallEnvelope(method: IOStatus.qualifiedName), parameters: NoParameters()))
    switch screen.wait(milliseconds: 5000, for: client.descriptor) {
    case .readable: return .status(try client.receive(IOStatus.Reply.self).reply)
    case .timeout: throw Fault(.connectionLost, "the daemon doesn't answer")
    case let event: return .event(event)
    }
  }

  @Sendable static func milliseconds(_ text: String) throws -> Int32 {
    let time: TimeSpan
    do {
      time = try TimeSpan(parsing: text)
    } catch {
      throw ValidationError("\(error.message)\(error.mend.map { "; \($0)" } ?? "")")
    }
    guard (100_000...3_600_000_000).contains(time.microseconds) else {
      throw ValidationError("the interval is 100ms to 1h")
    }
    return Int32(clamping: time.microseconds / 1000)
  }
}
