"""What a test's header comments say."""

import tempfile
import unittest
from pathlib import Path

from isolated_lab.errors import LabError
from isolated_lab.suite import Output, read_test


class SuiteTests(unittest.TestCase):
    def script(self, text):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        path = Path(temporary.name) / "10-test.sh"
        path.write_text(text)
        return path

    def test_disks_and_timeout_are_read_from_the_header(self):
        test = read_test(self.script("#!/bin/sh\n# lab-disks: a:iops=1 b:model=ssd\n# lab-timeout: 9\n"), 300)
        self.assertEqual([disk.name for disk in test.disks], ["a", "b"])
        self.assertEqual((test.name, test.timeout), ("10-test", 9))

    def test_a_test_without_a_header_has_the_suites_timeout(self):
        self.assertEqual(read_test(self.script("#!/bin/sh\n"), 300).timeout, 300)

    def test_a_wrong_header_is_an_error_that_names_the_script(self):
        for line in ("# lab-disks: a:speed=1", "# lab-timeout: soon"):
            with self.subTest(line), self.assertRaisesRegex(LabError, "10-test.sh"):
                read_test(self.script(f"#!/bin/sh\n{line}\n"), 300)

    def test_a_flood_of_output_is_bounded(self):
        output = Output()
        for _ in range(64):
            output(None, b"x" * (1 << 20))
        self.assertLessEqual(len(output._kept), Output.LIMIT)

    def test_the_end_of_an_output_without_checks_is_its_last_lines_cut_short(self):
        output = Output()
        output(None, b"first\n" + b"x" * 200 + b"\n" + b"\xff\n" * 11)
        end = output.end().splitlines()
        self.assertEqual((len(end), len(end[0])), (12, 124))
        self.assertNotIn("first", output.end())

    def test_the_end_of_an_output_with_checks_is_what_failed_and_its_facts(self):
        output = Output()
        output(None, b"ok    one\nFAIL  two\n        expected 'a', found 'b'\n" + b"ok    more\n" * 20 + b"1 of the checks\n")
        self.assertEqual(output.end(), "  | FAIL  two\n  |         expected 'a', found 'b'")


if __name__ == "__main__":
    unittest.main()
