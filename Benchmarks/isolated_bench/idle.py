"""What an idle daemon and idle tenants cost in memory, natively."""

import os
import statistics
import time

from .figures import kib, mib
from .kernel_files import processes, rollup, status
from .payload import build_sleeper, sleeper_policy

DAEMON_TARGET = 16 << 20
TENANT_TARGET = 100 << 10


def measure_daemon(report, daemon, when):
    """RSS and PSS of a daemon without tenants."""
    time.sleep(1)
    sizes = rollup(daemon.pid)
    resident = sizes["Rss"]
    threads = status(daemon.pid)["Threads"]
    report.line(f"idle daemon, {when}: RSS {mib(resident)} ({mib(sizes['Pss_Anon'])} of it its own, the rest mapped "
                f"files), PSS {mib(sizes['Pss'])}, {threads} threads")
    report.data.setdefault("idle_daemon", {})[when] = {"rss": resident, "pss": sizes["Pss"], "anon": sizes["Pss_Anon"]}
    report.target(f"idle daemon, {when}", resident, DAEMON_TARGET,
                  f"RSS {mib(resident)} {when}; target: at most {mib(DAEMON_TARGET)}")


def measure_tenants(report, workspace, daemon, tenants):
    """PSS of tenant-init in `tenants` idle tenants, and what the daemon grows by for each."""
    report.heading(f"{tenants} idle tenants, natively: what one costs beyond its payload")
    directory = workspace.path / "payload"
    directory.mkdir()
    program = build_sleeper(directory)
    daemon.policy("idle", sleeper_policy(program))
    before = rollup(daemon.pid)
    descriptors = _descriptors(daemon)
    with daemon.connect() as connection:
        for number in range(tenants):
            connection.call("Spawn", {"policy": "idle", "name": f"idle-{number}"})
        time.sleep(2)
        inits, payloads = _sizes(daemon, tenants)
        after = rollup(daemon.pid)
        held = (_descriptors(daemon) - descriptors) / tenants
        for number in range(tenants):
            connection.call("Stop", {"name": f"idle-{number}", "graceUsec": 0})
            connection.call("Forget", {"name": f"idle-{number}"})
    growth = max(0, after["Pss"] - before["Pss"]) / tenants
    pss = statistics.median(sizes["Pss"] for sizes in inits)
    report.table(
        ["median of all", "PSS", "of it own", "RSS"],
        [[name, kib(_median(sizes, "Pss")), kib(_median(sizes, "Pss_Anon")), kib(_median(sizes, "Rss"))]
         for name, sizes in (("tenant-init", inits), ("payload (a static sleeper)", payloads))],
    )
    report.line(f"the daemon grew by {kib(growth)} PSS and {held:.1f} descriptors for each")
    report.data["idle_tenants"] = {"count": tenants, "init_pss": pss, "payload_pss": _median(payloads, "Pss"),
                                   "daemon_growth": growth, "daemon_descriptors": held}
    report.target("idle tenant, PSS", pss + growth, TENANT_TARGET,
                  f"{kib(pss + growth)} PSS with the daemon's share; target: at most {kib(TENANT_TARGET)}")


def _sizes(daemon, tenants):
    inits, payloads = [], []
    for number in range(tenants):
        for pid in processes(daemon.group / f"idle-{number}"):
            is_init = int(status(pid)["PPid"]) == daemon.pid
            (inits if is_init else payloads).append(rollup(pid))
    return inits, payloads


def _descriptors(daemon):
    return len(os.listdir(f"/proc/{daemon.pid}/fd"))


def _median(sizes, key):
    return statistics.median(entry[key] for entry in sizes)
