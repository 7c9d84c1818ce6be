"""The command line of Benchmarks/run."""

import argparse
import signal
import sys
import time
from pathlib import Path

from . import idle, lab, machine, startup, throughput
from .daemon import Daemon
from .errors import BenchError
from .report import Report
from .workspace import Workspace

CHECKOUT = Path(__file__).resolve().parent.parent.parent
PARTS = ("lab", "startup", "throughput", "idle")


def main(arguments):
    """Measures, prints, and exits with 0 whether or not targets are met: these are figures, not tests."""
    options = _parse(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    report = Report()
    try:
        for name in ("isolated", "isoctl", "tenant-init"):
            if not (options.bin / name).is_file():
                raise BenchError(f"there is no {options.bin / name}: `make build` makes it, or name another --bin")
        if "lab" in options.parts:
            lab.measure(report, options.deb or lab.package_of(report, options.bin))
        else:
            report.heading("The lab's part, what the kernel charges to an idle tenant's group, is left out")
        with Workspace() as workspace:
            _native(report, options, workspace)
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    report.summary()
    report.save(options.out, time.strftime("%Y-%m-%dT%H%M%SZ.json", time.gmtime()))


def _parse(arguments):
    parser = argparse.ArgumentParser(prog="run", description="Measures isolated beside its peers.")
    parser.add_argument("--bin", metavar="DIR", type=Path, default=CHECKOUT / "out", help="the binaries (default: out)")
    parser.add_argument("--out", metavar="DIR", type=Path, default=CHECKOUT / "out/bench",
                        help="where the JSON goes (default: out/bench)")
    parser.add_argument("--runs", metavar="N", type=int, default=200, help="counted start-ups of each (default 200)")
    parser.add_argument("--spawns", metavar="N", type=int, default=10000, help="spawns in a row (default 10000)")
    parser.add_argument("--tenants", metavar="N", type=int, default=100, help="idle tenants (default 100)")
    parser.add_argument("--only", metavar="PART", action="append", choices=PARTS, default=[],
                        help=f"measure only this, one of {', '.join(PARTS)} (repeatable)")
    parser.add_argument("--no-lab", action="store_true", help="leave out what needs the lab's kernel")
    parser.add_argument("--deb", metavar="FILE", type=Path, help="the package for the lab (default: packed from --bin)")
    options = parser.parse_args(arguments)
    options.bin = options.bin.resolve()
    options.parts = set(options.only or PARTS) - ({"lab"} if options.no_lab else set())
    for name in ("runs", "spawns", "tenants"):
        if getattr(options, name) < 1:
            parser.error(f"--{name} must be at least 1")
    return options


def _native(report, options, workspace):
    facts = machine.describe(options.bin)
    report.data["machine"] = facts
    report.data["started"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    machine.print_machine(report, facts)
    with Daemon(options.bin, workspace.path / "daemon", workspace.group / "tenants") as daemon:
        if "idle" in options.parts:
            report.heading("Memory of the daemon")
            idle.measure_daemon(report, daemon, "after its start")
        if "startup" in options.parts:
            startup.measure(report, workspace, daemon, options.bin, options.runs)
        if "throughput" in options.parts:
            throughput.measure(report, daemon, options.spawns)
            if "idle" in options.parts:
                report.heading("Memory of the daemon, again")
                idle.measure_daemon(report, daemon, f"after {options.spawns} spawns")
        if "idle" in options.parts:
            idle.measure_tenants(report, workspace, daemon, options.tenants)
