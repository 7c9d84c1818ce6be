"""Plain control groups under bench.slice: what the mechanisms without a daemon stand on."""

import signal
import subprocess
import time
from pathlib import Path

from .failure import Failed
from .program import SCRATCH, USERS, scratch_of

MOUNT = Path("/sys/fs/cgroup")
SLICE = MOUNT / "bench.slice"


def make_slice():
    """The slice, with the controllers handed down."""
    (MOUNT / "cgroup.subtree_control").write_text("+io +memory")
    SLICE.mkdir(exist_ok=True)
    (SLICE / "cgroup.subtree_control").write_text("+io +memory")


class ControlGroup:
    """What tenants and plain groups have in common, given the directory `path` of a group."""

    path = None

    def freeze(self, frozen):
        """Stops or continues all its processes at once; IO in flight is completed."""
        (self.path / "cgroup.freeze").write_text("1" if frozen else "0")
        deadline = time.monotonic() + 60
        while frozen and "frozen 1" not in (self.path / "cgroup.events").read_text():
            if time.monotonic() > deadline:
                raise Failed(f"{self.path.name} does not freeze")
            time.sleep(0.01)

    def bytes_of_io(self):
        """What its processes have read from and written to disks so far, in bytes, by /proc/PID/io."""
        total = 0
        for pid in (self.path / "cgroup.procs").read_text().split():
            for line in Path(f"/proc/{pid}/io").read_text().splitlines():
                if line.startswith(("read_bytes:", "write_bytes:")):
                    total += int(line.split()[1])
        return total


class PlainGroup(ControlGroup):
    """A group with one program in it."""

    def __init__(self, name):
        self.path = SLICE / name
        self.path.mkdir()
        self._process = None
        self._log = SCRATCH / f"{name}.log"

    def set(self, file, value):
        (self.path / file).write_text(str(value))

    def spawn(self, program):
        """Starts a Program in the group, as its user."""
        self.set("memory.max", program.memory_mib << 20)
        self.set("memory.swap.max", 0)
        enter = 'echo 0 >"$0/cgroup.procs" && exec setpriv --reuid="$1" --regid="$2" --init-groups "${@:3}"'
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(
                ["/bin/bash", "-c", enter, str(self.path), program.user, USERS[program.user], *program.command],
                cwd=scratch_of(program.user), env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)

    def wait(self, seconds):
        """The status of its program once that has ended."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failed(f"what runs in {self.path.name} doesn't end") from None

    def interrupt(self):
        """Asks its program to end, by SIGINT."""
        self._process.send_signal(signal.SIGINT)

    def said(self):
        """What it printed."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def end(self):
        """Kills what is left and removes the group."""
        (self.path / "cgroup.kill").write_text("1")
        self.freeze(False)
        if self._process:
            self._process.wait(60)
        deadline = time.monotonic() + 60
        while True:
            try:
                self.path.rmdir()
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
