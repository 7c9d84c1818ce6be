"""One guest: its QEMU process, monitor, console and agent."""

import os
import socket
import subprocess
import time

from . import processes
from .agent import AgentChannel
from .errors import LabError, LabTimeout
from .qmp import Monitor

# Without AVX: TCG translates the plain SSE variants of libc's routines into faster code.
CPU = "Nehalem,+rdrand,+xsave,-vmx"
PROCESSORS = 2
MEMORY = 2048
COMMAND_LINE = (
    "console=ttyS0 quiet root=/dev/vda rw psi=1 panic=-1 oops=panic mitigations=off "
    "clocksource=tsc tsc=reliable no_timer_check random.trust_cpu=on audit=0 "
    "systemd.show_status=0 systemd.firstboot=off"
)
CONSOLE_TAIL = 80


def machine_arguments(memory):
    """The machine without its root disk, kernel and channels."""
    arguments = ["-machine", "pc,usb=off,vmport=off", "-accel", "tcg,thread=multi,tb-size=512"]
    arguments += ["-cpu", CPU, "-smp", str(PROCESSORS), "-m", str(memory)]
    arguments += ["-nodefaults", "-no-user-config", "-nographic", "-nic", "none", "-no-reboot"]
    return arguments + ["-device", "virtio-rng-pci", "-device", "virtio-serial-pci,id=ports"]


class Guest:
    """A QEMU process in the directory `run_directory`; use it as a context manager, so that it always ends."""

    def __init__(self, directory, emulator, image, memory, root, root_options, initramfs):
        """A guest on the disk file `root`, with QEMU's options for that drive, that keeps its files in `directory`."""
        self.directory = directory
        self._environment = os.environ | emulator.environment | {"TMPDIR": str(directory)}
        # QEMU's option syntax gives commas a meaning: it sees only names in its own directory.
        for name, target in (("kernel", image.kernel), ("root", root), ("initramfs", initramfs)):
            if directory / name != target:
                (directory / name).symlink_to(target)
        self._arguments = [*emulator.command("qemu-system-x86_64"), *machine_arguments(memory)]
        self._arguments += ["-drive", f"id=root,if=none,cache=unsafe,discard=unmap,file=root,{root_options}"]
        self._arguments += ["-device", "virtio-blk-pci,drive=root,serial=isolated-lab-root"]
        self._arguments += ["-kernel", "kernel", "-initrd", "initramfs", "-append", COMMAND_LINE]
        self._arguments += ["-chardev", "file,id=console,path=console.log", "-serial", "chardev:console"]
        self._process = None
        self.monitor = None
        self.agent = None
        self.disk_requests = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def start(self, *extra):
        """Starts QEMU and connects to it; the guest may take long to answer."""
        monitor, monitor_end = socket.socketpair()
        agent, agent_end = socket.socketpair()
        requests, requests_end = socket.socketpair()
        arguments = list(self._arguments)
        channels = (("monitor", monitor_end), ("agent", agent_end), ("disks", requests_end))
        for name, end in channels:
            arguments += ["-chardev", f"socket,id={name},fd={end.fileno()}"]
        arguments += ["-mon", "chardev=monitor,mode=control"]
        for number, name in enumerate(("agent", "disks"), start=1):
            arguments += ["-device", f"virtserialport,bus=ports.0,nr={number},chardev={name},name=isolated-lab.{name}"]
        with open(self.directory / "qemu.log", "wb") as log:
            self._process = processes.start(
                arguments + list(extra),
                cwd=self.directory,
                pass_fds=[end.fileno() for _, end in channels],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
            )
        for _, end in channels:
            end.close()
        self.monitor = Monitor(monitor)
        self.agent = AgentChannel(agent)
        self.disk_requests = requests

    def boot(self, deadline):
        """Starts the guest from its kernel and waits until all of it is up."""
        self.start()
        self.agent.ready(deadline)
        status = []
        code = self.agent.execute(
            ["systemctl", "is-system-running", "--wait"], deadline, lambda _, data: status.append(data)
        )
        if code != 0:
            failed = []
            self.agent.execute(["systemctl", "--failed", "--no-legend"], deadline, lambda _, data: failed.append(data))
            raise LabError(
                f"the guest came up {b''.join(status).decode().strip()}: {b''.join(failed).decode().strip()}"
            )

    def save(self, name, deadline):
        """Stops the guest and writes its memory and devices to the file `name` of its directory."""
        self.monitor.command("stop")
        self.monitor.command("migrate-set-parameters", max_bandwidth=1 << 40)
        self.monitor.command("migrate", uri=f"exec:cat > {name}")
        while (state := self.monitor.command("query-migrate"))["status"] != "completed":
            if state["status"] in ("failed", "cancelled"):
                raise LabError(f"QEMU could not save the guest: {state.get('error-desc', state['status'])}")
            _pause(deadline)
        self.monitor.command("quit")
        self._process.wait(timeout=60)

    def restore(self, state, deadline):
        """Continues the guest that `save` wrote to the file `state`, with the present time."""
        (self.directory / "state").symlink_to(state)
        self.start("-incoming", "exec:cat state")
        while self.monitor.command("query-status")["status"] == "inmigrate":
            _pause(deadline)
        self.monitor.command("cont")
        self.agent.ready(deadline)
        self.agent.resume(deadline)

    def reboot(self, deadline):
        """Has the guest restart by itself, and waits until all of it is up again. Its memory is lost, its disks are not."""
        self.monitor.command("set-action", reboot="reset")
        self.agent.execute(["systemctl", "reboot"], deadline, lambda *_: None)
        self.monitor.wait("RESET", deadline)
        self.agent.restart()
        self.agent.ready(deadline)
        # Not before: the firmware resets the machine once more.
        self.monitor.command("set-action", reboot="shutdown")
        self.agent.execute(["systemctl", "is-system-running", "--wait"], deadline, lambda *_: None)

    def alive(self):
        """Whether QEMU still runs, given a moment to end when it is about to."""
        if self._process is None:
            return False
        try:
            self._process.wait(timeout=1)
            return False
        except subprocess.TimeoutExpired:
            return True

    def console_tail(self):
        """The last lines of the guest's console and QEMU's own messages."""
        parts = []
        for name in ("console.log", "qemu.log"):
            file = self.directory / name
            if file.exists():
                lines = file.read_bytes().decode(errors="replace").splitlines()[-CONSOLE_TAIL:]
                parts += [f"--- {name} (its last {len(lines)} lines)"] + lines
        return "\n".join(parts)

    def close(self):
        if self._process is not None:
            processes.end(self._process)
            self._process = None


def _pause(deadline):
    if time.monotonic() > deadline:
        raise LabTimeout("QEMU takes too long")
    time.sleep(0.01)
