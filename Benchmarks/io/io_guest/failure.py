"""How a measurement ends without a figure."""


class Refused(Exception):
    """The host, the disk or the product doesn't offer this; the text says who refused what. It is a result."""


class Failed(Exception):
    """It should have worked and didn't."""
