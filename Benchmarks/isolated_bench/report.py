"""What is printed and what goes to the JSON file."""

import json
import sys


class Report:
    """Prints as it goes, and keeps every figure for the file."""

    def __init__(self):
        self.data = {"targets": []}

    def heading(self, text):
        print(f"\n{text}", flush=True)

    def line(self, text=""):
        print(f"  {text}".rstrip(), flush=True)

    def progress(self, text):
        """A word for whoever waits; not part of the report."""
        print(f"bench: {text}", file=sys.stderr, flush=True)

    def table(self, head, rows):
        """Columns as wide as they need; the first one to the left, the others to the right."""
        cells = [head] + [[str(cell) for cell in row] for row in rows]
        widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
        for row in cells:
            first, *others = (
                cell.ljust(width) if column == 0 else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(row, widths))
            )
            self.line("  ".join([first, *others]))

    def target(self, name, value, limit, text, at_least=False):
        """Judges one figure against its target; a miss is printed, and is no failure of the run."""
        met = value >= limit if at_least else value <= limit
        self.data["targets"].append({"name": name, "value": value, "limit": limit, "at_least": at_least, "met": met})
        self.line(f"{'met   ' if met else 'MISSED'}  {text}")

    def save(self, directory, name):
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / name
        path.write_text(json.dumps(self.data, indent=2) + "\n")
        self.line(f"all figures: {path}")

    def summary(self):
        missed = [target["name"] for target in self.data["targets"] if not target["met"]]
        self.heading(f"{len(self.data['targets']) - len(missed)} of {len(self.data['targets'])} targets met"
                     + (f"; missed: {', '.join(missed)}" if missed else ""))
