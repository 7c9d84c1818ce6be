#!/usr/bin/env python3
"""Runs the attacks of attacks.txt in tenants and judges what comes of them; 35-escape.sh has prepared the host.

Each attack is made twice: in a tenant of the installed product, where it must be refused as the table says, and in a
tenant of the test's own daemon whose tenant-init leaves out one defence (weak/weak.c), where it must succeed or reach
another refusal. All attacks are made once more as the default user, where none may succeed, and once more by a command
that enters the tenant, which must be refused as the tenant's own is.
"""

import collections
import contextlib
import functools
import os
import subprocess
import sys
import time
from pathlib import Path

import table

PRODUCT = "/run/isolated/io.isolated"
WEAK = "/run/escape/io.isolated"
PROGRAM = "/usr/local/lib/escape/attack"
HOST = Path("/srv/escape")
FACTS = ("VICTIM_PID", "VICTIM_WORD", "HOST_PID", "HOST_PORT", "SHARED_KEY", "DISK_MAJOR", "DISK_MINOR", "BOMB_MIB")
PATIENCE = 240
KILLED = 137

numbers = iter(range(1, 10_000))


def policy(user, without="", lines=()):
    """A policy that is the default's but for the user, the memory and what LINES say."""
    facts = {name: os.environ[name] for name in FACTS}
    if without:
        facts["WITHOUT"] = without
    text = ["tenant: escape", f"command: [{PROGRAM}]", "environment:"]
    text += [f'  {name}: "{value}"' for name, value in facts.items()]
    if user == "root":
        text.append("user: root")
    if not any(line.startswith("memory:") for line in lines):
        text.append("memory: {max: 160MiB}")
    return "\n".join([*text, *lines]) + "\n"


