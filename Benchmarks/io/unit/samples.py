"""Results as the guest reports them, made up."""

from io_bench.cases import MECHANISMS, Case
from io_bench.workloads import DIVISIONS, Neighbour

PLAIN = Neighbour()
LATENCY = {"none": 160_000, "io.max": 1_200, "bfq": 120_000, "io.cost": 20_000}


def operations(latency, begin=0, end=12_000):
    return [[float(moment), latency + moment % 7] for moment in range(begin, end, 20)]


def contention(mechanism, disk="cloud", neighbour=PLAIN):
    case = Case("contention", disk, seconds=10, mechanism=mechanism, victim="reader", neighbour=neighbour)
    if mechanism == "isolated":
        return case, {"refused": "policy.not-yet-enforceable: \"io.latency\" | not yet"}
    events = {"burst": 2000.0, "end": 12_000.0} | ({"drop": 7000.0} if disk == "drop" else {})
    rates = {"victim": [50, 204_800, 0], "neighbours": [740, 3_031_040, 0]}
    result = {
        "operations": operations(1000, 0, 2000) + operations(LATENCY[mechanism], 2000), "target": 2000,
        "settings": {"neighbour-0": "rbps=1"}, "on_share": 1.0, "events": events, "both": rates,
        "idle": {"victim": [0, 0, 0], "neighbours": [800, 3_276_800, 0], "halves": [[800, 3_276_800, 0]] * 2},
    }
    return case, result | ({"dropped": rates} if disk == "drop" else {})


def everything():
    """One of each kind, on two disks."""
    name = next(iter(DIVISIONS))
    results = []
    for disk in ("cloud", "drop"):
        results.append((Case("rates", disk), {"rates": {"randread 4K": {"iops": 800, "bytes": 3_276_800}}}))
        results += [(Case("solo", disk, victim="reader", round=number), {"operations": operations(1000), "use": 0.06})
                    for number in (0, 1)]
        results += [contention(mechanism, disk) for mechanism in MECHANISMS]
    for mechanism in MECHANISMS:
        results.append((Case("division", "cloud", mechanism=mechanism, division=name),
                        {"refused": "no"} if mechanism == "isolated" else
                        {"bytes": [1, 1, 1], "alone": [3, 3, 3], "weights": [100, 100, 100]}))
        promised = {"operations": operations(500), "promise": 50, "events": {"burst": 0, "end": 12_000}}
        results.append((Case("reservation", "cloud", mechanism=mechanism),
                        {"refused": "no"} if mechanism == "isolated" else promised))
    for number, met in enumerate((True, False)):
        kept = [{"name": "a", "target": 5000, "p99": 4000, "kept": True},
                {"name": "b", "reservation": 100, "windows": 12, "attained": 12 if met else 11, "kept": met}]
        results.append((Case("promises", "cloud", mechanism="isolated", round=number),
                        {"refusals": ["too much"], "kept": kept}))
    results.append((Case("promises", "cloud", mechanism="isolated", round=2), {"refused": "no"}))
    results.append((Case("calibrate", "cloud"), {"seconds": 50, "calibration": {
        "rates": {"random": {"read": 790.0}}, "curveCheck": {"predicted": 2.0, "measured": 1.6}}}))
    results.append((Case("calibrate", "drop"), {"failed": "no end"}))
    return results
