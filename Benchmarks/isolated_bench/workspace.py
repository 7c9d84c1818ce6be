"""A place of its own for one run: private mounts, a tmpfs, a group; nothing of it is left behind."""

import ctypes
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from .errors import BenchError

CLONE_NEWNS = 0x00020000
CGROUPS = Path("/sys/fs/cgroup")


class Workspace:
    """Use it as a context manager, before anything has started a thread.

    The whole process moves into a mount namespace of its own, in which state lies on a tmpfs, as /run does on a
    real host, and /sys/fs/cgroup is cgroup v2 alone even where the host has v1 beside it. The host's mounts stay
    as they are.
    """

    def __enter__(self):
        if os.geteuid() != 0:
            raise BenchError("this starts containers in groups of their own: run it as root")
        self._leave_the_hosts_mounts()
        self.path = Path(tempfile.mkdtemp(prefix="isolated-bench-"))
        _run(["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", str(self.path)])
        self._enabled_before = set(_words(CGROUPS / "cgroup.subtree_control"))
        self.group = CGROUPS / f"isolated-bench-{os.getpid()}"
        self.group.mkdir()
        return self

    def __exit__(self, *_):
        remove_groups(self.group)
        self._disable_what_a_peer_enabled()
        _run(["umount", "--lazy", str(self.path)])
        shutil.rmtree(self.path, ignore_errors=True)

    @staticmethod
    def _leave_the_hosts_mounts():
        library = ctypes.CDLL(None, use_errno=True)
        if library.unshare(CLONE_NEWNS) != 0:
            number = ctypes.get_errno()
            raise BenchError(f"no mount namespace of its own: {os.strerror(number)}")
        _run(["mount", "--make-rprivate", "/"])
        if not (CGROUPS / "cgroup.controllers").exists():
            _run(["umount", "--recursive", "--lazy", str(CGROUPS)])
            _run(["mount", "-t", "cgroup2", "cgroup2", str(CGROUPS)])

    def _disable_what_a_peer_enabled(self):
        """crun and runc hand controllers down from the root group, and leave them enabled there."""
        for name in set(_words(CGROUPS / "cgroup.subtree_control")) - self._enabled_before:
            (CGROUPS / "cgroup.subtree_control").write_text(f"-{name}")


def remove_groups(group):
    """Kills what is left in a group and removes it with all beneath."""
    if not group.exists():
        return
    (group / "cgroup.kill").write_text("1")
    for directory, _, _ in os.walk(group, topdown=False):
        for _ in range(200):
            try:
                os.rmdir(directory)
                break
            except OSError:
                os.sched_yield()


def _words(path):
    return path.read_text().split()


def _run(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BenchError(f"{' '.join(command)}: {done.stderr.strip()}")
