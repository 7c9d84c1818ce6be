/// The interface `io.isolated` as varlink describes interfaces: https://varlink.org/Interface-Definition.
public enum ControlInterface {
  /// The interface's name.
  public static let name = "io.isolated"

  /// Where the daemon listens unless it is told otherwise.
  public static let defaultSocketPath = "/run/isolated/io.isolated"

  /// All methods.
  public static let methods: [any ControlMethod.Type] = [
    Spawn.self, Wait.self, List.self, Inspect.self, Kill.self, Stop.self, Forget.self, Logs.self,
    IOStatus.self, Version.self,
  ]

  /// The text that `org.varlink.service.GetInterfaceDescription` answers with.
  public static let description = """
    # Tenants of one host: processes in namespaces, cgroup v2 quotas and seccomp, each from one policy file.
    interface io.isolated

    # Which of a call's file descriptors (SCM_RIGHTS) become the standard streams: indexes from 0
    type Stdio (stdin: int, stdout: int, stderr: int)

    # How a tenant ended. cause: exited, signaled, oom-killed, killed or init-lost
    type Exit (status: ?int, signal: ?int, cause: string, durationUsec: int)

    # What a tenant is and uses. owner is a user id, startedUsec counts from 1970
    type TenantSummary (
      name: string,
      state: string,
      policy: string,
      pid: ?int,
      owner: int,
      startedUsec: int,
      cpuUsec: int,
      memoryBytes: int,
      memoryMaxBytes: ?int,
      pids: int,
      pidsMax: ?int,
      ioReadBytes: int,
      ioWriteBytes: int,
      exit: ?Exit
    )

    # The host's ids that a tenant's users map to
    type IdRange (first: int, count: int)

    # A cgroup file: what was written, and what the kernel reports
    type Limit (file: string, asked: string, kernel: string)

    # A mount of the tenant's file system tree, options in mount(8)'s words
    type Mount (target: string, source: string, options: string)

    # Where output goes. source: journal, file or stdio; user: the _UID that the journal has it under; file: index of
    # a descriptor that comes with the answer
    type LogSource (
      source: string,
      identifier: string,
      user: ?int,
      path: ?string,
      file: ?int
    )

    # All about a tenant. namespaces: inodes by the kind's name in /proc/PID/ns; io: the scheduler's last decisions;
    # ioSensor: why the latencies of its IO aren't measured
    type Inspection (
      summary: TenantSummary,
      command: []string,
      cgroup: string,
      namespaces: [string]int,
      idRange: IdRange,
      limits: []Limit,
      capabilities: []string,
      seccomp: string,
      mounts: []Mount,
      notEnforced: []string,
      logs: LogSource,
      io: ?[]IODecision,
      ioPromises: ?[]string,
      ioSensor: ?string
    )

    # Something that the IO scheduler decided about a tenant on a disk, and why; timeUsec counts from 1970
    type IODecision (timeUsec: int, disk: string, text: string)

    # How long operations took over the last second in which there were some, the wait for the tenant's own limit
    # apart. operation: read, write or sync_write; kept: in which part of the last minute's seconds the target held
    type IOLatencyFigures (
      operation: string,
      samples: int,
      p50Usec: int,
      p99Usec: int,
      p999Usec: int,
      waitP99Usec: int,
      targetUsec: ?int,
      kept: ?float
    )

    # What a tenant does on a disk, each second. reserved, used and granted are shares of the calibrated disk's time,
    # granted is absent where nothing holds it back. state: free, share, limit, reservation-scaled or sleeping;
    # heldShare: in which part of the last second it was held back
    type IOTenant (
      name: string,
      isHost: bool,
      weight: int,
      reserved: float,
      readOperations: float,
      writeOperations: float,
      readBytes: float,
      writeBytes: float,
      used: float,
      granted: ?float,
      state: string,
      reason: string,
      heldShare: float,
      latencies: []IOLatencyFigures
    )

    # A disk as the IO scheduler sees it. number: major:minor; mechanism: io.max or none; phase: learn, share, drain,
    # refill, cruise, probe or idle; capacity, rate and used are shares of the calibrated disk's time, rate is absent
    # where everything is let in; sensor: why latencies are missing
    type IODisk (
      number: string,
      name: string,
      mechanism: string,
      phase: string,
      reason: string,
      capacity: ?float,
      rate: ?float,
      used: float,
      inFlight: int,
      readOperations: float,
      writeOperations: float,
      readBytes: float,
      writeBytes: float,
      tickUsec: int,
      sensor: ?string,
      tenants: []IOTenant,
      warnings: []string
    )

    # Start a tenant from an installed policy, or from a policy's text. With foreground the call must say "more":
    # it answers once when the command runs and once more, with exit, when it has ended; hanging up ends the tenant.
    method Spawn(
      policy: ?string,
      document: ?string,
      documentName: ?string,
      name: ?string,
      command: ?[]string,
      environment: ?[string]string,
      stdio: ?Stdio,
      foreground: ?bool
    ) -> (name: string, pid: int, notEnforced: []string, exit: ?Exit)

    # Answer when a tenant has ended
    method Wait(name: string) -> (exit: Exit)

    # List the tenants that the caller may see
    method List() -> (tenants: []TenantSummary)

    # Tell all about a tenant
    method Inspect(name: string) -> (tenant: Inspection)

    # Send a signal to a tenant's command
    method Kill(name: string, signal: int) -> ()

    # End a tenant: the policy's stop signal, then, after the grace, kill its whole group. Answers when it has ended
    method Stop(name: string, graceUsec: ?int) -> (exit: Exit)

    # Drop the record of a tenant that has ended
    method Forget(name: string) -> ()

    # Tell where a tenant's output is; a file comes open for reading, as a file descriptor
    method Logs(name: string) -> (
      source: string,
      identifier: string,
      user: ?int,
      path: ?string,
      file: ?int
    )

    # Tell what the IO scheduler sees and does, disk by disk, with the tenants that the caller may see
    method IOStatus() -> (disks: []IODisk)

    # Tell which daemon answers and what it stands on
    method Version() -> (version: string, kernel: string, machine: string, controllers: []string)

    # Something else that is wrong with the same text; the fields are those of Failed
    type Problem (
      code: string,
      message: string,
      systemCall: ?string,
      path: ?string,
      errno: ?int,
      errnoName: ?string,
      mend: ?string,
      file: ?string,
      line: ?int,
      column: ?int
    )

    # What failed, where, and how to mend it. code is stable; errno is Linux's number; line and column count from 1
    error Failed (
      code: string,
      message: string,
      systemCall: ?string,
      path: ?string,
      errno: ?int,
      errnoName: ?string,
      mend: ?string,
      file: ?string,
      line: ?int,
      column: ?int,
      others: ?[]Problem
    )

    """
}
