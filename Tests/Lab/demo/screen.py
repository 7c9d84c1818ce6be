"""What the demo prints: steps, what commands say, progress and tables, in at most 100 columns."""

import os
import sys
import threading
import time

WIDTH = 100


class Screen:
    """Writes for people; colour only where `colour` says that a terminal shows it."""

    def __init__(self, colour):
        self.colour = colour
        self._step = 0

    def step(self, text):
        """A numbered heading."""
        self._step += 1
        print(f"\n{self._paint('1;36', f'{self._step}. {text}')}", flush=True)

    def say(self, text=""):
        for line in text.splitlines() or [""]:
            print(f"   {line}"[:WIDTH].rstrip(), flush=True)

    def show(self, text):
        """What a command has printed, in its own colours."""
        for line in text.split("\n"):
            print(f"   {line}", flush=True)

    def command(self, text):
        """A command line that the reader could type."""
        print(self._paint("2", f"   $ {text}"[:WIDTH]), flush=True)

    def good(self, text):
        print(f"   {self._paint('32', 'ok')}    {text}", flush=True)

    def bad(self, text):
        print(f"   {self._paint('1;31', 'WRONG')} {text}", flush=True)

    def table(self, head, rows):
        """The first column to the left, the others to the right."""
        cells = [head] + [[str(cell) for cell in row] for row in rows]
        widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
        for number, row in enumerate(cells):
            line = "   " + "   ".join(cell.ljust(width) if column == 0 else cell.rjust(width)
                                      for column, (cell, width) in enumerate(zip(row, widths)))
            code = "1" if number == 0 else "0"
            print(self._paint(code, line.rstrip()), flush=True)

    def waiting(self, text):
        """Shows that something takes its time: a context manager."""
        return Waiting(f"   {text} ")

    def _paint(self, code, text):
        return f"\033[{code}m{text}\033[0m" if self.colour else text


class Waiting:
    """A line that grows by a dot each second, and ends with how long it took."""

    def __init__(self, text):
        self._text = text
        self._done = threading.Event()

    def __enter__(self):
        sys.stdout.write(self._text)
        sys.stdout.flush()
        self._started = time.monotonic()
        self._thread = threading.Thread(target=self._dots, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()
        print(f" {time.monotonic() - self._started:.0f} s", flush=True)

    def _dots(self):
        room = WIDTH - len(self._text) - len(" 1000 s")
        while room > 0 and not self._done.wait(1):
            os.write(1, b".")
            room -= 1
