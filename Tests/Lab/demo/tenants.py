"""isoctl, and the files of a tenant's group."""

import json
import os
import subprocess
import time
from pathlib import Path

POLICIES = Path(os.environ.get("DEMO_POLICIES", "/usr/share/isolated/policies"))


class Failure(Exception):
    """The demo can't go on."""


def isoctl(*arguments, check=True):
    """What `isoctl ARGUMENTS` prints."""
    done = subprocess.run(["isoctl", *arguments], capture_output=True, text=True, check=False)
    if check and done.returncode != 0:
        raise Failure(f"isoctl {' '.join(arguments)[:80]}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def spawn(policy, name=None, command=()):
    """Starts a tenant from a shipped policy."""
    options = ["--name", name] if name else []
    isoctl("spawn", "--file", str(POLICIES / f"{policy}.yaml"), *options, *(["--", *command] if command else []))


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