def isoctl(action, socket, text, *arguments, **options):
    """The finished `isoctl ACTION` of a policy's text, under a name that nobody has."""
    file = Path(f"policy-{next(numbers)}.yaml")
    file.write_text(text)
    name = options.pop("name", f"escape-{file.stem}")
    options = {"stdin": subprocess.DEVNULL} | options
    return subprocess.run(
        ["isoctl", action, "--socket", socket, "-f", str(file), "--name", name, *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", timeout=PATIENCE, **options)


def verdicts(output):
    """What `attack` has printed: by its name, ESCAPED with the proof, or the refusal."""
    found = {}
    for line in output.splitlines():
        fields = line.split("\t")
        if len(fields) == 3:
            name, verdict, detail = fields
            found[name] = detail if verdict in ("REFUSED", "KILLED") else f"{verdict} {detail}"
    return found


def make(attacks, user, socket, without=""):
    """Makes attacks in one tenant; those of which nothing is heard were ended with it."""
    if not attacks:
        return {}
    lines = ["memory: {max: 16MiB}"] if any(attack.alone and attack.name.endswith("bomb") for attack in attacks) else []
    done = isoctl("run", socket, policy(user, without, lines), "--", PROGRAM, *(attack.name for attack in attacks))
    found = verdicts(done.stdout)
    if done.returncode == KILLED and len(attacks) == 1 and not found:
        return {attacks[0].name: "SIGKILL of the tenant"}
    if not found:
        print(f"a run as {user} without '{without}' ended with {done.returncode}:\n{done.stderr}{done.stdout}")
    return found


def runs(attacks):
    """Attacks that may share a tenant, together."""
    groups = collections.defaultdict(list)
    for attack in attacks:
        groups[attack.name if attack.alone else ""].append(attack)
    return groups.values()


# --- moves from outside --------------------------------------------------------------------------------------------

def first_escape(outputs):
    """ESCAPED if one of the runs says so, else "refused"; a run that starts and finds nothing counts as refused."""
    for output in outputs:
        for verdict in verdicts(output).values():
            if verdict.startswith("ESCAPED"):
                return verdict
    return "refused"


def stream_directory(socket, without):
    """A directory of the host as standard input."""
    directory = os.open(HOST, os.O_RDONLY | os.O_DIRECTORY)
    try:
        done = isoctl("run", socket, policy("root", without), "--", PROGRAM, "stream-directory",
                      stdin=subprocess.DEVNULL if without else directory)
    finally:
        os.close(directory)
    return first_escape([done.stdout])


def working_directory(socket, without):
    """A policy whose working directory is whatever descriptor is open."""
    def outputs():
        for number in range(3, 24 if without else 12):
            lines = [f"directory: /proc/self/fd/{number}"]
            yield isoctl("run", socket, policy("root", without, lines), "--", PROGRAM, "working-directory").stdout
    return first_escape(outputs())


def nested(place):
    """Lines of a policy with a mount at PLACE of a directory that others may write."""
    return ["root:", "  writable:", f"    - {{path: /srv/shared, source: {HOST}/shared}}",
            f"    - {{path: /srv/shared/{place}/deep, source: {HOST}/other}}"]


def outside(*statuses):
    """Whether a mount point was made outside of the root."""
    made = sorted(path.name for path in (HOST / "outside").iterdir())
    for name in made:
        (HOST / "outside" / name).rmdir()
    if made:
        return f"ESCAPED made {made[0]} on the host, outside of the root"
    return "refused" if all(statuses) else "never outside"


@contextlib.contextmanager
def racing():
    """A tenant that exchanges a directory and a link for as long as the block takes."""
    lines = ["root:", "  writable:", f"    - {{path: /srv/shared, source: {HOST}/shared}}"]
    started = isoctl("spawn", PRODUCT, policy("user", "", lines), "--", PROGRAM, "--flip", "/srv/shared", name="racer")
    if started.returncode != 0:
        raise RuntimeError(started.stderr)
    try:
        yield
    finally:
        subprocess.run(["isoctl", "stop", "--grace=0ms", "racer"], check=True, capture_output=True)
        subprocess.run(["isoctl", "forget", "racer"], check=True, capture_output=True)


def symlink_race(socket, without):
    """A mount below a directory that another tenant exchanges with a link to the outside."""
    statuses = []
    with racing():
        for _ in range(20):
            done = isoctl("run", socket, policy("user", without, nested("place")), "--", "/bin/true")
            statuses.append(done.returncode)
            if without and list((HOST / "outside").iterdir()):
                break
    if not without and (all(statuses) or not any(statuses)):
        return f"no race: the starts ended with {statuses}"
    # The racer may have left the two exchanged.
    if (HOST / "shared/place").is_symlink():
        (HOST / "shared/place").rename(HOST / "shared/exchanged")
        (HOST / "shared/link").rename(HOST / "shared/place")
        (HOST / "shared/exchanged").rename(HOST / "shared/link")
    return outside(*statuses)


def symlink_tree(socket, without):
    """A mount behind a chain of links, and one behind links that lead in a circle."""
    statuses = [isoctl("run", socket, policy("user", without, nested(place)), "--", "/bin/true").returncode
                for place in ("chain", "circle")]
    return outside(*statuses)


def links_in_base(socket, without):
    """A root file system in which the places of /proc and /dev are links to the outside."""
    base = HOST / "base"
    text = policy("root", without, ["root:", f"  base: {base}"])
    for name in ("proc", "dev"):
        (base / name).rmdir()
        (base / name).symlink_to(HOST / "outside")
        done = isoctl("run", socket, text, "--", "/bin/attack", "--is-root")
        (base / name).unlink()
        (base / name).mkdir()
        if done.returncode == 0:
            return f"ESCAPED /{name} was mounted on the host, outside of the root"
    plain = isoctl("run", socket, text, "--", "/bin/attack", "--is-root")
    return "refused" if plain.returncode == 0 else f"without links it ends with {plain.returncode}: {plain.stderr}"


def loose_user_id(socket, without):
    """User ids of the root's own passwd file that a lenient reader takes for 0, 33 or no number at all."""
    passwd = HOST / "base/etc/passwd"
    plain = passwd.read_text()
    lines = ["root:", f"  base: {HOST}/base", "user: odd"]
    try:
        for number in ("0x21", "+33", " 33", "33 ", "-1", "4294967296", "4294967329", "65536", ""):
            passwd.write_text(plain + f"odd:x:{number}:33::/:/bin/sh\n")
            if isoctl("run", socket, policy("user", without, lines), "--", "/bin/attack", "--list").returncode == 0:
                return f"ESCAPED the user id '{number}' was taken"
        passwd.write_text(plain + "odd:x:33:33::/:/bin/sh\n")
        done = isoctl("run", socket, policy("user", without, lines), "--", "/bin/attack", "--list")
    finally:
        passwd.write_text(plain)
    return "refused" if done.returncode == 0 else f"a plain user id is refused too: {done.stderr}"


def log_flood(socket, without):
    """Twelve megabytes of output at once under a bound of 64 KiB; what of it is in the journal.

    The journal itself keeps up with a part of it only, so it is the bound that is asked for here, not the flood."""
    size, name = 12_000_000, f"flood-{'weak' if without else 'product'}"
    bound = ["logs: {rate: 16KiB/s, burst: 64KiB}"]
    script = f"head -c {size} /dev/zero | tr '\\0' a | fold -w 4000"
    began = time.monotonic()
    started = isoctl("spawn", socket, policy("user", without, bound), "--", "/bin/sh", "-c", script, name=name)
    if started.returncode != 0:
        return started.stderr
    subprocess.run(["isoctl", "wait", "--socket", socket, name], check=False, capture_output=True, timeout=PATIENCE)
    seconds = time.monotonic() - began
    subprocess.run(["journalctl", "--sync"], check=True)
    journal = ["journalctl", "--output=cat", f"--identifier={name}"]
    kept = subprocess.run(journal, capture_output=True, check=True).stdout.count(b"a")
    if kept > 1 << 20:
        return f"ESCAPED {kept} of {size} bytes came through in {seconds:.0f} s"
    print(f"{name}: {kept} of {size} bytes came through in {seconds:.0f} s")
    return "the rest was dropped" if kept > 0 else "nothing is in the journal"


def entering_process(socket, without):
    """A tenant that lies in wait for `isoctl exec`."""
    name = f"waiting-{'weak' if without else 'product'}"
    file = Path(f"{name}.yaml")
    file.write_text(policy("root", without))
    waits = subprocess.Popen(["isoctl", "run", "--socket", socket, "-f", str(file), "--name", name, "--",
                              PROGRAM, "entering-process"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    while waits.poll() is None:
        enter = ["isoctl", "exec", "--socket", socket, name, "--", "/bin/true"]
        subprocess.run(enter, check=False, capture_output=True)
    return verdicts(waits.stdout.read()).get("entering-process", "no verdict")


def core_handler(socket, without):
    """A crash, with a handler of core dumps that leaves a file."""
    pattern = Path("/proc/sys/kernel/core_pattern")
    before, mark = pattern.read_text(), HOST / "handled"
    handler = HOST / "handler"
    handler.write_text(f"#!/bin/sh\ncat >/dev/null\ntouch {mark}\n")
    handler.chmod(0o755)
    pattern.write_text(f"|{handler}")
    try:
        for limit in ("", "ulimit -S -c 0; ", "ulimit -S -c unlimited; "):
            script = f"{limit}kill -SEGV $$"
            done = isoctl("run", socket, policy("root", without), "--", "/bin/sh", "-c", script)
            time.sleep(1)
            if mark.exists():
                mark.unlink()
                return f"ESCAPED the host's handler ran on a tenant's memory after '{script}'"
            if done.returncode != 139:
                return f"'{script}' ended with {done.returncode}: {done.stderr}"
    finally:
        pattern.write_text(before)
    return "no handler ran"


def take_all(kind, socket, without):
    """A tenant takes as many of something as it gets; then the host's root and a neighbour want one each."""
    name = f"holder-{'weak' if without else 'product'}"
    file = Path(f"{name}.yaml")
    file.write_text(policy("root", without))
    holder = subprocess.Popen(["isoctl", "run", "--socket", socket, "-f", str(file), "--name", name, "--",
                               PROGRAM, "--hold", kind], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    try:
        held = holder.stdout.readline().strip()
        host = subprocess.run([PROGRAM, "--take", kind], capture_output=True, check=False, text=True).stdout.strip()
        neighbour = isoctl("run", socket, policy("root", without), "--", PROGRAM, "--take", kind).stdout.strip()
    finally:
        subprocess.run(["isoctl", "stop", "--socket", socket, "--grace=0ms", name], check=False, capture_output=True)
        holder.wait(timeout=PATIENCE)
    if not held.startswith("held "):
        return f"the holder said '{held}'"
    if (host, neighbour) == ("taken", "taken"):
        return "others get theirs"
    return f"ESCAPED it {held}; then the host: {host}, a neighbour: {neighbour}"


MOVES = {"stream-directory": stream_directory, "working-directory": working_directory, "symlink-race": symlink_race,
         "symlink-tree": symlink_tree, "links-in-base": links_in_base, "loose-user-id": loose_user_id,
         "core-handler": core_handler, "entering-process": entering_process, "log-flood": log_flood}
MOVES |= {f"all-{kind}": functools.partial(take_all, kind)
          for kind in ("watchers", "signals", "timers", "queues", "terminals")}


# --- judging -------------------------------------------------------------------------------------------------------

def by_default(attacks):
    """What each attack reports in a tenant of the product."""
    found = {}
    for user in ("root", "user"):
        for group in runs([attack for attack in attacks if attack.user == user]):
            found |= make(group, user, PRODUCT)
    for attack in attacks:
        if attack.user == "spawn":
            found[attack.name] = MOVES[attack.name](PRODUCT, "")
    return found


def as_default_user(attacks):
    """The same for those that were made as root, as the default user: nobody may get further than root does."""
    shared = [attack for attack in attacks if attack.user == "root" and not attack.alone]
    return make(shared, "user", PRODUCT)


def by_command(attacks):
    """What attacks report when a command of `isoctl exec` makes them in a tenant that only sleeps."""
    found = {}
    for user in ("root", "user"):
        shared = [attack.name for attack in attacks if attack.user == user and not attack.alone]
        if not shared:
            continue
        name = f"entered-{user}"
        started = isoctl("spawn", PRODUCT, policy(user), "--", "/bin/sleep", "infinity", name=name)
        if started.returncode != 0:
            raise RuntimeError(started.stderr)
        try:
            enter = ["isoctl", "exec", name, "--", PROGRAM, *shared]
            done = subprocess.run(enter, capture_output=True, text=True, errors="replace", timeout=PATIENCE, check=False)
        finally:
            subprocess.run(["isoctl", "stop", "--grace=0ms", name], check=True, capture_output=True)
            subprocess.run(["isoctl", "forget", name], check=True, capture_output=True)
        found |= {name: "no verdict" for name in shared} | verdicts(done.stdout)
    return found


def controls(attacks):
    """What each attack reports without the defence that the table names."""
    found, groups = {}, collections.defaultdict(list)
    for attack in attacks:
        if attack.without and attack.user == "spawn":
            found[attack.name] = MOVES[attack.name](WEAK, attack.without)
        elif attack.without:
            groups[attack.user, attack.without, attack.name if attack.alone else ""].append(attack)
    for (user, without, _), group in groups.items():
        found |= make(group, user, WEAK, without)
    return found


def judge(attacks, default, plain, entered, control):
    """Complaints, and the rows of the report."""
    complaints, rows = [], []
    for attack in attacks:
        got, weak = default.get(attack.name, "no verdict"), control.get(attack.name, "no verdict")
        if got != attack.refusal:
            complaints.append(f"{attack.name}: by default '{got}' where the table says '{attack.refusal}'")
        if attack.name in plain and plain[attack.name].startswith(("ESCAPED", "NOT-APPLICABLE")):
            complaints.append(f"{attack.name}: as the default user '{plain[attack.name]}'")
        if entered.get(attack.name, attack.refusal) != attack.refusal:
            complaints.append(f"{attack.name}: by a command that entered '{entered[attack.name]}' "
                              f"where the table says '{attack.refusal}'")
        if attack.without and weak.split(" ")[0] != attack.control and weak != attack.control:
            complaints.append(
                f"{attack.name}: without {attack.without} '{weak}' where the table says '{attack.control}'")
        rows.append((attack.name, got, attack.defence, attack.without or "-", weak if attack.without else "-"))
    return complaints, rows


def show(rows):
    """The report's lines, in columns."""
    head = ("ATTACK", "BY DEFAULT", "DEFENCE", "LEFT OUT", "THEN")
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head) - 1)]
    return ["  ".join([*(text.ljust(width) for text, width in zip(row, widths)), row[-1]]) for row in [head, *rows]]


def main():
    attacks, waiting = table.parse(Path(__file__).with_name("attacks.txt").read_text())
    if wanted := sys.argv[2:]:
        attacks = [attack for attack in attacks if attack.name in wanted]
    began = time.monotonic()
    default = by_default(attacks)
    plain = as_default_user(attacks)
    entered = by_command(attacks)
    middle = time.monotonic()
    control = controls(attacks)
    complaints, rows = judge(attacks, default, plain, entered, control)
    report = show(rows)
    report += [f"waiting: {each.name} {each.reason}" for each in waiting]
    times = f"{middle - began:.0f} s by default, {time.monotonic() - middle:.0f} s of controls"
    report.append(f"{len(attacks)} attacks; {times}")
    Path(sys.argv[1]).write_text("\n".join(report) + "\n")
    print("\n".join(report))
    print("\n".join(f"FAIL  {complaint}" for complaint in complaints))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
