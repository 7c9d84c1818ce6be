"""How a disk is divided between tenants that always want more."""

import time

from io_bench.workloads import DIVISIONS, member_fio

from ..failure import Refused
from ..mechanisms import BY_NAME
from ..program import Share
from ..sampler import Sampler
from .contention import freeze, frozen, program

SETTLE = 2.0


def measure_alone(bench, case):
    """The rate of each kind of member by itself, in bytes a second, without any mechanism."""
    members = {member.label(): member for members in DIVISIONS.values() for member in members}
    rates = {}
    for label, member in members.items():
        with BY_NAME["none"](bench.disk, bench.facts) as mechanism:
            rates[label] = _rates(bench, mechanism, [(Share(), member)], case.seconds)[0][0]
        bench.clean()
    return {"bytes": rates}


def measure(bench, case):
    alone = bench.facts.alone
    if alone is None:
        raise Refused("the members weren't measured alone")
    members = DIVISIONS[case.division]
    total = sum(member.weight for member in members)
    shares = []
    for member in members:
        rate = alone[member.label()] * member.weight / total
        limit = (0, rate) if member.direction == "write" else (rate, 0)
        shares.append((Share(weight=member.weight, kernel_weight=member.weight, limit=limit), member))
    with BY_NAME[case.mechanism](bench.disk, bench.facts) as mechanism:
        rates, disk = _rates(bench, mechanism, shares, case.seconds)
    return {"bytes": rates, "alone": [alone[member.label()] for member in members],
            "weights": [member.weight for member in members], "disk": disk, "settings": mechanism.settings}


def _rates(bench, mechanism, members, seconds):
    """(bytes a second of each, the disk's own counters) with all of them running."""
    disk = bench.disk
    groups = frozen(bench, mechanism, [
        (share, program(disk, member_fio, member, number))
        for number, (share, member) in enumerate(members)])
    with Sampler(disk) as sampler:
        freeze(groups, False)
        time.sleep(SETTLE)
        begun, before = time.monotonic(), [group.bytes_of_io() for group in groups]
        time.sleep(seconds)
        ended, after = time.monotonic(), [group.bytes_of_io() for group in groups]
        time.sleep(0.2)
    rates = [(late - early) / (ended - begun) for early, late in zip(before, after)]
    return rates, sampler.rates(begun * 1000, ended * 1000)[1]
