"""On what the figures were taken: machine, kernel, versions, load."""

import os
import shutil
import subprocess
from pathlib import Path


def describe(bin_directory):
    """Everything that a reader needs to compare these figures with others."""
    return {
        "kernel": f"{os.uname().sysname} {os.uname().release} {os.uname().machine}",
        "processor": _processor(),
        "processors": os.cpu_count(),
        "memory_mib": _memory_mib(),
        "virtualisation": _output(["systemd-detect-virt"]) or "unknown",
        "controllers": _read("/sys/fs/cgroup/cgroup.controllers") or "none",
        "versions": {
            "isolated": (_output([str(bin_directory / "isolated"), "--version"]) or "unknown").splitlines()[0],
            **{name: _version(name) for name in ("bwrap", "crun", "runc", "unshare")},
        },
    }


def load():
    """The 1-minute load average, and for how many microseconds some task has waited for a processor since boot."""
    stalled = 0
    text = _read("/proc/pressure/cpu") or ""
    for field in text.split("\n")[0].split():
        if field.startswith("total="):
            stalled = int(field.removeprefix("total="))
    return {"average": os.getloadavg()[0], "stalled_us": stalled}


def print_machine(report, facts):
    report.heading("Machine")
    report.line(f"{facts['kernel']}, {facts['processors']} x {facts['processor']}, {facts['memory_mib']} MiB, "
                f"virtualisation: {facts['virtualisation']}")
    report.line(f"cgroup v2 controllers for tenants: {facts['controllers']}")
    report.line("; ".join(f"{name}: {version}" for name, version in facts["versions"].items()))


def _version(name):
    if shutil.which(name) is None:
        return "not installed"
    output = _output([name, "--version"]) or "unknown"
    return output.splitlines()[0].removeprefix(name).removeprefix(" version").strip()


def _output(command):
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False).stdout.strip()
    except OSError:
        return None


def _read(path):
    try:
        return Path(path).read_text().strip()
    except OSError:
        return None


def _processor():
    for line in (_read("/proc/cpuinfo") or "").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return os.uname().machine


def _memory_mib():
    for line in (_read("/proc/meminfo") or "").splitlines():
        if line.startswith("MemTotal"):
            return int(line.split()[1]) // 1024
    return 0
