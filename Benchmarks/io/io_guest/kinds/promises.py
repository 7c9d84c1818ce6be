"""A random set of tenants, as admission lets it in, beside a neighbour without a promise: is each promise kept?"""

import contextlib
import subprocess
import time

from io_bench.percentiles import percentile
from io_bench.sets import draw
from io_bench.windows import attained
from io_bench.workloads import neighbour_fio

from ..failure import Refused
from ..mechanisms import BY_NAME
from ..program import SCRATCH, Program, Share
from ..sampler import Sampler, now_ms
from ..tenants import policy
from ..victims.reader import Reader
from .contention import both, freeze, frozen, program

DRAWS = 20  # sets that may be refused before one is admitted
SETTLE = 2.0  # seconds after the neighbour's start that don't count: that is what `recovery` measures


def measure(bench, case):
    disk = bench.disk
    capacity = bench.facts.rates["randread 4K"]["iops"]
    p99 = bench.facts.target("reader") / 2
    with BY_NAME[case.mechanism](disk, bench.facts) as mechanism, Sampler(disk) as sampler, \
            contextlib.ExitStack() as stack:
        refusals, promised = [], None
        for number in range(DRAWS):
            promised = draw(case.round * DRAWS + number, capacity, disk.facts.reader_rate, p99)
            refusal = _refusal(mechanism, disk, promised)
            if refusal is None:
                break
            refusals.append(refusal)
        else:
            raise Refused(f"none of {DRAWS} sets was admitted; the last: {refusals[-1]}")
        readers = []
        neighbour = case.neighbour
        groups = frozen(bench, mechanism, [
            (Share(), program(disk, neighbour_fio, neighbour, number))
            for number in range(neighbour.tenants)])
        for number, one in enumerate(promised):
            reader = Reader(disk, seed=number + 1, rate=one.rate, depth=one.depth, log=one.name,
                            process="poisson" if one.target else "linear")
            stack.callback(reader.close)
            reader.open(bench.group(mechanism, one.name, _share(one)))
            reader.start(case.lead + case.seconds + SETTLE)
            readers.append(reader)
        time.sleep(case.lead)
        freeze(groups, False)
        counted = now_ms() + SETTLE * 1000
        operations = [reader.finish(case.lead + case.seconds + SETTLE) for reader in readers]
        time.sleep(0.2)
    end = min(done[-1][0] + done[-1][1] / 1000 for done in operations)
    kept = [_kept(one, done, counted, end) for one, done in zip(promised, operations)]
    return {"kept": kept, "refusals": refusals, "disk": sampler.rates(counted, end)}


def _share(one):
    return Share(weight=one.weight, targets=both(one.target) if one.target else {}, reservation=one.reservation)


def _refusal(mechanism, disk, promised):
    """What admission says against a set, or None."""
    files = []
    for one in promised:
        file = SCRATCH / f"set-{one.name}.yaml"
        file.write_text(policy(one.name, Program(("/bin/true",), (disk.victim,)), mechanism.entry(_share(one))))
        files.append(str(file))
    try:
        done = subprocess.run(["isoctl", "io", "plan", *files], capture_output=True, text=True, check=False, timeout=60)
    except FileNotFoundError:
        raise Refused("the product isn't installed in the guest") from None
    return None if done.returncode == 0 else " ".join((done.stderr or done.stdout).split())[:2000]


def _kept(one, operations, begin, end):
    """What was promised, what came of it, and whether that is the promise."""
    if one.target:
        p99 = percentile([latency for start, latency in operations if start >= begin], 990)
        return {"name": one.name, "target": one.target, "p99": p99, "kept": p99 is not None and p99 <= one.target}
    good, windows = attained([start + latency / 1000 for start, latency in operations], one.reservation, begin, end)
    return {"name": one.name, "reservation": one.reservation, "windows": windows, "attained": good,
            "kept": windows > 0 and good == windows}
