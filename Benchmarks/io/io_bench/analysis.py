"""From results to figures. Pure: results come in as values, figures go out as values."""

import dataclasses

from .cases import VICTIMS, Case
from .disks import DISKS
from .facts import TARGET_FACTOR
from .fairness import device_shares, weighted_jain
from .percentiles import extent, percentile, summary
from .windows import attained, held, recovery

DROP_SHARE = 1 / 3


@dataclasses.dataclass(frozen=True)
class Solo:
    """A victim alone on a disk: all rounds together, and how far they are from one another."""

    disk: str
    victim: str
    latencies: list
    round_p99s: list
    held: int
    windows: int

    @property
    def summary(self):
        return summary(self.latencies)

    @property
    def p99(self):
        return percentile(self.latencies, 990)

    @property
    def noise(self):
        """The largest p99 of a round against the smallest: the A/A spread."""
        known = [value for value in self.round_p99s if value]
        return max(known) / min(known) if len(known) > 1 else None


@dataclasses.dataclass(frozen=True)
class Contention:
    """One case of contention in figures; None for what doesn't apply. Shares are of the disk's own rate.

    Where the capacity drops, what comes after the drop is in the figures of that name only.
    """

    case: Case
    refused: str | None = None
    failed: str | None = None
    latencies: list = dataclasses.field(default_factory=list)
    ratio: float | None = None
    held: int = 0
    windows: int = 0
    recovery: float | None = None
    drop_recovery: float | None = None
    neighbour_share: float | None = None
    total_share: float | None = None
    dropped_share: float | None = None
    idle_share: float | None = None
    idle_noise: float | None = None
    drop_held: int = 0
    drop_windows: int = 0
    settings: dict = dataclasses.field(default_factory=dict)

    @property
    def measured(self):
        return self.refused is None and self.failed is None

    @property
    def summary(self):
        return summary(self.latencies)


class Analysis:
    """All figures of a run; `results` are (case, result)."""

    def __init__(self, results):
        self._results = list(results)
        self._rates = {case.disk: result["rates"] for case, result in self._of("rates")}
        self.solos = self._solos()
        self._own = {(case.disk, case.neighbour.load()): _bytes(result["idle"]["neighbours"])
                     for case, result in self._of("contention")
                     if case.mechanism == "none" and case.neighbour and "idle" in result}
        self.contentions = [self._contention(case, result) for case, result in self._results
                            if case.kind == "contention"]
        self.divisions = [_division(case, result) for case, result in self._results if case.kind == "division"]
        self.reservations = [_reservation(case, result) for case, result in self._results
                             if case.kind == "reservation"]
        self.promises = [(case, result) for case, result in self._results if case.kind == "promises"]
        self.calibrations = [(case, result) for case, result in self._results if case.kind == "calibrate"]

    def rates(self, disk):
        return self._rates.get(disk)

    def without_figures(self):
        """[(case, "refused" or "failed", why)]."""
        return [(case, verdict, result[verdict]) for case, result in self._results
                for verdict in ("refused", "failed") if verdict in result]

    def _of(self, kind):
        return [(case, result) for case, result in self._results
                if case.kind == kind and not {"refused", "failed"} & result.keys()]

    def _solos(self):
        solos = {}
        for disk in DISKS:
            for victim in VICTIMS:
                rounds = [result["operations"] for case, result in self._of("solo")
                          if (case.disk, case.victim) == (disk, victim)]
                if rounds:
                    solos[disk, victim] = _solo(disk, victim, rounds)
        return solos

    def _contention(self, case, result):
        if "refused" in result or "failed" in result:
            return Contention(case, refused=result.get("refused"), failed=result.get("failed"))
        solo = self.solos.get((case.disk, case.victim))
        events, target = result["events"], result["target"]
        operations = [(start, latency) for start, latency in result["operations"]]
        until = events.get("drop", events["end"])
        # What was under way when the burst came belongs to it: of a victim that starves, nothing else may be left.
        during = [latency for start, latency in operations
                  if start + latency / 1000 >= events["burst"] and start <= until]
        good, windows = held(operations, target, events["burst"], until)
        figures = {"latencies": during, "held": good, "windows": windows, "settings": result["settings"]}
        p99 = percentile(during, 990)
        if solo and solo.p99 and p99 is not None:
            figures["ratio"] = p99 / solo.p99
        if case.neighbour:
            figures["recovery"] = recovery(operations, target, events["burst"], until)
            figures |= self._shares(case, result)
        if "drop" in events:
            figures["drop_recovery"] = recovery(operations, target, events["drop"], events["end"])
            figures["drop_held"], figures["drop_windows"] = held(operations, target, events["drop"], events["end"])
        return Contention(case, **figures)

    def _shares(self, case, result):
        own = self._own.get((case.disk, case.neighbour.load()))
        if not own:
            return {}
        shares = {}
        # What was written to the page cache in a burst goes to the disk after it, too: no share can be told.
        if case.neighbour.burst == "steady" or case.neighbour.cache == "direct":
            shares["neighbour_share"] = _bytes(result["both"]["neighbours"]) / own / (result["on_share"] or 1)
        if case.victim == "reader" and case.neighbour.burst == "steady" and case.disk in self._rates:
            asked = result["both"]["victim"][0] / self._rates[case.disk]["randread 4K"]["iops"]
            shares["total_share"] = shares["neighbour_share"] + asked
            if "dropped" in result:
                capacity = DROP_SHARE * self._rates[case.disk]["randread 4K"]["iops"]
                shares["dropped_share"] = (_bytes(result["dropped"]["neighbours"]) / own / DROP_SHARE
                                           + result["dropped"]["victim"][0] / capacity)
        if "idle" in result:
            shares["idle_share"] = _bytes(result["idle"]["neighbours"]) / own
            halves = [_bytes(half) for half in result["idle"]["halves"]]
            if all(halves):
                shares["idle_noise"] = max(halves) / min(halves) - 1
        return shares

    def of(self, mechanism, victim=None, disk=None, beside=True):
        """The measured cases of a mechanism, beside a neighbour or (`beside=False`) nobody."""
        return [figures for figures in self.contentions
                if figures.measured and figures.case.mechanism == mechanism
                and (victim is None or figures.case.victim == victim)
                and (disk is None or figures.case.disk == disk)
                and (figures.case.neighbour is not None) == beside]

    def pooled_ratio(self, mechanism, victim="reader", disk=None, beside=True):
        """(p99 of the latencies against the solo p99 of their disks, how many, extent of the cases' own ratios)."""
        cases = self.of(mechanism, victim, disk, beside)
        pooled = [latency / self.solos[figures.case.disk, victim].p99 for figures in cases
                  if (figures.case.disk, victim) in self.solos for latency in figures.latencies]
        return percentile(pooled, 990), len(pooled), extent([figures.ratio for figures in cases])

    def contention(self, disk, victim, neighbour, mechanism):
        """The case with these, or None."""
        for figures in self.contentions:
            case = figures.case
            if (case.disk, case.victim, case.neighbour, case.mechanism) == (disk, victim, neighbour, mechanism):
                return figures
        return None

    def combinations(self):
        """[(disk, victim, neighbour)] in the order of the plan."""
        return list(dict.fromkeys((figures.case.disk, figures.case.victim, figures.case.neighbour)
                                  for figures in self.contentions if figures.case.neighbour))

    def timeline(self, disk, victim, neighbour, mechanism):
        """(events in s, [(second, p99 in µs or None)]) of a measured case, with the burst at 0; or None."""
        for case, result in self._of("contention"):
            if (case.disk, case.victim, case.neighbour, case.mechanism) == (disk, victim, neighbour, mechanism):
                burst = result["events"]["burst"]
                events = {name: (moment - burst) / 1000 for name, moment in result["events"].items()}
                return events, _by_second(result["operations"], burst)
        return None


