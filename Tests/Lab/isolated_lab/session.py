"""A guest made ready for scripts: booted, filled with the checkout's files, the product installed and running."""

import io
import tarfile
import tempfile
import time
from pathlib import Path

from .agent import Collected, relay
from .cache import CHECKOUT, LAB_DIRECTORY, RunDirectory, progress
from .disks import Disks
from .emulator import ensure_emulator
from .errors import LabError, LabTimeout
from .guest import Guest
from .image import ensure_image
from .initramfs import initramfs
from .snapshot import ensure_snapshot

BOOT_SECONDS = 300
RESTORE_SECONDS = 60
KILL_SECONDS = 30
SHARED = {"lib": LAB_DIRECTORY / "lib", "policies": CHECKOUT / "policies", "Benchmarks": CHECKOUT / "Benchmarks"}
SKIPPED = {"__pycache__", ".build", ".git"}
OUT = "/lab/out"
REBOOT_STATUS = 97
REBOOTS = 3
START_PRODUCT = """
systemctl start isolated.service && exit 0
systemctl status --no-pager isolated.service
journalctl --no-pager --lines=40 --unit=isolated.service
exit 1
"""


class Session:
    """A guest for one or more scripts; use it as a context manager."""

    def __init__(self, options, package):
        self._options = options
        self._package = package
        self._run = None
        self.guest = None
        self.disks = None

    def __enter__(self):
        self._run = RunDirectory()
        try:
            self._boot()
            self.disks = Disks(self.guest)
            self.disks.answer_requests()
            self._fill()
            self._install()
        except BaseException as fault:
            self._explain(fault)
            self.close()
            raise
        return self

    def __exit__(self, _, fault, __):
        self._explain(fault)
        self.close()

    def _explain(self, fault):
        """A guest that died or hung is judged by its console."""
        if self.guest is None or not isinstance(fault, LabError):
            return
        if isinstance(fault, LabTimeout) or not self.guest.alive():
            progress(self.guest.console_tail())

    def close(self):
        if self.guest is not None:
            self.guest.close()
            self.guest = None
        if self.disks is not None:
            self.disks.close()
            self.disks = None
        if self._run is not None:
            self._run.close()
            self._run = None

    def _boot(self):
        emulator = ensure_emulator()
        image = ensure_image()
        archive = initramfs(image)
        if not self._options.cold:
            snapshot = ensure_snapshot(emulator, image, archive, self._options.memory)
            try:
                self._make_guest(emulator, image, snapshot.overlay, "format=qcow2", snapshot.initramfs)
                self.guest.restore(snapshot.state, time.monotonic() + RESTORE_SECONDS)
                return
            except LabError as fault:
                progress(f"the snapshot does not restore ({fault}); dropped, booting instead")
                progress(self.guest.console_tail())
                snapshot.drop()
        own = self._run.path / "initramfs.cpio"
        own.write_bytes(archive)
        self._make_guest(emulator, image, image.root, "format=raw", own)
        self.guest.boot(time.monotonic() + BOOT_SECONDS)

    def _make_guest(self, emulator, image, root, root_options, archive):
        if self.guest is not None:
            self.guest.close()
        directory = Path(tempfile.mkdtemp(prefix="guest-", dir=self._run.path))
        options = root_options + ",snapshot=on"
        self.guest = Guest(directory, emulator, image, self._options.memory, root, options, archive)

    def _fill(self):
        entries = [(path, f"/lab/.shared/{name}") for name, path in SHARED.items() if path.is_dir()]
        if self._package:
            entries.append((self._package, "/lab/.shared/product.deb"))
        self.put(entries + self._options.file)
        self._bind()

    def _bind(self):
        names = " ".join(name for name, path in SHARED.items() if path.is_dir())
        self._must(
            f"set -e; mkdir -p {OUT}; for name in {names}; do mkdir -p /lab/$name; "
            "mount --bind -o ro /lab/.shared/$name /lab/$name; done",
            "the checkout's files could not be put in place",
        )

    def _reboot(self):
        self.guest.reboot(self._soon())
        self._bind()

    def _install(self):
        if not self._package:
            return
        self._must("dpkg -i /lab/.shared/product.deb", f"{self._package.name} could not be installed")
        self._must(START_PRODUCT, "isolated.service does not start")

    def plug(self, disks):
        """Plugs in new disks and waits until the guest has them."""
        for options in disks:
            self.disks.plug(options)
        self.disks.wait([options.name for options in disks])

    def put(self, entries, executable=False):
        """Copies files and directories, (path here, path in the guest), into the guest with their modes."""

        def for_guest(entry):
            if set(Path(entry.name).parts) & SKIPPED:
                return None
            entry.uid = entry.gid = 0
            entry.uname = entry.gname = "root"
            entry.mode |= 0o755 if executable else 0
            return entry

        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            for path, name in entries:
                tar.add(path.resolve(), arcname=name.lstrip("/"), filter=for_guest)
        self._must(["tar", "-xf", "-", "-C", "/"], "files could not be copied into the guest", archive.getvalue())

    def fetch(self, directory):
        """Copies what scripts left in the guest's /lab/out into DIRECTORY."""
        collected = Collected()
        status = self.guest.agent.execute(["tar", "-cf", "-", "-C", OUT, "."], self._soon(), collected)
        if status != 0:
            raise LabError(f"{OUT} could not be read: {collected.error.decode(errors='replace')}")
        directory.mkdir(parents=True, exist_ok=True)
        with tarfile.open(fileobj=io.BytesIO(bytes(collected.output))) as tar:
            tar.extractall(directory, filter="data")

    def script(self, script, arguments, timeout, sink=relay, name="script"):
        """Runs a script of the host in a scratch directory of its own; returns its status.

        One that takes too long is killed, with all that it started in its group, and LabTimeout raised. One that ends
        with REBOOT_STATUS is run again in the rebooted guest, with the number of the boot in LAB_BOOT.
        """
        place = f"/lab/scratch/{name}"
        self.put([(Path(script), f"{place}/{Path(script).name}")], executable=True)
        deadline = time.monotonic() + timeout
        try:
            for boot in range(REBOOTS):
                status = self.guest.agent.execute(
                    [f"{place}/{Path(script).name}", *arguments],
                    deadline,
                    sink,
                    environment={"LAB": "/lab", "LAB_OUT": OUT, "LAB_SCRATCH": place, "LAB_BOOT": str(boot)},
                    directory=place,
                )
                if status != REBOOT_STATUS:
                    return status
                self._reboot()
            raise LabError(f"{script} has the guest rebooted more than {REBOOTS} times")
        except LabTimeout as fault:
            self.guest.agent.kill(time.monotonic() + KILL_SECONDS)
            raise LabTimeout(f"{script} ran longer than {timeout:g} s") from fault

    def product_journal(self):
        """The last lines that the product's service logged; empty without the product."""
        if not self._package:
            return ""
        collected = Collected()
        command = ["journalctl", "--no-pager", "--lines=40", "--unit=isolated.service"]
        self.guest.agent.execute(command, time.monotonic() + KILL_SECONDS, collected)
        return collected.output.decode(errors="replace").rstrip()

    def _must(self, command, complaint, stdin=b""):
        arguments = ["sh", "-c", command] if isinstance(command, str) else command
        collected = Collected()
        status = self.guest.agent.execute(arguments, self._soon(), collected, stdin=stdin)
        if status != 0:
            said = (collected.output + collected.error).decode(errors="replace").strip()
            raise LabError(f"{complaint} (status {status}):\n{said}")

    def _soon(self):
        return time.monotonic() + BOOT_SECONDS
