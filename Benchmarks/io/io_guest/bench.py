"""One disk under measurement: what the kinds of cases share."""

import signal
import traceback

from io_bench.facts import Facts

from .block import BlockDisk
from .failure import Failed, Refused
from .kinds import BY_KIND
from .victims import BY_NAME as VICTIMS


class Bench:
    """Measures cases on one disk, and cleans up after each, however it ended."""

    def __init__(self, name, victims):
        self.disk = BlockDisk(name)
        self.facts = Facts()
        self._groups = []
        self.disk.prepare()
        self.disk.change(self.disk.facts.fast)
        for victim in victims:
            VICTIMS[victim].prepare(self.disk)
        self.disk.forget()
        self.disk.restore()

    def victim(self, name, seed=1):
        return VICTIMS[name](self.disk, seed=seed)

    def group(self, mechanism, name, share):
        """A group of the mechanism's that is gone after the case."""
        group = mechanism.group(name, share)
        self._groups.append(group)
        return group

    def clean(self):
        """Ends all groups, waits for the disk to be quiet, and forgets what is on it."""
        while self._groups:
            self._groups.pop().end()
        self.disk.forget()

    def measure(self, case, seconds):
        """The result of a case: figures, or {"refused": why} or {"failed": why}; at most for so long."""

        def too_long(*_):
            raise Failed(f"no end after {seconds:g} s")

        signal.signal(signal.SIGALRM, too_long)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            result = BY_KIND[case.kind](self, case)
        except Refused as why:
            result = {"refused": str(why)}
        except Exception as why:  # whatever it is, the other cases go on
            traceback.print_exc()
            result = {"failed": f"{type(why).__name__}: {why}"}
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            self.clean()
        self.facts.learn(case, result)
        return result
