"""Child processes that never outlive the runner."""

import ctypes
import os
import signal
import subprocess

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def start(arguments, **options):
    """Popen of a child that the kernel kills when the runner dies, however it dies.

    Call it from the main thread: the death signal is bound to the thread that forks.
    """
    parent = os.getpid()

    def bind_to_parent():
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    # A session of its own keeps the terminal's Ctrl-C to the runner, which then ends its children in order.
    return subprocess.Popen(arguments, preexec_fn=bind_to_parent, start_new_session=True, **options)


def end(process):
    """Kills PROCESS, if it still runs, and reaps it."""
    if process.poll() is None:
        process.kill()
    process.wait()
