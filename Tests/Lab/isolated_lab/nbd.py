"""The parts of the NBD protocol that QEMU's client needs (fixed newstyle, simple replies).

Source: the protocol's specification, doc/proto.md of NetworkBlockDevice/nbd.
"""

import struct

OPTION_MAGIC = 0x49484156454F5054
OPTION_REPLY_MAGIC = 0x3E889045565A9
REQUEST_MAGIC = 0x25609513
REPLY_MAGIC = 0x67446698

GREETING = struct.pack(">QQH", 0x4E42444D41474943, OPTION_MAGIC, 0x0003)  # fixed newstyle, no zeroes
CLIENT_FLAGS = struct.Struct(">I")
OPTION = struct.Struct(">QII")
REQUEST = struct.Struct(">IHHQQI")

OPTION_ABORT, OPTION_INFO, OPTION_GO = 2, 6, 7
REPLY_ACK, REPLY_INFO, REPLY_UNSUPPORTED = 1, 3, 0x80000001
COMMAND_READ, COMMAND_WRITE, COMMAND_DISCONNECT, COMMAND_FLUSH, COMMAND_TRIM = range(5)
COMMAND_WRITE_ZEROES = 6

# HAS_FLAGS, SEND_FLUSH, SEND_FUA, SEND_TRIM, SEND_WRITE_ZEROES
EXPORT_FLAGS = 1 | 4 | 8 | 32 | 64
LARGEST_REQUEST = 32 << 20
EINVAL = 22


class ProtocolError(Exception):
    """The client sent what the protocol forbids."""


def option_reply(option, kind, payload=b""):
    return struct.pack(">QIII", OPTION_REPLY_MAGIC, option, kind, len(payload)) + payload


def export_reply(option, size):
    """The answer to GO or INFO: the export's size, flags and block sizes."""
    export = struct.pack(">HQH", 0, size, EXPORT_FLAGS)
    blocks = struct.pack(">HIII", 3, 1, 4096, LARGEST_REQUEST)
    replies = (option_reply(option, REPLY_INFO, export), option_reply(option, REPLY_INFO, blocks))
    return b"".join(replies) + option_reply(option, REPLY_ACK)


def simple_reply(handle, error=0):
    return struct.pack(">IIQ", REPLY_MAGIC, error, handle)


class Stream:
    """The client's side of a connection as a state machine: bytes in; answers to send and requests out."""

    def __init__(self, size):
        self._size = size
        self._buffer = bytearray()
        self._state = self._client_flags
        self.negotiated = False

    def feed(self, data):
        """Takes bytes; returns (bytes to send back, requests) with requests as (command, handle, offset, length, data).

        A request with command None ends the connection.
        """
        self._buffer += data
        answers, requests = [], []
        while self._state(answers, requests):
            pass
        return b"".join(answers), requests

    def _take(self, count):
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        return data

    def _client_flags(self, answers, requests):
        if len(self._buffer) < CLIENT_FLAGS.size:
            return False
        self._take(CLIENT_FLAGS.size)
        self._state = self._option
        return True

    def _option(self, answers, requests):
        if len(self._buffer) < OPTION.size:
            return False
        magic, option, length = OPTION.unpack_from(self._buffer)
        if magic != OPTION_MAGIC or length > 65536:
            raise ProtocolError("malformed option")
        if len(self._buffer) < OPTION.size + length:
            return False
        self._take(OPTION.size + length)
        if option in (OPTION_GO, OPTION_INFO):
            answers.append(export_reply(option, self._size))
            if option == OPTION_GO:
                self.negotiated = True
                self._state = self._request
        elif option == OPTION_ABORT:
            answers.append(option_reply(option, REPLY_ACK))
            requests.append((None, 0, 0, 0, b""))
            return False
        else:
            answers.append(option_reply(option, REPLY_UNSUPPORTED))
        return True

    def _request(self, answers, requests):
        if len(self._buffer) < REQUEST.size:
            return False
        magic, _, command, handle, offset, length = REQUEST.unpack_from(self._buffer)
        if magic != REQUEST_MAGIC:
            raise ProtocolError("malformed request")
        data_length = length if command == COMMAND_WRITE else 0
        if data_length > LARGEST_REQUEST:
            raise ProtocolError(f"a write of {length} bytes")
        if len(self._buffer) < REQUEST.size + data_length:
            return False
        self._take(REQUEST.size)
        data = self._take(data_length)
        if command == COMMAND_DISCONNECT:
            requests.append((None, 0, 0, 0, b""))
            return False
        too_large = command == COMMAND_READ and length > LARGEST_REQUEST
        if command not in (0, 1, 3, 4, 6) or too_large or offset + length > self._size:
            answers.append(simple_reply(handle, EINVAL))
        else:
            requests.append((command, handle, offset, length, data))
        return True
