"""What is measured, in which order, and how it is known again."""

import dataclasses
import json
import unittest

from io_bench import plan
from io_bench.cases import MECHANISMS, VICTIMS, Case, from_json
from io_bench.facts import Facts
from io_bench.workloads import Neighbour, neighbour_fio


class PlanTests(unittest.TestCase):
    def test_a_case_survives_json_and_keeps_its_key(self):
        for case in [*plan.full(), *plan.quick()]:
            again = from_json(json.loads(json.dumps(case.as_json())))
            self.assertEqual((again, again.key()), (case, case.key()))

    def test_no_two_cases_share_a_key(self):
        cases = plan.full()
        self.assertEqual(len({case.key() for case in cases}), len(cases))

    def test_another_package_is_another_case_where_the_product_is_measured_only(self):
        for case in plan.full():
            self.assertEqual(case.key("a") != case.key("b"),
                             case.mechanism == "isolated" or case.kind == "calibrate", case)

    def test_whoever_waits_for_several_operations_was_observed_before_a_target_is_named(self):
        observed = set()
        for case in plan.full():
            if case.kind == "observe":
                observed.add((case.disk, case.victim))
            elif case.kind == "contention" and case.stands_on_observation():
                self.assertIn((case.disk, case.victim), observed)
        self.assertEqual({victim for _, victim in observed}, {"postgres", "redis"})

    def test_any_field_changes_the_key(self):
        case = Case("contention", "cloud", seconds=1, mechanism="none", victim="reader", neighbour=Neighbour())
        others = [dataclasses.replace(case, seconds=2), dataclasses.replace(case, disk="drop"),
                  dataclasses.replace(case, neighbour=Neighbour(engine="io_uring"))]
        self.assertEqual(len({one.key() for one in (case, *others)}), 4)

    def test_every_combination_is_measured_under_every_mechanism_and_none_comes_first(self):
        seen = {}
        for case in plan.full():
            if case.kind == "contention":
                seen.setdefault((case.disk, case.victim, case.neighbour), []).append(case.mechanism)
        self.assertTrue(all(tuple(order) == MECHANISMS for order in seen.values()))

    def test_each_victim_was_alone_on_its_disk_before_it_is_disturbed(self):
        for cases in (plan.full(), plan.quick()):
            alone = set()
            for case in cases:
                if case.kind == "solo":
                    alone.add((case.disk, case.victim))
                elif case.kind == "contention":
                    self.assertIn((case.disk, case.victim), alone)

    def test_the_reader_has_ten_thousand_operations_alone(self):
        seconds = sum(case.seconds for case in plan.full()
                      if (case.kind, case.disk, case.victim) == ("solo", "cloud", "reader"))
        self.assertGreaterEqual(50 * seconds, 10_000)

    def test_the_times_leave_room_within_their_bounds(self):
        for cases, minutes in ((plan.full(), 180), (plan.quick(), 10)):
            self.assertLess(sum(case.lead + case.seconds + case.idle for case in cases), minutes * 60 * 0.85)

    def test_every_victim_is_disturbed(self):
        self.assertEqual({victim for _, victim, _ in plan.combinations()}, set(VICTIMS))


    def test_the_product_is_never_measured_in_a_guest_without_a_calibration(self):
        cases = [case for case in plan.quick() if case.disk == "ssd"]
        ours = [case for case in cases if case.mechanism == "isolated"]
        kinds = [case.kind for case in plan.with_calibration(cases, ours[:1])]
        self.assertEqual(kinds, ["calibrate", "contention"])
        others = [case for case in cases if case.mechanism == "none"]
        self.assertEqual(plan.with_calibration(cases, others), others)


class NeighbourTests(unittest.TestCase):
    def test_the_jobs_are_spread_evenly(self):
        for jobs in plan.FACTORS["jobs"]:
            neighbour = Neighbour(jobs=jobs)
            self.assertIn(f"--numjobs={jobs // neighbour.tenants}", neighbour_fio(neighbour, "/f", 128, 1))
            self.assertEqual(jobs % neighbour.tenants, 0)

    def test_sequential_jobs_divide_the_file(self):
        arguments = neighbour_fio(Neighbour(jobs=16, pattern="sequential"), "/f", 128, 1)
        self.assertIn(f"--size={16 << 20}", arguments)
        self.assertIn(f"--offset_increment={16 << 20}", arguments)

    def test_buffered_writes_are_synced(self):
        self.assertIn("--fsync=16", neighbour_fio(Neighbour(cache="buffered", direction="write"), "/f", 128, 1))
        self.assertNotIn("--fsync=16", neighbour_fio(Neighbour(), "/f", 128, 1))


class FactsTests(unittest.TestCase):
    def facts(self, use=0.0625):
        facts = Facts()
        for number in (0, 1):
            facts.learn(Case("solo", "cloud", victim="reader", round=number),
                        {"operations": [[0, 100 + value] for value in range(100)], "use": use})
        neighbour = Neighbour()
        facts.learn(Case("contention", "cloud", mechanism="none", victim="reader", neighbour=neighbour),
                    {"idle": {"neighbours": [800, 3_200_000, 0]}})
        return facts, neighbour

    def test_the_target_is_twice_the_p99_alone(self):
        self.assertEqual(self.facts()[0].target("reader"), 2 * 198)
        self.assertIsNone(self.facts()[0].target("redis"))

    def test_a_static_limit_leaves_what_the_victim_needs(self):
        facts, neighbour = self.facts()
        self.assertEqual(facts.static_limit("reader", neighbour), (0.925 * 3_200_000 / 2, 0))
        busy, _ = self.facts(use=0.25)
        self.assertAlmostEqual(busy.static_limit("reader", neighbour)[0], 0.7 * 3_200_000 / 2)

    def test_the_rate_of_a_steady_neighbour_serves_for_a_bursty_one(self):
        facts, neighbour = self.facts()
        self.assertIsNotNone(facts.static_limit("reader", dataclasses.replace(neighbour, burst="bursty")))
        self.assertIsNone(facts.static_limit("reader", dataclasses.replace(neighbour, jobs=1)))

    def test_nothing_is_learned_from_what_failed(self):
        facts = Facts()
        facts.learn(Case("rates", "cloud"), {"failed": "no end"})
        self.assertIsNone(facts.rates)


if __name__ == "__main__":
    unittest.main()
