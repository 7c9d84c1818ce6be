"""Markdown tables of a report, and how their figures are written."""

from .cases import MECHANISMS
from .headline import headline
from .percentiles import ENOUGH, median

NOTHING = "–"


def markdown(head, rows):
    """A table; every cell but those of the first column to the right."""
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    return "\n".join(lines + ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]) + "\n"


def _cell(value):
    return str(value).replace("|", "\\|").replace("\n", " ")


def times(value):
    """A factor: 1.31 ×, 27 ×."""
    if value is None:
        return NOTHING
    return f"{value:.3g} ×" if value < 1000 else f"{value:,.0f} ×"


def percent(value, places=1):
    return NOTHING if value is None else f"{100 * value:.{places}f} %"


def milliseconds(microseconds):
    """Three digits."""
    if microseconds is None:
        return NOTHING
    value = microseconds / 1000
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def seconds(value):
    return NOTHING if value is None else f"{value:.1f} s"


def of(good, total, places=1):
    """A share and how many it rests on."""
    return NOTHING if not total else f"{100 * good / total:.{places}f} % of {total}"


def spread(value, form):
    """A median with the extremes."""
    return NOTHING if value is None else f"{form(value[0])} ({form(value[1])} to {form(value[2])})"


def ratio_cell(pooled):
    """A pooled p99, the cases' extremes, and N where it is small."""
    value, count, extremes = pooled
    if value is None:
        return NOTHING
    text = times(value)
    if extremes:
        text += f" ({times(extremes[0])} to {times(extremes[1])})"
    return text + ("" if count >= ENOUGH else f", N {count}")


def headline_table(analysis):
    """The measures that have an aim, by mechanism."""
    figures = headline(analysis)
    refused = {mechanism: sum(entry.case.mechanism == mechanism and entry.refused is not None
                              for entry in analysis.contentions) for mechanism in MECHANISMS}
    rows = [
        ("cases measured, refused", "", lambda m, f: f"{f['cases']}, {refused[m]}"),
        ("reader's p99 beside a neighbour, against its own", "≤ 1.5 ×", lambda m, f: ratio_cell(f["ratio"])),
        ("the same beside nobody", "", lambda m, f: ratio_cell(f["uncontended"])),
        ("1 s windows in which the target holds (2 × its own p99)", "≥ 99 %", lambda m, f: of(*f["held"])),
        ("throughput of all, of the disk's own", "≥ 97 %", lambda m, f: spread(f["total"], percent)),
        ("the neighbour's while the reader idles", "≥ 98 %", lambda m, f: spread(f["idle"], percent)),
        ("from a burst's start until the target holds", "≤ 1 s", lambda m, f: _recovery(f["recovery"], f["never"])),
        ("from a drop to a third until it holds", "", lambda m, f: _recovery(f["drop"], f["drop_never"])),
        ("1 s windows with 90 % of a reserved rate", "≥ 99.9 %", lambda m, f: of(*f["reservation"], places=2)),
        ("admitted random sets that break a promise", "0 of 10",
         lambda m, f: f"{f['sets'][0]} of {f['sets'][1]}" if f["sets"][1] else NOTHING),
        ("Jain's index", "≥ 0.99", lambda m, f: spread(f["jain"], lambda value: f"{value:.3f}")),
    ]
    return markdown(["measure", "aim", *MECHANISMS],
                    [[name, aim, *(form(mechanism, figures[mechanism]) for mechanism in MECHANISMS)]
                     for name, aim, form in rows])


def _recovery(value, never):
    parts = [spread(value, seconds)] if value else []
    if never:
        parts.append(f"never: {never}")
    return ", ".join(parts) or NOTHING


def solo_table(analysis):
    """The victims alone, and how much they differ from themselves."""
    rows = []
    for solo in analysis.solos.values():
        summary = solo.summary
        rounds = [milliseconds(p99) for p99 in solo.round_p99s]
        rows.append([f"{solo.disk}, {solo.victim}", milliseconds(summary["p50"]), milliseconds(summary["p99"]),
                     milliseconds(summary["p999"]), summary["count"], " / ".join(rounds), times(solo.noise),
                     of(solo.held, solo.windows)])
    return markdown(["disk, victim", "p50 ms", "p99 ms", "p999 ms", "N", "p99 of each round", "A/A",
                     "windows within 2 × p99"], rows)


def throughput_noise(analysis):
    """The disk's own rate against itself: the median and the largest difference of two halves of one measurement."""
    noise = [figures.idle_noise for figures in analysis.of("none") if figures.idle_noise is not None]
    return None if not noise else (median(noise), max(noise))


def disk_table(analysis, disks):
    """The reader's pooled p99 by disk."""
    rows = []
    for disk in disks:
        solo = analysis.solos.get((disk, "reader"))
        if solo and any(analysis.of(mechanism, "reader", disk) for mechanism in MECHANISMS):
            rows.append([disk, times(solo.noise),
                         *(ratio_cell(analysis.pooled_ratio(mechanism, "reader", disk)) for mechanism in MECHANISMS)])
    return markdown(["disk", "A/A", *MECHANISMS], rows)


