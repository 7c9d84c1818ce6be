"""Random sets of tenants with promises, to be admitted or not, and then to be kept. Pure: a seed makes the same set."""

import dataclasses
import random

ASKED = 1.1  # of a reservation
RESERVABLE = 0.75  # of the disk, together; admission may well refuse so much
WEIGHTS = (50, 100, 400)
BACKLOG = 4  # operations that a tenant with a reservation keeps waiting


@dataclasses.dataclass(frozen=True)
class Promised:
    """A tenant that reads 4 KiB at random: with a target for its p99 (µs), or with a reserved rate."""

    name: str
    rate: int  # what it asks for, a second
    target: int | None = None
    reservation: int | None = None
    weight: int = 100

    @property
    def depth(self):
        return 1 if self.target else BACKLOG


def draw(seed, capacity, rate, p99):
    """2 to 4 tenants on a disk of `capacity` random reads a second.

    A reader of `rate` a second has a p99 of `p99` µs there when it is alone.
    """
    chance = random.Random(seed)
    target = round(p99 * chance.uniform(2, 6))
    promised = [Promised("reader-0", rate, target=target, weight=chance.choice(WEIGHTS))]
    left = RESERVABLE * capacity - rate
    for number in range(chance.randint(1, 3)):
        reservation = round(left * chance.uniform(0.15, 0.6))
        left -= reservation
        promised.append(Promised(f"reserved-{number}", round(ASKED * reservation), reservation=reservation,
                                 weight=chance.choice(WEIGHTS)))
    return promised
