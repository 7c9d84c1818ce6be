"""What a daemon and the machine hold: counted before and after, nothing may have grown."""

import os
import time
from pathlib import Path

from .kernel_files import status


def count(daemon):
    """Everything that a spawn could leave behind."""
    root = Path(f"/proc/{daemon.pid}")
    group = _group_counts(daemon.group)
    return {
        "daemon's descriptors": len(os.listdir(root / "fd")),
        "daemon's threads": len(os.listdir(root / "task")),
        "daemon's zombies": _zombies(daemon.pid),
        "daemon's children": len(_children(daemon.pid)),
        "groups of tenants": group["nr_descendants"],
        "groups that are dying": group["nr_dying_descendants"],
        "mounts, as the host sees them": _lines("/proc/1/mountinfo"),
        "mounts, as the daemon sees them": _lines(root / "mountinfo"),
        "network namespaces with a process": _network_namespaces(),
        "network namespaces in the kernel": _slab("net_namespace"),
        "files of tenants in the state directory": sum(len(files) for _, _, files in os.walk(daemon.state / "tenants")),
        "daemon's RSS, KiB": int(status(daemon.pid)["VmRSS"].split()[0]),
    }


# The kernel frees these later, in batches; RSS settles after first use.
UNJUDGED = {"groups that are dying", "network namespaces in the kernel", "daemon's RSS, KiB", "daemon's threads"}


def settle(daemon, before, seconds=30):
    """Counts until nothing is above what it was, or the time is over: the kernel frees namespaces in its own time."""
    deadline = time.monotonic() + seconds
    while True:
        after = count(daemon)
        grown = [key for key in after if after[key] is not None and key not in UNJUDGED and after[key] > before[key]]
        if not grown or time.monotonic() > deadline:
            return after, grown
        time.sleep(0.5)


def _group_counts(group):
    pairs = (line.split() for line in (group / "cgroup.stat").read_text().splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2}


def _children(pid):
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            found += (task / "children").read_text().split()
        except OSError:
            continue
    return found


def _zombies(pid):
    count = 0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        count += fields[0] == "Z" and int(fields[1]) == pid
    return count


def _network_namespaces():
    seen = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                seen.add(os.readlink(entry / "ns/net"))
            except OSError:
                continue
    return len(seen)


def _slab(name):
    try:
        for line in Path("/proc/slabinfo").read_text().splitlines():
            if line.startswith(name + " "):
                return int(line.split()[1])
    except OSError:
        pass
    return None


def _lines(path):
    return len(Path(path).read_text().splitlines())
