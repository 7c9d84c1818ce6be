"""Order statistics."""

import random
import unittest

from io_bench.percentiles import extent, median, percentile, summary


class PercentileTests(unittest.TestCase):
    def test_the_nearest_rank_is_a_value_of_the_list(self):
        values = list(range(1, 101))
        random.Random(1).shuffle(values)
        self.assertEqual([percentile(values, share) for share in (500, 990, 999, 1000, 0)], [50, 99, 100, 100, 1])

    def test_at_least_that_share_is_no_greater_and_less_of_it_is_smaller(self):
        chance = random.Random(7)
        for _ in range(300):
            values = [chance.randrange(50) for _ in range(chance.randrange(1, 40))]
            share = chance.randrange(1, 1001)
            found = percentile(values, share)
            self.assertGreaterEqual(1000 * sum(value <= found for value in values), share * len(values))
            self.assertLess(1000 * sum(value < found for value in values), share * len(values))

    def test_nothing_has_no_percentile(self):
        self.assertEqual(summary([]), {"count": 0, "p50": None, "p99": None, "p999": None})
        self.assertIsNone(percentile([], 990))
        self.assertEqual((median([None]), extent([])), (None, None))

    def test_what_is_unknown_does_not_count(self):
        self.assertEqual((median([None, 3, 1]), extent([2, None, 5])), (2, (2, 5)))


if __name__ == "__main__":
    unittest.main()
