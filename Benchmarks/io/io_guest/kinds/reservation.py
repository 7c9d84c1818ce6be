"""A tenant that was promised a rate, and asks for a little more, beside neighbours that take what they get."""

import contextlib
import time

from io_bench.workloads import neighbour_fio

from ..mechanisms import BY_NAME
from ..program import Share
from ..sampler import Sampler, now_ms
from ..victims.reader import Reader
from .contention import KERNEL_WEIGHT, freeze, frozen, program
from .timing import relative, started

PROMISED = 0.375  # of the disk's random reads: 300 of 800
ASKED = 1.1  # of the promise
DEPTH = 8
SPARE = 0.075


def measure(bench, case):
    disk, neighbour = bench.disk, case.neighbour
    capacity = bench.facts.rates["randread 4K"]["iops"]
    promise = round(capacity * PROMISED)
    victim = Reader(disk, rate=round(promise * ASKED), depth=DEPTH, process="linear")
    rest = (capacity * (1 - SPARE) - promise * ASKED) * neighbour.block / neighbour.tenants
    with BY_NAME[case.mechanism](disk, bench.facts) as mechanism, Sampler(disk) as sampler:
        guarded = bench.group(mechanism, "victim", Share(kernel_weight=KERNEL_WEIGHT, reservation=promise))
        with contextlib.closing(victim):
            victim.open(guarded)
            groups = frozen(bench, mechanism, [
                (Share(limit=(rest, 0)), program(disk, neighbour_fio, neighbour, number))
                for number in range(neighbour.tenants)])
            begun = now_ms()
            victim.start(case.lead + case.seconds)
            started(sampler, begun)
            time.sleep(case.lead)
            burst = now_ms()
            freeze(groups, False)
            operations = victim.finish(case.lead + case.seconds)
            end = now_ms()
    return {"operations": relative(operations, begun), "promise": promise, "settings": mechanism.settings,
            "events": {"burst": burst - begun, "end": end - begun},
            "both": dict(zip(("victim", "neighbours"), sampler.rates(burst, end)))}
