"""BFQ, by its own weights (it doesn't obey io.weight)."""

from ..shell import run
from .nothing import Nothing


class BFQ(Nothing):
    name = "bfq"

    def __enter__(self):
        super().__enter__()
        run("modprobe", "bfq")
        self.disk.set_scheduler("bfq")
        return self

    def __exit__(self, *_):
        self.disk.set_scheduler("none")

    def group(self, name, share):
        group = super().group(name, share)
        group.set("io.bfq.weight", share.kernel_weight)
        self.settings[name] = f"io.bfq.weight {share.kernel_weight}"
        return group
