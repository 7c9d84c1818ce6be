"""What the disk can do: random and sequential, small and large, reads and writes, by fio."""

import json

from io_bench.workloads import rate_fio

from ..shell import run

LOADS = {
    f"{rw} {label}": (rw, block, depth)
    for label, block, depth, kinds in (
        ("4K", 4 << 10, 64, ("randread", "randwrite", "read", "write")),
        ("1M", 1 << 20, 4, ("read", "write")),
    )
    for rw in kinds
}


def measure(bench, case):
    disk = bench.disk
    rates = {}
    for label, (rw, block, depth) in LOADS.items():
        arguments = rate_fio(disk.neighbour_file(0), disk.facts.neighbour_file_mib, rw, block, depth, case.seconds)
        job = json.loads(run(*arguments))["jobs"][0]["write" if "write" in rw else "read"]
        rates[label] = {"iops": job["iops"], "bytes": job["bw_bytes"]}
    return {"rates": rates}
