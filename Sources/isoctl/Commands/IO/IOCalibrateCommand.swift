import ArgumentParser
import Faults
import Glibc
import IOCalibration
import Kernel

struct IOCalibrateCommand: IsoctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate", abstract: "Measure a disk: its rates, cost model and load-latency curve.",
    discussion: """
      Measures through a scratch file without a name in the directory that is given, which is gone when isoctl ends, \
      however it ends; or on a whole disk that nobody uses, writing over what is on it (--destroy). It takes under a \
      minute, and loads the disk fully. IO is direct (O_DIRECT), by io_submit(2) of one thread; latencies count from \
      when an IO was meant to start.
      """)

  @Argument(
    help: ArgumentHelp("A directory on the disk; with --destroy its device node.", valueName: "device|path"),
    completion: .file())
  var path: String

  @Flag(help: "Measure the device itself. What is on it is lost.")
  var destroy = false

  @Flag(help: "Take several minutes: more samples, more points, writes too, a search for burst credits.")
  var thorough = false

  @Flag(help: "Keep the result for the daemon, in /var/lib/isolated/io or --save-to.")
  var save = false

  @Option(
    help: ArgumentHelp("Keep the result in this directory.", valueName: "directory"), completion: .directory)
  var saveTo: String?

  @Option(help: ArgumentHelp("Draw the load-latency curve as an SVG image.", valueName: "file"), completion: .file())
  var svg: String?

  @OptionGroup var options: GlobalOptions

  func perform() throws(Fault) -> Int32 {
    // Before there is anything to leave behind.
    let signals = try StopSignals()
    let place = try MeasuredPath(path, disks: DiskFacts.all())
    if place.isDevice, !destroy { throw Self.refuseDevice(place) }
    if !place.isDevice, destroy {
      throw Fault(
        .ioNotMeasurable, "--destroy is for a whole disk, and this is a directory", path: path,
        mend: "leave --destroy out to measure through a scratch file")
    }
    let image = try svg.map { path throws(Fault) in try OutputFile(path) }
    let plan: CalibrationPlan = thorough ? .thorough : .quick
    let wanted = thorough ? MeasuredRegion.thoroughSize : MeasuredRegion.quickSize
    let region: MeasuredRegion
    if place.isDevice {
      region = try MeasuredRegion(destroying: place, wanted: wanted)
      if !options.json {
        printToStandardError(
          printable("isoctl: writing over the first \(Figures.bytes(region.size)) of \(Self.name(place))"))
      }
    } else {
      region = try MeasuredRegion(scratchIn: place, wanted: wanted)
    }
    let progress = ProgressLine(expected: plan.expectedSeconds, isWanted: !options.json || isatty(2) == 1)
    let calibration: Calibration
    do throws(Fault) {
      let calibrator = Calibrator(
        try region.engine(), plan: plan, warnings: OwnLimits.warnings(for: place.facts),
        isCancelled: { signals.hasCome }, report: progress.show)
      calibration = try calibrator.calibrate(
        disk: place.disk, target: region.description, date: time(nil))
      progress.finish()
    } catch {
      progress.finish()
      guard error.code == .ioInterrupted, let signal = signals.taken else { throw error }
      printFault(error, json: options.json)
      return 128 + signal
    }
    try image?.replace(with: CurveDrawing.svg(calibration))
    let saved = try saveIfAsked(calibration)
    if options.json {
      printToStandardOutput(String(decoding: try CalibrationStore.encode(calibration).dropLast(), as: UTF8.self))
    } else {
      CalibrationReport(calibration: calibration).print(.current)
      if let saved { printToStandardOutput(printable("\nsaved: \(saved)")) }
    }
    return ExitStatus.success
  }

  private func saveIfAsked(_ calibration: Calibration) throws(Fault) -> String? {
    guard save || saveTo != nil else { return nil }
    return try CalibrationStore.save(calibration, in: saveTo ?? CalibrationStore.usualDirectory)
  }

  private static func name(_ place: MeasuredPath) -> String {
    let facts = place.facts
    let parts =
      facts.partitions.isEmpty ? "no partitions" : "partitions " + facts.partitions.map(\.name).joined(separator: " ")
    return "\(place.path) (\(facts.model ?? facts.kind.label), \(Figures.bytes(facts.size)), \(parts))"
  }

  private static func refuseDevice(_ place: MeasuredPath) -> Fault {
    let mount = place.facts.mounts.first.map { ": isoctl io calibrate \($0.point)" } ?? ""
    return Fault(
      .ioDeviceInUse, "measuring \(name(place)) would write over what is on it", path: place.path,
      mend: "name a directory on it\(mount), or say --destroy")
  }
}

