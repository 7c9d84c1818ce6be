"""isoctl, and the files of a tenant's group."""

import fcntl
import json
import os
import pty
import struct
import subprocess
import termios
import time
from pathlib import Path


class Failure(Exception):
    """The demo can't go on."""


def isoctl(*arguments, check=True):
    """What `isoctl ARGUMENTS` prints."""
    done = subprocess.run(["isoctl", *arguments], capture_output=True, text=True, check=False)
    if check and done.returncode != 0:
        raise Failure(f"isoctl {' '.join(arguments)[:80]}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def on_terminal(columns, colour, *arguments):
    """What `isoctl ARGUMENTS` shows on a terminal of so many columns."""
    near, far = pty.openpty()
    fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color"} | ({} if colour else {"NO_COLOR": "1"})
    with subprocess.Popen(["isoctl", *arguments], stdin=subprocess.DEVNULL, stdout=far, stderr=far, env=environment):
        os.close(far)
        shown = b""
        try:
            while piece := os.read(near, 4096):
                shown += piece
        except OSError:  # EIO: the last writer has closed the terminal
            pass
    os.close(near)
    return shown.decode(errors="replace").replace("\r\n", "\n").rstrip("\n")


def find(name):
    """A tenant's line of `isoctl ps --json`; None if there is none."""
    found = [tenant for tenant in json.loads(isoctl("ps", "--json"))["tenants"] if tenant["name"] == name]
    return found[0] if found else None


def end(name):
    """Ends a tenant and forgets it, whatever its state."""
    isoctl("stop", "--grace=0ms", name, check=False)
    isoctl("forget", name, check=False)


def inspect(name):
    return json.loads(isoctl("inspect", name, "--json"))


def group(name):
    """The directory of a running tenant's group."""
    return Path(inspect(name)["cgroup"])


def read(directory, file):
    """A group's file on one line."""
    return " ".join((directory / file).read_text().split("\n")).strip()


def counter(directory, file, key):
    """One value of a flat keyed file."""
    for line in (directory / file).read_text().splitlines():
        if line.split()[0] == key:
            return int(line.split()[1])
    raise Failure(f"{directory / file} has no {key}")


def wait_until(condition, seconds, otherwise):
    """Polls; fails with the text of otherwise() when the time is over."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Failure(otherwise())
        time.sleep(0.3)
