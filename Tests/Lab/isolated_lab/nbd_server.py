"""A program: serves one model disk to one QEMU by NBD. Arguments: listening socket, control socket, image, parameters.

It is one loop in one thread. The data moves when a request comes, and the answer waits for the moment that the model
says. The control socket takes one JSON object a line: {"set": {...}} changes parameters, {} only asks; the answer
is {"parameters", "served", "stalls", "late_us": [median, 99th percentile, largest]} or {"error"}.
"""

import collections
import ctypes
import dataclasses
import json
import os
import select
import socket
import sys
import time

from . import nbd
from .service_model import FLUSH, READ, TRIM, WRITE, DiskModel, Parameters, Request
from .timer import Timer, wake_precisely

KINDS = {
    nbd.COMMAND_READ: READ,
    nbd.COMMAND_WRITE: WRITE,
    nbd.COMMAND_FLUSH: FLUSH,
    nbd.COMMAND_TRIM: TRIM,
    nbd.COMMAND_WRITE_ZEROES: TRIM,
}
LATENESS_KEPT = 10_000

_KEEP_SIZE, _PUNCH_HOLE = 1, 2
_libc = ctypes.CDLL(None, use_errno=True)
_libc.fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64]


class Server:
    def __init__(self, listener, control, image, parameters):
        self._image = os.open(image, os.O_RDWR)
        size = os.fstat(self._image).st_size
        self._size = size
        self._model = DiskModel(parameters, size)
        self._timer = Timer()
        self._control = control
        self._control_buffer = b""
        self._listener = listener
        self._client = None
        self._stream = None
        self._outgoing = bytearray()
        self._late = collections.deque(maxlen=LATENESS_KEPT)
        self._served = 0
        self._poll = select.epoll()
        for source in (listener, control, self._timer):
            self._poll.register(source.fileno(), select.EPOLLIN)

    def serve(self):
        """Until the control socket closes."""
        while True:
            for descriptor, events in self._poll.poll():
                if descriptor == self._timer.fileno():
                    self._timer.acknowledge()
                elif descriptor == self._listener.fileno():
                    self._accept()
                elif descriptor == self._control.fileno():
                    if not self._read_control():
                        return
                elif self._client is not None and descriptor == self._client.fileno():
                    self._read_client(events)
            self._answer_done()

    def _accept(self):
        client, _ = self._listener.accept()
        if self._client is not None:
            client.close()
            return
        client.setblocking(False)
        self._client, self._stream, self._outgoing = client, nbd.Stream(self._size), bytearray(nbd.GREETING)
        self._poll.register(client.fileno(), select.EPOLLIN)
        self._flush()

    def _read_client(self, events):
        if events & select.EPOLLOUT:
            self._flush()
        if not events & ~select.EPOLLOUT:
            return
        try:
            data = self._client.recv(1 << 20)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop_client()
            return
        try:
            answers, requests = self._stream.feed(data)
        except nbd.ProtocolError as fault:
            print(f"nbd: {fault}", file=sys.stderr, flush=True)
            self._drop_client()
            return
        self._outgoing += answers
        now = time.monotonic_ns()
        for command, handle, offset, length, payload in requests:
            if command is None:
                self._drop_client()
                return
            self._take(command, handle, offset, length, payload, now)
        self._flush()

    def _take(self, command, handle, offset, length, payload, now):
        """Moves the data and hands the request to the model."""
        answer = nbd.simple_reply(handle)
        try:
            if command == nbd.COMMAND_READ:
                answer += self._read(offset, length)
            elif command == nbd.COMMAND_WRITE:
                self._write(offset, payload)
            elif command in (nbd.COMMAND_TRIM, nbd.COMMAND_WRITE_ZEROES):
                self._zero(offset, length)
        except OSError as fault:
            answer = nbd.simple_reply(handle, fault.errno)
        self._reply_when_done(Request(KINDS[command], offset, length, tag=(self._client, answer)), now)

    def _reply_when_done(self, request, now):
        self._send_done(self._model.advance(now))
        self._model.submit(request, now)

    def _read(self, offset, length):
        data = os.pread(self._image, length, offset)
        while len(data) < length:
            more = os.pread(self._image, length - len(data), offset + len(data))
            if not more:
                raise OSError(5, "short read")
            data += more
        return data

    def _write(self, offset, payload):
        view = memoryview(payload)
        while view:
            written = os.pwrite(self._image, view, offset)
            offset, view = offset + written, view[written:]

    def _zero(self, offset, length):
        """Punches a hole, which reads as zeroes (fallocate(2))."""
        if length and _libc.fallocate(self._image, _KEEP_SIZE | _PUNCH_HOLE, offset, length) != 0:
            raise OSError(ctypes.get_errno(), "fallocate")

    def _answer_done(self):
        self._send_done(self._model.advance(time.monotonic_ns()))
        self._flush()
        self._timer.set(self._model.next_event())

    def _send_done(self, requests):
        now = time.monotonic_ns()
        for request in requests:
            client, answer = request.tag
            if client is self._client:
                self._outgoing += answer
            self._late.append(now - request.done)
            self._served += 1

    def _flush(self):
        if self._client is None:
            return
        try:
            while self._outgoing:
                del self._outgoing[: self._client.send(self._outgoing)]
        except BlockingIOError:
            pass
        except OSError:
            self._drop_client()
            return
        wanted = select.EPOLLIN | (select.EPOLLOUT if self._outgoing else 0)
        self._poll.modify(self._client.fileno(), wanted)

    def _drop_client(self):
        if self._client is not None:
            self._poll.unregister(self._client.fileno())
            self._client.close()
            self._client = None

    def _read_control(self):
        data = self._control.recv(65536)
        if not data:
            return False
        self._control_buffer += data
        while b"\n" in self._control_buffer:
            line, _, self._control_buffer = self._control_buffer.partition(b"\n")
            try:
                answer = self._command(json.loads(line))
            except (ValueError, TypeError) as fault:
                answer = {"error": str(fault)}
            self._control.sendall(json.dumps(answer).encode() + b"\n")
        return True

    def _command(self, request):
        if request.get("set"):
            self._model.change(dataclasses.replace(self._model.parameters, **request["set"]))
        late = sorted(self._late) or [0]
        picked = [late[len(late) // 2], late[len(late) * 99 // 100], late[-1]]
        return {
            "parameters": dataclasses.asdict(self._model.parameters),
            "served": self._served,
            "stalls": self._model.stalls,
            "late_us": [round(value / 1000, 1) for value in picked],
        }


def main(arguments):
    listener, control = (socket.socket(fileno=int(number)) for number in arguments[:2])
    wake_precisely()
    Server(listener, control, arguments[2], Parameters(**json.loads(arguments[3]))).serve()


if __name__ == "__main__":
    main(sys.argv[1:])
