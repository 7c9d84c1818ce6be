"""isoctl's own calibration of the disk, kept for the daemon."""

import json
import time

from ..tenants import isoctl


def measure(bench, case):
    bench.disk.quiet()
    begun = time.monotonic()
    found = json.loads(isoctl("io", "calibrate", "--save", "--json", bench.disk.neighbours, timeout=300))
    return {"seconds": time.monotonic() - begun, "calibration": found}
