"""The command lines: `run` one script in a guest, a `suite` of them, or a `shell`."""

import argparse
import os
import signal
import sys
import termios
import tty
from pathlib import Path

from .cache import LAB_DIRECTORY, progress
from .errors import LAB_FAILURE_STATUS, TIMEOUT_STATUS, Interrupted, LabError, LabTimeout
from .options import add_disk_option, add_guest_options, product_package
from .session import Session
from .suite import Suite, read_test

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TIMEOUT = 600
TEST_TIMEOUT = 300


def guarded(main):
    """Runs a command's main function and exits with its status, or with the lab's own for a failure."""
    for number in SIGNALS:
        signal.signal(number, _interrupt)
    try:
        sys.exit(main(sys.argv[1:]))
    except LabTimeout as fault:
        progress(str(fault))
        sys.exit(TIMEOUT_STATUS)
    except LabError as fault:
        progress(str(fault))
        sys.exit(LAB_FAILURE_STATUS)
    except Interrupted as fault:
        sys.exit(128 + fault.signal_number)
    except BrokenPipeError:  # whoever read the output has gone: end as a program that SIGPIPE ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(128 + signal.SIGPIPE)


def _interrupt(number, _):
    for other in SIGNALS:  # the way out is not interrupted
        signal.signal(other, signal.SIG_IGN)
    raise Interrupted(number)


def run(arguments):
    """Tests/Lab/run: boots a guest, runs one script in it, returns the script's status."""
    parser = argparse.ArgumentParser(prog="run", description="Runs a script as root in a guest with cgroup v2.")
    add_guest_options(parser)
    add_disk_option(parser)
    parser.add_argument("--timeout", metavar="S", type=float, default=TIMEOUT, help="seconds for the script")
    parser.add_argument("--out", metavar="DIR", type=Path, help="copy the guest's /lab/out to DIR at the end")
    parser.add_argument("script", metavar="SCRIPT", type=Path)
    parser.add_argument("arguments", metavar="ARG", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)
    if not options.script.is_file():
        raise LabError(f"there is no script {options.script}")
    with Session(options, product_package(options)) as session:
        session.plug(options.disk)
        try:
            return session.script(options.script, options.arguments, options.timeout)
        finally:
            if options.out and session.guest.alive():
                session.fetch(options.out)


def suite(arguments):
    """Tests/Lab/suite: runs scripts in one guest; 0 when all have passed."""
    parser = argparse.ArgumentParser(prog="suite", description="Runs several scripts in one guest.")
    add_guest_options(parser)
    parser.add_argument("--timeout", metavar="S", type=float, default=TEST_TIMEOUT,
                        help="seconds for each script that names none itself")
    parser.add_argument("--out", metavar="DIR", type=Path, help="copy the guest's /lab/out to DIR at the end")
    parser.add_argument("scripts", metavar="SCRIPT", type=Path, nargs="*", help="default: all of Tests/Lab/tests")
    options = parser.parse_args(arguments)
    scripts = options.scripts or sorted((LAB_DIRECTORY / "tests").glob("*.sh"))
    tests = [read_test(script, options.timeout) for script in scripts]
    running = Suite(options, product_package(options))
    running.run(tests)
    return 1 if running.failures else 0


def shell(arguments):
    """Tests/Lab/shell: an interactive shell in a guest."""
    parser = argparse.ArgumentParser(prog="shell", description="Opens a root shell in a guest.")
    add_guest_options(parser)
    add_disk_option(parser)
    options = parser.parse_args(arguments)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise LabError("shell wants a terminal; use run for scripts")
    with Session(options, product_package(options)) as session:
        session.plug(options.disk)
        size = os.get_terminal_size()
        before = termios.tcgetattr(0)
        tty.setraw(0, termios.TCSADRAIN)
        try:
            return session.guest.agent.interact(["bash", "-l"], (size.lines, size.columns))
        finally:
            termios.tcsetattr(0, termios.TCSADRAIN, before)
