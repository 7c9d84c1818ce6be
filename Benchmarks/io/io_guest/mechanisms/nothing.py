"""No control at all: the kernel's default for NVMe drives."""

from ..groups import MOUNT, PlainGroup
from ..tenants import stop_product


class Nothing:
    """The face of a mechanism: use it as a context manager around the groups that `group` makes.

    `settings` says in the results what was used.
    """

    name = "none"

    def __init__(self, disk, facts):
        self.disk = disk
        self.facts = facts
        self.settings = {}

    def __enter__(self):
        """The kernel alone: nothing of the product runs, and no earlier mechanism is left on the disk."""
        stop_product()
        self.disk.set_scheduler("none")
        (MOUNT / "io.cost.qos").write_text(f"{self.disk.number} enable=0")
        return self

    def __exit__(self, *_):
        pass

    def group(self, name, share):
        """A group that gets the Share as far as the mechanism can give it."""
        return PlainGroup(name)
