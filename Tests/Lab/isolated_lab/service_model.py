"""A disk's service model: when would each request be done? Pure: time comes in as values (nanoseconds).

A model has `channels` that each serve one request at a time. A request costs a base time plus a time per byte, reads
and writes apart; on a spinning disk also a seek that grows with the square root of the distance, and a rotation.
After so many bytes written, garbage collection takes some channels away for a while. What is random is seeded.
"""

import dataclasses
import heapq
import math
import random

READ, WRITE, FLUSH, TRIM = "read", "write", "flush", "trim"


@dataclasses.dataclass(frozen=True)
class Parameters:
    """What the options of --disk say; times in microseconds, or nanoseconds per byte."""

    channels: int = 4  # requests in service at once; at most 16, which is what QEMU's NBD client has in flight
    read_base_us: float = 1600
    read_byte_ns: float = 20
    write_base_us: float = 2000
    write_byte_ns: float = 25
    flush_base_us: float = 1000
    jitter: float = 0.1  # sigma of the logarithm of a factor on each service time
    seek_base_us: float = 0  # the shortest seek
    seek_full_us: float = 0  # added for a seek over the whole disk
    rotation_us: float = 0  # one turn; a request that is not sequential waits for a part of it
    gc_after: int = 32 << 20  # bytes written between two stalls; 0: none
    gc_stall_us: float = 40_000
    gc_channels: int = 2  # channels that a stall takes
    factor: float = 1  # on every time: 3 makes a disk of a third of the capacity
    seed: int = 1

    def checked(self):
        """Self, or ValueError for what no disk can be."""
        if not 1 <= self.channels <= 16:
            raise ValueError("channels must be from 1 to 16")
        if not 0 <= self.gc_channels <= self.channels:
            raise ValueError("gc-channels must be from 0 to channels")
        if not (math.isfinite(self.factor) and self.factor > 0):
            raise ValueError("factor must be more than 0")
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if not (math.isfinite(value) and value >= 0):
                raise ValueError(f"{field.name.replace('_', '-')} must not be negative")
        return self


MODELS = {
    # A small cloud volume on flash, slow enough for a guest whose CPU is 15 times slower than the host's.
    "ssd": Parameters(),
    # 7200 rpm: 8.3 ms a turn, 150 MB/s, one arm.
    "hdd": Parameters(
        channels=1, read_base_us=200, read_byte_ns=6.7, write_base_us=200, write_byte_ns=6.7, flush_base_us=8300,
        jitter=0.02, seek_base_us=800, seek_full_us=15_000, rotation_us=8333, gc_after=0, gc_channels=0,
    ),
}


@dataclasses.dataclass(eq=False)
class Request:
    """One request, with what the model decides about it."""

    kind: str
    offset: int
    length: int
    arrived: int = 0
    done: int = 0
    tag: object = None


class DiskModel:
    """An event simulation: `submit` requests, `advance` the time, and get those back that are done by then."""

    def __init__(self, parameters, size):
        self.parameters = parameters.checked()
        self._size = size
        self._random = random.Random(parameters.seed)
        self._queue = []
        self._busy = []  # heap of (done, order, request or None for garbage collection)
        self._order = 0
        self._head = 0
        self._written = 0
        self._gc_at = self._next_gc()
        self._gc_waiting = 0
        self.stalls = 0

    def change(self, parameters):
        """Applies other parameters to all that is not yet in service."""
        self.parameters = parameters.checked()
        self._gc_at = self._next_gc()
        self._written = 0

    def submit(self, request, now):
        """Takes a request that arrives at NOW; call `advance` to that time first."""
        request.arrived = now
        self._queue.append(request)
        self._start(now)

    def next_event(self):
        """When `advance` has something to do next, or None."""
        return self._busy[0][0] if self._busy else None

    def advance(self, now):
        """The requests done by NOW, in the order of their ends.

        The next request starts when a channel got free in the model, not when the caller came to look.
        """
        done = []
        while self._busy and self._busy[0][0] <= now:
            moment, _, request = heapq.heappop(self._busy)
            if request is not None:
                done.append(request)
            self._start(moment)
        return done

    def _start(self, moment):
        while len(self._busy) < self.parameters.channels:
            if self._gc_waiting:
                self._gc_waiting -= 1
                self._occupy(moment + self._scaled(self.parameters.gc_stall_us * 1000), None)
            elif self._queue:
                request = self._queue.pop(self._choose())
                request.done = moment + self._service(request)
                self._occupy(request.done, request)
            else:
                return

    def _occupy(self, until, request):
        self._order += 1
        heapq.heappush(self._busy, (until, self._order, request))

    def _choose(self):
        """The first come; with seeks the nearest, but the oldest once it has been passed over for 200 ms."""
        if not self.parameters.seek_full_us or len(self._queue) == 1:
            return 0
        latest = max(request.arrived for request in self._queue)
        if latest - self._queue[0].arrived > 200_000_000:
            return 0
        return min(range(len(self._queue)), key=lambda index: abs(self._queue[index].offset - self._head))

    def _service(self, request):
        parameters = self.parameters
        if request.kind == READ:
            time = parameters.read_base_us * 1000 + request.length * parameters.read_byte_ns
        elif request.kind == WRITE:
            time = parameters.write_base_us * 1000 + request.length * parameters.write_byte_ns
            self._count_written(request.length)
        elif request.kind == FLUSH:
            return self._scaled(parameters.flush_base_us * 1000)
        else:
            return self._scaled(parameters.write_base_us * 1000)
        return self._scaled(time * self._jitter() + self._positioning(request))

    def _positioning(self, request):
        parameters = self.parameters
        distance = abs(request.offset - self._head)
        self._head = request.offset + request.length
        if distance == 0 or not (parameters.seek_full_us or parameters.seek_base_us or parameters.rotation_us):
            return 0
        seek = parameters.seek_base_us + parameters.seek_full_us * math.sqrt(distance / self._size)
        return 1000 * (seek + self._random.random() * parameters.rotation_us)

    def _jitter(self):
        return math.exp(self._random.gauss(0, self.parameters.jitter)) if self.parameters.jitter else 1

    def _scaled(self, nanoseconds):
        return round(nanoseconds * self.parameters.factor)

    def _next_gc(self):
        return self.parameters.gc_after * self._random.uniform(0.75, 1.25)

    def _count_written(self, length):
        if not self.parameters.gc_after or not self.parameters.gc_channels:
            return
        self._written += length
        if self._written >= self._gc_at:
            self._written = 0
            self._gc_at = self._next_gc()
            self._gc_waiting += self.parameters.gc_channels
            self.stalls += 1
