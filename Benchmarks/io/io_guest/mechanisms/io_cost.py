"""io.cost, tuned by hand: a model from the rates measured in this run, and a fixed vrate.

The latency targets of 100 ms are there for the period alone, which the kernel derives from them: with rpct=wpct=0 they
steer nothing, and with a short period io.cost lets through more than its nominal rate.
"""

from ..groups import MOUNT
from .nothing import Nothing

PERIOD_US = 100_000
PERCENTS = (97, 93, 90)  # what `tune` tries


class IOCost(Nothing):
    name = "io.cost"

    def __init__(self, disk, facts, percent=None):
        super().__init__(disk, facts)
        self._percent = percent

    def __enter__(self):
        super().__enter__()
        percent = self._percent or self.facts.io_cost_percent
        model = "ctrl=user model=linear " + " ".join(
            f"{key}={max(1, int(value))}" for key, value in model_of(self.facts.rates).items())
        bounds = (f"enable=1 ctrl=user rpct=0 rlat={PERIOD_US} wpct=0 wlat={PERIOD_US} "
                  f"min={percent:.2f} max={percent:.2f}")
        (MOUNT / "io.cost.model").write_text(f"{self.disk.number} {model}")
        (MOUNT / "io.cost.qos").write_text(f"{self.disk.number} {bounds}")
        self.settings = {"io.cost.model": model, "io.cost.qos": bounds}
        return self

    def __exit__(self, *_):
        (MOUNT / "io.cost.qos").write_text(f"{self.disk.number} enable=0")

    def group(self, name, share):
        group = super().group(name, share)
        group.set("io.weight", f"default {share.kernel_weight}")
        self.settings[name] = f"io.weight {share.kernel_weight}"
        return group


def model_of(rates):
    """The kernel's linear model from the rates of a `rates` case."""
    return {
        "rbps": rates["read 1M"]["bytes"], "rseqiops": rates["read 4K"]["iops"],
        "rrandiops": rates["randread 4K"]["iops"], "wbps": rates["write 1M"]["bytes"],
        "wseqiops": rates["write 4K"]["iops"], "wrandiops": rates["randwrite 4K"]["iops"],
    }
