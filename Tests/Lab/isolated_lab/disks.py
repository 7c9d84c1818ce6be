"""The guest's disks: NVMe drives that are plugged in while it runs, slowed by a throttle, a service model, or both."""

import dataclasses
import json
import os
import socket
import subprocess
import sys
import threading
import time

from . import processes
from .cache import LAB_DIRECTORY
from .disk_options import parse_change, parse_pairs
from .errors import LabError, LabTimeout
from .qmp import MonitorError

UNPLUG_SECONDS = 60
PLUG_SECONDS = 120


class ModelServer:
    """The host process that serves one model disk by NBD, and the line to change it."""

    def __init__(self, directory, socket_name, image, parameters):
        listener = socket.socket(socket.AF_UNIX)
        # A relative name: the directory's own may be longer than a socket's address can be.
        descriptor = os.open(directory, os.O_DIRECTORY)
        try:
            listener.bind(f"/proc/self/fd/{descriptor}/{socket_name}")
        finally:
            os.close(descriptor)
        listener.listen(1)
        self._control, control_end = socket.socketpair()
        self._control.settimeout(10)
        self._lines = self._control.makefile("r")
        numbers = [listener.fileno(), control_end.fileno()]
        with open(directory / f"{socket_name}.log", "wb") as log:
            self._process = processes.start(
                [sys.executable, "-m", "isolated_lab.nbd_server", *map(str, numbers), str(image),
                 json.dumps(dataclasses.asdict(parameters))],
                cwd=LAB_DIRECTORY,
                env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
                pass_fds=numbers,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        listener.close()
        control_end.close()

    def ask(self, changes):
        """Changes parameters ({} for none) and returns what the server says about itself."""
        try:
            self._control.sendall(json.dumps({"set": changes}).encode() + b"\n")
            answer = json.loads(self._lines.readline())
        except (OSError, ValueError) as fault:
            raise LabError("the disk's server is gone") from fault
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer

    def close(self):
        processes.end(self._process)
        self._lines.close()
        self._control.close()


class Disks:
    """The disks of one guest."""

    def __init__(self, guest):
        self._guest = guest
        self._directory = guest.directory
        self._plugged = {}  # name: (options, server or None)
        self._lock = threading.Lock()

    def plug(self, options):
        """Makes a new, empty disk and plugs it in; the guest sees it a moment later (`wait`)."""
        with self._lock:
            if options.name in self._plugged:
                raise LabError(f"there are two disks called {options.name}")
            self._plug(options)

    def _plug(self, options):
        name, monitor = options.name, self._guest.monitor
        image = self._directory / f"disk-{name}.raw"
        with open(image, "xb") as file:
            file.truncate(options.size)
        server = None
        if options.parameters:
            server = ModelServer(self._directory, f"nbd-{name}", image, options.parameters)
            address = {"type": "unix", "path": f"nbd-{name}"}
            storage = {"driver": "nbd", "server": address, "export": ""}
        else:
            # The page cache and no flushes: the drive's speed is the throttle's, not that of the host's disk.
            storage = {"driver": "file", "filename": image.name, "aio": "threads", "discard": "unmap",
                       "cache": {"direct": False, "no-flush": True}}
        self._plugged[name] = (options, server)
        monitor.command("object-add", qom_type="throttle-group", id=f"throttle-{name}", limits=options.limits)
        monitor.command("blockdev-add", driver="throttle", node_name=f"node-{name}", discard="unmap",
                        throttle_group=f"throttle-{name}", file=storage)
        monitor.command("device_add", driver="nvme", id=f"disk-{name}", serial=name, drive=f"node-{name}")

    def wait(self, names):
        """Waits until the guest has a device file for each of NAMES."""
        if not names:
            return
        paths = [f"/dev/disk/by-id/{name}" for name in names]
        said = bytearray()
        status = self._guest.agent.execute(
            ["udevadm", "wait", f"--timeout={PLUG_SECONDS}", "--initialized=yes", *paths],
            time.monotonic() + PLUG_SECONDS + 10,
            lambda _, data: said.extend(data),
        )
        if status != 0:
            raise LabError(f"the guest does not see its disks {', '.join(names)}: {said.decode(errors='replace')}")

    def unplug_all(self):
        """Takes all disks out again."""
        with self._lock:
            if not self._plugged:
                return
            for name in self._plugged:
                self._guest.monitor.command("device_del", id=f"disk-{name}")
            deadline = time.monotonic() + UNPLUG_SECONDS
            for name in list(self._plugged):
                self._discard(name, deadline)
        # The names of disks that are gone must be gone too, before others get them.
        self._guest.agent.execute(["udevadm", "settle"], deadline, lambda *_: None)

    def _discard(self, name, deadline):
        """Frees the host's side of a disk, once the guest and QEMU have let go of it."""
        monitor = self._guest.monitor
        while True:
            try:
                monitor.command("blockdev-del", node_name=f"node-{name}")
                break
            except MonitorError as fault:
                if time.monotonic() > deadline:
                    raise LabTimeout(f"the guest does not let go of the disk {name}: {fault}") from fault
                time.sleep(0.02)
        monitor.command("object-del", id=f"throttle-{name}")
        _, server = self._plugged.pop(name)
        if server:
            server.close()
            (self._directory / f"nbd-{name}").unlink()
        (self._directory / f"disk-{name}.raw").unlink()

    def close(self):
        """Ends the servers; the guest must be gone."""
        with self._lock:
            for _, server in self._plugged.values():
                if server:
                    server.close()
            self._plugged.clear()

    def change(self, name, words):
        """Sets what WORDS (key=value) say on a plugged disk; returns its present state as words."""
        with self._lock:
            if name not in self._plugged:
                known = ", ".join(self._plugged) or "none"
                raise ValueError(f"there is no disk '{name}' (there are: {known})")
            options, server = self._plugged[name]
            limits, changes = parse_change(parse_pairs(words), with_model=server is not None)
            group = f"/objects/throttle-{name}"
            facts = {}
            if server:
                answer = server.ask(changes)
                facts = answer["parameters"] | {
                    "served": answer["served"],
                    "stalls": answer["stalls"],
                    "late-us": "/".join(map(str, answer["late_us"])),
                }
            if limits:
                self._guest.monitor.command("qom-set", path=group, property="limits", value=limits)
            limits = self._guest.monitor.command("qom-get", path=group, property="limits")
            facts |= {key: value for key, value in limits.items() if value and not key.endswith("-length")}
            facts["size"] = options.size
            return " ".join(f"{key.replace('_', '-')}={value}" for key, value in facts.items())

    def answer_requests(self):
        """Starts answering the guest's lab-disk command, until the guest ends."""
        threading.Thread(target=self._answer, name="lab-disk", daemon=True).start()

    def _answer(self):
        connection = self._guest.disk_requests
        try:
            for line in connection.makefile("r", errors="replace"):
                connection.sendall(self._reply(line.split()).encode())
        except OSError:
            return  # the guest has ended

    def _reply(self, words):
        """One line: the request's number, "ok" or "error", text."""
        if len(words) < 2:
            return f"{words[0] if words else 0} error no disk named\n"
        try:
            return f"{words[0]} ok {self.change(words[1], words[2:])}\n"
        except (ValueError, LabError, MonitorError) as fault:
            return f"{words[0]} error {' '.join(str(fault).split())}\n"
