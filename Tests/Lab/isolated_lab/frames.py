"""The frames that runner and agent exchange over a virtio-serial port; this file is installed in the guest too.

A frame is one byte of kind, four bytes of length (big endian), and that many bytes of payload.
"""

import struct

HEADER = struct.Struct(">cI")
LARGEST_PAYLOAD = 1 << 20

# From the runner.
PING = b"P"  # any bytes, which the agent's PONG repeats
RESUME = b"R"  # JSON: time (seconds since the epoch), entropy (hex); answered by PONG with b"resumed"
EXECUTE = b"X"  # JSON: arguments, environment, directory, terminal (rows, columns) or null
INPUT = b"I"  # the program's standard input; an empty frame ends it
KILL = b"K"  # kills the running program and everything that it left in its group

# From the agent.
PONG = b"p"
OUTPUT = b"o"
ERROR = b"e"
EXIT = b"x"  # JSON: status


def encode(kind, payload=b""):
    """One frame as bytes."""
    return HEADER.pack(kind, len(payload)) + payload


class Decoder:
    """Takes bytes as they come and yields whole frames."""

    def __init__(self):
        self._buffer = bytearray()

    def feed(self, data):
        """All frames that DATA completes, as (kind, payload) pairs."""
        self._buffer += data
        frames = []
        while len(self._buffer) >= HEADER.size:
            kind, length = HEADER.unpack_from(self._buffer)
            if length > LARGEST_PAYLOAD:
                raise ValueError(f"a frame of {length} bytes is more than {LARGEST_PAYLOAD}")
            end = HEADER.size + length
            if len(self._buffer) < end:
                break
            frames.append((kind, bytes(self._buffer[HEADER.size:end])))
            del self._buffer[:end]
        return frames
