"""The measures of the first table, by mechanism."""

from .cases import MECHANISMS
from .percentiles import extent, median


def headline(analysis):
    """{mechanism: {measure: …}} for the table that tells aims and figures."""
    return {mechanism: _headline(analysis, mechanism) for mechanism in MECHANISMS}


def _headline(analysis, mechanism):
    cases = analysis.of(mechanism, "reader")
    recoveries = [figures.recovery for figures in cases]
    plain = [figures for figures in cases if figures.case.disk != "drop"]
    divisions = [division.index for division in analysis.divisions
                 if division.case.mechanism == mechanism and division.index is not None]
    reservations = [entry for entry in analysis.reservations
                    if entry.case.mechanism == mechanism and not entry.refused and not entry.failed]
    return {
        "cases": len(cases),
        "ratio": analysis.pooled_ratio(mechanism),
        "uncontended": analysis.pooled_ratio(mechanism, beside=False),
        "held": (sum(figures.held for figures in cases), sum(figures.windows for figures in cases)),
        "total": _spread([figures.total_share for figures in plain]),
        "idle": _spread([figures.idle_share for figures in plain]),
        "recovery": _spread([value for value in recoveries if value is not None]),
        "never": sum(value is None for value in recoveries),
        "drop": _spread([figures.drop_recovery for figures in cases if figures.case.disk == "drop"]),
        "drop_never": sum(figures.drop_recovery is None for figures in cases if figures.case.disk == "drop"),
        "reservation": (sum(entry.attained for entry in reservations), sum(entry.windows for entry in reservations)),
        "jain": _spread(divisions),
        "sets": _broken([result for case, result in analysis.promises if case.mechanism == mechanism]),
    }


def _broken(results):
    """(sets of which a promise was broken, admitted sets)."""
    admitted = [result["kept"] for result in results if "kept" in result]
    return sum(not all(one["kept"] for one in kept) for kept in admitted), len(admitted)


def _spread(values):
    """(median, smallest, largest) of what is not None, or None."""
    known = extent(values)
    return None if known is None else (median(values), *known)
