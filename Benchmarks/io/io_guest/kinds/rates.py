"""What the disk can do: random and sequential, small and large, reads and writes.

Rates are the disk's own count while fio runs: what fio says includes what was in flight when its clock began.
"""

import subprocess
import time

from io_bench.workloads import rate_fio

from ..failure import Failed
from ..sampler import Sampler, now_ms

LOADS = {
    f"{rw} {label}": (rw, block, depth)
    for label, block, depth, kinds in (
        ("4K", 4 << 10, 64, ("randread", "randwrite", "read", "write")),
        ("1M", 1 << 20, 4, ("read", "write")),
    )
    for rw in kinds
}
LEAD = 1.0  # seconds of fio's start and of what a throttle lets through at once


def measure(bench, case):
    return {"rates": {label: _rate(bench.disk, case.seconds, *load) for label, load in LOADS.items()}}


def _rate(disk, seconds, rw, block, depth):
    arguments = rate_fio(disk.neighbour_file(0), disk.facts.neighbour_file_mib, rw, block, depth)
    with Sampler(disk) as sampler, subprocess.Popen(arguments) as fio:
        try:
            begun = now_ms()
            while sampler.rates(begun, now_ms())[1][0] <= 0 and fio.poll() is None:
                time.sleep(0.05)
            time.sleep(LEAD)
            low = now_ms()
            time.sleep(seconds)
            high = now_ms()
            time.sleep(0.2)
            if fio.poll() is not None:
                raise Failed(f"fio ended with {fio.returncode}")
        finally:
            fio.kill()
    disk.quiet()
    operations, read, written = sampler.rates(low, high)[1]
    # Small sequential requests may have been merged on their way; what fio asked for were blocks of this size.
    return {"iops": max(operations, (read + written) / block) if block == 4 << 10 else operations,
            "bytes": read + written}
