"""Readers of /proc/PID and of a group's files."""

import os
from pathlib import Path


def rollup(pid):
    """Bytes by key of /proc/PID/smaps_rollup, such as Rss, Pss, Pss_Anon."""
    sizes = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        key, _, rest = line.partition(":")
        sizes[key] = int(rest.split()[0]) * 1024
    return sizes


def status(pid):
    """/proc/PID/status as a dictionary of texts."""
    pairs = (line.partition(":") for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return {key: value.strip() for key, _, value in pairs}


def flat_keyed(path):
    """A flat keyed file such as memory.stat as a dictionary of numbers."""
    pairs = (line.split() for line in Path(path).read_text().splitlines())
    return {key: int(value) for key, value in pairs}


def processes(group):
    """The pids in a group."""
    return [int(word) for word in (Path(group) / "cgroup.procs").read_text().split()]


def processor_seconds(pid):
    """Processor time of a process and of all descendants that have been waited for (proc_pid_stat(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")
