"""What protects the victim: one class for each mechanism, all with the same face."""

from .bfq import BFQ
from .io_cost import IOCost
from .io_max import IOMax
from .isolated import Isolated
from .nothing import Nothing

BY_NAME = {kind.name: kind for kind in (Nothing, IOMax, BFQ, IOCost, Isolated)}
