"""The command line of Benchmarks/io/run."""

import argparse
import hashlib
import signal
import sys
import time
from pathlib import Path

from . import machine, plan, report
from .errors import BenchError
from .lab import CHECKOUT, Guest
from .store import Store

ATTEMPTS = 2  # guests for one disk, before what is left of it is given up


def main(arguments):
    """Measures what isn't measured yet and writes the report; 0 when every case has a result."""
    options = _parse(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    cases = plan.quick() if options.quick else plan.full()
    cases = plan.scaled(cases, options.scale) if options.scale != 1 else cases
    cases = [case for case in cases if not options.disk or case.disk in options.disk]
    try:
        product = _digest(options.deb) if options.deb else ""
        store = Store(options.out, product)
        missing = _measure(cases, store, options) if not options.report_only else _missing(cases, store)
        report.write(cases, store, options.docs, options.quick)
    except BenchError as fault:
        print(f"bench-io: {fault}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench-io: interrupted; the same command goes on from here", file=sys.stderr)
        return 130
    for case in missing:
        print(f"bench-io: not measured: {case.label()}", file=sys.stderr)
    return 1 if missing else 0


def _parse(arguments):
    parser = argparse.ArgumentParser(prog="run", description="Measures isolated's IO scheduler beside the kernel's.")
    parser.add_argument("--quick", action="store_true", help="ten minutes at most: few cases, short ones")
    parser.add_argument("--disk", action="append", choices=list(plan.DISKS), default=[],
                        help="this disk alone (repeatable)")
    parser.add_argument("--deb", metavar="FILE", type=Path, help="the product's package (default: the newest in out/)")
    parser.add_argument("--no-product", action="store_true",
                        help="measure the others alone; isolated counts as refused")
    parser.add_argument("--out", metavar="DIR", type=Path, help="results (default: out/bench-io/full or …/quick)")
    parser.add_argument("--docs", metavar="DIR", type=Path,
                        help="tables and plots (default: docs/, or the directory of results with --quick)")
    parser.add_argument("--scale", metavar="X", type=float, default=1,
                        help="multiply all times, to try the harness (results of another scale don't count)")
    parser.add_argument("--fresh", action="store_true", help="drop earlier results first")
    parser.add_argument("--report-only", action="store_true", help="measure nothing")
    options = parser.parse_args(arguments)
    name = "quick" if options.quick else "full"
    options.out = (options.out or CHECKOUT / "out/bench-io" / name).resolve()
    options.docs = (options.docs or (options.out if options.quick else CHECKOUT / "docs")).resolve()
    if options.no_product:
        options.deb = None
    elif not options.deb:
        built = sorted((CHECKOUT / "out").glob("isolated_*.deb"), key=lambda file: file.stat().st_mtime)
        if not built:
            parser.error("there is no package in out/: `make deb` makes one, or name one with --deb, or --no-product")
        options.deb = built[-1]
    elif not options.deb.is_file():
        parser.error(f"there is no package {options.deb}")
    return options


def _digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _missing(cases, store):
    return [case for case in cases if store.result(case) is None]


def _measure(cases, store, options):
    """Measures what has no result; returns what has none afterwards."""
    if options.fresh:
        for file in store.directory.glob("*.json"):
            file.unlink()
    begun = time.monotonic()

    def progress(text):
        minutes, seconds = divmod(round(time.monotonic() - begun), 60)
        print(f"bench-io: {minutes:3d}:{seconds:02d} {text}", file=sys.stderr, flush=True)

    for disk in dict.fromkeys(case.disk for case in cases):
        mine = [case for case in cases if case.disk == disk]
        for attempt in range(ATTEMPTS):
            left = plan.with_calibration(mine, _missing(mine, store))
            if not left:
                break
            _one_guest(disk, mine, left, store, options.deb, progress, attempt)
    return _missing(cases, store)


def _one_guest(disk, cases, left, store, package, progress, attempt):
    progress(f"{disk}: {len(left)} of {len(cases)} cases to measure")
    known = [{"case": case.as_json(), "result": store.result(case)} for case in cases if case not in left]
    guest = Guest(package, progress)
    try:
        for case, message in guest.measure(disk, left, known):
            entry = {"case": message["case"], "result": message["result"], "took": message["took"],
                     "guest": guest.facts, "host": machine.load(),
                     "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
            store.keep(case, entry)
            for verdict in ("refused", "failed"):
                if verdict in message["result"]:
                    progress(f"{verdict}: {message['result'][verdict]}")
    except BenchError as fault:
        progress(f"{fault} (attempt {attempt + 1} of {ATTEMPTS})")
