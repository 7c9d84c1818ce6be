"""Who is to be protected: one class for each victim, all with the same face."""

from .postgres import Postgres
from .reader import Reader
from .redis import Redis

BY_NAME = {kind.name: kind for kind in (Reader, Postgres, Redis)}
