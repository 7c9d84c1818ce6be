import Faults
import Testing

@testable import IOCalibration

@Suite struct StoreTests {
  private static let sample = Result { try SimulatedDisk.calibrate(SimulatedDisk.Parameters()) }

  @Test func whatIsSavedIsReadBack() throws {
    let directory = try temporaryDirectory()
    defer { removeTree(directory) }
    let sample = try Self.sample.get()
    let path = try CalibrationStore.save(sample, in: directory)
    #expect(path == "\(directory)/disk-sim_ulated.json")
    #expect(try CalibrationStore.load(id: "sim/ulated", in: directory) == sample)
    try CalibrationStore.save(sample, in: directory)
    #expect(SystemTree().names(directory) == ["disk-sim_ulated.json"], "nothing temporary stays")
    #expect(try CalibrationStore.load(id: "other", in: directory) == nil)
  }

  @Test(arguments: ["..", "../../etc/passwd", ".hidden", "", "a\u{0}b", String(repeating: "é", count: 500)])
  func noIdentityLeavesTheDirectory(_ id: String) {
    let path = CalibrationStore.path(of: id, in: "/d")
    let name = path.dropFirst(3)
    #expect(path.hasPrefix("/d/disk-"))
    #expect(!name.contains("/"))
    #expect(name.utf8.count < 200)
  }

  @Test func aBadFileIsRefusedWithItsPath() throws {
    let good = String(decoding: try CalibrationStore.encode(try Self.sample.get()), as: UTF8.self)
    let bad = [
      "", "{}", "[]", "null", "{\"version\": 1}", "{\"version\": 2}", String(good.dropLast(20)),
      good.replacing("\"version\" : 1", with: "\"version\" : 99"),
      good.replacing("\"perPage\" : ", with: "\"perPage\" : -"),
      good.replacing("\"largeLength\" : ", with: "\"largeLength\" : 99999999999"),
      good.replacing("\"utilisation\" : ", with: "\"utilisation\" : 9"),
      good.replacing("\"samples\" : ", with: "\"samples\" : -"),
      good.replacing("\"date\" : ", with: "\"date\" : -"),
      good.replacing("\"capacity\" : ", with: "\"capacity\" : 1e400, \"other\" : "),
    ]
    for text in bad {
      let fault = #expect(throws: Fault.self) { try CalibrationStore.decode(Array(text.utf8), path: "/x/y") }
      #expect(fault?.code == .ioBadCalibration)
      #expect(fault?.path == "/x/y")
    }
  }

  @Test func noChangedByteTrapsTheReader() throws {
    let good = try CalibrationStore.encode(try Self.sample.get())
    var random = SplitMix(seed: 11)
    for _ in 0..<2_000 {
      var bytes = good
      for _ in 0...random.below(6) { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
      do throws(Fault) {
        let read = try CalibrationStore.decode(bytes, path: "/x")
        // What is read can be shown.
        _ = CurveDrawing.svg(read)
        _ = TerminalChart.lines(read.curves[0], width: 80)
      } catch {
        #expect(error.code == .ioBadCalibration)
      }
    }
  }

  @Test func theDrawingIsWellFormedWhateverTheDiskCallsItself() throws {
    var sample = try Self.sample.get()
    sample.disk.model = "<svg onload=\"x\"> & ]]> \u{1b}[31m \u{0}"
    let svg = CurveDrawing.svg(sample)
    #expect(!svg.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
    #expect(!svg.contains("<svg onload"))
    // Every opened element is closed, in order.
    var open: [Substring] = []
    for part in svg.split(separator: "<").dropFirst(svg.hasPrefix("<") ? 0 : 1) {
      let tag = part.prefix { $0 != ">" }
      #expect(part.contains(">"))
      if tag.hasPrefix("/") {
        #expect(open.popLast() == tag.dropFirst())
      } else if !tag.hasSuffix("/") {
        open.append(tag.prefix { $0 != " " })
      }
    }
    #expect(open.isEmpty)
  }
}
