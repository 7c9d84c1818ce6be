"""The guest's agent: runs one program at a time for the runner, which is at the other end of a virtio port."""

import collections
import errno
import fcntl
import json
import os
import selectors
import signal
import struct
import sys
import termios
import time

import frames

PORT = "/dev/virtio-ports/isolated-lab.agent"
CHUNK = 65536
INPUT_LIMIT = 1 << 20
RNDADDENTROPY = 0x40085203
RNDRESEEDCRNG = 0x5207


class Group:
    """A control group for one program, so that nothing of it can outlive it."""

    base = None

    @classmethod
    def prepare(cls):
        """Moves the agent out of the way, into a group beside those of its programs."""
        with open("/proc/self/cgroup") as file:
            own = file.read().strip().partition("::")[2]
        cls.base = "/sys/fs/cgroup" + own
        os.makedirs(cls.base + "/agent", exist_ok=True)
        with open(cls.base + "/agent/cgroup.procs", "w") as file:
            file.write(str(os.getpid()))

    def __init__(self):
        self.path = f"{self.base}/program-{time.monotonic_ns()}"
        os.mkdir(self.path)

    def enter(self):
        with open(self.path + "/cgroup.procs", "w") as file:
            file.write("0")

    def kill(self):
        with open(self.path + "/cgroup.kill", "w") as file:
            file.write("1")

    def remove(self):
        """Removes the group and any that the program made below it, once they are empty."""
        for attempt in range(200):
            for directory, _, _ in os.walk(self.path, topdown=False):
                try:
                    os.rmdir(directory)
                except OSError:
                    pass
            if not os.path.exists(self.path):
                return
            time.sleep(0.01)


class Program:
    """A running program: its pid, pipes (or terminal) and group."""

    def __init__(self, request):
        self.group = Group()
        self.input = collections.deque()
        self.input_bytes = 0
        self.input_ended = False
        self.input_registered = False
        terminal = request.get("terminal")
        if terminal:
            primary, secondary = os.openpty()
            fcntl.ioctl(secondary, termios.TIOCSWINSZ, struct.pack("HHHH", terminal[0], terminal[1], 0, 0))
            inside = (secondary, secondary, secondary)
            self.outputs = {primary: frames.OUTPUT}
            self.input_fd = os.dup(primary)
        else:
            input_read, self.input_fd = os.pipe()
            output_read, output_write = os.pipe()
            error_read, error_write = os.pipe()
            inside = (input_read, output_write, error_write)
            self.outputs = {output_read: frames.OUTPUT, error_read: frames.ERROR}
        os.set_blocking(self.input_fd, False)
        self.pid = self._fork(request, inside, bool(terminal))
        for descriptor in set(inside):
            os.close(descriptor)
        self.exited = os.pidfd_open(self.pid)

    def _fork(self, request, inside, terminal):
        pid = os.fork()
        if pid:
            return pid
        try:
            os.setsid()
            self.group.enter()
            for target, descriptor in enumerate(inside):
                os.dup2(descriptor, target)
            if terminal:
                fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            with open("/proc/self/oom_score_adj", "w") as file:
                file.write("0")
            for number in (signal.SIGPIPE, signal.SIGXFSZ):  # which Python ignores
                signal.signal(number, signal.SIG_DFL)
            os.chdir(request["directory"])
            os.execvpe(request["arguments"][0], request["arguments"], request["environment"])
        except BaseException as fault:
            os.write(2, f"lab: {request['arguments'][0]}: {fault}\n".encode(errors="replace"))
            denied = isinstance(fault, OSError) and fault.errno in (errno.EACCES, errno.ENOEXEC)
            os._exit(126 if denied else 127)

    def take_input(self, data):
        if data:
            self.input.append(data)
            self.input_bytes += len(data)
        else:
            self.input_ended = True


