"""The service model, without a clock."""

import dataclasses
import random
import unittest

from isolated_lab.service_model import FLUSH, MODELS, READ, WRITE, DiskModel, Parameters, Request

SIZE = 1 << 30
EXACT = Parameters(channels=2, read_base_us=100, read_byte_ns=10, write_base_us=200, write_byte_ns=20, jitter=0,
                   gc_after=0, gc_channels=0)


def drain(model):
    done = []
    while (moment := model.next_event()) is not None:
        done += model.advance(moment)
    return done


def run(parameters, requests):
    """Ends of REQUESTS, (kind, offset, length) that all come at 0."""
    model = DiskModel(parameters, SIZE)
    for kind, offset, length in requests:
        model.submit(Request(kind, offset, length), 0)
    return [request.done for request in drain(model)]


class ServiceModelTests(unittest.TestCase):
    def test_time_is_base_and_bytes_reads_and_writes_apart(self):
        self.assertEqual(run(EXACT, [(READ, 0, 4096)]), [100_000 + 40_960])
        self.assertEqual(run(EXACT, [(WRITE, 0, 4096)]), [200_000 + 81_920])
        self.assertEqual(run(EXACT, [(FLUSH, 0, 0)]), [1_000_000])

    def test_channels_serve_side_by_side_and_the_rest_waits(self):
        self.assertEqual(run(EXACT, [(READ, 0, 0)] * 5), [100_000, 100_000, 200_000, 200_000, 300_000])

    def test_a_late_look_does_not_delay_what_waits(self):
        model = DiskModel(dataclasses.replace(EXACT, channels=1), SIZE)
        for _ in range(3):
            model.submit(Request(READ, 0, 0), 0)
        self.assertEqual([request.done for request in model.advance(250_000)], [100_000, 200_000])
        self.assertEqual(model.next_event(), 300_000)

    def test_factor_stretches_what_is_not_yet_in_service(self):
        model = DiskModel(dataclasses.replace(EXACT, channels=1), SIZE)
        model.submit(Request(READ, 0, 0), 0)
        model.submit(Request(READ, 0, 0), 0)
        model.change(dataclasses.replace(model.parameters, factor=3))
        self.assertEqual([request.done for request in drain(model)], [100_000, 400_000])

    def test_the_same_seed_gives_the_same_disk_and_another_another(self):
        work = [(READ, number * 1_000_003 % SIZE, 4096) for number in range(200)]
        for model in MODELS.values():
            first, again = run(model, work), run(model, work)
            other = run(dataclasses.replace(model, seed=2), work)
            self.assertEqual(first, again)
            self.assertNotEqual(first, other)

    def test_far_seeks_cost_more_than_near_ones_and_sequential_none(self):
        still = dataclasses.replace(MODELS["hdd"], rotation_us=0, jitter=0, read_byte_ns=0)
        model = DiskModel(still, SIZE)
        times = []
        for offset in (0, 4096, 1 << 20, (1 << 30) - 4096):
            model.submit(Request(READ, offset, 4096), 0)
            times.append(drain(model)[0].done)
        start, sequential, near, far = times
        self.assertEqual(start, sequential)
        self.assertLess(sequential, near)
        self.assertLess(near, far)

    def test_the_arm_takes_the_nearest_but_starves_nobody(self):
        model = DiskModel(dataclasses.replace(MODELS["hdd"], rotation_us=0, jitter=0), SIZE)
        model.submit(Request(READ, 0, 4096), 0)
        far = Request(READ, SIZE - 4096, 4096)
        model.submit(far, 0)
        moment, served = 0, []
        for number in range(2000):
            model.submit(Request(READ, number % 64 * 4096, 4096), moment)
            moment = model.next_event()
            served += model.advance(moment)
            if far in served:
                break
        self.assertIn(far, served)
        self.assertGreater(served.index(far), 1)
        self.assertLess(far.done, 400_000_000)

    def test_garbage_collection_takes_channels_after_bytes_written(self):
        collecting = dataclasses.replace(EXACT, gc_after=1 << 20, gc_channels=2, gc_stall_us=50_000)
        writes = [(WRITE, 0, 65536)] * 64
        model = DiskModel(collecting, SIZE)
        for kind, offset, length in writes:
            model.submit(Request(kind, offset, length), 0)
        with_stalls = [request.done for request in drain(model)]
        without = run(EXACT, writes)
        self.assertIn(model.stalls, (3, 4, 5))
        self.assertGreaterEqual(max(with_stalls) - max(without), 3 * 50_000_000)
        self.assertEqual(run(collecting, [(READ, 0, 65536)] * 64), run(EXACT, [(READ, 0, 65536)] * 64))

    def test_every_request_ends_once_and_not_before_it_came(self):
        chance = random.Random(4)
        for parameters in MODELS.values():
            model, done, moment = DiskModel(parameters, SIZE), [], 0
            for number in range(2000):
                moment += chance.randrange(3_000_000)
                done += model.advance(moment)
                kind = chance.choice((READ, WRITE, FLUSH))
                length = chance.randrange(1, 65) * 4096
                model.submit(Request(kind, chance.randrange(SIZE - length), length, tag=number), moment)
                if number % 100 == 0:
                    factor = chance.uniform(0.5, 2)
                    model.change(dataclasses.replace(model.parameters, factor=factor))
            done += drain(model)
            self.assertEqual(sorted(request.tag for request in done), list(range(2000)))
            self.assertTrue(all(request.done > request.arrived for request in done))

    def test_impossible_disks_are_refused(self):
        for change in ({"channels": 0}, {"channels": 17}, {"factor": 0}, {"factor": float("nan")}, {"jitter": -1},
                       {"gc_channels": 3}, {"read_base_us": float("inf")}):
            with self.subTest(change), self.assertRaises(ValueError):
                DiskModel(dataclasses.replace(EXACT, **change), SIZE)


if __name__ == "__main__":
    unittest.main()