def _by_second(operations, origin):
    """[(second since the origin, p99 of what started in it)]: the end of a timeline is where the last one started."""
    seconds = {}
    for start, latency in operations:
        seconds.setdefault(int((start - origin) // 1000), []).append(latency)
    return [(second, percentile(latencies, 990)) for second, latencies in sorted(seconds.items())]


def _bytes(rates):
    """Bytes a second, read and written, of a (operations, read, written)."""
    return rates[1] + rates[2]


def _solo(disk, victim, rounds):
    latencies = [latency for operations in rounds for _, latency in operations]
    target = TARGET_FACTOR * (percentile(latencies, 990) or 0)
    good = windows = 0
    for operations in rounds:
        if operations:
            part = held([tuple(entry) for entry in operations], target, operations[0][0], operations[-1][0])
            good, windows = good + part[0], windows + part[1]
    return Solo(disk, victim, latencies, [percentile([latency for _, latency in operations], 990)
                                          for operations in rounds], good, windows)


@dataclasses.dataclass(frozen=True)
class Division:
    """How evenly a set was served: Jain's index of the shares by weight, and the sum of the shares of the disk."""

    case: Case
    refused: str | None = None
    failed: str | None = None
    index: float | None = None
    shares: list = dataclasses.field(default_factory=list)


def _division(case, result):
    if "refused" in result or "failed" in result:
        return Division(case, refused=result.get("refused"), failed=result.get("failed"))
    return Division(case, index=weighted_jain(result["bytes"], result["alone"], result["weights"]),
                    shares=device_shares(result["bytes"], result["alone"]))


@dataclasses.dataclass(frozen=True)
class Reservation:
    """A promise of operations a second: in how many 1 s windows at least 90 % of it was served."""

    case: Case
    refused: str | None = None
    failed: str | None = None
    promise: int = 0
    attained: int = 0
    windows: int = 0
    lowest: int = 0


def _reservation(case, result):
    if "refused" in result or "failed" in result:
        return Reservation(case, refused=result.get("refused"), failed=result.get("failed"))
    completions = [start + latency / 1000 for start, latency in result["operations"]]
    begin, end = result["events"]["burst"], min(result["events"]["end"], completions[-1] if completions else 0)
    good, windows = attained(completions, result["promise"], begin, end)
    lowest = min((sum(begin + 1000 * number <= moment < begin + 1000 * (number + 1) for moment in completions)
                  for number in range(windows)), default=0)
    return Reservation(case, promise=result["promise"], attained=good, windows=windows, lowest=lowest)
