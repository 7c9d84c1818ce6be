"""What earlier cases have found out about a disk, for those that stand on it."""

from .percentiles import percentile

# The declared target: so many times the p99 of the victim alone.
TARGET_FACTOR = 2
# Said behind a policy's entry whose target admission refused, and that names the least that it takes instead.
RAISED = "admission refused twice the p99 alone"
# io.max: what is left free for the victim, at least; or more where it needs more (times its own use when alone).
SPARE = 0.075
ROOM = 1.2
# io.cost's vrate in per cent where a run has no time to tune it.
UNTUNED = 95


class Facts:
    """Fed with (case, result) of everything measured so far on one disk."""

    def __init__(self):
        self.rates = None
        self.alone = None
        self.io_cost_percent = UNTUNED
        self._solo = {}
        self._use = {}
        self._own = {}
        self._observed = {}

    def learn(self, case, result):
        if "refused" in result or "failed" in result:
            return
        if case.kind == "rates":
            self.rates = result["rates"]
        elif case.kind == "alone":
            self.alone = result["bytes"]
        elif case.kind == "tune":
            self.io_cost_percent = result["percent"]
        elif case.kind == "solo" and case.round < 2:
            self._solo.setdefault(case.victim, []).extend(latency for _, latency in result["operations"])
            self._use[case.victim] = max(self._use.get(case.victim, 0), result["use"])
        elif case.kind == "observe":
            self._observed[case.victim] = {name: TARGET_FACTOR * p99 for name, p99 in result["p99"].items()}
        elif case.kind == "contention" and case.mechanism == "none" and case.neighbour:
            self._own[case.neighbour.load()] = tuple(result["idle"]["neighbours"][1:])

    def target(self, victim):
        """The victim's p99 target in µs, or None before it was measured alone."""
        solo = percentile(self._solo.get(victim, []), 990)
        return None if solo is None else TARGET_FACTOR * solo

    def operation_targets(self, victim):
        """{operation of a policy: p99 target in µs} of a victim's own IO; empty where that wasn't observed."""
        return self._observed.get(victim, {})

    def own(self, neighbour):
        """(bytes read, bytes written) a second that the disk does for this neighbour alone, or None."""
        return self._own.get(neighbour.load())

    def static_limit(self, victim, neighbour):
        """(bytes read, bytes written) a second for each of the neighbour's tenants under a static io.max."""
        own = self.own(neighbour)
        if own is None:
            return None
        share = 1 - max(SPARE, ROOM * self._use.get(victim, 0))
        return tuple(share * rate / neighbour.tenants for rate in own)
