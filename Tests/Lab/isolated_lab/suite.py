"""Several scripts in one guest, each with its own scratch directory, disks, time and verdict."""

import dataclasses
import re
import sys
import time
from pathlib import Path

from .agent import Collected
from .cache import progress
from .disk_options import parse_disk
from .errors import LabError
from .session import Session

HEADER = re.compile(rb"#\s*lab-(disks|timeout):\s*(.*)")
HEADER_LINES = 40
CHECK_SECONDS = 60
# Of a test that failed: what stands at the end of the whole output.
LINES_AT_THE_END = 12
FAILED_CHECK = re.compile(r"FAIL |        ")
COLUMNS_AT_THE_END = 120
CHECK = "/lab/lib/check-clean"


@dataclasses.dataclass(frozen=True)
class Test:
    """A script and what its header comments ask for."""

    script: Path
    disks: tuple
    timeout: float

    @property
    def name(self):
        return self.script.stem


def read_test(script, timeout):
    """The test in a script; its header may say `# lab-disks: d1:iops=800 d2:model=ssd` and `# lab-timeout: 900`."""
    if not script.is_file():
        raise LabError(f"there is no script {script}")
    disks = []
    try:
        for line in script.read_bytes().splitlines()[:HEADER_LINES]:
            if match := HEADER.match(line):
                value = match[2].decode().strip()
                if match[1] == b"disks":
                    disks += [parse_disk(word) for word in value.split()]
                else:
                    timeout = float(value)
    except ValueError as fault:
        raise LabError(f"{script}: {fault}") from fault
    return Test(script, tuple(disks), timeout)


class Suite:
    """Runs tests in a shared guest. One that fails may have left anything behind: the next gets a fresh guest."""

    def __init__(self, options, package):
        self._options = options
        self._package = package
        self._session = None
        self.passed = 0
        self.failures = []

    def run(self, tests):
        """Prints a line for each test, and the sum; what failed last of all, where a log that was cut off still has it."""
        try:
            for test in tests:
                self._judge(test)
        finally:
            self._leave()
        print(f"{self.passed} passed, {len(self.failures)} failed", flush=True)
        for title, output in self.failures:
            print(f"{title.splitlines()[0]}\n{output.end()}", flush=True)

    def _judge(self, test):
        session = self._enter()
        started = time.monotonic()
        output = Output()
        complaint = self._attempt(session, test, output)
        seconds = time.monotonic() - started
        print(f"{test.name:<40} {'FAIL' if complaint else 'ok':<4} {seconds:7.1f} s", flush=True)
        if complaint:
            title = f"{test.name}: {complaint}"
            self.failures.append((title, output))
            output.show(title)
            self._leave()
        else:
            self.passed += 1

    def _attempt(self, session, test, output):
        """Runs a test; returns what is wrong, or None."""
        try:
            session.plug(test.disks)
            status = session.script(test.script, [], test.timeout, output, test.name)
            left = self._leftovers(session) if status == 0 else ""
            if status != 0 or left:
                complaint = f"left something behind:\n{left}" if left else f"status {status}"
                return f"{complaint}\n{session.product_journal()}".rstrip()
            session.disks.unplug_all()
            return None
        except LabError as fault:
            return f"{fault}\n{session.guest.console_tail()}"

    def _leftovers(self, session):
        """What the hook /lab/lib/check-clean, if the checkout has one, says is left of a test."""
        collected = Collected()
        command = f"[ ! -x {CHECK} ] || exec {CHECK}"
        status = session.guest.agent.execute(
            ["sh", "-c", command], time.monotonic() + CHECK_SECONDS, collected
        )
        said = (collected.output + collected.error).decode(errors="replace").strip()
        return "" if status == 0 else said or f"{CHECK} ended with status {status}"

    def _enter(self):
        if self._session is None:
            self._session = Session(self._options, self._package)
            self._session.__enter__()
        return self._session

    def _leave(self):
        session, self._session = self._session, None
        if session is None:
            return
        try:
            if self._options.out and session.guest.alive():
                session.fetch(self._options.out)
        except LabError as fault:
            progress(f"the guest's /lab/out is lost: {fault}")
        finally:
            session.close()


class Output:
    """Keeps a test's output, both streams in the order in which they came."""

    LIMIT = 8 << 20

    def __init__(self):
        self._kept = bytearray()
        self._dropped = 0

    def __call__(self, _, data):
        self._kept += data
        if len(self._kept) > self.LIMIT:
            surplus = len(self._kept) - self.LIMIT // 2
            self._dropped += surplus
            del self._kept[:surplus]

    def show(self, title):
        """Prints it, indented, below TITLE."""
        print(f"  | {title}".replace("\n", "\n  | "))
        if self._dropped:
            print(f"  | ... {self._dropped} bytes of output left out ...")
        for line in self._kept.decode(errors="replace").splitlines():
            print(f"  | {line}")
        sys.stdout.flush()

    def end(self):
        """The checks that failed with their facts, or else the last lines; each cut short."""
        lines = self._kept.decode(errors="replace").splitlines()
        told = [line for line in lines if FAILED_CHECK.match(line)] or lines[-LINES_AT_THE_END:]
        return "\n".join(f"  | {line[:COLUMNS_AT_THE_END]}" for line in told[:LINES_AT_THE_END])
