"""The figures of a run as one JSON document, for programs. Pure."""

import dataclasses
import json

from .headline import headline


def document(analysis, run):
    """A value for json.dumps. Latencies in µs, times in s, shares and ratios as fractions; what has no figure is null."""
    return {
        "run": run,
        "headline": headline(analysis),
        "alone": [{"disk": solo.disk, "victim": solo.victim, **solo.summary, "p99OfRounds": solo.round_p99s,
                   "windowsHeld": solo.held, "windows": solo.windows} for solo in analysis.solos.values()],
        "contention": [_contention(figures) for figures in analysis.contentions],
        "division": [_case(entry.case) | _verdict(entry) | {"jain": entry.index, "shares": entry.shares}
                     for entry in analysis.divisions],
        "reservation": [_case(entry.case) | _verdict(entry)
                        | {"promised": entry.promise, "windowsAttained": entry.attained, "windows": entry.windows,
                           "lowest": entry.lowest} for entry in analysis.reservations],
        "promises": [_case(case) | result for case, result in analysis.promises],
        "calibration": [_case(case) | result for case, result in analysis.calibrations],
    }


def text(value):
    """The document as JSON, a line for each entry of a list, so that two runs can be compared by lines."""
    parts = []
    for name, part in value.items():
        if isinstance(part, list):
            lines = ",\n".join(f"    {json.dumps(entry)}" for entry in part)
            parts.append(f'  {json.dumps(name)}: [\n{lines}\n  ]' if part else f"  {json.dumps(name)}: []")
        else:
            parts.append(f"  {json.dumps(name)}: {json.dumps(part)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _case(case):
    """What was asked for, without what doesn't count for this kind."""
    return {name: value for name, value in dataclasses.asdict(case).items() if value not in (None, "", 0)}


def _verdict(entry):
    return {name: why for name in ("refused", "failed") if (why := getattr(entry, name))}


def _contention(figures):
    facts = _case(figures.case) | _verdict(figures)
    if not figures.measured:
        return facts
    return facts | figures.summary | {
        "ratio": figures.ratio, "windowsHeld": figures.held, "windows": figures.windows,
        "recovery": figures.recovery, "neighbourShare": figures.neighbour_share, "totalShare": figures.total_share,
        "idleShare": figures.idle_share, "settings": figures.settings,
        "drop": {"recovery": figures.drop_recovery, "windowsHeld": figures.drop_held, "windows": figures.drop_windows,
                 "totalShare": figures.dropped_share} if figures.drop_windows else None}
