"""Jain's index."""

import unittest

from io_bench.fairness import jain, weighted_jain


class JainTests(unittest.TestCase):
    def test_its_bounds(self):
        self.assertAlmostEqual(jain([5, 5, 5, 5]), 1)
        self.assertAlmostEqual(jain([5, 0, 0, 0]), 0.25)
        self.assertIsNone(jain([0, 0]))

    def test_weights_and_the_cost_of_each_kind_are_divided_out(self):
        # The first alone reaches 800, the second 100; each has its share of the disk's time.
        self.assertAlmostEqual(weighted_jain([200, 75], [800, 100], [100, 300]), 1)

    def test_a_member_that_reached_nothing_alone_has_nothing(self):
        self.assertAlmostEqual(weighted_jain([1, 1], [1, 0], [1, 1]), 0.5)


if __name__ == "__main__":
    unittest.main()
