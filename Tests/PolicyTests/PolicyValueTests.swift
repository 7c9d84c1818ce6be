import Testing

@testable import Policy

@Suite struct PolicyValueTests {
  @Test func whatIsLeftOutGetsASafeDefault() throws {
    let policy = try parsed(minimal())
    #expect(policy.identity.user.value == .id(65534))
    #expect(policy.identity.supplementaryGroups.isEmpty)
    #expect(policy.root.base.value == .host)
    #expect(policy.root.overlay.value == .none)
    #expect(policy.root.writable.isEmpty && policy.root.readable.isEmpty)
    #expect(policy.root.temporary.map(\.path.value) == ["/tmp", "/dev/shm"])
    #expect(policy.root.temporary.allSatisfy { $0.mode == 0o1777 && $0.size.value.bytes == 64 << 20 })
    #expect(policy.directory.value == "/")
    #expect(policy.umask == 0o022)
    #expect(policy.hostname.value == "web")
    #expect(policy.memory.swap.value == .atMost(ByteSize(bytes: 0)))
    #expect(policy.memory.oomGroup.value)
    #expect(policy.processes.value == .atMost(512))
    #expect(policy.network.mode.value == .none)
    #expect(policy.seccomp.profile.value == .standard)
    #expect(
      policy.capabilities.isEmpty && policy.devices.isEmpty && policy.sysctls.isEmpty && policy.io.isEmpty)
    #expect(policy.namespaces.userNamespaces.value == 0)
    #expect(policy.stop.signal.value == .terminate)
    #expect(policy.stop.grace.value.microseconds == 10_000_000)
    #expect(policy.restart.condition.value == .never)
    #expect(policy.restart.resetAfter.value.microseconds == 60_000_000)
    #expect(policy.health == nil && policy.after.isEmpty)
    #expect(policy.enforcement == .strict)
    #expect(policy.allow.groups.isEmpty && policy.allow.users.isEmpty && !policy.allow.commandOverride.value)
  }

  @Test func theProcessPartOfAFullPolicyIsReadInFull() throws {
    let policy = try parsed(fullPolicy)
    #expect(policy.command.value == ["/usr/bin/env", "-i", "sleep", "10"])
    #expect(policy.identity.user.value == .name("www-data"))
    #expect(policy.identity.group?.value == .id(33))
    #expect(policy.identity.supplementaryGroups.map(\.value) == [.name("adm"), .id(4)])
    #expect(policy.environment.mapValues(\.value) == ["LANG": "C.UTF-8", "EMPTY": ""])
    #expect(policy.umask == 0o077)
    #expect(policy.hostname.value == "full.example")
    let limits = Dictionary(uniqueKeysWithValues: policy.resourceLimits.map { ($0.resource.value, $0) })
    #expect(limits.count == Resource.allCases.count)
    #expect(limits[.nofile]?.soft == .atMost(1024) && limits[.nofile]?.hard == .unlimited)
    #expect(limits[.as]?.soft == .atMost(1 << 30) && limits[.as]?.hard == .atMost(1 << 30))
    #expect(limits[.cpu]?.soft == .atMost(3600))
    #expect(limits[.rttime]?.soft == .atMost(5000))
    #expect(limits[.core]?.hard == .atMost(0))
    #expect(policy.resourceLimits.first?.resource.value == .nofile)
    #expect(policy.stop.signal.value.number == 3)
    #expect(policy.restart.backoff.value.last.microseconds == 60_000_000)
    #expect(policy.restart.limit?.value == 5)
    #expect(policy.restart.condition.value == .failure)
    #expect(policy.restart.resetAfter.value.microseconds == 300_000_000)
    #expect(
      policy.health?.check.value == .http(HealthPolicy.HTTP(port: 8080, path: "/health?deep=1", status: 200...204)))
    #expect(policy.health?.startPeriod.value.microseconds == 60_000_000)
    #expect(policy.health?.interval.value.microseconds == 5_000_000)
    #expect(policy.health?.timeout.value.microseconds == 500_000)
    #expect(policy.health?.retries.value == 5 && policy.health?.action.value == .restart)
    #expect(policy.after.map(\.value.text) == ["database", "cache"])
    #expect(policy.logs.rate?.value.bytesPerSecond == 1 << 20)
    #expect(policy.enforcement == .bestEffort)
    #expect(policy.allow.groups.map(\.value) == [.name("web-team"), .id(100_000)])
    #expect(policy.allow.commandOverride.value)
  }

  @Test func theRootOfAFullPolicyIsReadInFull() throws {
    let root = try parsed(fullPolicy).root
    #expect(root.base.value == .directory("/srv/images/debian"))
    #expect(
      root.writable.map(\.value) == [
        RootPolicy.Bind(path: "/srv/a", source: "/srv/a"),
        RootPolicy.Bind(path: "/var/lib/b", source: "/srv/b", ids: .tenant),
      ])
    #expect(root.readable.map(\.value.source) == ["/etc/ssl/certs", "/srv/data"])
    #expect(root.temporary.map(\.path.value) == ["/run", "/tmp", "/dev/shm"])
    #expect(root.temporary.map(\.mode) == [0o755, 0o700, 0o1777])
    #expect(root.temporary.map(\.owner?.value) == [.name("www-data"), .id(7), nil])
    #expect(root.overlaySize?.value.bytes == 256 << 20)
  }

  @Test func theQuotasOfAFullPolicyAreReadInFull() throws {
    let policy = try parsed(fullPolicy)
    #expect(policy.cpu.weight?.value == 200)
    #expect(policy.cpu.max?.value.quota.microseconds == 30_000)
    #expect(policy.cpu.max?.value.period.microseconds == 20_000)
    #expect(policy.cpu.cpus?.value.description == "0-1")
    #expect(policy.cpu.uclamp.max?.value.basisPoints == 8050)
    #expect(policy.memory.min?.value.bytes == 64 << 20)
    #expect(policy.memory.zswap?.value == .unlimited)
    #expect(!policy.memory.oomGroup.value)
    let io = try #require(policy.io.first)
    #expect(io.limit?.value.read.bandwidth?.value.description == "80MiB/s")
    #expect(io.limit?.value.read.iops?.value == 700)
    #expect(io.limit?.value.write.bandwidth?.value.description == "10MiB/s")
    #expect(io.limit?.value.write.iops?.value == 500)
    #expect(io.weight?.value == 500)
  }

  @Test func theSecurityPartOfAFullPolicyIsReadInFull() throws {
    let policy = try parsed(fullPolicy)
    #expect(policy.seccomp.profile.value == .file("/etc/isolated/p.json"))
    #expect(policy.seccomp.only?.map(\.value) == ["execve", "read"] && policy.seccomp.mode.value == .log)
    #expect(policy.seccomp.allow.map(\.value) == ["ptrace"] && policy.seccomp.deny.map(\.value) == ["socket"])
    #expect(policy.capabilities.map(\.value.number) == [10, 40])
    #expect(policy.devices.map(\.access.description) == ["rwm", "rw"])
    #expect(policy.namespaces.time?.value.monotonicMicroseconds == -3_600_000_000)
    #expect(policy.namespaces.time?.value.boottimeMicroseconds == 7_200_000_000)
    #expect(policy.sysctls.map(\.value.value) == ["0", "32000 1024000000 500 32000"])
  }

  @Test func whatADiskIsAskedForIsAcceptedAsItStands() throws {
    let io = try #require(
      try parsed(
        minimal(
          "io:", "  - device: /a", "    latency: {read: {p99: 5ms}, sync_write: {p99: 20ms}}",
          "    reservation: {iops: 300}", "    class: realtime")
      ).io.first)
    #expect(io.latency?.value.read?.value.microseconds == 5000)
    #expect(io.latency?.value.write == nil)
    #expect(io.latency?.value.syncWrite?.position?.line == 6)
    #expect(io.reservation?.value.isUndirected == true)
    #expect(io.reservation?.value.read.iops?.value == 300)
    #expect(io.priorityClass?.value == .realtime)
  }

  @Test func aPercentageIsAQuotaInTheUsualPeriod() throws {
    let max = try parsed(minimal("cpu: {max: 150%}")).cpu.max?.value
    #expect(
      max
        == CPUPolicy.Bandwidth(
          quota: TimeSpan(microseconds: 150_000), period: CPUPolicy.Bandwidth.defaultPeriod))
  }

  @Test func whatAHostMayRefuseKeepsItsPlace() throws {
    let policy = try parsed(fullPolicy)
    #expect(policy.identity.user.position?.line == 13)
    #expect(policy.root.writable.last?.position?.line == 6)
    #expect(policy.capabilities.last?.position?.column == 38)
    #expect(policy.sysctls.first?.name.position != nil)
    #expect(policy.hostname.position?.file == "p.yaml")
    #expect(try parsed(minimal()).hostname.position == nil)
  }

  @Test func policiesThatSayTheSameAreEqualWhereverTheySayIt() throws {
    #expect(try parsed(fullPolicy) == parsed("# moved\n\n" + fullPolicy))
    #expect(try parsed(fullPolicy) != parsed(minimal()))
  }

  @Test func aSignalHasOneNumberAndName() {
    #expect(Signal(name: "SIGTERM")?.number == 15)
    #expect(Signal(name: "SIGRTMIN+3")?.number == 37)
    #expect(Signal(name: "SIGRTMIN+3")?.description == "SIGRTMIN+3")
    #expect(Signal(name: "SIGRTMIN")?.description == "SIGRTMIN")
    for name in ["SIGRTMIN+0", "SIGRTMIN+31", "SIGRTMIN+03", "SIGRTMIN++3", "SIGRTMIN-1", "TERM", "15", ""] {
      #expect(Signal(name: name) == nil)
    }
  }
}
