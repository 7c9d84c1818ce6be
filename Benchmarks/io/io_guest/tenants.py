"""Tenants of the product, started as an operator would: by policy files and isoctl."""

import json
import subprocess
from pathlib import Path

from .failure import Failed, Refused
from .groups import ControlGroup
from .program import SCRATCH, scratch_of
from .shell import run

URING = "io_uring_setup, io_uring_enter, io_uring_register"


SERVICE = "isolated.service"


def stop_product():
    """Ends the daemon, if it runs; it must have no tenant."""
    if subprocess.run(["systemctl", "--quiet", "is-active", SERVICE], check=False).returncode == 0:
        run("systemctl", "stop", SERVICE)


def start_product():
    """Starts the daemon, where it is installed."""
    if subprocess.run(["systemctl", "--quiet", "cat", SERVICE], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                      check=False).returncode == 0:
        run("systemctl", "start", SERVICE)


def isoctl(*arguments, timeout=180):
    """The output of isoctl; what it refuses, in its own words, is Refused."""
    try:
        done = subprocess.run(["isoctl", *map(str, arguments)], capture_output=True, text=True, check=False,
                              timeout=timeout)
    except FileNotFoundError:
        raise Refused("the product isn't installed in the guest") from None
    if done.returncode != 0:
        raise Refused(" ".join((done.stderr or done.stdout).split()))
    return done.stdout


def policy(name, program, entry):
    """The text of a policy for a Program; `entry` are the lines of its one item under io:."""
    lines = [
        f"tenant: {name}",
        "command: [/bin/true]",
        f"user: {program.user}",
        f"directory: {scratch_of(program.user)}",
        f"memory: {{max: {program.memory_mib}MiB}}",
        f"root: {{base: host, writable: [{', '.join(map(str, [*program.writable, scratch_of(program.user)]))}]}}",
    ]
    if program.user == "postgres":
        lines.append("stop: {signal: SIGINT, grace: 1min}")
    if program.io_uring:
        lines.append(f"seccomp: {{profile: default, allow: [{URING}]}}")
    return "\n".join([*lines, "io:", *(f"  {'-' if number == 0 else ' '} {line}" for number, line in enumerate(entry))]
                     ) + "\n"


class Tenant(ControlGroup):
    """A tenant with one program in it."""

    def __init__(self, name, entry):
        self.name = name
        self._entry = entry
        self._spawned = False

    def spawn(self, program):
        file = SCRATCH / f"{self.name}.yaml"
        file.write_text(policy(self.name, program, self._entry))
        isoctl("spawn", "-f", file, "--", *program.command)
        self._spawned = True
        group = json.loads(isoctl("inspect", self.name, "--json"))["cgroup"]
        self.path = Path(group)

    def wait(self, seconds):
        """The status of its program once that has ended."""
        try:
            return subprocess.run(["isoctl", "wait", self.name], capture_output=True, check=False,
                                  timeout=seconds).returncode
        except subprocess.TimeoutExpired:
            raise Failed(f"the tenant {self.name} doesn't end") from None

    def interrupt(self):
        """Asks its program to end, by the signal that its policy names."""
        isoctl("stop", "--grace=1min", self.name)

    def said(self):
        """The end of what it printed."""
        return subprocess.run(["isoctl", "logs", self.name, "-n", "20"], capture_output=True, text=True,
                              check=False).stdout

    def end(self):
        if not self._spawned:
            return
        if self.path.exists():
            self.freeze(False)
        # Either may have happened already; a tenant that is still there makes the next spawn of its name fail.
        for command in (["stop", "--grace=0ms"], ["forget"]):
            subprocess.run(["isoctl", *command, self.name], capture_output=True, check=False, timeout=120)
        self._spawned = False
