import Faults
import Glibc
import Testing

@testable import CgroupKit

/// The few instructions of the eBPF machine that filters use, with the kernel's meaning.
private func run(_ program: [BPFInstruction], access: UInt32, kind: UInt32, major: UInt32, minor: UInt32)
  -> UInt32?
{
  let context = [access << 16 | kind, major, minor]
  var registers = [UInt32](repeating: 0, count: 3)
  var position = 0
  while program.indices.contains(position) {
    let instruction = program[position]
    let destination = Int(instruction.registers & 15)
    let immediate = UInt32(bitPattern: instruction.immediate)
    position += 1
    switch instruction.code {
    case 0x61 where instruction.registers >> 4 == 1:
      registers[destination] = context[Int(instruction.offset) / 4]
    case 0xb4: registers[destination] = immediate
    case 0x54: registers[destination] &= immediate
    case 0x74: registers[destination] >>= immediate
    case 0x56: if registers[destination] != immediate { position += Int(instruction.offset) }
    case 0x95: return registers[0]
    default: return nil
    }
  }
  return nil
}

@Suite struct DeviceFilterTests {
  @Test func instructionsAreLaidOutAsTheKernelReadsThem() {
    #expect(MemoryLayout<BPFInstruction>.size == 8)
    #expect(MemoryLayout<BPFInstruction>.stride == 8)
  }

  @Test func aProgramAllowsExactlyWhatSomeRuleAllows() throws {
    var random = Randomness(seed: 3)
    let numbers: [UInt32] = [0, 1, 3, 5, 136, 0xffff_ffff, 0x8000_0000, 0xfff]
    func pick() -> UInt32 { numbers[Int(random.next() % UInt64(numbers.count))] }
    for _ in 0..<300 {
      let rules = (0..<(random.next() % 6)).map { _ in
        DeviceRule(
          DeviceAccess(rawValue: UInt32(random.next() % 8)),
          kind: [nil, .block, .character][Int(random.next() % 3)],
          major: random.next() % 3 == 0 ? nil : pick(),
          minor: random.next() % 3 == 0 ? nil : pick())
      }
      let program = try DeviceFilter(rules).program()
      for _ in 0..<50 {
        let (access, kind) = (UInt32(random.next() % 7 + 1), UInt32(random.next() % 2 + 1))
        let (major, minor) = (pick(), pick())
        let isAllowed = rules.contains { rule in
          (rule.kind == nil || rule.kind?.rawValue == kind) && (rule.major ?? major) == major
            && (rule.minor ?? minor) == minor && access & ~rule.access.rawValue == 0
        }
        #expect(run(program, access: access, kind: kind, major: major, minor: minor) == (isAllowed ? 1 : 0))
      }
    }
  }

  @Test func aFilterThatIsTooLongIsRefused() {
    let rules = Array(repeating: DeviceRule.character(1, 3, .all), count: DeviceFilter.mostRules + 1)
    #expect(fault { _ = try DeviceFilter(rules).program() }?.code == .deviceProgramRefused)
  }

  @Test(.enabled(if: Ground.isReal, "a fake kernel runs no eBPF"))
  func theKernelTakesTheLongestFilter() throws {
    let rules = (0..<DeviceFilter.mostRules).map {
      DeviceRule(.all, kind: .block, major: UInt32($0), minor: UInt32($0))
    }
    _ = try DeviceFilter(rules).load()
  }

  @Test(.enabled(if: Ground.isReal, "a fake kernel runs no eBPF"))
  func aFilterHoldsForTheGroupIsReplacedAndDetached() async throws {
    try await withSite { site in
      let devices = site.group.devices
      #expect(try devices.attached().isEmpty)
      #expect(try canRead("/dev/zero", in: site.group))
      try devices.apply(DeviceFilter([.character(1, 3, .all)]))
      #expect(try canRead("/dev/null", in: site.group))
      #expect(try !canRead("/dev/zero", in: site.group))
      let first = try devices.attached()
      #expect(first.map(\.name) == ["cgroupkit_dev"])
      try devices.apply(DeviceFilter([.character(1, 5, [.read, .write])]))
      let second = try devices.attached()
      #expect(second.count == 1 && second != first)
      #expect(try canRead("/dev/zero", in: site.group))
      #expect(try !canRead("/dev/null", in: site.group))
      try devices.apply(DeviceFilter([.character(1, nil, .write)]))
      #expect(try !canRead("/dev/zero", in: site.group))
      for program in try devices.attached() { try devices.detach(program) }
      #expect(try canRead("/dev/null", in: site.group))
      #expect(fault { try devices.detach(second[0]) } != nil)
    }
  }

  @Test(.enabled(if: Ground.isReal, "a fake kernel runs no eBPF"))
  func anAncestorsFilterHoldsToo() async throws {
    try await withSite { site in
      let child = try site.group.createChild("child")
      try site.group.devices.apply(DeviceFilter([.character(1, 3, .all)]))
      try child.devices.apply(DeviceFilter([.character(1, nil, .all)]))
      #expect(try canRead("/dev/null", in: child))
      #expect(try !canRead("/dev/zero", in: child))
    }
  }

  @Test(.enabled(if: Ground.isReal, "a fake kernel runs no eBPF"))
  func oneProgramServesManyGroups() async throws {
    try await withSite { site in
      let program = try DeviceFilter([.character(1, 3, .all)]).load()
      for index in 0..<3 {
        let child = try site.group.createChild("child-\(index)")
        try child.devices.attach(program)
        #expect(try !canRead("/dev/zero", in: child))
      }
    }
  }

  /// Whether a process of the group can open a device: a shell moves itself in, and then opens it.
  private func canRead(_ device: String, in group: Cgroup) throws -> Bool {
    let shell = try Sleeper([
      "/bin/sh", "-c", "echo $$ > \"$1/cgroup.procs\" && exec 3< \"$2\"", "sh", group.path, device,
    ])
    return shell.status() == 0
  }
}
