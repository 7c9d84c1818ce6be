"""Redis with appendfsync always, and a client that sets small values at random gaps.

The client runs outside. A latency is from the moment when the command was due, as pgbench's.
"""

import random
import shutil
import socket
import threading
import time

from ..failure import Failed
from ..program import Program, scratch_of

SOCKET = scratch_of("redis") / "redis.sock"
START_SECONDS = 60
GRACE = 120
VALUE = b"x" * 512


class Redis:
    name = "redis"

    def __init__(self, disk, seed=1):
        self._disk = disk
        self._seed = seed
        self._group = None
        self._client = None

    @staticmethod
    def prepare(disk):
        place = disk.victim / "redis"
        place.mkdir()
        shutil.chown(place, "redis", "redis")

    def open(self, group):
        SOCKET.unlink(missing_ok=True)
        group.spawn(Program((
            "/usr/bin/redis-server", "--port", "0", "--unixsocket", str(SOCKET), "--unixsocketperm", "777", "--dir",
            str(self._disk.victim / "redis"), "--appendonly", "yes", "--appendfsync", "always", "--save", "",
            "--auto-aof-rewrite-percentage", "0"), (self._disk.victim,), user="redis"))
        self._group = group
        deadline = time.monotonic() + START_SECONDS
        while not _answers():
            if time.monotonic() > deadline:
                raise Failed(f"Redis doesn't start: {group.said()[-2000:]}")
            time.sleep(0.1)

    def start(self, seconds):
        self._client = Client(self._disk.facts.redis_rate, seconds, self._seed)
        self._client.start()

    def finish(self, seconds):
        self._client.join(seconds + GRACE)
        if self._client.is_alive() or self._client.fault:
            raise Failed(f"the client of Redis: {self._client.fault or 'no end'}")
        return self._client.operations

    def close(self):
        if self._group:
            self._group.interrupt()
            self._group.wait(START_SECONDS)


class Client(threading.Thread):
    """Sends SET commands when they are due; those that are late follow one another at once."""

    def __init__(self, rate, seconds, seed):
        super().__init__(name="redis-client", daemon=True)
        self._rate = rate
        self._seconds = seconds
        self._random = random.Random(seed)
        self.operations = []
        self.fault = None

    def run(self):
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(GRACE)
                connection.connect(str(SOCKET))
                self._ask(connection)
        except OSError as fault:
            self.fault = fault

    def _ask(self, connection):
        begun = due = time.monotonic()
        end = begun + self._seconds
        number = 0
        while (due := due + self._random.expovariate(self._rate)) < end:
            time.sleep(max(0, due - time.monotonic()))
            if time.monotonic() < end:
                number += 1
                self._set(connection, b"key:%d" % (number % 1000))
            # What wasn't even sent by the end has waited for so long at least.
            self.operations.append((due * 1000, round((time.monotonic() - due) * 1e6)))

    @staticmethod
    def _set(connection, key):
        connection.sendall(b"*3\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n" % (len(key), key, len(VALUE), VALUE))
        answer = connection.recv(1024)
        if answer != b"+OK\r\n":
            raise OSError(f"Redis answers {answer[:80]!r}")


def _answers():
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(SOCKET))
            connection.sendall(b"PING\r\n")
            return connection.recv(64) == b"+PONG\r\n"
    except OSError:
        return False
