"""The lab's own QEMU: that of the guest's Debian release, unpacked into the cache and run from there.

The host's may be too old: before 8.1, two processors that run at the same time can meet a stale translation of code
which the kernel is just patching ("Oops: int3"), and Linux patches itself whenever a static key flips, for instance
the first time that a group gets a cpu.max. One version everywhere also makes a saved guest restorable everywhere.
"""

import hashlib
import os
import subprocess
from pathlib import Path

from .cache import built_atomically, cache_directory, keep_newest, locked, progress
from .debian import bootstrap
from .errors import LabError

PACKAGES = ["qemu-system-x86", "qemu-utils"]
WANTED = ["./usr/bin/qemu-system-x86_64", "./usr/bin/qemu-img", "./usr/lib", "./usr/lib64", "./usr/share/qemu",
          "./usr/share/seabios"]


class Emulator:
    """An unpacked QEMU. Its programs run by its own dynamic loader, with its own libraries."""

    def __init__(self, directory):
        self._directory = directory
        self.key = directory.name
        self.version = (directory / "version").read_text()
        self.environment = {"QEMU_MODULE_DIR": str(directory / "usr/lib/x86_64-linux-gnu/qemu")}

    def command(self, program):
        """The start of a command line for `qemu-img` or `qemu-system-x86_64`."""
        command = _by_own_loader(self._directory, program)
        if program.startswith("qemu-system"):
            command += ["-L", str(self._directory / "usr/share/qemu"), "-L", str(self._directory / "usr/share/seabios")]
        return command


def _by_own_loader(directory, program):
    loader = directory / "usr/lib64/ld-linux-x86-64.so.2"
    libraries = directory / "usr/lib/x86_64-linux-gnu"
    return [str(loader), "--argv0", program, "--library-path", str(libraries), str(directory / "usr/bin" / program)]


def ensure_emulator():
    """The emulator, unpacked now if the cache lacks it."""
    emulators = cache_directory() / "emulators"
    target = emulators / hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:16]
    if not target.is_dir():
        with locked("emulator"):
            if not target.is_dir():
                _build(target)
                keep_newest(emulators, keep=target, count=1)
    os.utime(target)
    return Emulator(target)


def _build(target):
    progress("fetching QEMU (once)")
    with built_atomically(target) as directory:
        tar = directory / "tree.tar"
        bootstrap("extract", PACKAGES, [], tar, directory / "build.log")
        _run(["tar", "--extract", "--no-same-owner", "--file", str(tar), "--directory", str(directory), *WANTED])
        tar.unlink()
        version = _run([*_by_own_loader(directory, "qemu-system-x86_64"), "--version"])
        (directory / "version").write_text(version.splitlines()[0])


def _run(command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        raise LabError(f"{command[0]} failed: {result.stderr.strip()}")
    return result.stdout
