"""The plots of a report."""

import math

from .cases import MECHANISMS
from .percentiles import median
from .svg import COLOURS, FAINT, Drawing

WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 70, 32, 64, 56


class Plot:
    """A drawing with axes; y is logarithmic."""

    def __init__(self, title, subtitle, x_range, y_range, height=HEIGHT):
        self.drawing = Drawing(WIDTH, height, title)
        self._x, self._y = x_range, y_range
        self._bottom = height - BOTTOM
        self.drawing.text(LEFT, 24, title, size=16, weight=600)
        self.drawing.text(LEFT, 42, subtitle, size=12)

    def x(self, value):
        low, high = self._x
        share = (min(max(value, low), high) - low) / (high - low)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self, value):
        low, high = (math.log10(bound) for bound in self._y)
        share = (math.log10(min(max(value, self._y[0]), self._y[1])) - low) / (high - low)
        return self._bottom - share * (self._bottom - TOP)

    def axes(self, x_ticks, y_ticks, x_label, y_label):
        """Ticks are (value, text)."""
        for value, text in y_ticks:
            self.drawing.line(LEFT, self.y(value), WIDTH - RIGHT, self.y(value))
            self.drawing.text(LEFT - 8, self.y(value) + 4, text, anchor="end")
        for value, text in x_ticks:
            self.drawing.line(self.x(value), TOP, self.x(value), self._bottom)
            self.drawing.text(self.x(value), self._bottom + 18, text, anchor="middle")
        self.drawing.line(LEFT, self._bottom, WIDTH - RIGHT, self._bottom, opacity=1)
        self.drawing.text((LEFT + WIDTH - RIGHT) / 2, self._bottom + 40, x_label, anchor="middle")
        self.drawing.text(LEFT, TOP - 6, y_label)

    def legend(self, mechanisms):
        """At the top right."""
        place = WIDTH - RIGHT - 84 * len(mechanisms)
        for mechanism in mechanisms:
            self.drawing.circle(place + 5, TOP - 10, 5, COLOURS[mechanism])
            self.drawing.text(place + 14, TOP - 6, mechanism)
            place += 84

    def render(self):
        return self.drawing.render()


def powers(low, high, form):
    """Ticks at the powers of ten within a range."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    return [(10.0 ** power, form(10.0 ** power)) for power in range(first, last + 1)]


def frontier(analysis):
    """p99 against throughput: each case a dot, each mechanism's median a ring; None without a case."""
    dots = {mechanism: [(figures.total_share * 100, figures.ratio, figures) for figures in
                        analysis.of(mechanism, "reader")
                        if figures.total_share is not None and figures.ratio is not None] for mechanism in MECHANISMS}
    shown = [mechanism for mechanism in MECHANISMS if dots[mechanism]]
    if not shown:
        return None
    ratios = [ratio for mechanism in shown for _, ratio, _ in dots[mechanism]]
    low, high = min(0.5, *ratios), max(10, *ratios) * 1.3
    plot = Plot("Latency against throughput", "a reader beside each neighbour; right and low is good", (0, 120),
                (low, high))
    plot.axes([(value, f"{value} %") for value in range(0, 121, 20)], powers(low, high, lambda value: f"{value:g} ×"),
              "throughput of all, of the disk's own", "p99, times that of the reader alone")
    plot.drawing.line(plot.x(0), plot.y(1.5), plot.x(120), plot.y(1.5), opacity=1, dash="4 4")
    plot.drawing.text(plot.x(0) + 6, plot.y(1.5) - 5, "1.5 ×", size=11)
    for mechanism in shown:
        for share, ratio, figures in dots[mechanism]:
            label = f"{mechanism}: {figures.case.disk}, {figures.case.neighbour.label()}: {ratio:.2g} ×, {share:.0f} %"
            plot.drawing.circle(plot.x(share), plot.y(ratio), 4, COLOURS[mechanism], opacity=0.6, title=label)
    for mechanism in shown:
        x = plot.x(median([share for share, _, _ in dots[mechanism]]))
        y = plot.y(median([ratio for _, ratio, _ in dots[mechanism]]))
        plot.drawing.add("circle", cx=x, cy=y, r=9, fill="none", stroke=COLOURS[mechanism], stroke_width=2.5)
    plot.legend(shown)
    return plot.render()


