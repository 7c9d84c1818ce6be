"""What stops a run."""


class BenchError(Exception):
    """The benchmark can't be run here, and why."""
