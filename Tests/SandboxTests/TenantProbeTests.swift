import CTenantPlan
import Faults
import Testing

@testable import Sandbox

@Suite struct TenantProbeTests {
  private func decoded(_ request: TenantProbe.Request) throws -> (probe: tenant_probe, text: String) {
    let bytes = try request.bytes()
    #expect(bytes.count == MemoryLayout<tenant_probe>.size)
    var probe = bytes.withUnsafeBytes { $0.loadUnaligned(as: tenant_probe.self) }
    let size = Int(probe.request_size)
    let text = withUnsafeBytes(of: &probe.request) { String(decoding: $0.prefix(size), as: UTF8.self) }
    return (probe, text)
  }

  @Test func aPageIsAskedForAsHTTPWantsIt() throws {
    let (probe, text) = try decoded(.init(port: 8080, path: "/deep?a=1", milliseconds: 1500))
    #expect(probe.magic == 0x4252_5054 && probe.port == 8080 && probe.milliseconds == 1500)
    #expect(text.hasPrefix("GET /deep?a=1 HTTP/1.1\r\nHost: localhost:8080\r\n"))
    #expect(text.hasSuffix("\r\nConnection: close\r\n\r\n"))
  }

  @Test func aPortAloneIsSentNothing() throws {
    let (probe, text) = try decoded(.init(port: 65535, milliseconds: 1))
    #expect(probe.port == 65535 && probe.request_size == 0 && text.isEmpty)
  }

  @Test func theLongestPathOfAPolicyFitsAndALongerOneIsRefused() throws {
    let path = "/" + String(repeating: "a", count: 1023)
    #expect(try decoded(.init(port: 65535, path: path, milliseconds: 1)).text.contains(path))
    let fault = #expect(throws: Fault.self) {
      try TenantProbe.Request(port: 1, path: path + path, milliseconds: 1).bytes()
    }
    #expect(fault?.code == .invalidSandbox)
  }

  @Test func everyAnswerMeansOneThingOrNothing() {
    typealias Finding = TenantProbe.Finding
    #expect(Finding(value: 1) == .connected)
    #expect(Finding(value: 2 | 404 << 16) == .answered(404))
    #expect(Finding(value: 3 | 111 << 16) == .refused(ErrorNumber(111)))
    #expect(Finding(value: 4) == .late && Finding(value: 5 | 104 << 16) == .cut && Finding(value: 6) == .notHTTP)
    for value in [UInt32(0), 7, 255, .max] { #expect(Finding(value: value) == nil, "\(value)") }
  }
}