/// The signals that end a measurement, taken as they come: what it made has to be undone first.
private struct StopSignals {
  private final class State {
    var taken: Int32?
  }

  private var set = sigset_t()
  private let state = State()

  init() throws(Fault) {
    sigemptyset(&set)
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] { sigaddset(&set, signal) }
    sigprocmask(SIG_BLOCK, &set, nil)
  }

  var taken: Int32? { state.taken }

  /// Whether one has come.
  var hasCome: Bool {
    if state.taken != nil { return true }
    var waited = set
    var none = timespec()
    let signal = sigtimedwait(&waited, nil, &none)
    if signal > 0 { state.taken = signal }
    return signal > 0
  }
}

/// How far a measurement is: on a terminal one line that is written over, else a line for each step. On standard error.
private final class ProgressLine {
  private let expected: Double
  private let isTerminal = isatty(2) == 1
  private let isWanted: Bool
  private let start: Double
  private var step = ""
  private var shown = -1.0

  /// Nothing but an error may go to standard error where a program reads JSON from it.
  init(expected: Double, isWanted: Bool) {
    self.expected = expected
    self.isWanted = isWanted
    start = Self.now
  }

  func show(_ event: CalibrationEvent) {
    let elapsed = Self.now - start
    switch event {
    case .step(let text):
      step = text
      shown = -1
      if !isTerminal, isWanted { printToStandardError("[\(seconds(elapsed))] \(text)") }
    case .tick: break
    }
    guard isTerminal, elapsed - shown >= 0.5 || shown < 0 else { return }
    shown = elapsed
    let width = 20
    let done = min(Int(elapsed / max(expected, 1) * Double(width)), width)
    let bar = String(repeating: "█", count: done) + String(repeating: "░", count: width - done)
    let line = "\(bar) \(seconds(elapsed)) of about \(Int(expected)) s  \(step)"
    // Cut, since a line that wraps can't be written over.
    write("\r\u{1b}[K" + line.prefix(max((columns ?? 80) - 1, 20)), to: 2)
  }

  func finish() {
    if isTerminal { write("\r\u{1b}[K", to: 2) }
  }

  private func seconds(_ value: Double) -> String { FigureText.fixed(value, 0) + " s" }

  private var columns: Int? {
    var size = winsize()
    return ioctl(2, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : nil
  }

  private static var now: Double { Double(MonotonicClock.nanoseconds()) / 1e9 }
}

/// A file that is written after a minute's work, and looked at before it.
private struct OutputFile {
  private let path: String

  init(_ path: String) throws(Fault) {
    self.path = path
    let isThere = access(path, F_OK) == 0
    let directory = path.contains("/") ? String(path.prefix(through: path.lastIndex(of: "/") ?? path.startIndex)) : "."
    let asked = isThere ? path : directory
    try systemCall("access", path: asked, message: "cannot write the image") { access(asked, W_OK) }
  }

  func replace(with text: String) throws(Fault) {
    let file = OwnedDescriptor(
      owning: try systemCall("open", path: path, message: "cannot write the image") {
        open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
      })
    let number = file.rawValue
    let bytes = Array(text.utf8)
    var done = 0
    while done < bytes.count {
      done += try systemCall("write", path: path, message: "cannot write the image") {
        bytes.withUnsafeBytes { Glibc.write(number, $0.baseAddress.map { $0 + done }, bytes.count - done) }
      }
    }
  }
}
