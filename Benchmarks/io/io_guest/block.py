"""A disk in the guest: partitions for the victim and its neighbours, files on them, and what it delivers."""

import os
import time
from pathlib import Path

from io_bench.disks import DISKS, NULL_BLOCK, NULL_DEVICE

from .failure import Refused
from .shell import run

ROOT = Path("/srv/bench-io")
NOBODY = 65534
NEIGHBOUR_FILES = 4
CONFIGFS = Path("/sys/kernel/config/nullb")


class BlockDisk:
    """One disk of DISKS, partitioned, formatted and filled."""

    def __init__(self, name):
        self.facts = DISKS[name]
        self.name = name
        link = Path(f"/dev/disk/by-id/{name}")
        self.node = _make_null() if not self.facts.options else link.resolve()
        self.sysfs = Path("/sys/block") / self.node.name
        self.number = (self.sysfs / "dev").read_text().strip()
        self.directory = ROOT / name
        self.victim = self.directory / "victim"
        self.neighbours = self.directory / "neighbours"
        self._part = f"{self.node.name}p"

    def prepare(self):
        """Lays out partitions, file systems and files, at full speed; then the disk is what it shall be."""
        self.change(self.facts.fast)
        run("sfdisk", "--quiet", "--wipe=always", self.node, stdin=f",{self.facts.victim_mib}M\n,\n")
        run("udevadm", "settle")
        for number, place in ((1, self.victim), (2, self.neighbours)):
            run("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "lazy_itable_init=0,lazy_journal_init=0,nodiscard",
                f"/dev/{self._part}{number}")
            place.mkdir(parents=True)
            run("mount", "-o", "noatime", f"/dev/{self._part}{number}", place)
            os.chown(place, NOBODY, NOBODY)
        self._fill(self.victim / "reader", self.facts.reader_file_mib)
        for number in range(NEIGHBOUR_FILES):
            self._fill(self.neighbour_file(number), self.facts.neighbour_file_mib)
        self.restore()

    def neighbour_file(self, number):
        return self.neighbours / f"file-{number}"

    def restore(self):
        self.change(self.facts.normal)

    def change(self, words):
        """Changes what the disk can do, by lab-disk."""
        if words:
            run("lab-disk", self.name, *words)

    def quiet(self):
        """Waits until everything is written back and nothing is in flight."""
        run("sync", "--file-system", self.neighbours, self.victim)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and any(map(int, (self.sysfs / "inflight").read_text().split())):
            time.sleep(0.02)

    def forget(self):
        """Takes what was read and written out of memory. The kernel charges the write-back of a file to the group that
        brought its pages into memory: to one that is gone, or to whoever prepared the disk, unless they go first."""
        self.quiet()
        Path("/proc/sys/vm/drop_caches").write_text("3", encoding="ascii")

    def schedulers(self):
        return (self.sysfs / "queue/scheduler").read_text().replace("[", "").replace("]", "").split()

    def set_scheduler(self, name):
        if name not in self.schedulers():
            raise Refused(f"{self.node} offers no scheduler {name}")
        (self.sysfs / "queue/scheduler").write_text(name)

    def counters(self):
        """(victim's, neighbours') cumulative (operations, bytes read, bytes written) of the two partitions."""
        return tuple(self._counter(number) for number in (1, 2))

    def _counter(self, number):
        words = (self.sysfs / f"{self._part}{number}/stat").read_text().split()
        return int(words[0]) + int(words[4]), int(words[2]) * 512, int(words[6]) * 512

    @staticmethod
    def _fill(path, mebibytes):
        """Written, not only allocated: the kernel answers reads of unwritten extents without the disk."""
        run("dd", "if=/dev/zero", f"of={path}", "bs=1M", f"count={mebibytes}", "oflag=direct")
        os.chown(path, NOBODY, NOBODY)


def _make_null():
    """null_blk by configfs."""
    run("modprobe", "null_blk", "nr_devices=0")
    place = CONFIGFS / NULL_DEVICE
    place.mkdir()
    for key, value in NULL_BLOCK.items():
        (place / key).write_text(str(value))
    (place / "power").write_text("1")
    run("udevadm", "settle")
    return Path("/dev") / NULL_DEVICE
