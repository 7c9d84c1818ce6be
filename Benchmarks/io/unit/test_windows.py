"""When does a target hold?"""

import unittest

from io_bench.windows import attained, held, recovery, window_verdicts

FAST, SLOW = 1_000, 50_000  # µs
TARGET = 10_000


def steady(begin, end, latency=FAST, gap=20):
    return [(float(moment), latency) for moment in range(begin, end, gap)]


class WindowTests(unittest.TestCase):
    def verdicts(self, operations, begin, end):
        return [verdict for _, verdict in window_verdicts(sorted(operations), TARGET, begin, end)]

    def test_one_slow_operation_of_fifty_breaks_its_window_and_no_other(self):
        operations = steady(0, 3000) + [(1505.0, SLOW)]
        self.assertEqual(self.verdicts(operations, 0, 3000), [True, False, True])

    def test_one_in_a_hundred_may_miss(self):
        operations = steady(0, 1000, gap=10)
        operations[50] = (operations[50][0], SLOW)
        self.assertEqual(self.verdicts(operations, 0, 1000), [True])
        operations[51] = (operations[51][0], SLOW)
        self.assertEqual(self.verdicts(operations, 0, 1000), [False])

    def test_an_operation_that_lasts_for_seconds_breaks_all_that_it_spans(self):
        operations = steady(0, 900) + [(900.0, 3_600_000)] + steady(4500, 6000)
        self.assertEqual(self.verdicts(operations, 0, 6000), [False, False, False, False, True, True])

    def test_a_window_in_which_nobody_asked_counts_neither_way(self):
        operations = steady(0, 1000) + steady(3000, 4000)
        self.assertEqual(self.verdicts(operations, 0, 4000), [True, None, None, True])
        self.assertEqual(held(operations, TARGET, 0, 4000), (2, 2))

    def test_only_whole_windows_within_the_bounds_count(self):
        operations = [(500.0, SLOW), *steady(1000, 3500)]
        self.assertEqual(self.verdicts(operations, 1000, 3500), [True, True])

    def test_an_exact_hit_holds(self):
        self.assertEqual(self.verdicts(steady(0, 1000, TARGET), 0, 1000), [True])

    def test_no_operation_no_verdict(self):
        self.assertEqual(held([], TARGET, 0, 5000), (0, 0))


class RecoveryTests(unittest.TestCase):
    def test_what_never_broke_has_recovered_at_once(self):
        self.assertEqual(recovery(steady(0, 10_000), TARGET, 2000, 10_000), 0)

    def test_the_first_good_half_second_counts_if_it_lasts(self):
        operations = sorted(steady(0, 2000) + steady(2000, 2800, SLOW) + steady(2800, 10_000))
        self.assertAlmostEqual(recovery(operations, TARGET, 2000, 10_000), 0.8)

    def test_a_good_moment_between_bad_ones_does_not(self):
        operations = sorted(steady(2000, 2500, SLOW) + steady(2500, 3500) + [(3510.0, SLOW)] + steady(3520, 9000))
        self.assertAlmostEqual(recovery(operations, TARGET, 2000, 9000), 1.6)

    def test_it_may_never_come(self):
        self.assertIsNone(recovery(steady(0, 10_000, SLOW), TARGET, 2000, 10_000))

    def test_too_short_a_rest_proves_nothing(self):
        operations = steady(2000, 3000, SLOW) + steady(3000, 4500)
        self.assertIsNone(recovery(operations, TARGET, 2000, 4500))


class AttainmentTests(unittest.TestCase):
    def test_nine_tenths_of_the_promise_are_enough(self):
        completions = [number * 1000 / 90 for number in range(90)] + [1000 + number * 1000 / 89 for number in range(89)]
        self.assertEqual(attained(completions, 100, 0, 2000), (1, 2))

    def test_an_empty_window_is_a_broken_one(self):
        self.assertEqual(attained([], 10, 0, 3000), (0, 3))


if __name__ == "__main__":
    unittest.main()
