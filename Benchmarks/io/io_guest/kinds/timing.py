"""Waiting for what has to be going on before a measurement counts."""

import time

from ..failure import Failed
from ..sampler import now_ms

START_SECONDS = 60


def started(sampler, begun):
    """Waits until the victim's partition sees its operations."""
    deadline = begun + START_SECONDS * 1000
    while sampler.rates(begun, now_ms())[0][0] <= 0:
        if now_ms() > deadline:
            raise Failed("the victim does no IO")
        time.sleep(0.05)
    return now_ms()


def all_running(groups):
    """Waits until each group has done IO."""
    deadline = time.monotonic() + START_SECONDS
    waiting = list(groups)
    while waiting:
        waiting = [group for group in waiting if not group.bytes_of_io()]
        if waiting and time.monotonic() > deadline:
            raise Failed(f"a neighbour does no IO: {waiting[0].said()[-2000:]}")
        time.sleep(0.05)


def relative(operations, origin):
    """[[start in ms since origin, µs]], as small as JSON can have them."""
    return [[round(start - origin, 1), latency] for start, latency in operations]
