"""A small writer of SVG: elements, escaped, in colours that can be read on white and on black."""

from xml.sax.saxutils import escape, quoteattr

TEXT = "#7d8590"
FAINT = 0.25  # of its strength, for lines behind everything
FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"
COLOURS = {"none": "#8b949e", "io.max": "#d29922", "bfq": "#a371f7", "io.cost": "#db6d28", "isolated": "#2f9e44"}


class Drawing:
    """Elements of one image of a size in pixels."""

    def __init__(self, width, height, title):
        self._size = (width, height)
        self._title = title
        self._parts = []

    def add(self, name, text=None, **attributes):
        """An element; underscores in the names of attributes become hyphens, numbers get two places."""
        words = "".join(f" {key.rstrip('_').replace('_', '-')}={quoteattr(_plain(value))}"
                        for key, value in attributes.items() if value is not None)
        self._parts.append(f"<{name}{words}/>" if text is None else f"<{name}{words}>{escape(text)}</{name}>")

    def text(self, x, y, text, size=12, anchor="start", colour=TEXT, weight=None):
        self.add("text", text, x=x, y=y, font_size=size, text_anchor=anchor, fill=colour, font_weight=weight)

    def line(self, x1, y1, x2, y2, colour=TEXT, opacity=FAINT, width=1, dash=None):
        self.add("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=colour, stroke_opacity=opacity, stroke_width=width,
                 stroke_dasharray=dash)

    def circle(self, x, y, radius, colour, opacity=1.0, title=None):
        if title is None:
            self.add("circle", cx=x, cy=y, r=radius, fill=colour, fill_opacity=opacity)
            return
        self._parts.append(f'<circle cx="{_plain(x)}" cy="{_plain(y)}" r="{_plain(radius)}" fill={quoteattr(colour)} '
                           f'fill-opacity="{_plain(opacity)}"><title>{escape(title)}</title></circle>')

    def rectangle(self, x, y, width, height, colour, opacity=1.0):
        self.add("rect", x=x, y=y, width=width, height=height, fill=colour, fill_opacity=opacity, rx=1)

    def path(self, points, colour, width=1.8):
        """A line through the points."""
        if len(points) > 1:
            data = "M" + " L".join(f"{_plain(x)},{_plain(y)}" for x, y in points)
            self.add("path", d=data, fill="none", stroke=colour, stroke_width=width, stroke_linejoin="round")

    def render(self):
        width, height = self._size
        head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
                f'height="{height}" font-family="{FONT}" role="img">')
        return "\n".join([head, f"<title>{escape(self._title)}</title>", *self._parts, "</svg>"]) + "\n"


def _plain(value):
    """A number without needless digits, or a text."""
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return str(value)
