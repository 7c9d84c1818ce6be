"""Measures the cases of a plan in the guest, one disk after another; a line of JSON on stdout for each result."""

import json
import os
import sys
import time

from io_bench.cases import from_json

from .bench import Bench
from .groups import make_slice
from .program import make_scratch
from .victims import BY_NAME as VICTIMS

SLACK = 300  # seconds beyond what a case is to take, before it has failed


def main(path):
    with open(path) as file:
        plan = json.load(file)
    known = [(from_json(entry["case"]), entry["result"]) for entry in plan["known"]]
    cases = [from_json(entry) for entry in plan["cases"]]
    make_slice()
    make_scratch()
    say({"guest": guest_facts()})
    for disk in dict.fromkeys(case.disk for case in cases):
        mine = [case for case in cases if case.disk == disk]
        say({"progress": f"preparing {disk}"})
        bench = Bench(disk, [name for name in VICTIMS if any(case.victim == name for case in mine)])
        for case, result in known:
            if case.disk == disk:
                bench.facts.learn(case, result)
        for case in mine:
            say({"progress": case.label()})
            begun = time.monotonic()
            result = bench.measure(case, SLACK + case.lead + case.seconds + case.idle)
            say({"case": case.as_json(), "result": result, "took": round(time.monotonic() - begun, 1)})


def say(message):
    sys.stdout.write(json.dumps(message, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def guest_facts():
    """On what the figures were taken."""
    with open("/proc/sys/kernel/osrelease") as file:
        return {"kernel": file.read().strip(), "processors": os.cpu_count()}
