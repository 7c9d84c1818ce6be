"""A self-test of the model disks: how far from the model do the answers come? Run: python3 -m isolated_lab.precision

It plays QEMU's part on the host: one request in flight, on a model without randomness. What it prints is the time by
which an answer, as the client sees it, is later than the model's; the server's own share of that is `late`.
"""

import socket
import struct
import sys
import tempfile
import time
from pathlib import Path

from . import nbd
from .disks import ModelServer
from .service_model import Parameters

REQUESTS = 1000
SERVICE_US = 1000


class Client:
    """A small NBD client, for tests."""

    def __init__(self, path):
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.connect(str(path))
        self._receive(len(nbd.GREETING))
        export = struct.pack(">IH", 0, 0)
        self._connection.sendall(nbd.CLIENT_FLAGS.pack(3))
        self._connection.sendall(nbd.OPTION.pack(nbd.OPTION_MAGIC, nbd.OPTION_GO, len(export)) + export)
        kind = None
        while kind != nbd.REPLY_ACK:
            _, _, kind, length = struct.unpack(">QIII", self._receive(20))
            self._receive(length)

    def send(self, command, handle, offset=0, length=0, data=b""):
        request = nbd.REQUEST.pack(nbd.REQUEST_MAGIC, 0, command, handle, offset, length)
        self._connection.sendall(request + data)

    def answer(self, lengths):
        """(handle, error, data) of the next answer; `lengths` has the bytes that each handle reads."""
        magic, error, handle = struct.unpack(">IIQ", self._receive(16))
        if magic != nbd.REPLY_MAGIC:
            raise nbd.ProtocolError("malformed reply")
        return handle, error, b"" if error else self._receive(lengths.get(handle, 0))

    def close(self):
        self._connection.close()

    def _receive(self, count):
        data = bytearray()
        while len(data) < count:
            part = self._connection.recv(count - len(data))
            if not part:
                raise ConnectionError("the server hung up")
            data += part
        return bytes(data)


def measure(directory):
    """(client's errors in microseconds, sorted; the server's own account) over REQUESTS reads of 4 KiB."""
    image = directory / "disk"
    with open(image, "wb") as file:
        file.truncate(1 << 20)
    exact = Parameters(channels=1, read_base_us=SERVICE_US, read_byte_ns=0, jitter=0, gc_after=0, gc_channels=0)
    server = ModelServer(directory, "socket", image, exact)
    try:
        client = Client(directory / "socket")
        errors = []
        for number in range(REQUESTS):
            started = time.monotonic_ns()
            client.send(nbd.COMMAND_READ, number, 0, 4096)
            client.answer({number: 4096})
            errors.append((time.monotonic_ns() - started) / 1000 - SERVICE_US)
        client.close()
        return sorted(errors), server.ask({})
    finally:
        server.close()


def main():
    with tempfile.TemporaryDirectory() as directory:
        errors, account = measure(Path(directory))
    picked = [errors[len(errors) // 2], errors[len(errors) * 99 // 100], errors[-1]]
    print(f"{REQUESTS} requests of {SERVICE_US} us by the model; later than the model, in us (median, p99, largest):")
    print("  as the client sees it  " + "  ".join(f"{value:8.1f}" for value in picked))
    print("  of which the server    " + "  ".join(f"{value:8.1f}" for value in account["late_us"]))


if __name__ == "__main__":
    sys.exit(main())
