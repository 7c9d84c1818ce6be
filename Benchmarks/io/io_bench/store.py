"""The results of a run: one file for each case, so that a run can be taken up again."""

import json
import os


class Store:
    """A directory of results, named by their cases' keys."""

    def __init__(self, directory, product):
        self.directory = directory
        self._product = product
        directory.mkdir(parents=True, exist_ok=True)

    def path(self, case):
        return self.directory / f"{case.key(self._product)}.json"

    def result(self, case):
        """The result of a case, or None if it is to be measured: so is what failed, and not what was refused."""
        entry = self.entry(case)
        return None if entry is None or "failed" in entry["result"] else entry["result"]

    def entry(self, case):
        """All that was kept of a case, or None."""
        try:
            return json.loads(self.path(case).read_text())
        except FileNotFoundError:
            return None

    def keep(self, case, entry):
        """Puts a result in place whole, or not at all."""
        path = self.path(case)
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(entry, separators=(",", ":")) + "\n")
        os.replace(partial, path)
