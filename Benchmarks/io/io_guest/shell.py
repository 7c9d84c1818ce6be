"""Running commands."""

import subprocess

from .failure import Failed


def run(*command, stdin=None, timeout=180):
    """The output of a command that must succeed."""
    done = subprocess.run([str(word) for word in command], input=stdin, capture_output=True, text=True, check=False,
                          timeout=timeout)
    if done.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))}: status {done.returncode}: {(done.stderr or done.stdout).strip()}")
    return done.stdout
