"""io.cost by hand: the highest vrate of a few at which the victim's target holds beside the plain neighbour."""

import dataclasses

from io_bench.percentiles import percentile

from ..mechanisms.io_cost import PERCENTS, IOCost
from .contention import run


SETTLE = 6.0  # seconds that io.cost takes to find its state after a burst


def measure(bench, case):
    target = bench.facts.target(case.victim)
    tried = {}
    for percent in PERCENTS:
        mechanism = IOCost(bench.disk, bench.facts, percent)
        result = run(bench, dataclasses.replace(case, idle=0), mechanism, bench.victim(case.victim))
        bench.clean()
        counted = result["events"]["burst"] + min(SETTLE, case.seconds / 2) * 1000
        tried[percent] = percentile([latency for start, latency in result["operations"]
                                     if start + latency / 1000 >= counted], 990)
        if tried[percent] <= target:
            break
    best = min(tried, key=tried.get)
    holding = [percent for percent, p99 in tried.items() if p99 <= target]
    return {"percent": max(holding) if holding else best, "p99": tried, "target": target}
