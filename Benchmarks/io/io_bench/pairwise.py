"""A small set of combinations in which every two values of different factors that can go together do."""

import itertools
import random

TRIES = 10  # seeds; the smallest set of them is taken
CANDIDATES = 30  # rows that compete for each place


def pairs_of(row):
    """The pairs of (factor, value) in a row, in the order of its factors."""
    return set(itertools.combinations(row.items(), 2))


def possible_pairs(factors, allowed):
    """Every pair that can be a part of some allowed row."""
    pairs = set()
    names = list(factors)
    for first, second in itertools.combinations(names, 2):
        for one, other in itertools.product(factors[first], factors[second]):
            if _complete({first: one, second: other}, factors, allowed) is not None:
                pairs.add(((first, one), (second, other)))
    return pairs


def covering_set(factors, allowed):
    """Rows ({factor: value}) that cover all possible pairs, the same ones each time.

    `factors` maps names to values, the preferred one first; `allowed` takes a row or a part of one and says whether it
    can be. Greedy, over several seeds; then each value gives way to its factor's first one wherever no pair is lost.
    """
    goal = possible_pairs(factors, allowed)
    best = None
    for seed in range(TRIES):
        rows = _greedy(factors, allowed, goal, random.Random(seed))
        if best is None or len(rows) < len(best):
            best = rows
    return sorted(_with_preferred(best, factors, allowed, goal), key=lambda row: _order(row, factors))


def _greedy(factors, allowed, goal, chance):
    missing, rows = set(goal), []
    while missing:
        candidates = (_candidate(factors, allowed, missing, chance) for _ in range(CANDIDATES))
        row = max(candidates, key=lambda candidate: len(pairs_of(candidate) & missing))
        missing -= pairs_of(row)
        rows.append(row)
    return rows


def _candidate(factors, allowed, missing, chance):
    """A row around one missing pair, each further value being one that covers most."""
    row = dict(chance.choice(sorted(missing, key=repr)))
    others = [name for name in factors if name not in row]
    chance.shuffle(others)
    for name in others:
        fitting = [value for value in factors[name]
                   if _complete({**row, name: value}, factors, allowed) is not None]
        gains = {value: _gain(row, name, value, factors, missing) for value in fitting}
        most = max(gains.values())
        row[name] = chance.choice([value for value in fitting if gains[value] == most])
    return {name: row[name] for name in factors}


def _gain(row, name, value, factors, missing):
    order = {factor: place for place, factor in enumerate(factors)}
    return sum(tuple(sorted(((other, known), (name, value)), key=lambda item: order[item[0]])) in missing
               for other, known in row.items())


def _complete(row, factors, allowed):
    """Some whole allowed row with these values, or None."""
    if not allowed(row):
        return None
    for name in factors:
        if name not in row:
            for value in factors[name]:
                whole = _complete({**row, name: value}, factors, allowed)
                if whole is not None:
                    return whole
            return None
    return row


def _with_preferred(rows, factors, allowed, goal):
    rows = [dict(row) for row in rows]
    for name, values in factors.items():
        for row in rows:
            before = row[name]
            row[name] = values[0]
            if not allowed(row) or goal - set().union(*map(pairs_of, rows)):
                row[name] = before
    return rows


def _order(row, factors):
    return [factors[name].index(row[name]) for name in factors]
