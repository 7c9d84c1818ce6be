"""Trees of Debian packages by mmdebstrap, from its default sources for the guest's release."""

import os
import shutil
import subprocess

from .cache import progress
from .errors import LabError

RELEASE = "trixie"
STEPS = (b"I: downloading", b"I: extracting", b"I: installing", b"I: creating")
LOG_TAIL = 30


def require(tool, package):
    """Complains about a TOOL of the host that is missing."""
    if not shutil.which(tool, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin"):
        raise LabError(f"{tool} is missing: install it with `make deps` (Debian package {package})")


def bootstrap(variant, packages, options, tar, log):
    """Writes a tree with PACKAGES to the archive TAR, and what mmdebstrap says to LOG. Needs no root."""
    require("mmdebstrap", "mmdebstrap")
    mode = "root" if os.geteuid() == 0 else "unshare"
    command = ["mmdebstrap", f"--mode={mode}", f"--variant={variant}", "--include=" + ",".join(packages)]
    command += [*options, RELEASE, str(tar)]
    with open(log, "wb") as output:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for line in process.stdout:
            output.write(line)
            if line.startswith(STEPS):
                progress(line[3:].decode(errors="replace").strip())
        status = process.wait()
    if status != 0:
        tail = b"".join(log.read_bytes().splitlines(keepends=True)[-LOG_TAIL:])
        raise LabError("mmdebstrap failed; its last lines:\n" + tail.decode(errors="replace"))
