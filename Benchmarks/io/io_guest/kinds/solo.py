"""A victim alone on the disk, without any mechanism: the base of every comparison, and by its rounds the noise."""

from io_bench.percentiles import summary

from ..mechanisms import BY_NAME
from ..program import Share
from ..sampler import Sampler, now_ms
from .timing import relative, started


def measure(bench, case):
    disk = bench.disk
    victim = bench.victim(case.victim, seed=100 + case.round)
    with BY_NAME["none"](disk, bench.facts) as mechanism, Sampler(disk) as sampler:
        group = bench.group(mechanism, "victim", Share())
        victim.open(group)
        try:
            begun = now_ms()
            victim.start(case.seconds)
            started(sampler, begun)
            operations = victim.finish(case.seconds)
            ended = now_ms()
        finally:
            victim.close()
    victims, _ = sampler.rates(begun, ended)
    use = victims[0] / bench.facts.rates["randread 4K"]["iops"]
    return {"operations": relative(operations, begun), "use": use,
            "summary": summary([latency for _, latency in operations])}
