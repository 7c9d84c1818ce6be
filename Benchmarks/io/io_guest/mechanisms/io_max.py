"""io.max, static and told the disk's capacity: limits for the neighbours, none for the victim."""

from .nothing import Nothing


class IOMax(Nothing):
    name = "io.max"

    def group(self, name, share):
        group = super().group(name, share)
        if share.limit:
            words = [f"{key}={int(value)}" for key, value in zip(("rbps", "wbps"), share.limit) if value >= 1]
            group.set("io.max", " ".join([self.disk.number, *words]))
            self.settings[name] = " ".join(words)
        return group
