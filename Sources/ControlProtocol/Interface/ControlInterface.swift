/// The interface `io.isolated` as varlink describes interfaces: https://varlink.org/Interface-Definition.
public enum ControlInterface {
  /// The interface's name.
  public static let name = "io.isolated"

  /// Where the daemon listens unless it is told otherwise.
  public static let defaultSocketPath = "/run/isolated/io.isolated"

  /// All methods.
  public static let methods: [any ControlMethod.Type] = [
    Spawn.self, Wait.self, List.self, Inspect.self, Kill.self, Stop.self, Forget.self, Logs.self,
    IOStatus.self, Version.self, Freeze.self, Thaw.self, Update.self, Events.self, Usage.self, Exec.self, Attach.self,
    Detach.self,
  ]

  /// The text that `org.varlink.service.GetInterfaceDescription` answers with.
  public static let description = """
    # Tenants of one host: processes in namespaces, cgroup v2 quotas and seccomp, each from one policy file.
    interface io.isolated

    # Which of a call's file descriptors (SCM_RIGHTS) become the standard streams: indexes from 0
    type Stdio (stdin: int, stdout: int, stderr: int)

    # A terminal for a command's standard streams. term: its variable TERM
    type Terminal (rows: int, columns: int, term: ?string)

    # How a tenant ended. cause: exited, signaled, oom-killed, killed, init-lost or start-failed
    type Exit (status: ?int, signal: ?int, cause: string, durationUsec: int)

    # What a tenant is and uses. owner is a user id, startedUsec counts from 1970. state: starting, running, frozen,
    # stopping, backing-off (until nextStartUsec) or ended
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
      exit: ?Exit,
      restarts: ?int,
      nextStartUsec: ?int,
      health: ?string
    )

    # What a tenant's health checks came to. status: starting, healthy or unhealthy; failures: in a row; reason: why the
    # last check failed
    type HealthStatus (status: string, check: string, failures: int, reason: ?string)

    # Where a tenant stands among its restarts. condition: failure or always; inARow counts the one that is waited for;
    # failure: why it couldn't be started the last time
    type RestartStatus (
      condition: string,
      total: int,
      inARow: int,
      limit: ?int,
      hasGivenUp: bool,
      nextStartUsec: ?int,
      lastExit: ?Exit,
      failure: ?string
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
    # landlock: what its Landlock domain holds, or why it has none
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
      ioSensor: ?string,
      landlock: ?string,
      restart: ?RestartStatus,
      after: ?[]string,
      health: ?HealthStatus
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
    # With terminal the command gets one instead of stdio, for clients of Attach.
    method Spawn(
      policy: ?string,
      document: ?string,
      documentName: ?string,
      name: ?string,
      command: ?[]string,
      environment: ?[string]string,
      stdio: ?Stdio,
      foreground: ?bool,
      terminal: ?Terminal
    ) -> (name: string, pid: int, notEnforced: []string, exit: ?Exit)

    # Answer when a tenant has ended
    method Wait(name: string) -> (exit: Exit)

    # List the tenants that the caller may see
    method List() -> (tenants: []TenantSummary)

    # Tell all about a tenant
    method Inspect(name: string) -> (tenant: Inspection)

    # Send a signal to a tenant's command
    method Kill(name: string, signal: int) -> ()

    # A tenant that was ended since it comes after another one
    type Dependant (name: string, exit: Exit)

    # End a tenant: the policy's stop signal, then, after the grace, kill its whole group. Answers when it has ended.
    # Those that come after it are ended first, each with its own grace, unless only says that they run on
    method Stop(name: string, graceUsec: ?int, only: ?bool) -> (exit: Exit, dependants: ?[]Dependant)

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

    # Have all processes of a tenant stand still; answers once they do. Signals wait, but Stop and SIGKILL end it too
    method Freeze(name: string) -> ()

    # Let the processes of a frozen tenant run again
    method Thaw(name: string) -> ()

    # A value of a policy: key is a path such as memory.max, device names an entry of io. Without value the key goes
    type PolicySetting (key: string, device: ?string, value: ?string, origin: ?string)

    # what: a cgroup file, io, or a key of the policy
    type PolicyChange (what: string, before: ?string, after: ?string)

    # Change limits, shares and promises of a running tenant, all or none: by single settings, by the text of a policy
    # that differs in nothing else, or both. For root alone
    method Update(
      name: string,
      document: ?string,
      documentName: ?string,
      settings: ?[]PolicySetting,
      dryRun: ?bool
    ) -> (changes: []PolicyChange, warnings: []string)

    # What a tenant has used in its whole life
    type ResourceSummary (
      cpuUsec: int,
      memoryPeakBytes: ?int,
      ioReadBytes: ?int,
      ioWriteBytes: ?int,
      lifetimeUsec: int
    )

    # event: listening, lost, spawned, ready, oom, limit, entered, frozen, thawed, updated, unhealthy, healthy,
    # restarted, restart-failed, stopped (while it waited for its next start) or exited; timeUsec counts from 1970;
    # limit: the cgroup file whose limit was reached; count: how many, how often, or which restart in a row; text: for
    # people
    type TenantEvent (
      timeUsec: int,
      event: string,
      tenant: ?string,
      pid: ?int,
      limit: ?string,
      count: ?int,
      text: ?string,
      exit: ?Exit,
      usage: ?ResourceSummary
    )

    # Tell what happens to tenants that the caller may see, as it happens: the call must say "more". The first answer is
    # "listening"; a reader that is too slow gets "lost" in place of what it missed. With sinceUsec, what has happened
    # since then and is still known comes first
    method Events(tenants: ?[]string, sinceUsec: ?int) -> (event: TenantEvent)

    # What a tenant uses. Counters grow from its start on; cpuWaitUsec and its like are pressure stall times
    type TenantUsage (
      name: string,
      state: string,
      pid: int,
      cpuUsec: ?int,
      cpuMaxPercent: ?int,
      cpuPeriods: ?int,
      cpuThrottledPeriods: ?int,
      memoryBytes: ?int,
      memoryMaxBytes: ?int,
      pids: ?int,
      pidsMax: ?int,
      ioReadBytes: ?int,
      ioWriteBytes: ?int,
      cpuWaitUsec: ?int,
      memoryWaitUsec: ?int,
      ioWaitUsec: ?int
    )

    # Tell what the tenants use that the caller may see. clockUsec is of a clock that nobody sets
    method Usage() -> (clockUsec: int, processors: int, tenants: []TenantUsage)

    # Run a further command in a running tenant. Answers when it runs, with a socket (SOCK_SEQPACKET) as a file
    # descriptor: packets of four 32-bit numbers of the machine's byte order. To the command's side: 1, 0, signal, 0.
    # From it: 2, CLD_* of waitid(2), status or signal, 0, when the command has ended; with terminal, first of all: 3,
    # 0, 0, 0, with the terminal's master side as a file descriptor. Closing the socket ends the command.
    method Exec(
      name: string,
      command: []string,
      user: ?string,
      environment: ?[string]string,
      directory: ?string,
      stdio: ?Stdio,
      terminal: ?Terminal
    ) -> (session: int)

    # Hand over the terminal of a tenant that was spawned with one: a socket as Exec's, whose packets 1 do nothing, and
    # which brings 4, 0, 0, 0 when another client takes the terminal. Closing it detaches.
    method Attach(name: string) -> (session: int)

    # Have a tenant that was spawned in the foreground go on when its client hangs up
    method Detach(name: string) -> ()

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
