"""What the command lines of run, suite and shell have in common."""

import argparse
import os
from pathlib import Path

from .cache import CHECKOUT
from .disk_options import parse_disk
from .errors import LabError
from .guest import MEMORY


def add_guest_options(parser):
    """Options that say which guest to boot and what to put into it."""
    parser.add_argument("--deb", metavar="FILE", type=Path, default=os.environ.get("ISOLATED_DEB"),
                        help="the product's package (default: $ISOLATED_DEB, else the newest out/isolated_*.deb)")
    parser.add_argument("--no-product", action="store_true", help="boot the guest without the product")
    parser.add_argument("--memory", metavar="MIB", type=int, default=MEMORY, help="the guest's RAM (default 2048)")
    parser.add_argument("--cold", action="store_true", help="boot truly, not from the cached snapshot")
    parser.add_argument("--file", metavar="HOSTPATH:GUESTPATH", action="append", default=[], type=file_pair,
                        help="bring a file or directory into the guest (repeatable)")


def add_disk_option(parser):
    """--disk, repeatable."""
    parser.add_argument("--disk", metavar="NAME:KEY=VALUE,...", action="append", default=[], type=disk,
                        help="a new NVMe drive /dev/disk/by-id/NAME: size=, iops=, bps=, or model=ssd|hdd "
                             "(see README.md; repeatable)")


def disk(text):
    """parse_disk for argparse, which wants its own kind of error to show the message."""
    try:
        return parse_disk(text)
    except ValueError as fault:
        raise argparse.ArgumentTypeError(f"{text}: {fault}") from fault


def file_pair(text):
    """(path here, absolute path in the guest) of --file's argument."""
    host, separator, guest = text.rpartition(":")
    if not separator or not host or not guest.startswith("/"):
        raise argparse.ArgumentTypeError(f"'{text}' is not HOSTPATH:/GUESTPATH")
    if not Path(host).exists():
        raise argparse.ArgumentTypeError(f"'{host}' does not exist")
    return Path(host), guest


def product_package(options):
    """The .deb to install, or None for --no-product."""
    if options.no_product:
        return None
    if options.deb:
        if not Path(options.deb).is_file():
            raise LabError(f"there is no package {options.deb}; `make deb` makes one in out/")
        return Path(options.deb)
    built = sorted((CHECKOUT / "out").glob("isolated_*.deb"), key=lambda file: file.stat().st_mtime)
    if not built:
        raise LabError("no isolated_*.deb in out/: make it with `make deb`, name one with --deb FILE, "
                       "or boot without the product with --no-product")
    return built[-1]
