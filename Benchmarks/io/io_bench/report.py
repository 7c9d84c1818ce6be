"""Writes what was found: one page of tables, the plots beside it, and all figures as JSON."""

from . import charts, machine, tables
from .analysis import Analysis
from .disks import DISKS
from .facts import RAISED
from .document import document, text
from .percentiles import extent
from .workloads import DIVISIONS, Neighbour

NAME = "io-benchmark"


def write(cases, store, docs, quick):
    """NAME.md, NAME.json and NAME-*.svg in the directory `docs`, of the cases that have a result."""
    entries = [(case, entry) for case in cases if (entry := store.entry(case))]
    if not entries:
        return
    analysis = Analysis((case, entry["result"]) for case, entry in entries)
    docs.mkdir(parents=True, exist_ok=True)
    plots = {}
    for name, title, drawing in _plots(analysis):
        if drawing:
            (docs / f"{NAME}-{name}.svg").write_text(drawing)
            plots[name] = f"![{title}]({NAME}-{name}.svg)\n"
    run = _run(entries, len(cases))
    (docs / f"{NAME}.json").write_text(text(document(analysis, run)))
    page = docs / f"{NAME}.md"
    page.write_text(_page(analysis, entries, run, plots, quick))
    print(tables.headline_table(analysis))
    print(f"bench-io: {len(entries)} of {len(cases)} cases have a result; the report is {page}")


def _plots(analysis):
    plain = Neighbour()
    yield "frontier", "p99 against throughput, by mechanism", charts.frontier(analysis)
    yield "cases", "p99 of the victim beside each neighbour, by mechanism", charts.strip(analysis)
    drawing = charts.timeline(analysis, "drop", "reader", plain, "A volume that loses two thirds of its capacity")
    if not drawing:
        drawing = charts.timeline(analysis, "cloud", "reader", plain, "A neighbour's burst")
    yield "course", "p99 of each second through a burst, by mechanism", drawing


def _run(entries, planned):
    """What was measured when, on what."""
    return {
        "cases": len(entries), "planned": planned,
        "minutes": round(sum(entry["took"] for _, entry in entries) / 60),
        "dates": extent([entry["at"] for _, entry in entries]),
        "loads": extent([entry["host"]["load"] for _, entry in entries]),
        "kernels": sorted({entry["guest"]["kernel"] for _, entry in entries if entry["guest"]}),
        "host": machine.describe(),
    }


def _page(analysis, entries, run, plots, quick):
    parts = [
        "# The IO scheduler beside the kernel's mechanisms\n",
        _head(run, quick),
        plots.get("frontier", ""),
        "## In short\n",
        "The reader's figures over all disks and neighbours: the p99 of all its operations, each divided by the "
        "reader's p99 alone on the same disk, and in brackets the cases' extremes; of the others the median and the "
        "extremes. Without its N a percentile rests on 10,000 operations or more.\n",
        tables.headline_table(analysis),
        _noise(analysis),
        "## The victims alone\n",
        "The same measurement again and again: no difference smaller than this spread means anything.\n",
        tables.solo_table(analysis),
        "## By disk\n",
        "The reader's p99 against its own, all neighbours together.\n",
        tables.disk_table(analysis, list(DISKS)),
        "\n".join(f"- `{disk.name}`: {disk.title}" for disk in DISKS.values()) + "\n",
        "## Every combination\n",
        plots.get("cases", ""),
        "p99 against the victim's own · 1 s windows in which its target holds · what the neighbour gets beside it, "
        "and · while the victim idles, of what it gets without control and without a victim.\n",
        tables.case_table(analysis),
        "p50 / p99 / p999 in ms, and how many operations they rest on.\n",
        tables.percentile_table(analysis),
    ]
    if any(case.disk == "drop" for case, _ in entries):
        parts += ["## When the capacity drops to a third\n",
                  "The time until the target holds again · 1 s windows in which it holds, from the drop on · the "
                  "throughput of all, of the third that is left.\n",
                  tables.drop_table(analysis)]
    parts += [plots.get("course", "")]
    if analysis.divisions:
        parts += ["## Dividing a disk\n",
                  "Jain's index of the shares of the disk's time, by weight · their sum. A share is a tenant's rate "
                  f"against what it reaches alone. Sets: {'; '.join(DIVISIONS)}.\n",
                  tables.division_table(analysis)]
    if analysis.reservations:
        parts += ["## Reservations\n",
                  "A tenant that was promised a rate and asks for 10 % more, beside neighbours that take what they "
                  "get.\n", tables.reservation_table(analysis)]
    if analysis.promises:
        parts += ["## Random sets\n",
                  "Sets of tenants with a target or a reserved rate, drawn at random, as `isoctl io plan` admits them, "
                  "beside a neighbour with neither. A promise is broken by a p99 above its target, or by one second "
                  "with less than 90 % of its rate, 2 s after the neighbour's start and later.\n",
                  tables.promises_table(analysis)]
    parts += ["## isoctl's calibration\n", tables.calibration_table(analysis), "## What was set\n", _settings(analysis),
              _without_figures(analysis)]
    return "\n".join(part for part in parts if part)


