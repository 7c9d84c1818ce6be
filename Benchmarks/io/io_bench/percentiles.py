"""Order statistics. Latencies are in microseconds throughout."""

import statistics

# Below this many samples, a figure is shown with its number.
ENOUGH = 10_000


def percentile(values, thousandths):
    """The smallest value that at least so many thousandths of all are no greater than (the nearest rank).

    None for no values.
    """
    if not values:
        return None
    ordered = sorted(values)
    rank = -(-len(ordered) * thousandths // 1000)
    return ordered[max(rank, 1) - 1]


def summary(latencies):
    """{count, p50, p99, p999} of a list of latencies; the percentiles are None where there is none."""
    return {
        "count": len(latencies),
        "p50": percentile(latencies, 500),
        "p99": percentile(latencies, 990),
        "p999": percentile(latencies, 999),
    }


def median(values):
    """The median of what is not None, or None."""
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def extent(values):
    """(smallest, largest) of what is not None, or None."""
    known = [value for value in values if value is not None]
    return (min(known), max(known)) if known else None
