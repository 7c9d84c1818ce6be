"""On what the figures were taken."""

import os
from pathlib import Path


def describe():
    """The host, for the report's head."""
    return {"kernel": os.uname().release, "processors": os.cpu_count(), "processor": _processor()}


def load():
    """The host's load: the 1-minute average. Other work on it shows in every latency."""
    return {"load": round(os.getloadavg()[0], 2)}


def _processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return os.uname().machine
