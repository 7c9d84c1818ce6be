"""The guest's image: Debian trixie by mmdebstrap as an ext4 file, with its kernel and busybox beside it."""

import hashlib
import os
import shlex
import shutil
import subprocess
import time
from pathlib import Path

from .cache import LAB_DIRECTORY, built_atomically, cache_directory, keep_newest, locked, progress
from .errors import LabError

SUITE = "trixie"
SIZE = "8G"
UNWANTED = ["/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*"]


class Image:
    """A finished image: `root` (raw ext4), `kernel`, `busybox`, `modules` (the tree of the kernel's modules)."""

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
    """Names an image by what determines it: package list, customisation and this builder."""
    digest = hashlib.sha256()
    for file in (LAB_DIRECTORY / "image" / "packages.txt", LAB_DIRECTORY / "image" / "customise.sh", Path(__file__)):
        digest.update(file.read_bytes() + b"\0")
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
    for tool, package in (("mmdebstrap", "mmdebstrap"), ("mke2fs", "e2fsprogs"), ("fakeroot", "fakeroot")):
        if not _find(tool):
            raise LabError(f"{tool} is missing: install it with `make deps` (Debian package {package})")
    with built_atomically(target) as directory:
        _bootstrap(directory / "root.tar", directory / "build.log")
        progress(f"packages installed after {time.monotonic() - started:.0f} s; writing the file system")
        _make_file_system(directory)
        (directory / "root.tar").unlink()
    progress(f"image ready after {time.monotonic() - started:.0f} s")


def _find(tool):
    return shutil.which(tool, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def _bootstrap(tar, log):
    mode = "root" if os.geteuid() == 0 else "unshare"
    command = ["mmdebstrap", f"--mode={mode}", "--variant=minbase", "--include=" + ",".join(packages())]
    command += [f"--dpkgopt=path-exclude={pattern}" for pattern in UNWANTED]
    customise = LAB_DIRECTORY / "image" / "customise.sh"
    command += [f"--customize-hook={shlex.quote(str(customise))} \"$1\"", SUITE, str(tar)]
    with open(log, "wb") as output:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for line in process.stdout:
            output.write(line)
            if line.startswith((b"I: downloading", b"I: extracting", b"I: installing", b"I: creating")):
                progress(line[3:].decode(errors="replace").strip())
        if process.wait() != 0:
            output.flush()
            tail = b"".join(log.read_bytes().splitlines(keepends=True)[-30:])
            raise LabError("mmdebstrap failed; its last lines:\n" + tail.decode(errors="replace"))


def _make_file_system(directory):
    """Unpacks the tree and makes an ext4 file of it, with the owners of the tree, root or not."""
    script = """
        set -eu
        export PATH="$PATH:/usr/sbin:/sbin"
        mkdir tree
        tar --extract --file root.tar --directory tree --xattrs --xattrs-include='*' --numeric-owner
        cp tree/boot/vmlinuz-* vmlinuz
        cp tree/bin/busybox busybox
        mkdir modules
        cp -r tree/usr/lib/modules/. modules
        truncate -s "$1" root.ext4
        mke2fs -q -t ext4 -F -L isolated-lab -m 0 -O ^has_journal -E lazy_itable_init=1 -d tree root.ext4
        chmod -R u+w tree
        rm -rf tree
    """
    command = ["sh", "-c", script, "sh", SIZE]
    if os.geteuid() != 0:
        command = ["fakeroot"] + command
    result = subprocess.run(command, cwd=directory, capture_output=True, text=True)
    if result.returncode != 0:
        raise LabError(f"the guest's file system could not be made: {result.stderr.strip()}")
