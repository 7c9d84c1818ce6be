import Faults
import Glibc
import Kernel
import Testing

@testable import CgroupKit

/// Calls of a fake kernel in which some fail.
private func failing(
  _ fake: FakeKernel, with number: Int32, on file: String, writing: Bool = true
) -> FileCalls {
  var calls = fake.calls
  let write = calls.write
  let read = calls.read
  if writing {
    calls.write = { descriptor, bytes, count in
      guard FakeKernel.path(of: descriptor)?.hasSuffix("/\(file)") == true else {
        return write(descriptor, bytes, count)
      }
      errno = number
      return -1
    }
  } else {
    calls.read = { descriptor, buffer, count, offset in
      guard FakeKernel.path(of: descriptor)?.hasSuffix("/\(file)") == true else {
        return read(descriptor, buffer, count, offset)
      }
      errno = number
      return -1
    }
  }
  return calls
}

/// What no kernel can be made to answer at will.
@Suite struct ForcedErrorTests {
  @Test(arguments: [
    (EACCES, Fault.Code.permissionDenied), (EPERM, .permissionDenied), (EROFS, .permissionDenied),
    (EINVAL, .invalidValue), (ERANGE, .valueOutOfRange), (EBUSY, .groupBusy),
    (EOPNOTSUPP, .unsupportedOperation),
    (ENOSPC, .invalidValue), (EIO, .systemCallFailed),
  ])
  func everyErrorOfAWriteNamesFileValueNumberAndMend(number: Int32, code: Fault.Code) throws {
    let fake = try FakeKernel()
    let group = try Cgroup(path: fake.root, calls: failing(fake, with: number, on: "cpuset.cpus"))
    let refused = fault { try group.cpuset.cpus.write(IndexList([0, 1])) }
    #expect(refused?.code == code)
    #expect(refused?.errno == ErrorNumber(number))
    #expect(refused?.path == "\(fake.root)/cpuset.cpus")
    #expect(refused?.message.contains("\"0-1\"") == true)
    #expect(refused?.systemCall == "write")
    #expect((refused?.mend != nil) == (code != .systemCallFailed))
  }

  @Test func everySettingsRefusalIsExplainedInItsOwnWords() throws {
    let fake = try FakeKernel()
    for (file, attempt) in [
      ("cpu.max", { try $0.cpu.max.write(.max) }), ("cpu.max.burst", { try $0.cpu.maxBurst.write(1) }),
      ("cpu.weight.nice", { try $0.cpu.weightNice.write(77) }),
      ("io.prio.class", { try $0.io.priorityClass.write(.idle) }),
      ("io.bfq.weight", { try $0.io.bfqWeight.write(5000) }),
      ("memory.high", { try $0.memory.high.write(.max) }), ("pids.max", { try $0.pids.max.write(1) }),
      ("hugetlb.2MB.max", { try $0.hugetlb["2MB"].max.write(1) }),
    ] as [(String, (Cgroup) throws -> Void)] {
      let group = try Cgroup(path: fake.root, calls: failing(fake, with: EINVAL, on: file))
      let refused = fault { try attempt(group) }
      #expect(refused?.code == .invalidValue)
      #expect(refused?.mend?.isEmpty == false, "\(file)")
    }
  }

  @Test func aReadThatFailsIsExplained() throws {
    let fake = try FakeKernel()
    let group = try Cgroup(
      path: fake.root, calls: failing(fake, with: EOPNOTSUPP, on: "cpu.pressure", writing: false))
    let refused = fault { _ = try group.cpu.pressure.read() }
    #expect(refused?.code == .unsupportedOperation)
    #expect(refused?.mend?.contains("psi=1") == true)
    let gone = try Cgroup(
      path: fake.root, calls: failing(fake, with: ENODEV, on: "cgroup.procs", writing: false))
    #expect(fault { _ = try gone.processes() }?.errno == ErrorNumber(ENODEV))
  }

  @Test func anInterruptedCallIsMadeAgain() throws {
    let fake = try FakeKernel()
    var calls = fake.calls
    let read = calls.read
    let interruptions = Guarded(3)
    calls.read = { descriptor, buffer, count, offset in
      let isInterrupted = interruptions.withLock { left in
        left -= 1
        return left >= 0
      }
      guard isInterrupted else { return read(descriptor, buffer, count, offset) }
      errno = EINTR
      return -1
    }
    let group = try Cgroup(path: fake.root, calls: calls)
    #expect(try group.memory.max.read() == .max)
    #expect(interruptions.withLock { $0 } < 0)
  }