def _head(run, quick):
    host = run["host"]
    warning = ("\n**A quick run: too few operations for firm percentiles, and few cases.**\n" if quick else "")
    made = f"`make bench-io{'-quick' if quick else ''}`"
    machines = (f"the lab's guest (Linux {', '.join(run['kernels'])}, emulated) on {host['processors']} × "
                f"{host['processor']}, Linux {host['kernel']}")
    return (f"Made by {made}; [what is measured and how](../Benchmarks/io/README.md). {run['cases']} of {run['planned']} "
            f"cases, {run['minutes']} minutes, {run['dates'][0]} to {run['dates'][1]}, in {machines}, with a load average "
            f"from {run['loads'][0]} to {run['loads'][1]}. [{NAME}.json]({NAME}.json) has the figures for programs.\n"
            f"{warning}\n"
            "The disks are models and the guest's processor is emulated: the figures compare mechanisms with one "
            "another and stand for no real drive.\n")


def _noise(analysis):
    noise = tables.throughput_noise(analysis)
    if noise is None:
        return ""
    return (f"Throughput against itself: two halves of the same measurement differ by {tables.percent(noise[0])} "
            f"(median), {tables.percent(noise[1])} at most.\n")


def _settings(analysis):
    lines = []
    for disk in DISKS:
        found = analysis.contention(disk, "reader", Neighbour(), "io.cost")
        if found and found.settings:
            lines.append(f"- `io.cost` on `{disk}`: `{found.settings['io.cost.model']}`; "
                         f"`{found.settings['io.cost.qos']}`")
        limits = analysis.contention(disk, "reader", Neighbour(), "io.max")
        if limits and limits.settings:
            shown = "; ".join(f"{name}: `{value}`" for name, value in limits.settings.items())
            lines.append(f"- `io.max` on `{disk}` beside {Neighbour().label()}: {shown}")
        ours = analysis.contention(disk, "reader", Neighbour(), "isolated")
        if ours and ours.settings:
            shown = "; ".join(f"{name}: `{value}`" for name, value in ours.settings.items())
            lines.append(f"- `isolated` on `{disk}`: {shown}")
    for found in analysis.of("isolated"):
        if RAISED in found.settings.get("victim", ""):
            lines.append(f"- `isolated` on `{found.case.disk}` for {found.case.victim} beside "
                         f"{found.case.neighbour.label()}: victim: `{found.settings['victim']}`")
    weights = "- `bfq`, `io.cost`: weight 1000 for the victim, 100 for its neighbours together"
    return "\n".join([weights, *lines]) + "\n"


def _without_figures(analysis):
    whys = {}
    for case, verdict, why in analysis.without_figures():
        whys.setdefault((verdict, case.mechanism or case.kind, why), []).append(case)
    if not whys:
        return ""
    lines = [f"- {verdict}, {name}, {len(cases)} cases (the first: {cases[0].label()}): {why}"
             for (verdict, name, why), cases in whys.items()]
    return "\n".join(["## What has no figure\n", *lines]) + "\n"
