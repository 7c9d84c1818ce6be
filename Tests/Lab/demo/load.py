"""Requests at the web server: ab, from a slice of its own that the machine serves first.

The clients stand for other machines: they must not wait for a processor behind the neighbour, or the figures would
show their suffering and not the server's.
"""

import csv
import re
import subprocess
import tempfile

URL = "http://127.0.0.1:8080/index.html"
CLIENTS = 4
AS_CLIENT = ["systemd-run", "--quiet", "--wait", "--pipe", "--collect", "--slice=demo-clients.slice",
             "--property=CPUWeight=10000", "--property=TimeoutStopSec=5"]


def drive(seconds):
    """Figures of `seconds` of requests as fast as they are answered: rate, failures, percentiles in ms."""
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        done = subprocess.run(
            [*AS_CLIENT, "ab", "-q", "-r", "-s", "60", "-t", str(seconds), "-n", "1000000", "-c", str(CLIENTS),
             "-e", file.name, URL], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"ab failed: {(done.stderr or done.stdout).strip()}")
        served = {}
        for row in csv.reader(open(file.name, newline="")):
            if row[0].isdigit():
                served[int(row[0])] = float(row[1])
    return {
        "rate": _figure(done.stdout, r"Requests per second:\s+([\d.]+)"),
        "complete": int(_figure(done.stdout, r"Complete requests:\s+(\d+)")),
        "failed": int(_figure(done.stdout, r"Failed requests:\s+(\d+)")),
        **{f"p{percent}": served[percent] for percent in (50, 95, 99)},
    }


def answers(url=URL):
    """Whether one request is answered with success within ten seconds."""
    command = ["curl", "--silent", "--fail", "--output", "/dev/null", "--max-time", "10", url]
    return subprocess.run([*AS_CLIENT, *command], check=False, capture_output=True).returncode == 0


def _figure(text, pattern):
    found = re.search(pattern, text)
    if not found:
        raise RuntimeError(f"ab printed no '{pattern}':\n{text}")
    return float(found.group(1))
