"""The part that needs the memory controller in cgroup v2: it runs in the lab's guest."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

from .errors import BenchError
from .figures import kib
from .payload import build_sleeper

CHECKOUT = Path(__file__).resolve().parent.parent.parent
TARGET = 600 << 10


def package_of(report, bin_directory):
    """The package with the very programs that are measured natively; packed when there is none or an older one."""
    architecture = _output("dpkg", "--print-architecture")
    package = bin_directory / f"isolated_{(CHECKOUT / 'VERSION').read_text().strip()}_{architecture}.deb"
    programs = [bin_directory / name for name in ("isolated", "isoctl", "tenant-init")]
    if not package.exists() or any(program.stat().st_mtime > package.stat().st_mtime for program in programs):
        report.progress("packing the product for the lab")
        subprocess.run([CHECKOUT / "packaging/build-deb", package], env={**os.environ, "OUT": str(bin_directory)},
                       stdout=subprocess.DEVNULL, check=True)
    return package


def measure(report, package):
    """Boots the guest, has it measure, prints what an idle tenant's group is charged with."""
    report.progress("booting the lab's guest for what the kernel charges to a tenant's group")
    with tempfile.TemporaryDirectory(prefix="isolated-bench-") as name:
        directory = Path(name)
        program = build_sleeper(directory)
        done = subprocess.run(
            [CHECKOUT / "Tests/Lab/run", "--deb", package, "--file", f"{program}:/srv/bench/sleeper",
             "--out", directory / "out", CHECKOUT / "Benchmarks/lab/idle-tenants"], check=False)
        if done.returncode != 0:
            raise BenchError(f"the lab's part failed with status {done.returncode}; --no-lab leaves it out")
        figures = json.loads((directory / "out/idle-tenants.json").read_text())
    _print(report, figures)


def _print(report, figures):
    report.heading(f"{figures['tenants']} idle tenants in the lab (kernel {figures['kernel']}, emulated): "
                   "what the kernel charges to a tenant's group")
    report.table(
        ["median of all", "memory.current", "sum of memory.stat"],
        [[name, kib(figures[key]["current"]), kib(figures[key]["accounted"])]
         for name, key in (("a tenant with its payload", "tenant"), ("the payload alone in a group", "payload"),
                           ("beyond the payload", "beyond"))],
    )
    report.line("memory.current counts what processors hold in advance too, so the sum is the exact one")
    parts = sorted(figures["breakdown"].items(), key=lambda item: -item[1])
    report.line("of what it is made: " + ", ".join(f"{key} {kib(value)}" for key, value in parts if value))
    report.line(f"the daemon's own group grew by {kib(figures['daemon_growth'])} for each: namespaces that were made "
                "ahead are charged there")
    report.data["lab"] = figures
    beyond = figures["beyond"]["current"] + figures["daemon_growth"]
    report.target("idle tenant, charged", beyond, TARGET,
                  f"{kib(beyond)} charged beyond the payload, with the daemon's share; target: at most {kib(TARGET)}")


def _output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
