"""Does a target hold, second by second? An operation is (start in ms, latency in µs), of any clock that goes on."""

import bisect

NEEDED = 0.99  # of a window's operations


def window_verdicts(operations, target, begin, end, length=1000):
    """[(begin of the window in ms, True, False or None)] for each whole window of `length` ms in [begin, end].

    A window holds when at least 99 % of the operations that started in it took no longer than `target` µs. One in
    which none started is broken if one from before was waiting throughout and missed the target; otherwise nobody asked
    for anything, and it is None.
    """
    starts = [start for start, _ in operations]
    ends = _latest_ends(operations, target)
    verdicts = []
    count = int((end - begin) // length)
    for number in range(count):
        low = begin + number * length
        first, last = bisect.bisect_left(starts, low), bisect.bisect_left(starts, low + length)
        inside = operations[first:last]
        if inside:
            good = sum(latency <= target for _, latency in inside)
            verdicts.append((low, good >= NEEDED * len(inside)))
        else:
            verdicts.append((low, False if first and ends[first - 1] >= low + length else None))
    return verdicts


def _latest_ends(operations, target):
    """For each operation, the latest end (ms) among it and those before it which missed the target."""
    ends, latest = [], float("-inf")
    for start, latency in operations:
        if latency > target:
            latest = max(latest, start + latency / 1000)
        ends.append(latest)
    return ends


def held(operations, target, begin, end, length=1000):
    """(windows in which the target held, windows in which somebody asked for something)."""
    judged = [verdict for _, verdict in window_verdicts(operations, target, begin, end, length) if verdict is not None]
    return sum(judged), len(judged)


def recovery(operations, target, event, end, length=500, lasting=2000, step=100):
    """Seconds from `event` (ms) to the start of the first window of 0.5 s from which on the target holds for 2 s.

    0.0 if it held from the start; None if it never does.
    """
    begin = event
    while begin + lasting <= end:
        good, judged = held(operations, target, begin, begin + lasting, length)
        if judged and good == judged:
            return (begin - event) / 1000
        begin += step
    return None


def attained(completions, promise, begin, end, length=1000, share=0.9):
    """(windows in which at least 90 % of `promise` operations a second were completed, windows)."""
    ordered = sorted(completions)
    needed = promise * share * length / 1000
    count = int((end - begin) // length)
    good = 0
    for number in range(count):
        low = begin + number * length
        done = bisect.bisect_left(ordered, low + length) - bisect.bisect_left(ordered, low)
        good += done >= needed
    return good, count
