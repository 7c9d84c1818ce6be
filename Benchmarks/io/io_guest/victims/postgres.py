"""PostgreSQL, with pgbench's own transactions at random gaps.

The client runs outside: it does no IO, and the server is whose promise counts. A latency is from the moment when the
transaction was due (pgbench --rate), so a server that stalls can't slow down the question.
"""

import shutil
import signal
import subprocess
import time

from ..failure import Failed
from ..program import SCRATCH, Program, scratch_of
from ..shell import run

BINARIES = "/usr/lib/postgresql/17/bin"
SOCKETS = scratch_of("postgres")
SCALE = 2
# A checkpoint in the middle of one measurement and not of another would be most of what is seen.
OPTIONS = ("listen_addresses=", f"unix_socket_directories={SOCKETS}", "shared_buffers=32MB", "autovacuum=off",
           "checkpoint_timeout=1h", "max_wal_size=400MB", "max_connections=20")
START_SECONDS = 180


class Postgres:
    name = "postgres"

    def __init__(self, disk, seed=1):
        self._disk = disk
        self._seed = seed
        self._group = None
        self._client = None
        self._epoch = 0.0

    @staticmethod
    def prepare(disk):
        """A cluster on the disk, filled with pgbench's tables."""
        data = _data(disk)
        data.mkdir(mode=0o700)
        shutil.chown(data, "postgres", "postgres")
        as_postgres = ["runuser", "-u", "postgres", "--"]
        run(*as_postgres, f"{BINARIES}/initdb", "--no-sync", f"--pgdata={data}", "--username=postgres", "--auth=trust",
            "--encoding=UTF8", "--locale=C")
        options = " ".join(f"-c {option}" for option in OPTIONS)
        run(*as_postgres, f"{BINARIES}/pg_ctl", "start", "-w", f"--pgdata={data}", "-l", SOCKETS / "start.log",
            "-o", options, timeout=START_SECONDS)
        run(f"{BINARIES}/pgbench", f"--host={SOCKETS}", "--username=postgres", "--initialize", "--quiet",
            f"--scale={SCALE}", "postgres", timeout=START_SECONDS)
        run(*as_postgres, f"{BINARIES}/pg_ctl", "stop", "-w", "-m", "fast", f"--pgdata={data}", timeout=START_SECONDS)

    def open(self, group):
        options = [word for option in OPTIONS for word in ("-c", option)]
        group.spawn(Program((f"{BINARIES}/postgres", "-D", str(_data(self._disk)), *options), (self._disk.victim,),
                            user="postgres", memory_mib=256))
        self._group = group
        deadline = time.monotonic() + START_SECONDS
        while subprocess.run([f"{BINARIES}/pg_isready", "-q", "-h", SOCKETS], check=False).returncode != 0:
            if time.monotonic() > deadline:
                raise Failed(f"PostgreSQL doesn't start: {group.said()[-2000:]}")
            time.sleep(0.2)

    def start(self, seconds):
        _clean()
        self._epoch = time.time() - time.monotonic()
        self._client = subprocess.Popen(
            [f"{BINARIES}/pgbench", f"--host={SOCKETS}", "--username=postgres", "--no-vacuum", "--client=2",
             f"--rate={self._disk.facts.postgres_rate}", f"--time={seconds}", f"--random-seed={self._seed}", "--log",
             f"--log-prefix={SCRATCH}/pgbench", "postgres"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def finish(self, seconds):
        try:
            said, _ = self._client.communicate(timeout=seconds + START_SECONDS)
        except subprocess.TimeoutExpired:
            self._client.kill()
            raise Failed("pgbench doesn't end") from None
        if self._client.returncode != 0:
            raise Failed(f"pgbench ended with {self._client.returncode}: {said[-2000:]}")
        operations = []
        for log in SCRATCH.glob("pgbench.*"):
            operations += read_log(log.read_text(), self._epoch)
        return sorted(operations)

    def close(self):
        if self._client and self._client.poll() is None:
            self._client.send_signal(signal.SIGKILL)
            self._client.wait()
        if self._group:
            self._group.interrupt()
            self._group.wait(START_SECONDS)
        _clean()


def read_log(text, epoch):
    """The transactions of pgbench's log: client, number, µs, script, seconds and µs of the end, µs of lag.

    `epoch` is when CLOCK_MONOTONIC was 0. Its time includes the lag, as pgbench's documentation says.
    """
    operations = []
    for line in text.splitlines():
        words = line.split()
        if not words[2].isdigit():  # "skipped", "failed"
            continue
        ended = (int(words[4]) + int(words[5]) / 1e6 - epoch) * 1000
        operations.append((ended - int(words[2]) / 1000, int(words[2])))
    return operations


def _data(disk):
    return disk.victim / "postgres"


def _clean():
    for file in SCRATCH.glob("pgbench.*"):
        file.unlink()
