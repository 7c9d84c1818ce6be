"""What stops a run."""


class BenchError(Exception):
    """A benchmark can't be run here, and why."""
