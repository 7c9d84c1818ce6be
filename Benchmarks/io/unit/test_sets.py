"""Random sets of promises."""

import unittest

from io_bench.sets import RESERVABLE, draw


class SetTests(unittest.TestCase):
    def test_a_seed_makes_the_same_set_and_another_one_another(self):
        self.assertEqual(draw(5, 800, 50, 2000), draw(5, 800, 50, 2000))
        self.assertGreater(len({tuple(draw(seed, 800, 50, 2000)) for seed in range(50)}), 45)

    def test_every_set_has_a_target_and_a_reservation_and_fits_the_disk(self):
        for seed in range(500):
            promised = draw(seed, 800, 50, 2000)
            self.assertEqual(len({one.name for one in promised}), len(promised))
            self.assertTrue(all((one.target is None) != (one.reservation is None) for one in promised))
            self.assertGreaterEqual(min(one.target for one in promised if one.target), 4000)
            asked = sum(one.reservation or one.rate for one in promised)
            self.assertLessEqual(asked, RESERVABLE * 800 + 1)
            self.assertTrue(all(one.reservation > 0 for one in promised if one.reservation is not None))


if __name__ == "__main__":
    unittest.main()
