#!/usr/bin/env python3
"""Reads attacks.txt; as a program, prints the part of docs/escape-suite.md that is made from it."""

import dataclasses
import sys
from pathlib import Path

FIELDS = 7


@dataclasses.dataclass(frozen=True)
class Attack:
    """A line of the table."""

    section: str
    name: str
    move: str
    user: str       # "root", "user" or "spawn"
    alone: bool     # whether it has a tenant of its own
    refusal: str
    defence: str
    without: str    # "" where there is no control run
    control: str    # what the control run reports, or why there is none


@dataclasses.dataclass(frozen=True)
class Waiting:
    """An attack that isn't run yet."""

    name: str
    move: str
    reason: str


def parse(text):
    """The attacks, and those that wait; a line that can't be understood is a ValueError with its number."""
    section, attacks, waiting = "", [], []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("## "):
            section = line[3:]
        if not line or line.startswith("#"):
            continue
        fields = [field.strip() for field in line.split(" | ")]
        if fields[0] == "waiting" and len(fields) == 4:
            waiting.append(Waiting(*fields[1:]))
            continue
        if len(fields) != FIELDS or not all(fields):
            raise ValueError(f"line {number}: {len(fields)} fields where {FIELDS} belong")
        name, move, kind, refusal, defence, without, control = fields
        user, _, alone = kind.partition(" ")
        if user not in ("root", "user", "spawn") or alone not in ("", "alone"):
            raise ValueError(f"line {number}: '{kind}' is not root, user or spawn")
        if control == refusal:
            raise ValueError(f"line {number}: the control would report the same, so it could not fail")
        attacks.append(Attack(section, name, move, user, alone == "alone", refusal, defence,
                              "" if without == "-" else without, control))
    names = [attack.name for attack in attacks] + [each.name for each in waiting]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"named twice: {', '.join(sorted(twice))}")
    return attacks, waiting


def document(attacks, waiting):
    """The tables of the page, in Markdown."""
    lines, section = [], None
    for attack in attacks:
        if attack.section != section:
            section = attack.section
            lines += ["", f"### {section}", "", "| attack | the move | refused by | by default | left out | then |",
                      "|---|---|---|---|---|---|"]
        left_out = ", ".join(f"`{word}`" for word in attack.without.split(",")) if attack.without else "–"
        then = attack.control if attack.control.startswith("ESCAPED") or not attack.without else f"`{attack.control}`"
        lines.append(f"| {attack.name} | {attack.move} | {attack.defence} | `{attack.refusal}` | {left_out} "
                     f"| {then.replace('ESCAPED', 'succeeds')} |")
    if waiting:
        lines += ["", "### Not run yet", ""]
        lines += [f"- {each.name}: {each.move}; waits {each.reason}." for each in waiting]
    return "\n".join(lines[1:]) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document(*parse(Path(__file__).with_name("attacks.txt").read_text())))
