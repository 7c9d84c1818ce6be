"""Tenants of the product, started as an operator would: by policy files and isoctl."""

import json
import re
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


def least_target(refusal):
    """The p99 in µs that a refusal says is the least that the disk can be promised for, or None."""
    found = re.findall(r"the least that can be promised on this disk is ([0-9.]+)(us|ms|s)\b", refusal)
    return max((float(number) * {"us": 1, "ms": 1e3, "s": 1e6}[unit] for number, unit in found), default=None)


class Tenant(ControlGroup):
    """A tenant with one program in it.

    `entry` are the lines of its policy under io:, and `relaxed` makes them for a least p99 in µs: what an operator does
    whose target is refused.
    """

    def __init__(self, name, entry, relaxed):
        self.name = name
        self._entry = entry
        self._relaxed = relaxed
        self._spawned = False

    def spawn(self, program):
        try:
            self._spawn(program, self._entry)
        except Refused as refusal:
            least = least_target(str(refusal))
            if least is None:
                raise
            # It is told in three digits.
            self._spawn(program, self._relaxed(1.01 * least))

    def _spawn(self, program, entry):
        file = SCRATCH / f"{self.name}.yaml"
        file.write_text(policy(self.name, program, entry))
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
