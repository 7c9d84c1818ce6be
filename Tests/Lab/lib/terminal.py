"""Drives a program on a terminal: usage: terminal.py COMMAND... <STEPS

Each line of STEPS is one of: expect REGEX; send TEXT (with Python's escapes); size ROWS COLUMNS; signal NAME; hang-up;
do SHELL COMMAND. What the program shows comes to standard output, and at last one line:
  status=N restored=yes|no
N is what a shell would say; restored, whether the terminal is set as it was before.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

PATIENCE = 60


class Driver:
    """The terminal's other side."""

    def __init__(self, command):
        self.master, self.slave = pty.openpty()
        self.resize(24, 80)
        self.before = termios.tcgetattr(self.slave)
        self.seen = b""
        self.child = subprocess.Popen(command, stdin=self.slave, stdout=self.slave, stderr=self.slave,
                                      start_new_session=True, preexec_fn=self.take)

    def take(self):
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def look(self, seconds):
        """Takes in what is shown; false if there is nothing."""
        if self.master < 0 or not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            shown = os.read(self.master, 65536)
        except OSError:
            return False
        sys.stdout.buffer.write(shown)
        self.seen += shown
        return True

    def expect(self, pattern):
        deadline = time.monotonic() + PATIENCE
        while not (found := re.search(pattern.encode(), self.seen)):
            if time.monotonic() > deadline:
                print(f"\n[never came: {pattern}]")
                self.child.kill()
                return False
            self.look(1)
        self.seen = self.seen[found.end():]
        return True

    def step(self, line):
        word, _, rest = line.partition(" ")
        if word == "expect":
            return self.expect(rest)
        if word == "send":
            os.write(self.master, rest.encode().decode("unicode_escape").encode("latin-1"))
        elif word == "size":
            self.resize(*map(int, rest.split()))
        elif word == "signal":
            self.child.send_signal(getattr(signal, "SIG" + rest))
        elif word == "hang-up":
            os.close(self.slave)
            os.close(self.master)
            self.master = self.slave = -1
        elif word == "do":
            subprocess.run(rest, shell=True, check=False)
        else:
            raise SystemExit(f"no such step: {line}")
        return True

    def end(self):
        deadline = time.monotonic() + PATIENCE
        while self.child.poll() is None and time.monotonic() < deadline:
            if self.master < 0:
                time.sleep(0.1)
            else:
                self.look(0.1)
        if self.child.poll() is None:
            print("\n[did not end]")
            self.child.kill()
        status = self.child.wait()
        while self.look(0.2):
            pass
        restored = self.slave >= 0 and termios.tcgetattr(self.slave) == self.before
        print(f"\nstatus={status if status >= 0 else 128 - status} restored={'yes' if restored else 'no'}")


def main():
    driver = Driver(sys.argv[1:])
    for line in sys.stdin.read().splitlines():
        if line and not driver.step(line):
            break
    driver.end()


main()
