"""A timer descriptor (timerfd_create(2)) with the kernel's precision; epoll's own timeout counts milliseconds."""

import ctypes
import os
import time

_libc = ctypes.CDLL(None, use_errno=True)
_TFD_TIMER_ABSTIME = 1
_PR_SET_TIMERSLACK = 29


class _Time(ctypes.Structure):
    _fields_ = [("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long)]


class _Setting(ctypes.Structure):
    _fields_ = [("interval", _Time), ("value", _Time)]


class Timer:
    """Becomes readable at a moment of time.monotonic_ns()."""

    def __init__(self):
        self._descriptor = _libc.timerfd_create(time.CLOCK_MONOTONIC, os.O_CLOEXEC | os.O_NONBLOCK)
        if self._descriptor < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")

    def fileno(self):
        return self._descriptor

    def set(self, moment):
        """Arms it for MOMENT (at once if that is over), or disarms it for None."""
        seconds, nanoseconds = divmod(0 if moment is None else max(moment, 1), 1_000_000_000)
        setting = _Setting(_Time(0, 0), _Time(seconds, nanoseconds))
        if _libc.timerfd_settime(self._descriptor, _TFD_TIMER_ABSTIME, ctypes.byref(setting), None) != 0:
            raise OSError(ctypes.get_errno(), "timerfd_settime")

    def acknowledge(self):
        """Takes the expiry, so that it is no longer readable."""
        try:
            os.read(self._descriptor, 8)
        except BlockingIOError:
            pass


def wake_precisely():
    """Asks the kernel not to round this thread's wake-ups to 50 microseconds (prctl(2), PR_SET_TIMERSLACK)."""
    _libc.prctl(_PR_SET_TIMERSLACK, 1, 0, 0, 0)
