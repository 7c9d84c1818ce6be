"""Made-up readings in the shape of the daemon's /status.json, for looking at the status page."""
import random
import time

HOSTILE = [
    "<img src=x onerror=fetch('/pwned')>",
    "</td><script>fetch('/pwned')</script>",
    "${fetch('/pwned')}{{7*7}}",
    "name\u202egnp.exe",
    "w" * 180,
    "&lt;b&gt;&amp;",
    "__proto__",
    "constructor",
]


def latency(operation, p99, target, met, missed):
    """One operation's latency and its target, in microseconds."""
    return {
        "operation": operation, "samples": 3120, "p50Microseconds": p99 * 0.3, "p99Microseconds": p99,
        "targetMicroseconds": target, "targetPercentile": 0.99, "windowsMet": met, "windowsMissed": missed,
    }


def tenant(name, dice, now):
    """A running tenant whose promises are mostly kept."""
    target = dice.choice([2000, 5000, 10000])
    p99 = target * dice.uniform(0.2, 0.97)
    missed = dice.choice([0, 0, 3, 12])
    maximum = dice.choice([128, 256, 512, 2048]) << 20
    return {
        "name": name, "state": "running", "policy": name.split("-")[0], "since": now - dice.uniform(60, 2e6),
        "cpuPercent": dice.uniform(0, 120), "cpuThrottledPercent": dice.choice([0, 0, 0, 1.4]),
        "cpuPressurePercent": dice.uniform(0, 8), "memoryBytes": int(maximum * dice.uniform(0.1, 0.9)),
        "memoryMax": maximum, "memoryMin": 64 << 20, "memoryPressurePercent": 0, "oomKills": 0,
        "pids": dice.randint(1, 60), "pidsMax": 256, "ioPressurePercent": dice.uniform(0, 5),
        "io": [{
            "device": "nvme1n1", "reservation": "300 IOPS", "limit": "80.00 MiB/s", "weight": 500,
            "readOperations": dice.uniform(0, 900), "writeOperations": dice.uniform(0, 90),
            "readBytes": dice.uniform(0, 4e6), "writeBytes": dice.uniform(0, 1e6), "used": 0.02, "granted": 0.04,
            "reserved": 0.01, "attained": 1, "state": "free", "heldBack": 0,
            "reason": "not held back: it wants less than its part of the disk",
            "latencies": [latency("read", p99, target, 8600, missed),
                          latency("sync_write", p99 * 2, target * 4, 4100, 2)],
        }],
    }


def status(count, seed=4):
    """A whole reading with so many tenants, some of them in trouble."""
    dice = random.Random(seed)
    now = time.time()
    kinds = ["web", "postgres", "redis", "queue", "mail", "search", "batch", "thumbnails"]
    tenants = [tenant(f"{kinds[index % len(kinds)]}-{index // len(kinds) + 1:02}", dice, now) for index in range(count)]
    if count >= 2:
        bulk = tenants[1]
        bulk["io"][0].update(
            state="share", heldBack=0.98, reason="held at 35 % of the disk for the latency of web-01", latencies=[],
            readOperations=0, writeOperations=480, writeBytes=62914560, readBytes=0, used=0.35)
        del bulk["io"][0]["reservation"], bulk["io"][0]["attained"]
    if count > 20:
        tenants[5]["io"][0]["latencies"][0].update(p99Microseconds=14200, targetMicroseconds=5000, windowsMissed=420)
        tenants[23]["io"][0]["attained"] = 0.71
        tenants[30].update(cpuThrottledPercent=38.5, cpuPercent=100)
        tenants[31].update(oomKills=3, memoryBytes=int(tenants[31]["memoryMax"] * 0.99))
        tenants[40] = {"name": "once-01", "state": "ended", "policy": "once", "since": now - 900, "exit": "oom-killed",
                       "io": []}
        tenants[41] = {"name": "fresh-01", "state": "starting", "policy": "web", "since": now, "memoryMax": 1 << 29,
                       "io": []}
    return {
        "version": "0.1.0", "host": "box-17", "time": now, "uptimeSeconds": 1036805.5,
        "memory": {"sellableBytes": 16 << 30, "reservedBytes": count * (64 << 20) % (15 << 30),
                   "maximumBytes": sum(each.get("memoryMax", 0) for each in tenants) % (15 << 30)},
        "tenants": tenants,
        "disks": [
            {"name": "nvme1n1", "number": "259:1", "phase": "cruise",
             "reason": "the queue is kept short, for the latency of web-01", "capacity": 0.97, "rate": 0.9,
             "used": 0.55, "reserved": 0.2, "inFlight": 3, "readOperations": 312.5, "writeOperations": 494,
             "readBytes": 1280000, "writeBytes": 63143936,
             "warnings": ["the file system 259:1 is shared by web-01 and postgres-01"]},
            {"name": "sda", "number": "8:0", "phase": "idle", "reason": "nothing is promised on it",
             "readOperations": 0, "writeOperations": 2.5, "readBytes": 0, "writeBytes": 30000, "warnings": []},
        ],
    }


def hostile():
    """What no daemon should send: names that would like to be markup, and values of all the wrong types."""
    reading = status(len(HOSTILE))
    for each, name in zip(reading["tenants"], HOSTILE):
        each.update(name=name, policy=name, exit=name)
        each["io"][0].update(device=name, reason=name, state=name, reservation=name)
        each["io"][0]["latencies"] = [latency(name, 1, 2, 3, 4)]
    reading["host"] = HOSTILE[0]
    reading["version"] = HOSTILE[1]
    reading["disks"][0].update(name=HOSTILE[0], phase=HOSTILE[1], reason=HOSTILE[2], warnings=[HOSTILE[0], 7, None])
    reading["tenants"] += [
        None, 7, [], {}, {"name": "odd", "io": {"a": 1}, "since": "x", "cpuPercent": "<b>", "memoryMax": -1},
        {"name": "infinite", "state": 5, "memoryBytes": 1e300, "memoryMax": 0, "pids": -3, "cpuPercent": -0.0001,
         "io": [None, {"latencies": [{"targetMicroseconds": 0}, {"targetMicroseconds": -5, "p99Microseconds": 1}]}]},
    ]
    return reading