def case_table(analysis):
    """Every combination: p99 against the victim's own, windows that hold, what the neighbour gets, what is used."""
    rows = []
    for disk, victim, neighbour in analysis.combinations():
        cells = []
        for mechanism in MECHANISMS:
            cells.append(_case(analysis.contention(disk, victim, neighbour, mechanism)))
        rows.append([f"{disk}, {victim}: {neighbour.label()}", *cells])
    return markdown(["disk, victim: neighbour", *MECHANISMS], rows)


def _case(figures):
    if figures is None:
        return NOTHING
    if not figures.measured:
        return "refused" if figures.refused else "failed"
    return " · ".join([times(figures.ratio), of(figures.held, figures.windows, 0).split(" of")[0],
                       percent(figures.neighbour_share, 0), percent(figures.idle_share, 0)])


def percentile_table(analysis):
    """Every combination's p50, p99, p999 in ms and N."""
    rows = []
    for disk, victim, neighbour in analysis.combinations():
        cells = []
        for mechanism in MECHANISMS:
            figures = analysis.contention(disk, victim, neighbour, mechanism)
            if figures is None or not figures.measured:
                cells.append(_case(figures))
                continue
            summary = figures.summary
            cells.append(" / ".join(milliseconds(summary[name]) for name in ("p50", "p99", "p999"))
                         + f" ({summary['count']})")
        rows.append([f"{disk}, {victim}: {neighbour.label()}", *cells])
    return markdown(["disk, victim: neighbour", *MECHANISMS], rows)


def drop_table(analysis):
    """What happens when two thirds of the capacity vanish."""
    rows = []
    for disk, victim, neighbour in analysis.combinations():
        if disk != "drop":
            continue
        cells = []
        for mechanism in MECHANISMS:
            figures = analysis.contention(disk, victim, neighbour, mechanism)
            if figures is None or not figures.measured:
                cells.append(_case(figures))
                continue
            recovered = "never" if figures.drop_recovery is None else seconds(figures.drop_recovery)
            cells.append(f"{recovered} · {of(figures.drop_held, figures.drop_windows, 0).split(' of')[0]} · "
                         f"{percent(figures.dropped_share, 0)}")
        rows.append([f"{victim}: {neighbour.label()}", *cells])
    return markdown(["victim: neighbour", *MECHANISMS], rows)


def division_table(analysis):
    """Jain's index and the sum of the shares, by set and disk."""
    rows = {}
    for division in analysis.divisions:
        cell = "refused" if division.refused else "failed" if division.failed else (
            f"{division.index:.3f} · {percent(sum(division.shares), 0)}" if division.index is not None else NOTHING)
        rows.setdefault((division.case.disk, division.case.division), {})[division.case.mechanism] = cell
    return markdown(["disk: set", *MECHANISMS],
                    [[f"{disk}: {name}", *(cells.get(mechanism, NOTHING) for mechanism in MECHANISMS)]
                     for (disk, name), cells in rows.items()])


def reservation_table(analysis):
    """A promised rate."""
    rows = []
    for entry in analysis.reservations:
        verdict = "refused" if entry.refused else "failed" if entry.failed else None
        rows.append([f"{entry.case.disk}, {entry.case.mechanism}", verdict or entry.promise,
                     verdict or of(entry.attained, entry.windows, 2), verdict or entry.lowest])
    return markdown(["disk, mechanism", "promised a second", "windows with 90 % of it", "least in a window"], rows)


def promises_table(analysis):
    """The random sets, promise by promise."""
    rows = []
    for case, result in analysis.promises:
        if "kept" not in result:
            rows.append([case.round, "refused" if "refused" in result else "failed", NOTHING, NOTHING])
            continue
        texts = [_promise(one) for one in result["kept"]]
        rows.append([case.round, "; ".join(texts), len(result["refusals"]),
                     "kept" if all(one["kept"] for one in result["kept"]) else "broken"])
    return markdown(["set", "promises", "refused before it", "all"], rows)


def _promise(one):
    if "target" in one:
        return f"p99 {milliseconds(one['p99'])} of {milliseconds(one['target'])} ms"
    return f"{one['reservation']}/s in {one['attained']} of {one['windows']} windows"


def calibration_table(analysis):
    """What isoctl found out by itself, beside what was measured here."""
    rows = []
    for case, result in analysis.calibrations:
        if "calibration" not in result:
            rows.append([case.disk, result.get("refused") or result.get("failed"), NOTHING, NOTHING, NOTHING])
            continue
        found, rates = result["calibration"], analysis.rates(case.disk)
        random = found["rates"]["random"]["read"]
        check = found.get("curveCheck") or {}
        rows.append([case.disk, f"{result['seconds']:.0f} s", f"{random:.0f}",
                     percent(random / rates["randread 4K"]["iops"] - 1) if rates else NOTHING,
                     percent(check["predicted"] / check["measured"] - 1) if check.get("measured") else NOTHING])
    return markdown(["disk", "took", "4K random reads a second", "against this run's",
                     "curve: predicted p99 against measured"], rows)
