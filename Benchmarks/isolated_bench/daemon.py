"""A daemon of its own for a run, on temporary paths."""

import os
import signal
import subprocess
import time
from pathlib import Path

from .errors import BenchError
from .varlink import Connection

CONFIGURATION = """\
socket: {place}/io.isolated
policies: [{place}/policies]
state: {place}/run
persistent_state: {place}/lib
tenant_init: {init}
seccomp_cache: {place}/cache
logs: {{directory: {place}/log}}
cgroup: {{parent: {group}}}
admission: {{tenants: 4096}}
"""


class Daemon:
    """`isolated` with nothing of the host's configuration; use it as a context manager."""

    def __init__(self, bin_directory, place, group):
        self._binary = bin_directory / "isolated"
        self.place = place
        self.group = group
        self.state = place / "run"
        self.socket = place / "io.isolated"
        self._configuration = CONFIGURATION.format(place=place, init=bin_directory / "tenant-init", group=group)

    def __enter__(self):
        (self.place / "policies").mkdir(parents=True)
        self.group.mkdir()
        file = self.place / "isolated.yaml"
        file.write_text(self._configuration)
        self._log = (self.place / "log.txt").open("w+")
        self.process = subprocess.Popen([self._binary, "--config", file], stdin=subprocess.DEVNULL,
                                        stdout=self._log, stderr=self._log)
        deadline = time.monotonic() + 30
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise BenchError(f"the daemon does not start:\n{self.log()}")
            time.sleep(0.02)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._log.close()

    @property
    def pid(self):
        return self.process.pid

    def connect(self):
        return Connection(self.socket)

    def environment(self):
        """What makes isoctl talk to this daemon."""
        return {**os.environ, "ISOLATED_SOCKET": str(self.socket)}

    def policy(self, name, text):
        """Installs a policy and gives its path."""
        path = self.place / "policies" / f"{name}.yaml"
        path.write_text(text)
        return path

    def log(self):
        """The last lines that it wrote."""
        return "\n".join(Path(self._log.name).read_text().splitlines()[-20:])

    def _answers(self):
        try:
            with self.connect() as connection:
                connection.call("Version")
            return True
        except OSError:
            return False
