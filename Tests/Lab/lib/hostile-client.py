"""A client of the control socket that means no good: hostile-client.py SOCKET DEED. Prints how the daemon took it."""

import json
import os
import resource
import socket
import sys
import time

LIMIT = 30


def connect(path):
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(LIMIT)
    client.connect(path)
    return client


def answer(client):
    """What the daemon sends: the error of its first answer, "answered", "hung up" or "silent"."""
    received = b""
    try:
        while b"\0" not in received:
            part = client.recv(65536)
            if not part:
                return "hung up"
            received += part
    except ConnectionError:
        return "hung up"
    except socket.timeout:
        return "silent"
    return json.loads(received.partition(b"\0")[0]).get("error", "answered")


def call(method, parameters=None, **more):
    return json.dumps({"method": method, "parameters": parameters or {}, **more}).encode() + b"\0"


def half_a_frame(path):
    client = connect(path)
    client.sendall(call("io.isolated.List")[:20])
    client.close()
    return "left"


def half_a_frame_and_silence(path):
    client = connect(path)
    client.sendall(call("io.isolated.List")[:20])
    return answer(client)


def gigabyte(path):
    """One call that never ends: how much of it the daemon takes before it hangs up, in MiB."""
    client = connect(path)
    chunk, sent = b'{"method":"' + b"x" * (1 << 20), 0
    try:
        while sent < 1 << 30:
            sent += client.send(chunk)
    except (ConnectionError, socket.timeout):
        return f"cut off after {'at most 4' if sent <= 4 << 20 else sent >> 20} MiB"
    return "took it all"


def garbage(path):
    client = connect(path)
    client.sendall(os.urandom(4096).replace(b"\0", b"x") + b"\0")
    return answer(client)


def deep_nesting(path):
    client = connect(path)
    client.sendall(b'{"method":"io.isolated.List","parameters":' + b"[" * 200000 + b"\0")
    return answer(client)


def unknown_method(path):
    client = connect(path)
    client.sendall(call("io.isolated.Destroy"))
    return answer(client)


def unknown_parameter(path):
    client = connect(path)
    client.sendall(call("io.isolated.Spawn", {"policy": "web-role", "privileged": True}))
    return answer(client)


def wrong_type(path):
    client = connect(path)
    client.sendall(call("io.isolated.Kill", {"name": "x", "signal": 9.5}))
    return answer(client)


def missing_descriptors(path):
    client = connect(path)
    document = "tenant: held\ncommand: [/bin/true]\nmemory: {max: 8MiB}\n"
    client.sendall(call("io.isolated.Spawn", {"document": document, "stdio": {"stdin": 0, "stdout": 1, "stderr": 9}}))
    return answer(client)


def too_many_descriptors(path):
    client = connect(path)
    with open("/dev/null", "rb") as null:
        socket.send_fds(client, [call("io.isolated.List")], [null.fileno()] * 200)
    return answer(client)


def never_reads(path):
    """Thousands of calls, and no look at the answers."""
    client = connect(path)
    client.settimeout(60)
    flood, sent = call("io.isolated.Version") * 1000, 0
    try:
        while sent < 1 << 28:
            sent += client.send(flood)
    except (ConnectionError, socket.timeout):
        return "cut off"
    return "took it all"


def hangs_up_while_spawning(path):
    for _ in range(10):
        client = connect(path)
        document = "tenant: hasty\ncommand: [/bin/sleep, infinity]\nmemory: {max: 8MiB}\nstop: {grace: 0}\n"
        client.sendall(call("io.isolated.Spawn", {"document": document, "foreground": True}, more=True))
        client.close()
        time.sleep(0.3)
    return "left"


def hoards_connections(path):
    """As many as it gets, for a while; run it as an ordinary user."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (16384, 16384))
    held = []
    for _ in range(10000):
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        client.setblocking(False)
        try:
            client.connect(path)
        except OSError:
            pass
        held.append(client)
    print("hoarding", flush=True)
    time.sleep(float(os.environ.get("HOARD_SECONDS", "10")))
    return "done"


DEEDS = {deed.__name__.replace("_", "-"): deed for deed in (
    half_a_frame, half_a_frame_and_silence, gigabyte, garbage, deep_nesting, unknown_method, unknown_parameter,
    wrong_type, missing_descriptors, too_many_descriptors, never_reads, hangs_up_while_spawning, hoards_connections)}

if __name__ == "__main__":
    print(DEEDS[sys.argv[2]](sys.argv[1]))
