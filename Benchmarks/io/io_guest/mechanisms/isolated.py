"""The product: tenants by policy files, told nothing but the victim's targets."""

from io_bench.facts import RAISED

from ..tenants import Tenant, start_product
from .nothing import Nothing


class Isolated(Nothing):
    name = "isolated"

    def __enter__(self):
        super().__enter__()
        start_product()
        return self

    def group(self, name, share):
        def relaxed(least):
            entry = self.entry(share.no_tighter_than(least))
            self.settings[name] = f"{'; '.join(entry)} ({RAISED})"
            return entry

        entry = self.entry(share)
        self.settings[name] = "; ".join(entry)
        return Tenant(name, entry, relaxed)

    def entry(self, share):
        """The lines of a policy's item under io: for a Share."""
        entry = [f"device: {self.disk.neighbours}", f"weight: {share.weight}"]
        if share.targets:
            targets = (f"{name}: {{p99: {round(target)}us}}" for name, target in share.targets.items())
            entry.append(f"latency: {{{', '.join(targets)}}}")
        if share.reservation:
            entry.append(f"reservation: {{iops: {round(share.reservation)}}}")
        return entry
