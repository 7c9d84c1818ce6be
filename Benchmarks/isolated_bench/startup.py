"""How long it takes until /bin/true has run: every command in turn, round after round."""

import os
import time

from . import machine
from .errors import BenchError
from .figures import ratios, spread
from .peers import start_up_peers

WARM_UP_ROUNDS = 10


def measure(report, workspace, daemon, bin_directory, runs):
    """Prints the table of start-up times and judges the two targets."""
    peers = start_up_peers(workspace, daemon, bin_directory)
    report.heading(f"Start-up of /bin/true: wall time of {runs} runs each, in turn, after {WARM_UP_ROUNDS} to warm up")
    before = machine.load()
    started = time.monotonic()
    times, failures = _rounds(report, peers, runs)
    elapsed = time.monotonic() - started
    after = machine.load()

    rows = []
    result = {}
    for peer in peers:
        figures = spread(times[peer.name])
        row = [peer.name, *(f"{figures[key] * 1000:.2f}" for key in ("median", "p10", "p90"))]
        for other in ("bwrap", "crun"):
            if other not in times:
                row.append("-")
                continue
            ratio = ratios(times[peer.name], times[other])
            figures[f"ratio_to_{other}"] = ratio
            noise = f" ({ratio['p10']:.2f}-{ratio['p90']:.2f})" if other == "bwrap" else ""
            row.append(f"{ratio['median']:.2f}{noise}")
        rows.append([*row, peer.note])
        result[peer.name] = {**figures, "failures": failures[peer.name], "command": peer.command}
    report.table(["", "median ms", "p10", "p90", "/ bwrap (p10-p90)", "/ crun", ""], [row[:-1] + [""] for row in rows])
    for row in rows:
        report.line(f"  {row[0]}: {row[-1]}")
    stalled = (after["stalled_us"] - before["stalled_us"]) / 1e6 / elapsed
    report.line(f"load average {before['average']:.1f} -> {after['average']:.1f}; some task waited for a processor "
                f"{stalled:.0%} of the time" + (": too busy a machine for these figures" if stalled > 0.3 else ""))
    for name, count in failures.items():
        if count:
            report.line(f"WRONG: {count} of {runs + WARM_UP_ROUNDS} runs of {name} did not return 0")
    report.data["startup"] = {"commands": result, "rounds": runs, "cpu_stalled_share": stalled}

    own = result["isoctl run"]
    for other, limit, words in (("bwrap", 1.0, "at most bwrap's wall time"), ("crun", 0.6, "at most 0.6 of crun's")):
        if other in times:
            value = own[f"ratio_to_{other}"]["median"]
            report.target(f"start-up/{other}", value, limit,
                          f"isoctl run takes {value:.2f} of {other}; target: {words}")
    report.target("start-up/failures", failures["isoctl run"], 0,
                  f"{failures['isoctl run']} runs of isoctl did not return 0; target: none")


def _rounds(report, peers, runs):
    times = {peer.name: [] for peer in peers}
    failures = {peer.name: 0 for peer in peers}
    for number in range(WARM_UP_ROUNDS + runs):
        if number % 50 == 0 and number:
            report.progress(f"start-up: round {number} of {WARM_UP_ROUNDS + runs}")
        # Each round starts with another command, so that none always follows the same one.
        shift = number % len(peers)
        for peer in peers[shift:] + peers[:shift]:
            seconds, status = run_once(peer)
            if status != 0:
                failures[peer.name] += 1
                if failures[peer.name] > runs // 2:
                    raise BenchError(f"{' '.join(peer.command)} keeps failing (status {status})")
            if number >= WARM_UP_ROUNDS:
                times[peer.name].append(seconds)
    return times, failures


def run_once(peer, null=os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)):
    """(wall time in seconds, exit status) of one run with all three streams at the null device."""
    actions = [(os.POSIX_SPAWN_DUP2, null, number) for number in range(3)]
    environment = os.environ if peer.environment is None else peer.environment
    started = time.perf_counter()
    pid = os.posix_spawn(peer.command[0], peer.command, environment, file_actions=actions)
    _, status = os.waitpid(pid, 0)
    return time.perf_counter() - started, os.waitstatus_to_exitcode(status)
