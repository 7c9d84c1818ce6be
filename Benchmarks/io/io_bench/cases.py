"""One measurement, as it is asked for: a plain value with a key that changes when its definition does."""

import dataclasses
import hashlib
import json

from .disks import DISKS, NULL_BLOCK
from .workloads import DIVISIONS, Neighbour

# Raised when measuring changes, so that earlier results count no more.
EDITION = 5

MECHANISMS = ("none", "io.max", "bfq", "io.cost", "isolated")
VICTIMS = ("reader", "postgres", "redis")
# One of their requests waits for several operations of the disk, one after another; a target is for each of these.
OBSERVED = ("postgres", "redis")


@dataclasses.dataclass(frozen=True)
class Case:
    """`kind` says which of the fields count.

    rates: what the disk can do. solo: a victim alone (`round`). calibrate: isoctl's calibration of the disk.
    observe: a victim's own IO, alone, as isoctl shows it.
    tune: io.cost's bounds. contention: a victim beside a neighbour, or beside nobody. alone and division: rates of the
    members of DIVISIONS, and how they share. reservation: a tenant that was promised a rate. promises: a random
    set of them (`round`).
    Times in seconds: `lead` is before the neighbour starts, `seconds` is what is measured, `idle` is after the victim.
    """

    kind: str
    disk: str
    seconds: float = 0
    mechanism: str = ""
    victim: str = ""
    neighbour: Neighbour | None = None
    lead: float = 0
    idle: float = 0
    round: int = 0
    division: str = ""

    def definition(self):
        """Everything that the result depends on, but the machine."""
        definition = {"edition": EDITION, "case": dataclasses.asdict(self), "disk": dataclasses.asdict(DISKS[self.disk]),
                      "null": NULL_BLOCK if not DISKS[self.disk].options else None,
                      "members": [dataclasses.asdict(member) for member in DIVISIONS.get(self.division, ())]}
        if self.kind == "contention" and self.stands_on_observation():
            definition["targets"] = "observed"
        if self.kind == "observe" or self.kind == "contention" and self.goes_by_memory():
            definition["caches"] = "dropped"
        return definition

    def goes_by_memory(self):
        """Whether somebody in it writes files by way of the page cache."""
        return self.victim in OBSERVED or self.neighbour is not None and self.neighbour.cache == "buffered"

    def stands_on_observation(self):
        """Whether its targets are of the victim's own IO: those of one whose latencies are of more than one operation."""
        return self.mechanism == "isolated" and self.victim in OBSERVED

    def key(self, product=""):
        """A file name: what it is in words, and a digest. `product` counts only where the product is measured."""
        definition = [self.definition(), product if self.needs_product() else ""]
        digest = hashlib.sha256(json.dumps(definition, sort_keys=True).encode()).hexdigest()[:12]
        number = f"round{self.round}" if self.kind in ("solo", "promises") else ""
        words = [self.disk, self.kind, self.mechanism, self.victim, number]
        return "-".join([*filter(None, words), digest])

    def needs_product(self):
        return self.mechanism == "isolated" or self.kind == "calibrate"

    def label(self):
        """For people."""
        words = [self.disk, self.kind, self.mechanism, self.victim, self.division]
        if self.kind == "contention":
            words.append(f"beside {self.neighbour.label()}" if self.neighbour else "beside nobody")
        return " · ".join(filter(None, words))

    def as_json(self):
        return dataclasses.asdict(self)


def from_json(value):
    """The case of `as_json`."""
    neighbour = Neighbour(**value["neighbour"]) if value["neighbour"] else None
    return Case(**{**value, "neighbour": neighbour})
