import Faults
import Glibc
import Testing

@testable import IsolatedCore

@Suite struct RequestQueueTests {
  /// A host whose disk has hardware queues that serve these processors.
  private func host(queues: [String], requests: String = "256\n") throws -> FakeIOHost {
    let host = try FakeIOHost()
    for directory in ["mq", "queue"] { mkdir("\(host.root)/sys/259:3/\(directory)", 0o700) }
    for (index, processors) in queues.enumerated() {
      mkdir("\(host.root)/sys/259:3/mq/\(index)", 0o700)
      host.put(processors, "sys/259:3/mq/\(index)/cpu_list")
    }
    host.put(requests, "sys/259:3/queue/nr_requests")
    return host
  }

  private func requests(_ host: FakeIOHost) throws(Fault) -> Int? {
    try RequestQueue.requests(of: FakeIOHost.disk.number, sysfs: host.root + "/sys")
  }

  @Test func `each hardware queue has as many`() throws {
    #expect(try requests(host(queues: ["0, 1\n"])) == 256)
    #expect(try requests(host(queues: ["0\n", "1\n"])) == 512)
    #expect(try requests(host(queues: (0..<11).map { "\($0)\n" }, requests: "32\n")) == 352)
  }

  @Test func `a queue for polling has none that others could use`() throws {
    #expect(try requests(host(queues: ["0, 1\n", "0, 1\n"], requests: "8\n")) == 8)
    #expect(try requests(host(queues: ["0\n", "1\n", "0, 1\n"], requests: "8\n")) == 16)
  }

  @Test func `a disk that passes its IO on has no bound`() throws { #expect(try requests(FakeIOHost()) == nil) }

  @Test(arguments: ["", "\n", "0\n", "-1\n", "many\n", "99999999999999999999\n"])
  func `what is no number is refused`(_ text: String) throws {
    let host = try host(queues: ["0\n"], requests: text)
    do throws(Fault) {
      _ = try requests(host)
      Issue.record("it was taken")
    } catch {
      #expect(error.code == .unreadableDiskCounters)
    }
  }

  @Test func `more than there can be is no bound`() throws {
    #expect(try requests(host(queues: ["0\n", "1\n"], requests: "9223372036854775807\n")) == nil)
  }
}
