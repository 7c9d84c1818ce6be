"""What a run keeps, and takes up again."""

import tempfile
import unittest
from pathlib import Path

from io_bench.cases import Case
from io_bench.store import Store


class StoreTests(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = Path(temporary.name) / "results"
        self.case = Case("rates", "cloud", seconds=1)

    def test_a_result_is_found_again_and_only_for_its_own_case(self):
        Store(self.directory, "").keep(self.case, {"result": {"rates": {}}})
        again = Store(self.directory, "")
        self.assertEqual(again.result(self.case), {"rates": {}})
        self.assertIsNone(again.result(Case("rates", "cloud", seconds=2)))

    def test_what_failed_is_measured_again_and_what_was_refused_is_not(self):
        store = Store(self.directory, "")
        store.keep(self.case, {"result": {"failed": "no end"}})
        self.assertIsNone(store.result(self.case))
        self.assertIsNotNone(store.entry(self.case))
        store.keep(self.case, {"result": {"refused": "no such thing"}})
        self.assertIsNotNone(store.result(self.case))

    def test_a_refusal_of_one_package_is_none_of_another(self):
        case = Case("contention", "cloud", mechanism="isolated")
        Store(self.directory, "one").keep(case, {"result": {"refused": "not yet"}})
        self.assertIsNone(Store(self.directory, "two").result(case))

    def test_nothing_half_written_counts(self):
        store = Store(self.directory, "")
        store.path(self.case).with_suffix(".partial").write_text("{")
        self.assertIsNone(store.result(self.case))


if __name__ == "__main__":
    unittest.main()
