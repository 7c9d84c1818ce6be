"""A guest that has booted once, kept as its memory and its root disk's overlay, so that runs need not boot."""

import hashlib
import os
import subprocess
import time

from .cache import built_atomically, cache_directory, keep_newest, locked, progress, remove_tree
from .errors import LabError
from .guest import COMMAND_LINE, Guest, machine_arguments

BOOT_SECONDS = 300
# Run once before the snapshot, so that what every script needs is in the guest's page cache.
WARM_UP = """
dpkg --version; tar --version; python3 -c 'import json'; bash -c true; fio --version; journalctl -n 1
systemctl show; systemd-run --wait true; udevadm settle; mount; grep x /dev/null; sed x /dev/null; awk 1 /dev/null
sync
"""


class Snapshot:
    """`overlay` (qcow2 over the image's root), `state` (QEMU's migration stream) and the `initramfs` booted."""

    def __init__(self, directory):
        self.directory = directory
        self.overlay = directory / "root.qcow2"
        self.state = directory / "state"
        self.initramfs = directory / "initramfs"

    def drop(self):
        """Removes it from the cache, for one that does not restore."""
        with locked("snapshot"):
            if self.directory.is_dir():
                remove_tree(self.directory)


def _key(emulator, image, initramfs, memory):
    digest = hashlib.sha256()
    for part in (image.key, *machine_arguments(memory), COMMAND_LINE, WARM_UP, emulator.key, emulator.version):
        digest.update(part.encode() + b"\0")
    digest.update(initramfs)
    return digest.hexdigest()[:16]


def ensure_snapshot(emulator, image, initramfs, memory):
    """The snapshot of such a guest, made now (by a boot) if the cache lacks it."""
    snapshots = cache_directory() / "snapshots"
    target = snapshots / _key(emulator, image, initramfs, memory)
    if not target.is_dir():
        with locked("snapshot"):
            if not target.is_dir():
                _make(target, emulator, image, initramfs, memory)
                keep_newest(snapshots, keep=target, count=3)
    os.utime(target)
    return Snapshot(target)


def _make(target, emulator, image, initramfs, memory):
    started = time.monotonic()
    progress("booting a guest to keep as a snapshot (once per image)")
    deadline = started + BOOT_SECONDS
    with built_atomically(target) as directory:
        (directory / "initramfs").write_bytes(initramfs)
        subprocess.run(
            [*emulator.command("qemu-img"), "create", "-q", "-f", "qcow2", "-F", "raw", "-b", str(image.root), "root.qcow2"],
            cwd=directory,
            check=True,
        )
        disk = directory / "root.qcow2"
        with Guest(directory, emulator, image, memory, disk, "format=qcow2", directory / "initramfs") as guest:
            try:
                guest.boot(deadline)
                guest.agent.execute(["sh", "-c", WARM_UP], deadline, lambda *_: None)
                guest.save("state", deadline)
            except LabError:
                progress(guest.console_tail())
                raise
        for name in ("console.log", "qemu.log", "kernel", "root"):
            (directory / name).unlink()
    progress(f"snapshot ready after {time.monotonic() - started:.0f} s")
