"""io.cost by hand: the highest vrate of a few at which the victim's target holds beside the plain neighbour."""

import dataclasses

from ..mechanisms.io_cost import PERCENTS, IOCost
from .contention import run


def measure(bench, case):
    target = bench.facts.target(case.victim)
    tried = {}
    for percent in PERCENTS:
        mechanism = IOCost(bench.disk, bench.facts, percent)
        result = run(bench, dataclasses.replace(case, idle=0), mechanism, bench.victim(case.victim))
        bench.clean()
        tried[percent] = result["summary"]["p99"]
        if tried[percent] <= target:
            break
    best = min(tried, key=tried.get)
    holding = [percent for percent, p99 in tried.items() if p99 <= target]
    return {"percent": max(holding) if holding else best, "p99": tried, "target": target}
