"""The covering set: small, the same each time, and complete."""

import itertools
import unittest

from io_bench import plan
from io_bench.pairwise import covering_set, pairs_of, possible_pairs


class CoveringSetTests(unittest.TestCase):
    def test_every_two_values_that_can_go_together_do(self):
        rows = covering_set(plan.FACTORS, plan.goes_together)
        covered = set().union(*map(pairs_of, rows))
        names = list(plan.FACTORS)
        for first, second in itertools.combinations(names, 2):
            for one, other in itertools.product(plan.FACTORS[first], plan.FACTORS[second]):
                pair = {first: one, second: other}
                self.assertEqual(((first, one), (second, other)) in covered, plan.goes_together(pair), pair)

    def test_what_can_not_go_together_does_not(self):
        self.assertTrue(all(map(plan.goes_together, covering_set(plan.FACTORS, plan.goes_together))))

    def test_it_is_the_same_each_time(self):
        self.assertEqual(plan.combinations(), plan.combinations.__wrapped__())

    def test_all_combinations_are_at_most_as_many_as_wanted_and_none_twice(self):
        rows = plan.combinations()
        self.assertLessEqual(len(rows), plan.LARGEST_SET)
        self.assertEqual(len(set(rows)), len(rows))

    def test_a_constraint_of_three_values_is_kept_to(self):
        factors = {"a": [0, 1], "b": [0, 1], "c": [0, 1]}

        def allowed(row):
            return [row.get(name) for name in "abc"] != [1, 1, 1]

        rows = covering_set(factors, allowed)
        self.assertTrue(all(map(allowed, rows)))
        self.assertEqual(set().union(*map(pairs_of, rows)), possible_pairs(factors, allowed))

    def test_a_value_that_fits_nowhere_is_left_out(self):
        factors = {"a": [0, 1], "b": [0, 1]}
        rows = covering_set(factors, lambda row: row.get("a") != 1)
        self.assertEqual(sorted(row["b"] for row in rows), [0, 1])


if __name__ == "__main__":
    unittest.main()
