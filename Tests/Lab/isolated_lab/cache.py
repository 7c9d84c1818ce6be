"""The lab's cache outside the checkout: images, booted snapshots, and the runs' throw-away directories."""

import contextlib
import fcntl
import os
import shutil
import sys
import tempfile
from pathlib import Path

LAB_DIRECTORY = Path(__file__).resolve().parent.parent
CHECKOUT = LAB_DIRECTORY.parent.parent


def cache_directory():
    """${XDG_CACHE_HOME:-~/.cache}/isolated-lab, created when it is missing."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    directory = Path(base) / "isolated-lab"
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def progress(message):
    """One line on stderr about what a slow step is doing."""
    print(f"lab: {message}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def locked(name):
    """Holds the cache's lock NAME, so that two runs never build the same thing twice."""
    with open(cache_directory() / f"{name}.lock", "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress(f"waiting for another run that is preparing the {name}")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def built_atomically(target):
    """A temporary directory which becomes TARGET only when the block ends well."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".building-", dir=target.parent))
    try:
        yield temporary
        temporary.chmod(0o755)
        temporary.rename(target)
    except BaseException:
        remove_tree(temporary)
        raise


def remove_tree(directory):
    """Removes DIRECTORY; what can't be removed is named on stderr."""
    shutil.rmtree(directory, onerror=lambda _, path, fault: progress(f"cannot remove {path}: {fault[1]}"))


def keep_newest(directory, keep, count):
    """Removes old entries of DIRECTORY but KEEP and the COUNT last used ones. Call it under the lock."""
    entries = [entry for entry in directory.iterdir() if entry.is_dir() and entry != keep]
    entries.sort(key=lambda entry: entry.stat().st_mtime, reverse=True)
    for entry in entries[count:]:
        remove_tree(entry)


class RunDirectory:
    """A run's throw-away directory. Its lock tells a living run from the remains of a killed one."""

    def __init__(self):
        runs = cache_directory() / "runs"
        runs.mkdir(exist_ok=True)
        with locked("runs"):
            self._sweep(runs)
            self.path = Path(tempfile.mkdtemp(prefix="run-", dir=runs))
            self._lock = open(self.path / "lock", "w")
            fcntl.flock(self._lock, fcntl.LOCK_EX)

    @staticmethod
    def _sweep(runs):
        for entry in runs.iterdir():
            try:
                with open(entry / "lock") as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    remove_tree(entry)
            except BlockingIOError:
                continue
            except FileNotFoundError:
                remove_tree(entry)

    def close(self):
        remove_tree(self.path)
        self._lock.close()
