"""Which cases make a run, in the order in which they are measured: disk after disk, what others need first."""

import dataclasses
import functools

from .cases import MECHANISMS, OBSERVED, VICTIMS, Case
from .disks import DISKS
from .pairwise import covering_set
from .workloads import DIVISIONS, KIB, Neighbour

FACTORS = {
    "disk": list(DISKS),
    "victim": list(VICTIMS),
    "jobs": [4, 1, 16, 32],
    "block": [4 * KIB, 64 * KIB, 1024 * KIB],
    "pattern": ["random", "sequential"],
    "direction": ["read", "write", "mixed"],
    "cache": ["direct", "buffered"],
    "engine": ["libaio", "io_uring"],
    "burst": ["steady", "bursty"],
}
LARGEST_SET = 24
# Beside the covering set: the plain case on the disks that the headline speaks of.
PLAIN = [("cloud", "reader", Neighbour()), ("ssd", "reader", Neighbour()), ("drop", "reader", Neighbour())]
# Three rounds of the reader make 10,000 operations; two and fewer have to do on the other disks.
SOLO_SECONDS = {"reader": 67, "postgres": 15, "redis": 15}
SHORT_SOLO_SECONDS = SOLO_SECONDS | {"reader": 20}
# Where the capacity drops half-way, both halves count.
CONTENTION_SECONDS = {"cloud": 20, "ssd": 20, "drop": 20}
SHORT_CONTENTION_SECONDS = 14
DIVISION_SECONDS = {"cloud": 8, "ssd": 5}
# Beside nobody: what a mechanism costs by itself.
UNCONTENDED_SECONDS = {"cloud": 40, "ssd": 20}
# isoctl pools the last ten.
OBSERVE_SECONDS = 14
# The disks on which divisions, reservations and mechanisms without contention are measured.
PRINCIPAL = ("cloud", "ssd")
RANDOM_SETS = 10


def goes_together(row):
    """An fsync needs writes; and at 1 MiB null_blk would measure how fast the guest's processor copies."""
    if row.get("cache") == "buffered" and row.get("direction") == "read":
        return False
    return not (row.get("disk") == "nullblk" and row.get("block") == 1024 * KIB)


@functools.cache
def combinations():
    """[(disk, victim, neighbour)]: at most 24, in which all pairs that go together occur."""
    rows = []
    for row in covering_set(FACTORS, goes_together):
        disk, victim = row.pop("disk"), row.pop("victim")
        rows.append((disk, victim, Neighbour(**row)))
    plain = [row for row in PLAIN if row not in rows]
    return (*plain, *rows)


def full():
    """All cases; some two hours."""
    cases = []
    rows = combinations()
    for disk in DISKS:
        mine = [(victim, neighbour) for name, victim, neighbour in rows if name == disk]
        victims = sorted({victim for victim, _ in mine} | {"reader"}, key=VICTIMS.index)
        solo_seconds = SOLO_SECONDS if disk in PRINCIPAL else SHORT_SOLO_SECONDS
        cases += _basis(disk, victims, rate_seconds=3, solo_seconds=solo_seconds)
        cases.append(Case("tune", disk, victim="reader", neighbour=Neighbour(), lead=1, seconds=14))
        for victim, neighbour in mine:
            cases += _beside(disk, victim, neighbour, lead=2, idle=4,
                             seconds=CONTENTION_SECONDS.get(disk, SHORT_CONTENTION_SECONDS))
        if disk in PRINCIPAL:
            cases += _beside(disk, "reader", None, lead=0, seconds=UNCONTENDED_SECONDS[disk], idle=0)
            cases.append(Case("alone", disk, seconds=5))
            cases += [Case("division", disk, mechanism=mechanism, division=division, seconds=DIVISION_SECONDS[disk])
                      for division in DIVISIONS for mechanism in MECHANISMS]
        if disk == "cloud":
            cases += [Case("reservation", disk, mechanism=mechanism, victim="reader", neighbour=Neighbour(),
                           lead=2, seconds=80) for mechanism in MECHANISMS]
            cases += [Case("promises", disk, mechanism="isolated", victim="reader", neighbour=Neighbour(), lead=1,
                           seconds=12, round=number) for number in range(RANDOM_SETS)]
        if disk in PRINCIPAL:
            cases += _solo(disk, victims, solo_seconds, rounds=(2,))
    return cases


def quick():
    """A look at it: two disks, the reader, few neighbours; ten minutes at most, too short for firm percentiles."""
    cases = []
    neighbours = {
        "cloud": (Neighbour(), Neighbour(jobs=16, block=64 * KIB, pattern="sequential", direction="write")),
        "ssd": (Neighbour(),),
    }
    for disk, mine in neighbours.items():
        cases += _basis(disk, ["reader"], rate_seconds=1.5, solo_seconds={"reader": 10})
        for neighbour in mine:
            cases += _beside(disk, "reader", neighbour, lead=1, seconds=10, idle=3)
    return cases


def scaled(cases, factor):
    """The same cases with all times multiplied: to try the harness, not to measure."""
    return [dataclasses.replace(case, seconds=max(1, round(case.seconds * factor)) if case.seconds else 0,
                                idle=case.idle and max(1, round(case.idle * factor))) for case in cases]


def _basis(disk, victims, rate_seconds, solo_seconds):
    """What the others stand on: rates, the victims alone, and what the mechanisms are told or find out."""
    return [Case("rates", disk, seconds=rate_seconds), *_solo(disk, victims, solo_seconds, rounds=(0, 1)),
            Case("calibrate", disk),
            *(Case("observe", disk, mechanism="isolated", victim=victim, seconds=OBSERVE_SECONDS)
              for victim in victims if victim in OBSERVED)]


def _solo(disk, victims, seconds, rounds):
    return [Case("solo", disk, victim=victim, seconds=seconds[victim], round=number)
            for number in rounds for victim in victims]


def _beside(disk, victim, neighbour, lead, seconds, idle):
    """`none` first: it gives the disk's own rate under this neighbour, which io.max is told."""
    return [Case("contention", disk, mechanism=mechanism, victim=victim, neighbour=neighbour, lead=lead,
                 seconds=seconds, idle=idle) for mechanism in MECHANISMS]


def with_calibration(cases, left):
    """The cases to measure in one guest: the product's need a calibration of the guest's own disk, measured before."""
    if not any(case.mechanism == "isolated" for case in left):
        return left
    return [case for case in cases if case in left or case.kind == "calibrate"]
