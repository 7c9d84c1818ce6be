"""What is started in a group or as a tenant."""

import dataclasses
import shutil
from pathlib import Path

# In memory, so that logs and sockets cost the measured disk nothing.
SCRATCH = Path("/run/bench-io")
USERS = {"nobody": "nogroup", "postgres": "postgres", "redis": "redis"}


def scratch_of(user):
    """The part of SCRATCH that is the user's: a tenant may only write where the owner is one of its own ids."""
    return SCRATCH / user


def make_scratch():
    SCRATCH.mkdir(mode=0o755)
    for user, group in USERS.items():
        scratch_of(user).mkdir(mode=0o777)
        shutil.chown(scratch_of(user), user, group)


@dataclasses.dataclass(frozen=True)
class Program:
    """A command, whom it runs as, where it may write beside its user's scratch, and the size of its group's memory."""

    command: tuple
    writable: tuple
    user: str = "nobody"
    memory_mib: int = 128
    io_uring: bool = False


@dataclasses.dataclass(frozen=True)
class Share:
    """What a group is to have of the disk; each mechanism takes what it has a knob for.

    `weight` is the policy's; `kernel_weight` goes to BFQ and io.cost. `limit` is (bytes read, bytes written) a second,
    for io.max alone; for the product alone `targets`, a p99 in µs for each operation that has one, and `reservation`,
    operations a second.
    """

    weight: int = 100
    kernel_weight: int = 100
    limit: tuple | None = None
    targets: dict = dataclasses.field(default_factory=dict)
    reservation: float | None = None

    def no_tighter_than(self, least):
        """The same with no target below `least` µs."""
        return dataclasses.replace(self, targets={name: max(target, least) for name, target in self.targets.items()})