class Agent:
    def __init__(self, port):
        self.port = port
        self.decoder = frames.Decoder()
        self.selector = selectors.DefaultSelector()
        self.selector.register(port, selectors.EVENT_READ)
        self.program = None
        self.status = None

    def send(self, kind, payload=b""):
        data = memoryview(frames.encode(kind, payload))
        while data:
            data = data[os.write(self.port, data):]

    def serve(self):
        while True:
            for key, _ in self.selector.select():
                if key.fd == self.port:
                    self.read_port()
                elif self.program is None:
                    continue
                elif key.fd == self.program.input_fd:
                    self.write_input()
                elif key.fd == self.program.exited:
                    self.note_exit()
                elif key.fd in self.program.outputs:
                    self.relay(key.fd)
            self.finish_program()

    def read_port(self):
        data = os.read(self.port, CHUNK)
        if not data:  # nobody is at the other end
            time.sleep(0.05)
            return
        for kind, payload in self.decoder.feed(data):
            self.handle(kind, payload)

    def handle(self, kind, payload):
        if kind == frames.PING:
            self.send(frames.PONG, payload)
        elif kind == frames.RESUME:
            resume(json.loads(payload))
            self.send(frames.PONG, b"resumed")
        elif kind == frames.EXECUTE:
            self.start(json.loads(payload))
        elif kind == frames.INPUT and self.program:
            self.program.take_input(payload)
            self.write_input()
        elif kind == frames.KILL and self.program:
            self.program.group.kill()

    def start(self, request):
        self.program, self.status = Program(request), None
        self.selector.register(self.program.exited, selectors.EVENT_READ)
        for descriptor in self.program.outputs:
            self.selector.register(descriptor, selectors.EVENT_READ)

    def write_input(self):
        program = self.program
        if program.input_fd is None:
            return
        try:
            while program.input:
                written = os.write(program.input_fd, program.input[0])
                program.input_bytes -= written
                if written == len(program.input[0]):
                    program.input.popleft()
                else:
                    program.input[0] = program.input[0][written:]
        except BlockingIOError:
            pass
        except (BrokenPipeError, OSError):
            program.input.clear()
            program.input_bytes = 0
            program.input_ended = True
        self.watch_input()

    def watch_input(self):
        """Writes on when the pipe has room, and stops reading the port while much is waiting for that."""
        program = self.program
        if program.input and not program.input_registered:
            self.selector.register(program.input_fd, selectors.EVENT_WRITE)
        elif not program.input and program.input_registered:
            self.selector.unregister(program.input_fd)
        program.input_registered = bool(program.input)
        if program.input_ended and not program.input:
            os.close(program.input_fd)
            program.input_fd = None
        self.listen(program.input_bytes < INPUT_LIMIT)

    def listen(self, wanted):
        listening = self.port in self.selector.get_map()
        if wanted and not listening:
            self.selector.register(self.port, selectors.EVENT_READ)
        elif listening and not wanted:
            self.selector.unregister(self.port)

    def relay(self, descriptor):
        try:
            data = os.read(descriptor, CHUNK)
        except OSError as fault:
            if fault.errno != errno.EIO:  # a terminal without anyone at its other end
                raise
            data = b""
        if data:
            self.send(self.program.outputs[descriptor], data)
        else:
            self.selector.unregister(descriptor)
            os.close(descriptor)
            del self.program.outputs[descriptor]

    def note_exit(self):
        program = self.program
        self.selector.unregister(program.exited)
        os.close(program.exited)
        self.status = os.waitstatus_to_exitcode(os.waitpid(program.pid, 0)[1])
        program.group.kill()  # what it left running would hold its pipes open

    def finish_program(self):
        program = self.program
        if program is None or self.status is None or program.outputs:
            return
        if program.input_fd is not None:
            if program.input_registered:
                self.selector.unregister(program.input_fd)
            os.close(program.input_fd)
        self.listen(True)
        program.group.remove()
        self.program = None
        status = self.status if self.status >= 0 else 128 - self.status
        self.send(frames.EXIT, json.dumps({"status": status}).encode())


def resume(facts):
    """After a restore: the right time, and random numbers which no other restored guest has."""
    time.clock_settime(time.CLOCK_REALTIME, facts["time"])
    entropy = bytes.fromhex(facts["entropy"])
    with open("/dev/urandom", "wb", buffering=0) as device:
        fcntl.ioctl(device, RNDADDENTROPY, struct.pack("ii", len(entropy) * 8, len(entropy)) + entropy)
        fcntl.ioctl(device, RNDRESEEDCRNG)


if __name__ == "__main__":
    Group.prepare()
    Agent(os.open(PORT, os.O_RDWR)).serve()
    sys.exit(1)
