import ArgumentParser
import ControlProtocol
import Faults
import Glibc
import Kernel
import Policy

struct TopCommand: IsoctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "top", abstract: "Watch the tenants: what they use, and what they wait for.",
    discussion: """
      On a terminal the page is shown anew each second until q or Ctrl-C; elsewhere, and with --once or --json, one \
      second is measured and printed. Columns leave a narrow terminal.

        CPU        processor time, 100% is one processor; /MAX its limit
        HELD       in which part of the time its processor limit held it back
        MEMORY     what it uses, page cache included, and its limit
        READ/S     bytes from and to block devices each second
        WAIT C/M/I part of the time that tasks wait: processor, memory, disk (PSI)

      The page is ordered by one column, marked with *. Keys: c cpu, h held, m memory, i disks, w waiting, \
      p processes, n name, s state; r turns the order round, and its mark is ^ then.
      """)

  @Flag(help: "Print the page once.")
  var once = false

  @Option(help: ArgumentHelp("What the page is ordered by.", valueName: "column"))
  var sort = TopOrder.cpu

  @Flag(help: "Turn the order round.")
  var reverse = false

  @Option(
    help: ArgumentHelp("How long a page stands, for example 500ms.", valueName: "time"),
    transform: IOTopCommand.milliseconds)
  var interval: Int32 = 1000

  @OptionGroup var options: GlobalOptions

  private struct Report: Encodable {
    var processors: Int
    var tenants: [TopRow]
  }

  func perform() throws(Fault) -> Int32 {
    let first = try usage()
    guard options.json || once || isatty(1) != 1 else { return try watch(first) }
    usleep(useconds_t(interval) * 1000)
    let now = try usage()
    let rows = TopRow.rows(now, since: first)
    if options.json {
      try printJSON(Report(processors: now.processors, tenants: sort.sorted(rows, reversed: reverse)))
    } else {
      let text = TopText(order: sort, isReversed: reverse)
      for line in text.lines(rows, processors: now.processors, .current) { printToStandardOutput(line) }
    }
    return ExitStatus.success
  }

  private func usage() throws(Fault) -> Usage.Reply {
    try options.connection.call(Usage.self, NoParameters()).reply
  }

  private static var now: Int { Int(MonotonicClock.nanoseconds() / 1_000_000) }

  /// What is on the screen.
  private struct Page {
    var text: TopText
    var last: Usage.Reply
    var rows: [TopRow]
    var fault: Fault?
  }

  private func watch(_ first: Usage.Reply) throws(Fault) -> Int32 {
    var page = Page(
      text: TopText(order: sort, isReversed: reverse), last: first, rows: TopRow.rows(first, since: nil))
    let screen = try LiveScreen()
    // The first figures soon: until then there are no rates.
    var left = min(interval, 200)
    while true {
      screen.show(lines(page))
      let shown = Self.now
      var event = screen.wait(milliseconds: left, keys: true)
      if event == .timeout {
        left = interval
        do throws(Fault) {
          switch try ask(screen) {
          case .usage(let now):
            (page.rows, page.last, page.fault) = (TopRow.rows(now, since: page.last), now, nil)
          case .event(let meanwhile): event = meanwhile
          }
        } catch {
          page.fault = error
        }
      } else {
        // A key changes the page, not when the next one comes.
        left = max(0, left - Int32(clamping: Self.now - shown))
      }
      switch event {
      case .timeout, .readable, .redraw: continue
      case .key(let key):
        if let order = TopOrder(key: key) {
          page.text.order = order
        } else if key | 0x20 == UInt8(ascii: "r") {
          page.text.isReversed.toggle()
        }
      case .quit:
        screen.leave()
        return ExitStatus.success
      case .signal(let number):
        screen.leave()
        return 128 + number
      }
    }
  }

  private func lines(_ page: Page) -> [String] {
    let terminal = Terminal.current
    let time = Figures.duration(microseconds: Int(interval) * 1000)
    var lines = wrapped(
      "isoctl top, each \(time); c h m i w p n s order, r reverses, q ends", to: terminal.width, indent: 2)
    if let fault = page.fault {
      lines += wrapped(printable("\(fault.message); trying again"), to: terminal.width, indent: 2)
    }
    return lines + page.text.lines(page.rows, processors: page.last.processors, terminal)
  }

  private enum Answer {
    case usage(Usage.Reply)
    /// The user or a signal came before the daemon.
    case event(LiveScreen.Event)
  }

  /// Asks the daemon without being deaf to the user meanwhile.
  private func ask(_ screen: borrowing LiveScreen) throws(Fault) -> Answer {
    var client = try options.connection.open()
    try client.send(WireFormat.encodeCall(CallEnvelope(method: Usage.qualifiedName), parameters: NoParameters()))
    switch screen.wait(milliseconds: 5000, for: client.descriptor) {
    case .readable: return .usage(try client.receive(Usage.Reply.self).reply)
    case .timeout: throw Fault(.connectionLost, "the daemon doesn't answer")
    case let event: return .event(event)
    }
  }
}
