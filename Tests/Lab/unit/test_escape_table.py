"""The escape suite's table, and that its page, its program and the weakened tenant-init say the same."""

import re
import sys
import unittest
from pathlib import Path

LAB = Path(__file__).resolve().parent.parent
ESCAPE = LAB / "escape"
sys.path.insert(0, str(ESCAPE))

import table  # noqa: E402

LEAST_ATTACKS = 60


class EscapeTableTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.attacks, cls.waiting = table.parse((ESCAPE / "attacks.txt").read_text())

    def test_the_page_has_the_tables(self):
        page = (LAB.parent.parent / "docs/escape-suite.md").read_text()
        self.assertTrue(page.endswith(table.document(self.attacks, self.waiting)),
                        "run Tests/Lab/escape/document and look at what changed")

    def test_there_are_at_least_sixty_attacks_that_can_fail(self):
        self.assertGreaterEqual(len([attack for attack in self.attacks if attack.without]), LEAST_ATTACKS)

    def test_every_attack_of_the_program_is_in_the_table_and_the_other_way_round(self):
        programs = set()
        for file in ESCAPE.glob("*.c"):
            lists = file.read_text().split("const struct attack ")[1:]
            programs |= {name for text in lists for name in re.findall(r'\{"([a-z0-9-]+)", [a-z0-9_]+\}', text)}
        named = {each.name for each in [*self.attacks, *self.waiting]}
        self.assertEqual(programs - named, set())
        self.assertEqual({attack.name for attack in self.attacks if attack.user != "spawn"} - programs, set())

    def test_what_is_left_out_is_what_the_weakened_program_knows_and_the_page_explains(self):
        source = (ESCAPE / "weak/weak.c").read_text()
        words = set(re.findall(r'"([a-z-]+)"', source.split("words[] = {")[1].split("};")[0]))
        used = {word for attack in self.attacks for word in attack.without.split(",") if word}
        self.assertEqual(used - words, set())
        page = (LAB.parent.parent / "docs/escape-suite.md").read_text()
        self.assertEqual({word for word in words if f"`{word}`" not in page.split("## Running it")[0]}, set())

    def test_a_line_that_cannot_fail_is_an_error(self):
        with self.assertRaisesRegex(ValueError, "line 1.*could not fail"):
            table.parse("a | move | root | EPERM a | filter | seccomp | EPERM a\n")

    def test_a_broken_line_is_an_error_with_its_number(self):
        for line in ("a | b | root", "a | move | nobody | EPERM a | filter | seccomp | ESCAPED",
                     "a | move | root |  | filter | seccomp | ESCAPED"):
            with self.subTest(line), self.assertRaisesRegex(ValueError, "line 2"):
                table.parse(f"# head\n{line}\n")

    def test_a_name_that_is_there_twice_is_an_error(self):
        line = "a | move | root | EPERM a | filter | seccomp | ESCAPED\n"
        with self.assertRaisesRegex(ValueError, "twice: a"):
            table.parse(line + line)


if __name__ == "__main__":
    unittest.main()
