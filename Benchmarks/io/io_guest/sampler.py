"""What a disk delivers, over time."""

import bisect
import threading
import time

PERIOD = 0.1


def now_ms():
    """CLOCK_MONOTONIC, as fio's logs have it."""
    return time.monotonic() * 1000


class Sampler(threading.Thread):
    """Reads the disk's counters ten times a second; use it as a context manager."""

    def __init__(self, disk):
        super().__init__(name="sampler", daemon=True)
        self._disk = disk
        self._ended = threading.Event()
        self._times = []
        self._readings = []

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self.join()

    def run(self):
        while not self._ended.wait(PERIOD):
            before = now_ms()
            reading = self._disk.counters()
            self._times.append((before + now_ms()) / 2)
            self._readings.append(reading)

    def rates(self, begin, end):
        """(victim's, neighbours') (operations, bytes read, bytes written) a second between two times in ms.

        Taken between the readings nearest to these times.
        """
        first, last = self._nearest(begin), self._nearest(end)
        if last <= first:
            return ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
        seconds = (self._times[last] - self._times[first]) / 1000
        return tuple(
            tuple((after - before) / seconds for before, after in zip(earlier, later))
            for earlier, later in zip(self._readings[first], self._readings[last])
        )

    def _nearest(self, moment):
        times = list(self._times)
        place = bisect.bisect_left(times, moment)
        if place and (place == len(times) or moment - times[place - 1] < times[place] - moment):
            place -= 1
        return place
