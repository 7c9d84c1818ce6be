"""How even a division is."""


def jain(values):
    """Jain's index: 1 when all are equal, 1/n when one has everything. None for nothing at all."""
    squares = sum(value * value for value in values)
    if not squares:
        return None
    return sum(values) ** 2 / (len(values) * squares)


def device_shares(rates, alone):
    """The share of the disk's time that each took: its rate against what it reaches by itself on the same disk."""
    return [rate / own if own else 0.0 for rate, own in zip(rates, alone)]


def weighted_jain(rates, alone, weights):
    """Jain's index of the shares of the disk's time, each divided by its weight."""
    return jain([share / weight for share, weight in zip(device_shares(rates, alone), weights)])
