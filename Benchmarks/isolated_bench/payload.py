"""The payload of idle tenants."""

import subprocess
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent / "payload/sleeper.c"


def build_sleeper(directory):
    """Compiles the sleeper and gives its path."""
    program = directory / "sleeper"
    subprocess.run(["gcc", "-Os", "-static", "-nostdlib", "-ffreestanding", "-fno-asynchronous-unwind-tables",
                    "-Wl,--build-id=none", "-o", str(program), str(SOURCE)], check=True)
    program.chmod(0o755)
    return program


def sleeper_policy(program):
    """A policy for it: the defaults, and its program readable."""
    return (f"tenant: idle\ncommand: [{program}]\nenforcement: best-effort\nmemory: {{max: 8MiB}}\n"
            f"root: {{base: host, readable: [{program.parent}]}}\nstop: {{grace: 0}}\n")
