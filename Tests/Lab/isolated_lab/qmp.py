"""A client for QEMU's monitor protocol on a connected socket."""

import json
import threading
import time

from .errors import LabError


class MonitorError(LabError):
    """QEMU refused a command."""


class Monitor:
    """Sends commands and waits for their answers; events are passed over. Safe to share between threads."""

    def __init__(self, connection):
        self._connection = connection
        self._stream = connection.makefile("rwb", buffering=0)
        self._lines = connection.makefile("rb")
        self._lock = threading.Lock()
        self._lines.readline()  # the greeting
        self.command("qmp_capabilities")

    def command(self, name, **arguments):
        """The value which QEMU returns for the command NAME (underscores in argument names are dashes)."""
        named = {key.replace("_", "-"): value for key, value in arguments.items()}
        request = {"execute": name, "arguments": named}
        with self._lock:
            try:
                self._stream.write(json.dumps(request).encode() + b"\n")
                while line := self._lines.readline():
                    reply = json.loads(line)
                    if "return" in reply:
                        return reply["return"]
                    if "error" in reply:
                        raise MonitorError(f"QEMU refused {name}: {reply['error']['desc']}")
            except OSError as fault:
                raise LabError(f"QEMU's monitor is gone: {fault}") from fault
        raise LabError("QEMU ended")

    def wait(self, event, deadline):
        """Waits until QEMU tells of the event EVENT. Others are passed over, as all are that come with an answer."""
        with self._lock:
            try:
                self._connection.settimeout(max(1, deadline - time.monotonic()))
                while line := self._lines.readline():
                    if json.loads(line).get("event") == event:
                        self._connection.settimeout(None)
                        return
            except OSError as fault:
                raise LabError(f"QEMU does not tell of {event}: {fault}") from fault
        raise LabError("QEMU ended")
