"""A victim alone, with a target that nothing misses: what `isoctl io top` shows of its IO, for its operator to go by."""

import json
import threading

from ..failure import Failed
from ..mechanisms import BY_NAME
from ..program import Share
from ..tenants import isoctl
from .contention import both

LAX = 10e6  # µs
LAST = 1.0  # seconds before its end at which it is looked at
OPERATIONS = ("read", "sync_write")  # that somebody waits for


def measure(bench, case):
    victim = bench.victim(case.victim)
    with BY_NAME[case.mechanism](bench.disk, bench.facts) as mechanism:
        group = bench.group(mechanism, "victim", Share(targets=both(LAX)))
        victim.open(group)
        try:
            seen = []
            victim.start(case.seconds)
            look = threading.Timer(case.seconds - LAST, lambda: seen.append(isoctl("io", "top", "--once", "--json")))
            look.start()
            victim.finish(case.seconds)
            look.join()
        finally:
            victim.close()
    if not seen:
        raise Failed("isoctl io top shows nothing")
    return p99s(json.loads(seen[0]))


def p99s(top):
    """{"p99": {operation of a policy: µs}, "samples": …} of the tenant `victim` in what isoctl shows."""
    rows = [row for disk in top["disks"] for tenant in disk["tenants"] if tenant["name"] == "victim"
            for row in tenant["latencies"]]
    found = {row["operation"]: row for row in rows if row["operation"] in OPERATIONS}
    if not found:
        raise Failed(f"isoctl io top shows no latency of the victim: {json.dumps(top)[:1000]}")
    return {"p99": {name: row["p99Usec"] for name, row in found.items()},
            "samples": {name: row["samples"] for name, row in found.items()}}
