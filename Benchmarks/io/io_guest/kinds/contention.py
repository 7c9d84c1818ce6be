"""A victim beside a neighbour that starts at once and in full: before, during and after.

The neighbour's programs are started first and frozen, so that a burst begins at one known moment, with no program's
start in it. Then the victim starts, alone for a while; the burst; its end; the neighbour alone.
"""

import contextlib
import threading
import time

from io_bench.percentiles import summary
from io_bench.workloads import neighbour_fio

from ..failure import Failed, Refused
from ..mechanisms import BY_NAME
from ..program import Program, Share
from ..sampler import Sampler, now_ms
from .timing import all_running, relative, started

SETTLE = 2.0  # seconds after the victim's end that don't count
PATIENCE = 8.0  # seconds that a victim may take beyond its time
WARM = 1.0  # seconds that the neighbours run before they are frozen
BURST = 2.0  # seconds on, seconds off
KERNEL_WEIGHT = 1000  # of the victim, where the neighbours have 100 together


def both(target):
    """The same target for all that a tenant waits for."""
    return {"read": target, "sync_write": target}


def measure(bench, case):
    mechanism = BY_NAME[case.mechanism](bench.disk, bench.facts)
    return run(bench, case, mechanism, bench.victim(case.victim))


def run(bench, case, mechanism, victim):
    """The whole course under a mechanism that hasn't been entered yet."""
    disk, neighbour = bench.disk, case.neighbour
    target = bench.facts.target(case.victim)
    if target is None:
        raise Refused("the victim wasn't measured alone")
    events = {}
    with mechanism, Sampler(disk) as sampler, contextlib.ExitStack() as stack:
        targets = bench.facts.operation_targets(case.victim) if case.stands_on_observation() else both(target)
        if not targets:
            raise Failed("the victim's own IO wasn't observed")
        guarded = bench.group(mechanism, "victim", Share(kernel_weight=KERNEL_WEIGHT, targets=targets))
        stack.callback(victim.close)
        victim.open(guarded)
        groups = neighbours(bench, case, mechanism) if neighbour else []
        stack.callback(freeze, groups, True)  # so that the victim can end in peace
        begun = now_ms()
        victim.start(case.lead + case.seconds)
        started(sampler, begun)
        time.sleep(case.lead)
        events["burst"] = now_ms()
        rhythm = Rhythm(groups, neighbour.burst == "bursty") if groups else None
        if rhythm:
            stack.callback(rhythm.end)
        if disk.facts.dropped:
            stack.callback(disk.restore)
            time.sleep(case.seconds / 2)
            disk.change(disk.facts.dropped)
            events["drop"] = now_ms()
        operations, relieved = _finish(victim, case, groups, rhythm, events["burst"])
        on_share = rhythm.end() if rhythm else 0.0
        events["end"] = min(max((start + latency / 1000 for start, latency in operations), default=now_ms()),
                            events["burst"] + (case.seconds + PATIENCE) * 1000)
        if relieved:
            freeze(groups, False)
        result = {"operations": relative(operations, begun), "target": target, "settings": mechanism.settings,
                  "summary": summary([latency for start, latency in operations if start >= events["burst"]]),
                  "on_share": on_share, "relieved": relieved}
        rates = {"both": (events["burst"], events["end"])}
        if "drop" in events:
            rates = {"both": (events["burst"], events["drop"]), "dropped": (events["drop"], events["end"])}
            disk.restore()
        if groups and case.idle:
            time.sleep(SETTLE)
            rates["idle"] = (now_ms(), now_ms() + case.idle * 1000)
            time.sleep(case.idle)
        time.sleep(0.2)
    for name, (low, high) in rates.items():
        result[name] = dict(zip(("victim", "neighbours"), sampler.rates(low, high)))
    if "idle" in rates:
        low, high = rates["idle"]
        middle = (low + high) / 2
        result["idle"]["halves"] = [sampler.rates(*half)[1] for half in ((low, middle), (middle, high))]
    result["events"] = {name: round(moment - begun, 1) for name, moment in events.items()}
    return result


def _finish(victim, case, groups, rhythm, burst):
    """The victim's operations, and whether the neighbours had to be frozen for it to end at all.

    A victim that starves would go on for minutes; what it was waiting for then has waited for PATIENCE at least.
    """
    relieved = threading.Event()

    def relieve():
        relieved.set()
        rhythm.end()
        freeze(groups, True)

    timer = threading.Timer(case.seconds + PATIENCE - (now_ms() - burst) / 1000, relieve)
    timer.daemon = True
    if groups:
        timer.start()
    try:
        return victim.finish(case.lead + case.seconds), relieved.is_set()
    finally:
        timer.cancel()
        if groups:
            timer.join()


def neighbours(bench, case, mechanism):
    """The neighbour's groups, running and frozen."""
    disk, neighbour = bench.disk, case.neighbour
    limit = None
    if mechanism.name == "io.max":
        limit = bench.facts.static_limit(case.victim, neighbour)
        if limit is None:
            raise Refused("the disk's own rate under this neighbour wasn't measured, which io.max is told")
    return frozen(bench, mechanism, [
        (Share(kernel_weight=max(1, 100 // neighbour.tenants), limit=limit),
         program(disk, neighbour_fio, neighbour, number, io_uring=neighbour.engine == "io_uring"))
        for number in range(neighbour.tenants)])


def program(disk, arguments, load, number, io_uring=False):
    """The Program of the neighbour of that number: fio with what `arguments` makes of its load, on its own file."""
    command = arguments(load, disk.neighbour_file(number), disk.facts.neighbour_file_mib, number + 1)
    return Program(tuple(command), (disk.neighbours,), io_uring=io_uring)


def frozen(bench, mechanism, programs):
    """Groups with (Share, Program) that have all run for a moment, now frozen; the disk is quiet."""
    groups = []
    for number, (share, one) in enumerate(programs):
        group = bench.group(mechanism, f"neighbour-{number}", share)
        group.spawn(one)
        groups.append(group)
    all_running(groups)
    time.sleep(WARM)
    freeze(groups, True)
    bench.disk.quiet()
    return groups


def freeze(groups, state):
    for group in groups:
        group.freeze(state)


class Rhythm:
    """Thaws the groups, for good or in bursts of 2 s, until `end`, which leaves them running."""

    def __init__(self, groups, bursty):
        self._groups = groups
        self._bursty = bursty
        self._ended = threading.Event()
        self._begun = time.monotonic()
        self._off = 0.0
        self._lock = threading.Lock()
        self._share = None
        freeze(groups, False)
        self._thread = threading.Thread(target=self._beat, daemon=True)
        if bursty:
            self._thread.start()

    def _beat(self):
        while not self._ended.wait(BURST):
            stopped = time.monotonic()
            freeze(self._groups, True)
            self._ended.wait(BURST)
            freeze(self._groups, False)
            self._off += time.monotonic() - stopped

    def end(self):
        """Stops that, if it hasn't stopped yet; the share of the time until then for which the groups ran."""
        with self._lock:
            if self._share is None:
                self._ended.set()
                if self._bursty:
                    self._thread.join()
                self._share = 1 - self._off / (time.monotonic() - self._begun)
            return self._share
