"""The disks of the lab that are measured, and what fits each of them."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Disk:
    """One disk: how the lab makes it, and how much the victims ask of it.

    `options` is what follows the name in the lab's --disk, "" for null_blk, which the guest makes itself. `changes`
    are the words of lab-disk for its normal state, for a state in which files are laid out fast, and for the drop.
    """

    name: str
    title: str
    options: str
    normal: tuple = ()
    fast: tuple = ()
    dropped: tuple = ()
    reader_rate: int = 50  # operations a second
    redis_rate: int = 20
    postgres_rate: int = 20
    victim_mib: int = 768  # the partition of the victim; the neighbours' is the rest
    reader_file_mib: int = 256
    neighbour_file_mib: int = 128


VOLUME = {"iops": 800, "bps": 40 << 20}


def _throttle(share=1.0):
    return tuple(f"{key}={int(value * share)}" for key, value in VOLUME.items())


_LIFTED = tuple(f"{key}=0" for key in VOLUME)
_VOLUME = {"options": "size=2G," + ",".join(_throttle()), "normal": _throttle(), "fast": _LIFTED}
_MODEL = {"normal": ("factor=1",), "fast": ("factor=0.02",)}

DISKS = {
    disk.name: disk for disk in (
        Disk("cloud", "cloud volume: 800 IOPS and 40 MiB/s before a deep queue", **_VOLUME),
        Disk("ssd", "service model of an SSD: 4 channels, garbage collection", "model=ssd,size=2G", **_MODEL),
        Disk("hdd", "service model of a hard disk: one arm, seeks, rotation", "model=hdd,size=2G", **_MODEL,
             reader_rate=10, redis_rate=4, postgres_rate=3),
        Disk("nullblk", "null_blk in timer mode: 8 at a time, 8 ms each", "", redis_rate=10, postgres_rate=10,
             victim_mib=256,
             reader_file_mib=64, neighbour_file_mib=64),
        Disk("drop", "the cloud volume, whose capacity drops to a third in mid-run", **_VOLUME,
             dropped=_throttle(1 / 3)),
    )
}

NULL_DEVICE = "nullblk0"
# null_blk, which keeps its data in the guest's memory: the guest gets more of it (lab.py).
NULL_BLOCK = {"size": 1600, "blocksize": 4096, "memory_backed": 1, "queue_mode": 2, "irqmode": 2,
              "completion_nsec": 8_000_000, "submit_queues": 1, "hw_queue_depth": 8}
