"""A reader of 4 KiB at random places, one at a time, at random gaps."""

from pathlib import Path

from io_bench.workloads import reader_fio

from ..failure import Failed
from ..program import Program, scratch_of

GRACE = 90  # seconds for an operation that waits behind everything


class Reader:
    """The face of a victim: `open` it in its group, `start` it, `finish` for its operations, `close` it."""

    name = "reader"

    def __init__(self, disk, seed=1, rate=None, depth=1, process="poisson", log="victim"):
        self._disk = disk
        self._options = {"rate": rate or disk.facts.reader_rate, "seed": seed, "depth": depth, "process": process}
        self._log = scratch_of("nobody") / log
        self._group = None

    @staticmethod
    def prepare(disk):
        """Once for each disk, while it is fast."""

    def open(self, group):
        """Starts what has to run before; the reader has no server."""
        self._group = group

    def start(self, seconds):
        """Starts operating, for so long."""
        self._clean()
        command = reader_fio(self._disk.victim / "reader", self._disk.facts.reader_file_mib, seconds=seconds,
                             log=self._log, **self._options)
        self._group.spawn(Program(tuple(command), (self._disk.victim,)))

    def finish(self, seconds):
        """Waits for the end; [(start in ms of CLOCK_MONOTONIC, latency in µs)] of all operations, in order."""
        status = self._group.wait(seconds + GRACE)
        log = Path(f"{self._log}_lat.1.log")
        if status != 0 or not log.exists():
            raise Failed(f"fio ended with {status}: {self._group.said().strip()[-2000:]}")
        return read_log(log.read_text())

    def close(self):
        """Ends what `open` started."""
        self._clean()

    def _clean(self):
        for file in self._log.parent.glob(f"{self._log.name}_*lat.*.log"):
            file.unlink()


def read_log(text):
    """The operations of fio's latency log: time of the completion in ms, latency in ns, and more."""
    operations = []
    for line in text.splitlines():
        ended, latency = line.split(",")[:2]
        operations.append((int(ended) - int(latency) / 1e6, round(int(latency) / 1000)))
    return sorted(operations)
