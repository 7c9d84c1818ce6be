"""Numbers: order statistics, and how they are printed."""

import statistics


def percentile(values, percent):
    """The smallest value that at least `percent` of all are no greater than (the nearest rank)."""
    ordered = sorted(values)
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(rank, 1) - 1]


def spread(values):
    """{median, p10, p90, count} of a list."""
    return {
        "median": statistics.median(values),
        "p10": percentile(values, 10),
        "p90": percentile(values, 90),
        "count": len(values),
    }


def ratios(values, base):
    """The spread of values[i] / base[i]: what was measured in the same round is compared."""
    return spread([value / other for value, other in zip(values, base)])


def kib(count):
    """Bytes as KiB with one place."""
    return f"{count / 1024:.1f} KiB"


def mib(count):
    """Bytes as MiB with one place."""
    return f"{count / (1 << 20):.1f} MiB"
