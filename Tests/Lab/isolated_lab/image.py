"""The guest's image: Debian trixie by mmdebstrap as an ext4 file, with its kernel and busybox beside it."""

import hashlib
import os
import shlex
import subprocess
import time

from .cache import LAB_DIRECTORY, built_atomically, cache_directory, keep_newest, locked, progress
from .debian import RELEASE, bootstrap, require
from .errors import LabError

SIZE = "8G"
UNWANTED = ["/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*"]
# Unpacks the tree and makes an ext4 file of it, with the owners of the tree (under fakeroot, when not root).
MAKE_FILE_SYSTEM = """
set -eu
export PATH="$PATH:/usr/sbin:/sbin"
mkdir tree modules
tar --extract --file root.tar --directory tree --xattrs --xattrs-include='*' --numeric-owner
rm root.tar
cp tree/boot/vmlinuz-* vmlinuz
cp tree/bin/busybox busybox
find tree/usr/lib/modules -name 'virtio_blk.ko*' -exec cp {} modules \\;
truncate -s "$1" root.ext4
mke2fs -q -t ext4 -F -L isolated-lab -m 0 -O ^has_journal -E lazy_itable_init=1 -d tree root.ext4
chmod -R u+w tree
rm -rf tree
"""


class Image:
    """A finished image: `root` (raw ext4), `kernel`, `busybox`, `modules` (those that it needs to reach its disk)."""

    def __init__(self, directory):
        self.directory = directory
        self.key = directory.name
        self.root = directory / "root.ext4"
        self.kernel = directory / "vmlinuz"
        self.busybox = directory / "busybox"
        self.modules = directory / "modules"


def packages():
    """The Debian packages of the guest, in the order of image/packages.txt."""
    lines = (LAB_DIRECTORY / "image" / "packages.txt").read_text().splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def image_key():
    """Names an image by what determines it: packages, customisation, and how the file system is made."""
    digest = hashlib.sha256()
    customise = (LAB_DIRECTORY / "image" / "customise.sh").read_text()
    for part in (RELEASE, *packages(), customise, SIZE, *UNWANTED, MAKE_FILE_SYSTEM):
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()[:16]


def ensure_image():
    """The image for this checkout, built now if the cache lacks it."""
    images = cache_directory() / "images"
    target = images / image_key()
    if not target.is_dir():
        with locked("image"):
            if not target.is_dir():
                _build(target)
                keep_newest(images, keep=target, count=2)
    os.utime(target)
    return Image(target)


def _build(target):
    started = time.monotonic()
    progress("building the guest's image (once; about a minute and a half)")
    require("mke2fs", "e2fsprogs")
    require("fakeroot", "fakeroot")
    options = [f"--dpkgopt=path-exclude={pattern}" for pattern in UNWANTED]
    options.append(f"--customize-hook={shlex.quote(str(LAB_DIRECTORY / 'image' / 'customise.sh'))} \"$1\"")
    with built_atomically(target) as directory:
        bootstrap("minbase", packages(), options, directory / "root.tar", directory / "build.log")
        progress(f"packages installed after {time.monotonic() - started:.0f} s; writing the file system")
        command = ["sh", "-c", MAKE_FILE_SYSTEM, "sh", SIZE]
        if os.geteuid() != 0:
            command = ["fakeroot"] + command
        result = subprocess.run(command, cwd=directory, capture_output=True, text=True)
        if result.returncode != 0:
            raise LabError(f"the guest's file system could not be made: {result.stderr.strip()}")
    progress(f"image ready after {time.monotonic() - started:.0f} s")
