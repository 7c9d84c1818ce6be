"""A varlink client of the daemon: one connection, one call at a time."""

import json
import socket


class VarlinkError(Exception):
    """An error that the daemon answered with."""

    def __init__(self, name, parameters):
        super().__init__(f"{name}: {parameters.get('message') or parameters}")


class Connection:
    """A connection to the control socket; close it, or use it as a context manager."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(str(path))
        self._buffer = bytearray()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._socket.close()

    def call(self, method, parameters=None, descriptors=()):
        """The answer's parameters."""
        self._send(method, parameters, descriptors, more=False)
        return self._receive()["parameters"]

    def more(self, method, parameters=None, descriptors=()):
        """All answers' parameters, as they come."""
        self._send(method, parameters, descriptors, more=True)
        while True:
            answer = self._receive()
            yield answer["parameters"]
            if not answer.get("continues"):
                return

    def _send(self, method, parameters, descriptors, more):
        message = {"method": f"io.isolated.{method}", "parameters": parameters or {}}
        if more:
            message["more"] = True
        frame = json.dumps(message).encode() + b"\0"
        sent = socket.send_fds(self._socket, [frame], descriptors) if descriptors else self._socket.send(frame)
        if sent < len(frame):
            self._socket.sendall(frame[sent:])

    def _receive(self):
        while (end := self._buffer.find(b"\0")) < 0:
            received = self._socket.recv(65536)
            if not received:
                raise ConnectionError("the daemon closed the connection")
            self._buffer += received
        answer = json.loads(self._buffer[:end])
        del self._buffer[: end + 1]
        if "error" in answer:
            raise VarlinkError(answer["error"], answer.get("parameters", {}))
        return answer
