"""The runner's side of the guest's agent: runs programs in the guest over one framed channel."""

import io
import json
import os
import select
import socket
import sys
import time

from . import frames
from .errors import LabError, LabTimeout

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENVIRONMENT = {"PATH": PATH, "HOME": "/root", "USER": "root", "LOGNAME": "root", "LANG": "C.UTF-8"}
CHUNK = 65536


class Collected:
    """What a program wrote, kept: `output` and `error` are bytes."""

    def __init__(self):
        self.output = bytearray()
        self.error = bytearray()

    def __call__(self, kind, data):
        (self.output if kind == frames.OUTPUT else self.error).extend(data)


def relay(kind, data):
    """Passes a program's output on to the runner's own, at once."""
    target = sys.stdout if kind == frames.OUTPUT else sys.stderr
    target.buffer.write(data)
    target.buffer.flush()


class AgentChannel:
    """The channel to the agent. One program runs at a time."""

    def __init__(self, connection):
        self._connection = connection
        self._decoder = frames.Decoder()
        self._frames = []
        self._outgoing = bytearray()  # outlives a timeout, so that no frame is ever cut short

    def ready(self, deadline):
        """Waits until the agent answers."""
        nonce = os.urandom(8)
        self._send(frames.encode(frames.PING, nonce), deadline)
        self._answered(nonce, deadline)

    def restart(self):
        """Forgets what an agent has begun to send that is gone."""
        self._decoder = frames.Decoder()
        self._frames = []

    def resume(self, deadline):
        """Gives a restored guest the time and fresh randomness."""
        facts = {"time": time.time(), "entropy": os.urandom(64).hex()}
        self._send(frames.encode(frames.RESUME, json.dumps(facts).encode()), deadline)
        self._answered(b"resumed", deadline)

    def execute(self, arguments, deadline, sink, *, environment=None, directory="/", stdin=b""):
        """Runs a program to its end and returns its status (128 + the signal's number for a killed one).

        `sink` is called with (kind, bytes) for its output as it comes; `stdin` is all its input.
        Past `deadline` (of time.monotonic) LabTimeout is raised, and the program still runs: see `kill`.
        """
        self._start(arguments, environment, directory, None, deadline)
        source = io.BytesIO(stdin)
        ended = False
        while True:
            while not ended and len(self._outgoing) < CHUNK:
                data = source.read(CHUNK)
                self._outgoing += frames.encode(frames.INPUT, data)
                ended = not data
            frame = self._exchange(deadline)
            if frame is None:
                continue
            kind, payload = frame
            if kind == frames.EXIT:
                return json.loads(payload)["status"]
            if kind in (frames.OUTPUT, frames.ERROR):
                sink(kind, payload)

    def interact(self, arguments, size):
        """Runs a program on a terminal of the guest, joined to descriptors 0 and 1; returns its status."""
        self._start(arguments, {"TERM": os.environ.get("TERM", "linux")}, "/root", size, None)
        sources = [0, self._connection]
        while True:
            readable = [] if self._frames else select.select(sources, [], [])[0]
            if 0 in readable:
                typed = os.read(0, 4096)
                if not typed:
                    sources.remove(0)
                self._send(frames.encode(frames.INPUT, typed), None)
            if self._connection in readable:
                self._receive()
            while self._frames:
                kind, payload = self._frames.pop(0)
                if kind == frames.EXIT:
                    return json.loads(payload)["status"]
                sys.stdout.buffer.write(payload)
                sys.stdout.buffer.flush()

    def kill(self, deadline):
        """Kills the running program with all that it started, and drops the rest of its output."""
        self._send(frames.encode(frames.KILL), deadline)
        while self._next(deadline)[0] != frames.EXIT:
            pass

    def _start(self, arguments, environment, directory, terminal, deadline):
        request = {
            "arguments": arguments,
            "environment": ENVIRONMENT | (environment or {}),
            "directory": directory,
            "terminal": terminal,
        }
        self._send(frames.encode(frames.EXECUTE, json.dumps(request).encode()), deadline)

    def _answered(self, answer, deadline):
        while self._next(deadline) != (frames.PONG, answer):
            pass

    def _send(self, data, deadline):
        self._outgoing += data
        arrived = []
        while self._outgoing:
            frame = self._exchange(deadline)
            if frame is not None:
                arrived.append(frame)
        self._frames = arrived + self._frames

    def _next(self, deadline):
        while (frame := self._exchange(deadline)) is None:
            pass
        return frame

    def _exchange(self, deadline):
        """A frame that has come; or None, having sent some of what is to go out or taken in part of a frame."""
        if self._frames:
            return self._frames.pop(0)
        timeout = None if deadline is None else deadline - time.monotonic()
        if timeout is not None and timeout <= 0:
            raise LabTimeout("the guest does not answer in time")
        writers = [self._connection] if self._outgoing else []
        readable, writable, _ = select.select([self._connection], writers, [], timeout)
        if writable:
            try:
                del self._outgoing[: self._connection.send(self._outgoing[:CHUNK], socket.MSG_DONTWAIT)]
            except BlockingIOError:
                pass
            except OSError as fault:
                raise LabError("the guest ended") from fault
        if readable:
            self._receive()
        return self._frames.pop(0) if self._frames else None

    def _receive(self):
        try:
            data = self._connection.recv(CHUNK)
        except OSError:
            data = b""
        if not data:
            raise LabError("the guest ended")
        self._frames += self._decoder.feed(data)