  @Test func aShortWriteIsAFault() throws {
    let fake = try FakeKernel()
    var calls = fake.calls
    calls.write = { _, _, count in count - 1 }
    let group = try Cgroup(path: fake.root, calls: calls)
    #expect(fault { try group.memory.max.write(.at(4096)) }?.code == .systemCallFailed)
  }

  @Test func aReadLongerThanTheBufferIsNeverBelieved() throws {
    let fake = try FakeKernel()
    var calls = fake.calls
    calls.read = { _, _, count, offset in offset == 0 ? count + 1_000_000 : 0 }
    let group = try Cgroup(path: fake.root, calls: calls)
    #expect(fault { _ = try group.memory.max.read() }?.code == .unreadableText)
  }

  @Test func aFileWithoutEndIsGivenUp() throws {
    let fake = try FakeKernel()
    var calls = fake.calls
    calls.read = { _, buffer, count, _ in
      memset(buffer, Int32(UInt8(ascii: "1")), count)
      return count
    }
    let group = try Cgroup(path: fake.root, calls: calls)
    #expect(fault { _ = try group.processes() }?.code == .unreadableText)
    #expect(fault { _ = try group.cpu.stat.reader().read() }?.code == .unreadableText)
  }

  @Test func aGroupWhoseDirectoryCannotBeOpenedIsNotLeftBehind() throws {
    let fake = try FakeKernel()
    var calls = fake.calls
    let open = calls.open
    calls.open = { directory, name, flags in
      guard String(cString: name) == "child", directory != nil else { return open(directory, name, flags) }
      errno = EMFILE
      return -1
    }
    let group = try Cgroup(path: fake.root, calls: calls)
    #expect(fault { _ = try group.createChild("child") }?.errno == ErrorNumber(EMFILE))
    #expect(try group.childNames().isEmpty)
  }

  @Test func aFileThatTheKernelLacksSaysWhatItNeeds() throws {
    let fake = try FakeKernel()
    let group = try Cgroup(path: fake.root, calls: fake.calls)
    for (file, attempt) in [
      ("io.cost.qos", { _ = try $0.io.costQoS.read() }),
      ("io.cost.model", { _ = try $0.io.costModel.read() }),
      ("misc.capacity", { _ = try $0.misc.capacity.read() }),
    ] as [(String, (Cgroup) throws -> Void)] {
      let refused = fault { try attempt(group) }
      #expect(refused?.code == .noSuchFile)
      #expect(refused?.path == "\(fake.root)/\(file)")
      #expect(refused?.mend?.contains("root group") == true)
    }
  }

  @Test func processesThatAppearFasterThanTheyMoveAreGivenUp() throws {
    let fake = try FakeKernel()
    var calls = fake.calls
    let read = calls.read
    calls.read = { descriptor, buffer, count, offset in
      guard FakeKernel.path(of: descriptor)?.hasSuffix("/cgroup.procs") == true else {
        return read(descriptor, buffer, count, offset)
      }
      guard offset == 0 else { return 0 }
      let text = Array("\(getpid())\n".utf8)
      memcpy(buffer, text, text.count)
      return text.count
    }
    let group = try Cgroup(path: fake.root, calls: calls)
    let leaf = try group.createChild("leaf")
    #expect(fault { try group.moveProcesses(to: leaf) }?.code == .groupBusy)
  }

  @Test func aProcessOfAnotherNamespaceCannotBeMovedAndSaysSo() throws {
    let fake = try FakeKernel()
    let group = try Cgroup(path: fake.root, calls: fake.calls)
    let leaf = try group.createChild("leaf")
    fake.set("cgroup.procs", of: fake.root, to: "0\n12")
    #expect(fault { try group.moveProcesses(to: leaf) }?.code == .noSuchProcess)
  }

  @Test func delegationNamesTheFileThatItCouldNotGive() throws {
    let fake = try FakeKernel()
    var calls = fake.calls
    calls.changeOwner = { _, name, _, _ in
      guard let name, String(cString: name) == "cgroup.threads" else { return 0 }
      errno = EPERM
      return -1
    }
    let group = try Cgroup(path: fake.root, calls: calls)
    let refused = fault { try group.delegate(toUser: 1000, group: 1000) }
    #expect(refused?.code == .permissionDenied)
    #expect(refused?.path == "\(fake.root)/cgroup.threads")
  }
}
