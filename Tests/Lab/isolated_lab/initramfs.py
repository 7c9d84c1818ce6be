"""The guest's initramfs: the root disk's module, and the lab's own files, which change more often than the image."""

import lzma
import os
import stat
from pathlib import Path

from .cache import LAB_DIRECTORY
from .errors import LabError

GUEST_FILES = LAB_DIRECTORY / "guest"
MODULES = ["virtio_blk"]
AGENT_LIBRARY = "usr/local/lib/isolated-lab"


def guest_files():
    """(path in the guest, file here) of all that the lab lays over the image."""
    found = [
        (str(file.relative_to(GUEST_FILES)), file)
        for file in sorted(GUEST_FILES.rglob("*"))
        if file.is_file() and file.name != "init" and "__pycache__" not in file.parts
    ]
    return found + [(f"{AGENT_LIBRARY}/frames.py", Path(__file__).with_name("frames.py"))]


def initramfs(image):
    """The bytes of the initramfs for IMAGE, an uncompressed cpio archive."""
    archive = Archive()
    for directory in ("bin", "dev", "proc", "sys", "root", "modules", "overlay"):
        archive.directory(directory)
    archive.character_device("dev/console", 5, 1)
    archive.file("bin/busybox", image.busybox.read_bytes(), 0o755)
    archive.file("init", (GUEST_FILES / "init").read_bytes(), 0o755)
    for order, name in enumerate(MODULES):
        archive.file(f"modules/{order}-{name}.ko", _module(image, name), 0o644)
    for path, file in guest_files():
        archive.parents(f"overlay/{path}")
        archive.file(f"overlay/{path}", file.read_bytes(), 0o755 if os.access(file, os.X_OK) else 0o644)
    link = "etc/systemd/system/multi-user.target.wants/isolated-lab-agent.service"
    archive.parents(f"overlay/{link}")
    archive.link(f"overlay/{link}", "/etc/systemd/system/isolated-lab-agent.service")
    return archive.finish()


def _module(image, name):
    found = list(image.modules.rglob(f"{name}.ko*"))
    if len(found) != 1:
        raise LabError(f"the image's kernel has {len(found)} modules called {name}")
    data = found[0].read_bytes()
    return lzma.decompress(data) if found[0].suffix == ".xz" else data


class Archive:
    """A cpio archive in the "newc" format (Documentation/driver-api/early-userspace/buffer-format.rst)."""

    def __init__(self):
        self._parts = []
        self._known = set()
        self._inode = 0

    def _entry(self, name, mode, data=b"", device=(0, 0)):
        self._inode += 1
        self._known.add(name)
        encoded = name.encode() + b"\0"
        fields = [self._inode, mode, 0, 0, 1, 0, len(data), 0, 0, device[0], device[1], len(encoded), 0]
        header = b"070701" + b"".join(b"%08X" % field for field in fields)
        self._parts += [_padded(header + encoded), _padded(data)]

    def directory(self, name):
        self._entry(name, stat.S_IFDIR | 0o755)

    def parents(self, name):
        """Adds those directories above NAME that are not there yet."""
        for parent in reversed(Path(name).parents):
            if str(parent) != "." and str(parent) not in self._known:
                self.directory(str(parent))

    def file(self, name, data, mode):
        self._entry(name, stat.S_IFREG | mode, data)

    def link(self, name, target):
        self._entry(name, stat.S_IFLNK | 0o777, target.encode())

    def character_device(self, name, major, minor):
        self._entry(name, stat.S_IFCHR | 0o600, device=(major, minor))

    def finish(self):
        self._inode = -1
        self._entry("TRAILER!!!", 0)
        return b"".join(self._parts)


def _padded(data):
    return data + b"\0" * (-len(data) % 4)
