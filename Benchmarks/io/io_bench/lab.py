"""Runs cases in a guest of the lab and takes in what it says."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .cases import from_json
from .disks import DISKS
from .errors import BenchError

CHECKOUT = Path(__file__).resolve().parent.parent.parent.parent
GUEST_PLAN = "/lab/bench-io-plan.json"
GUEST_SECONDS = 4 * 3600
GUEST_MEBIBYTES_OF_A_RAM_DISK = 4096


class Guest:
    """One boot of the lab for the cases of one disk."""

    def __init__(self, package, progress):
        self._package = package
        self._progress = progress
        self.facts = {}

    def measure(self, disk, cases, known):
        """Yields (case, {"case", "result", …}) as the guest measures them; BenchError if the guest ends too early."""
        plan = {"cases": [case.as_json() for case in cases], "known": known}
        with tempfile.NamedTemporaryFile("w", prefix="bench-io-", suffix=".json") as file:
            json.dump(plan, file)
            file.flush()
            with subprocess.Popen(self._command(disk, file.name), stdout=subprocess.PIPE, text=True) as process:
                try:
                    yield from self._listen(process, time.monotonic())
                except BaseException:
                    process.terminate()
                    raise
        if process.returncode != 0:
            raise BenchError(f"the guest for the disk {disk} ended with status {process.returncode}")

    def _command(self, disk, plan):
        options = DISKS[disk].options
        attached = ["--disk", f"{disk}:{options}"] if options else ["--memory", str(GUEST_MEBIBYTES_OF_A_RAM_DISK)]
        product = ["--deb", str(self._package)] if self._package else ["--no-product"]
        return [str(CHECKOUT / "Tests/Lab/run"), *product, *attached, "--timeout", str(GUEST_SECONDS),
                "--file", f"{plan}:{GUEST_PLAN}", str(CHECKOUT / "Benchmarks/io/in-guest")]

    def _listen(self, process, begun):
        for line in process.stdout:
            try:
                message = json.loads(line)
            except ValueError:
                print(line, end="", file=sys.stderr)
                continue
            if "guest" in message:
                self.facts = message["guest"]
                self._progress(f"the guest is there after {time.monotonic() - begun:.0f} s")
            elif "progress" in message:
                self._progress(message["progress"])
            else:
                yield from_json(message["case"]), message
