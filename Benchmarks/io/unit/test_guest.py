"""What the guest's side reads and writes; the rest of it needs a guest."""

import unittest

from io_bench.cases import Case
from io_bench.facts import Facts
from io_guest.failure import Failed
from io_guest.kinds.observe import p99s
from io_guest.mechanisms.io_cost import model_of
from io_guest.program import Program, Share
from io_guest.tenants import least_target, policy
from io_guest.victims import postgres, reader


class LogTests(unittest.TestCase):
    def test_fio_logs_the_end_of_an_operation_in_ms_and_its_latency_in_ns(self):
        text = "1000, 2500000, 0, 4096, 0\n990, 1000000, 0, 4096, 0\n"
        self.assertEqual(reader.read_log(text), [(989.0, 1000), (997.5, 2500)])

    def test_pgbench_logs_the_end_by_the_wall_clock_and_the_whole_time(self):
        # client, number, µs since it was due, script, end in s and µs, lag
        text = "0 1 20000 0 1700000010 500000 300\n1 1 skipped 0 1700000010 600000 9\n"
        self.assertEqual(postgres.read_log(text, epoch=1_700_000_000.0), [(10_480.0, 20_000)])


class PolicyTests(unittest.TestCase):
    def test_a_policy_is_what_a_person_would_write(self):
        program = Program(("/bin/true",), ("/srv/x",), io_uring=True)
        self.assertEqual(policy("victim", program, ["device: /srv/x", "latency: {read: {p99: 5000us}}"]), """\
tenant: victim
command: [/bin/true]
user: nobody
directory: /run/bench-io/nobody
memory: {max: 128MiB}
root: {base: host, writable: [/srv/x, /run/bench-io/nobody]}
seccomp: {profile: default, allow: [io_uring_setup, io_uring_enter, io_uring_register]}
io:
  - device: /srv/x
    latency: {read: {p99: 5000us}}
""")

    def test_postgres_is_stopped_by_its_own_signal(self):
        self.assertIn("stop: {signal: SIGINT", policy("v", Program((), (), user="postgres"), ["device: /"]))


class RefusalTests(unittest.TestCase):
    SAID = ("isoctl: /run/bench-io/victim.yaml:10:27: victim asks for p99 of 33ms for reads, and the least that can be "
            "promised on this disk is {}: /srv/bench-io/hdd/neighbours mend: raise the target to {} or more ")

    def test_the_least_target_is_read_from_a_refusal(self):
        self.assertEqual(least_target(self.SAID.format("50.5ms", "50.5ms")), 50_500)
        self.assertEqual(least_target(self.SAID.format("800us", "800us")), 800)

    def test_of_several_the_greatest_fits_all(self):
        self.assertEqual(least_target(self.SAID.format("50.5ms", "50.5ms") + self.SAID.format("1.2s", "1.2s")), 1_200_000)

    def test_another_refusal_names_none(self):
        self.assertIsNone(least_target("isoctl: the device was never calibrated, so nothing can be promised of it"))

    def test_only_targets_below_it_are_raised(self):
        share = Share(targets={"read": 33_000, "sync_write": 80_000})
        self.assertEqual(share.no_tighter_than(50_500).targets, {"read": 50_500, "sync_write": 80_000})


class ObservationTests(unittest.TestCase):
    ROWS = [{"operation": "read", "p99Usec": 900, "samples": 5}, {"operation": "write", "p99Usec": 7, "samples": 9},
            {"operation": "sync_write", "p99Usec": 4000, "samples": 210}]

    def top(self, *tenants):
        return {"disks": [{"tenants": [{"name": "host", "latencies": self.ROWS[:1]}]}, {"tenants": list(tenants)}]}

    def test_what_isoctl_shows_of_the_victim_is_what_its_targets_are_made_of(self):
        seen = p99s(self.top({"name": "victim", "latencies": self.ROWS}))
        self.assertEqual(seen, {"p99": {"read": 900, "sync_write": 4000}, "samples": {"read": 5, "sync_write": 210}})
        facts = Facts()
        facts.learn(Case("observe", "cloud", victim="redis"), seen)
        self.assertEqual(facts.operation_targets("redis"), {"read": 1800, "sync_write": 8000})
        self.assertEqual(facts.operation_targets("postgres"), {})

    def test_a_victim_without_latencies_is_no_base_for_a_target(self):
        for top in (self.top(), self.top({"name": "victim", "latencies": self.ROWS[1:2]})):
            self.assertRaises(Failed, p99s, top)


class ModelTests(unittest.TestCase):
    def test_the_kernel_gets_all_six_rates(self):
        rates = {name: {"iops": number, "bytes": 100 * number} for number, name in enumerate(
            ("randread 4K", "randwrite 4K", "read 4K", "write 4K", "read 1M", "write 1M"), 1)}
        self.assertEqual(model_of(rates), {"rbps": 500, "rseqiops": 3, "rrandiops": 1, "wbps": 600, "wseqiops": 4,
                                           "wrandiops": 2})


if __name__ == "__main__":
    unittest.main()
