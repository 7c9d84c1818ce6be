"""The hostile neighbour: takes what it can get, within bounds that keep an unprotected machine alive.

Usage: neighbour.py swarm PROCESSES SECONDS | memory MIB | forks PROCESSES
The program is given to python3 by its text, so it uses nothing but the standard library.
"""

import os
import signal
import sys
import time


def swarm(processes, seconds):
    """A fork bomb whose every process burns the processor and writes to memory of its own."""
    made = fork_many(processes, lambda: burn(time.monotonic() + seconds))
    print(f"swarm: {made} processes of {processes} burn the processor", flush=True)
    burn(time.monotonic() + seconds)


def burn(until):
    held = bytearray(1 << 20)
    while time.monotonic() < until:
        for offset in range(0, len(held), 4096):
            held[offset] = (held[offset] + 1) & 255


def memory(mebibytes):
    """Holds more and more memory."""
    held = []
    while len(held) < mebibytes:
        held.append(bytearray(b"x" * (1 << 20)))
        if len(held) % 32 == 0:
            print(f"memory: holds {len(held)} MiB", flush=True)
    print(f"memory: got all {mebibytes} MiB", flush=True)


def forks(processes):
    """Forks until it is refused."""
    made = fork_many(processes, signal.pause)
    print(f"forks: {made} of {processes} processes", flush=True)
    signal.pause()


def fork_many(count, body):
    """Forks up to `count` children that run `body`, and tells how many there are."""
    for made in range(count):
        try:
            pid = os.fork()
        except OSError as error:
            print(f"fork: {error.strerror}", flush=True)
            return made
        if pid == 0:
            body()
            os._exit(0)
    return count


{"swarm": swarm, "memory": memory, "forks": forks}[sys.argv[1]](*map(int, sys.argv[2:]))
