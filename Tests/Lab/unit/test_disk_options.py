"""The text of --disk and lab-disk."""

import unittest

from isolated_lab.disk_options import number, parse_change, parse_disk, parse_pairs


class DiskOptionsTests(unittest.TestCase):
    def test_a_throttled_disk_has_qemus_limits(self):
        disk = parse_disk("d1:iops=800,bps=80MiB,size=2G")
        self.assertEqual(disk.name, "d1")
        self.assertEqual(disk.size, 2 << 30)
        self.assertEqual(disk.limits, {"iops-total": 800, "bps-total": 80 << 20})
        self.assertIsNone(disk.parameters)

    def test_a_model_disk_takes_overrides_and_a_throttle(self):
        disk = parse_disk("m:model=hdd,size=8G,rotation-us=0,seed=9,iops=50")
        self.assertEqual(disk.parameters.rotation_us, 0)
        self.assertEqual(disk.parameters.seed, 9)
        self.assertEqual(disk.parameters.channels, 1)
        self.assertEqual(disk.limits, {"iops-total": 50})

    def test_a_name_alone_is_an_unthrottled_disk(self):
        self.assertEqual(parse_disk("d1").limits, {})

    def test_what_is_wrong_is_refused(self):
        for text in (
            "", ":iops=1", "D1", "1d", "a" * 21, "a/b", "a,b", "d:iops", "d:iops=", "d:=1", "d:iops=1,iops=2",
            "d:iops=-1", "d:iops=1e3", "d:iops=x", "d:speed=1", "d:size=0", "d:size=4097", "d:size=1000T",
            "d:model=tape", "d:channels=2", "d:model=ssd,channels=0", "d:model=ssd,channels=17",
            "d:model=ssd,factor=0", "d:model=ssd,gc-channels=5", "d:size=2G,", "d:iops=\u0661",
        ):
            with self.subTest(text), self.assertRaises(ValueError):
                parse_disk(text)

    def test_a_change_names_only_what_changes(self):
        self.assertEqual(parse_change(parse_pairs(["factor=3"]), with_model=True), ({}, {"factor": 3}))
        self.assertEqual(parse_change({"iops": "10"}, with_model=False), ({"iops-total": 10}, {}))
        with self.assertRaises(ValueError):
            parse_change({"factor": "3"}, with_model=False)
        with self.assertRaises(ValueError):
            parse_change({"size": "3G"}, with_model=True)

    def test_units_are_powers_of_1024(self):
        self.assertEqual([number("k", text) for text in ("7", "1.5", "1K", "1.5M", "2GiB", "1T")],
                         [7, 1.5, 1024, 3 << 19, 2 << 30, 1 << 40])


if __name__ == "__main__":
    unittest.main()
