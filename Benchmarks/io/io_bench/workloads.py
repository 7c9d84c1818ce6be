"""What runs beside whom: neighbours, their fio arguments, and the sets whose division is judged. Pure."""

import dataclasses

KIB = 1024
ENDLESS = 100_000  # seconds: whoever started it ends it


@dataclasses.dataclass(frozen=True)
class Neighbour:
    """Who disturbs the victim; the jobs are spread over as many tenants as `tenants` says."""

    jobs: int = 4
    block: int = 4 * KIB
    pattern: str = "random"  # or sequential
    direction: str = "read"  # write, mixed
    cache: str = "direct"  # buffered: through the page cache, with an fsync after every 16 writes
    engine: str = "libaio"  # io_uring
    burst: str = "steady"  # bursty: 2 s on, 2 s off

    @property
    def tenants(self):
        return min(self.jobs, 4 if self.jobs > 16 else 2)

    @property
    def depth(self):
        """Of each job: enough to fill the disk's queue, less where many jobs do so together."""
        few = {4 * KIB: 64, 64 * KIB: 16}.get(self.block, 4)
        return max(1, few // (4 if self.jobs >= 16 else 1))

    def label(self):
        return (f"{self.jobs} × {size(self.block)} {self.pattern} {self.direction}, {self.cache}, {self.engine}, "
                f"{self.burst}")

    def load(self):
        """What it does while it runs, whatever its rhythm: what a disk's own rate is measured for."""
        return dataclasses.replace(self, burst="steady")


def size(count):
    """4K, 64K, 1M."""
    return f"{count >> 20}M" if count >= 1 << 20 else f"{count >> 10}K"


def mode(pattern, direction):
    """fio's name for it."""
    base = {"read": "read", "write": "write", "mixed": "rw"}[direction]
    return ("rand" if pattern == "random" else "") + base


def neighbour_fio(neighbour, path, mebibytes, seed):
    """The arguments of fio for one of the neighbour's tenants; its jobs divide a sequential file among them."""
    jobs = neighbour.jobs // neighbour.tenants
    arguments = [
        "/usr/bin/fio", "--name=neighbour", f"--filename={path}", "--thread", f"--numjobs={jobs}",
        f"--ioengine={neighbour.engine}", f"--iodepth={neighbour.depth}", f"--bs={neighbour.block}",
        f"--rw={mode(neighbour.pattern, neighbour.direction)}", f"--direct={int(neighbour.cache == 'direct')}",
        *_ENDLESS, f"--randseed={seed}",
    ]
    if neighbour.cache == "buffered":
        arguments.append("--fsync=16")
    if neighbour.pattern == "sequential":
        part = (mebibytes << 20) // jobs
        return [*arguments, f"--size={part}", f"--offset_increment={part}"]
    return [*arguments, f"--size={mebibytes}M"]


_ENDLESS = ("--time_based", f"--runtime={ENDLESS}", "--norandommap", "--gtod_reduce=1", "--fallocate=none",
            "--overwrite=1", "--disk_util=0", "--eta=never", "--output=/dev/null")


def reader_fio(path, mebibytes, rate, seconds, log, seed, depth=1, process="poisson"):
    """A reader of 4 KiB at random places and, with `poisson`, at random gaps; it logs each operation.

    The log's times are CLOCK_MONOTONIC's, in ms, of the completion; its latencies run from the submission on.
    """
    engine = ["--ioengine=psync"] if depth == 1 else ["--ioengine=libaio", f"--iodepth={depth}"]
    return [
        "/usr/bin/fio", "--name=victim", f"--filename={path}", f"--size={mebibytes}M", "--direct=1", "--rw=randread",
        "--bs=4k", *engine, f"--rate_iops={rate}", f"--rate_process={process}", f"--runtime={seconds}", "--time_based",
        "--norandommap", f"--randseed={seed}", "--fallocate=none", "--disk_util=0", "--eta=never",
        "--log_avg_msec=0", f"--write_lat_log={log}", "--log_alternate_epoch=1", "--log_alternate_epoch_clock_id=1",
        "--output=/dev/null",
    ]


def rate_fio(path, mebibytes, rw, block, depth):
    """One kind of load that fills the disk."""
    return ["/usr/bin/fio", "--name=rate", f"--filename={path}", f"--size={mebibytes}M", "--direct=1", "--thread",
            "--ioengine=libaio", f"--iodepth={depth}", f"--bs={block}", f"--rw={rw}", *_ENDLESS]


@dataclasses.dataclass(frozen=True)
class Member:
    """One of a set between whom a disk is divided: always busy, 32 deep."""

    block: int
    direction: str
    weight: int = 100

    def label(self):
        return f"{size(self.block)} {self.direction}"


def member_fio(member, path, mebibytes, seed):
    """The arguments of fio for a member."""
    return ["/usr/bin/fio", "--name=member", f"--filename={path}", f"--size={mebibytes}M", "--direct=1", "--thread",
            "--ioengine=libaio", "--iodepth=32", f"--bs={member.block}", f"--rw={mode('random', member.direction)}",
            *_ENDLESS, f"--randseed={seed}"]


DIVISIONS = {
    "equal, 4K reads": (Member(4 * KIB, "read"), Member(4 * KIB, "read"), Member(4 * KIB, "read")),
    "equal, 4K and 256K reads": (Member(4 * KIB, "read"), Member(256 * KIB, "read")),
    "equal, 4K reads and writes": (Member(4 * KIB, "read"), Member(4 * KIB, "write")),
    "1 : 2 : 4, 4K reads": (Member(4 * KIB, "read", 100), Member(4 * KIB, "read", 200), Member(4 * KIB, "read", 400)),
    "1 : 2 : 4, 4K reads, 256K writes, 4K writes": (
        Member(4 * KIB, "read", 100), Member(256 * KIB, "write", 200), Member(4 * KIB, "write", 400)),
}