def strip(analysis):
    """Each combination a row of dots, one for each mechanism: p99 against the victim's own; None without a case."""
    rows = []
    for disk, victim, neighbour in analysis.combinations():
        found = {mechanism: analysis.contention(disk, victim, neighbour, mechanism) for mechanism in MECHANISMS}
        ratios = {mechanism: figures.ratio for mechanism, figures in found.items() if figures and figures.ratio}
        if ratios:
            rows.append((f"{disk}, {victim}: {neighbour.label()}", ratios))
    if not rows:
        return None
    values = [ratio for _, ratios in rows for ratio in ratios.values()]
    low, high = min(0.5, *values) * 0.9, max(10, *values) * 1.2
    left, step, top = 400, 18, 70
    height = top + step * len(rows) + 40
    drawing = Drawing(WIDTH + 120, height, "p99 beside each neighbour")
    drawing.text(16, 24, "p99 beside each neighbour, times that of the victim alone", size=16, weight=600)

    def place(value):
        share = (math.log10(value) - math.log10(low)) / (math.log10(high) - math.log10(low))
        return left + share * (WIDTH + 100 - left)

    bottom = top + step * len(rows) - 6
    for value, text in [*powers(low, high, lambda value: f"{value:g} ×"), (1.5, "1.5 ×")]:
        drawing.line(place(value), top - 10, place(value), bottom, opacity=1 if value == 1.5 else FAINT,
                     dash="4 4" if value == 1.5 else None)
        if value != 1.5:
            drawing.text(place(value), bottom + 16, text, anchor="middle")
    for number, (label, ratios) in enumerate(rows):
        y = top + step * number
        drawing.text(left - 12, y + 4, label, size=11, anchor="end")
        for mechanism, ratio in ratios.items():
            drawing.circle(place(ratio), y, 4.5, COLOURS[mechanism], opacity=0.85, title=f"{mechanism}: {ratio:.3g} ×")
    x = left
    for mechanism in (name for name in MECHANISMS if any(name in ratios for _, ratios in rows)):
        drawing.circle(x + 5, 44, 5, COLOURS[mechanism])
        drawing.text(x + 14, 48, mechanism)
        x += 84
    return drawing.render()


def timeline(analysis, disk, victim, neighbour, title):
    """The p99 of each second, before and after the burst and the drop, by mechanism; None without a case."""
    courses = {mechanism: course for mechanism in MECHANISMS
               if (course := analysis.timeline(disk, victim, neighbour, mechanism))}
    if not courses:
        return None
    values = [p99 / 1000 for _, points in courses.values() for _, p99 in points if p99]
    first = min(second for _, points in courses.values() for second, _ in points)
    last = max(second for _, points in courses.values() for second, _ in points) + 1
    low, high = min(values) * 0.8, max(values) * 1.25
    plot = Plot(title, f"{disk} volume, the {victim} beside {neighbour.label()}; a point is one second", (first, last),
                (low, high))
    step = max(1, round((last - first) / 10))
    plot.axes([(value, f"{value}") for value in range(first - first % step, last + 1, step) if value >= first],
              powers(low, high, lambda value: f"{value:g} ms"), "seconds since the neighbour's burst", "p99")
    for name, moment in next(iter(courses.values()))[0].items():
        if name != "end":
            label = {"burst": "the neighbour starts", "drop": "a third of the capacity is left"}[name]
            plot.drawing.line(plot.x(moment), TOP, plot.x(moment), HEIGHT - BOTTOM, opacity=1, dash="4 4")
            late = plot.x(moment) > WIDTH - 200
            plot.drawing.text(plot.x(moment) + (-5 if late else 5), HEIGHT - BOTTOM - 8, label, size=11,
                              anchor="end" if late else "start")
    for mechanism, (_, points) in courses.items():
        plot.drawing.path([(plot.x(second + 0.5), plot.y(p99 / 1000)) for second, p99 in points if p99],
                          COLOURS[mechanism])
    plot.legend(list(courses))
    return plot.render()
