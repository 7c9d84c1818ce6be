/// A policy that gives every key that can be enforced, each with a value that isn't its default.
let fullPolicy = """
  tenant: full
  description: every key
  command: [/usr/bin/env, -i, "sleep", "10"]
  root:
    base: /srv/images/debian
    writable: [/srv/a, {path: /var/lib/b, source: /srv/b, ids: tenant}]
    readable: [/etc/ssl/certs, {path: /data, source: /srv/data}]
    tmpfs:
      - {path: /run, size: 8MiB, inodes: 20k}
      - {path: /tmp, size: 1GiB, mode: "0700", owner: 7}
    overlay: tmpfs
    size: 256MiB
  user: www-data
  group: 33
  groups: [adm, 4]
  environment: {LANG: C.UTF-8, EMPTY: ""}
  directory: /srv/a
  umask: "0077"
  rlimits:
    nofile: {soft: 1024, hard: unlimited}
    as: 1GiB
    cpu: 1h
    rttime: 5ms
    nice: 20
    rtprio: 1
    core: 0
    data: 1GiB
    fsize: unlimited
    locks: 10
    memlock: 64KiB
    msgqueue: 800KiB
    nproc: 100
    rss: 1GiB
    sigpending: 100
    stack: {soft: 8MiB, hard: 16MiB}
  hostname: full.example
  cpu:
    weight: 200
    idle: false
    max: {quota: 30ms, period: 20ms}
    burst: 20ms
    cpus: 0-1
    uclamp: {min: 10%, max: 80.5%}
    core_scheduling: true
  memory: {min: 64MiB, low: 96MiB, high: 128MiB, max: 256MiB, swap: 1GiB, zswap: max, oom_group: false,
    bandwidth: 30%}
  pids: {max: 64}
  io:
    - device: /var/lib/b
      limit: {bandwidth: 80MiB/s, iops: 500, read: {iops: 700}, write: {bandwidth: 10MiB/s}}
      weight: 500
  network:
    mode: none
    tcp: {bind: [0, 8080], connect: [5432]}
    hosts: {db.internal: 10.0.0.5, db6: fd00::5}
    dns: [10.0.0.2, "::1"]
  seccomp: {profile: /etc/isolated/p.json, only: [execve, read], allow: [ptrace], deny: [socket], mode: log}
  capabilities: [CAP_NET_BIND_SERVICE, CAP_CHECKPOINT_RESTORE]
  devices: [{path: /dev/fuse, access: rwm}, {path: /dev/kvm}]
  namespaces: {user_namespaces: 3, time: {monotonic: -1h, boottime: 2h}}
  sysctls: {net.ipv4.ip_unprivileged_port_start: 0, kernel.sem: "32000 1024000000 500 32000"}
  stop: {signal: SIGQUIT, grace: 1min}
  restart: {on: failure, backoff: 2s..1min, limit: 5, reset_after: 5min}
  logs: {rate: 1MiB/s, burst: 2MiB, file_size: 4MiB}
  secrets:
    - /etc/isolated/secrets/api-key
    - {name: db-password, source: /etc/isolated/secrets/pg, owner: postgres, mode: "0440"}
  disk: {max: 10GiB, inodes: 1.5M}
  landlock: true
  enforcement: best-effort
  health:
    http: {port: 8080, path: "/health?deep=1", status: 200..204}
    start_period: 1min
    interval: 5s
    timeout: 500ms
    retries: 5
    action: restart
  after: [database, cache]
  allow: {groups: [web-team, 100000], users: [alice], command_override: true}
  """
