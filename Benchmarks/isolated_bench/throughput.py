"""Many spawns, several at a time: tenants a second, and what they leave behind."""

import os
import threading
import time

from . import leaks
from .figures import spread
from .kernel_files import processor_seconds
from .peers import POLICY
from .varlink import VarlinkError

CLIENTS = 4
WARM_UP = 50
TARGET = 500


def measure(report, daemon, spawns):
    """Prints tenants a second and the table of leaks; the daemon must be otherwise idle."""
    report.heading(f"{spawns} spawns of /bin/true by {CLIENTS} clients at a time, straight at the control socket")
    daemon.policy("bench", POLICY)
    Load(daemon, WARM_UP).run()
    time.sleep(1)
    before = leaks.count(daemon)
    worked = processor_seconds(daemon.pid)
    load = Load(daemon, spawns, report)
    load.run()
    worked = (processor_seconds(daemon.pid) - worked) / spawns
    rate = (spawns - load.failed) / load.seconds
    figures = spread(load.times) if load.times else None
    if figures:
        report.line(f"{rate:.0f} tenants/s over {load.seconds:.1f} s on {os.cpu_count()} processors, clients included; "
                    f"one takes {figures['median'] * 1000:.1f} ms (p10 {figures['p10'] * 1000:.1f}, "
                    f"p90 {figures['p90'] * 1000:.1f}) from call to exit status")
    report.line(f"each took {worked * 1000:.1f} ms of processor time, the daemon's and the tenant's; clients and the "
                "kernel's own threads not counted")
    if load.failed:
        report.line(f"WRONG: {load.failed} spawns failed, the first with: {load.first_failure}")
    after, grown = leaks.settle(daemon, before)
    report.table(["left behind", "before", "after"], [[key, _text(before[key]), _text(after[key])] for key in before])
    report.data["throughput"] = {"spawns": spawns, "clients": CLIENTS, "tenants_per_second": rate, "latency": figures,
                                 "processor_seconds_each": worked, "failed": load.failed,
                                 "before": before, "after": after, "grown": grown}
    report.target("throughput", rate, TARGET, f"{rate:.0f} tenants/s; target: at least {TARGET}", at_least=True)
    report.target("throughput/failures", load.failed, 0, f"{load.failed} spawns failed; target: none")
    report.target("leaks", len(grown), 0, f"{', '.join(grown) if grown else 'nothing'} grew; target: nothing")


class Load:
    """Clients that spawn tenants in the foreground, each the next one when the last has ended."""

    def __init__(self, daemon, spawns, report=None):
        self._daemon = daemon
        self._left = spawns
        self._lock = threading.Lock()
        self._report = report
        self.times = []
        self.failed = 0
        self.first_failure = None
        self.seconds = 0.0

    def run(self):
        threads = [threading.Thread(target=self._client, args=(number,)) for number in range(CLIENTS)]
        started = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.seconds = time.perf_counter() - started

    def _client(self, number):
        null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
        parameters = {"policy": "bench", "name": f"bench-{number}", "foreground": True,
                      "stdio": {"stdin": 0, "stdout": 0, "stderr": 0}}
        with self._daemon.connect() as connection:
            while self._take():
                started = time.perf_counter()
                try:
                    *_, last = connection.more("Spawn", parameters, [null])
                    if last["exit"].get("status") != 0:
                        raise VarlinkError("exit", last["exit"])
                    self.times.append(time.perf_counter() - started)
                except VarlinkError as error:
                    with self._lock:
                        self.failed += 1
                        self.first_failure = self.first_failure or str(error)
        os.close(null)

    def _take(self):
        with self._lock:
            if self._left == 0:
                return False
            self._left -= 1
            if self._report and self._left and self._left % 2000 == 0:
                self._report.progress(f"{self._left} spawns to go")
            return True


def _text(value):
    return "unknown" if value is None else value
