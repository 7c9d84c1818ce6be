"""From results to tables and plots."""

import json
import re
import unittest
import xml.etree.ElementTree as xml

from io_bench import charts, tables
from io_bench.analysis import Analysis
from io_bench.document import document, text
from io_bench.headline import headline
from io_bench.svg import Drawing
from unit import samples


class AnalysisTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.analysis = Analysis(samples.everything())

    def of(self, mechanism, disk="cloud"):
        return self.analysis.contention(disk, "reader", samples.PLAIN, mechanism)

    def test_latency_is_compared_with_the_victim_alone(self):
        self.assertAlmostEqual(self.of("none").ratio, 160_006 / 1006, places=3)
        self.assertAlmostEqual(self.of("io.max").ratio, 1206 / 1006, places=3)

    def test_only_what_started_after_the_burst_counts(self):
        self.assertEqual(len(self.of("none").latencies), 500)

    def test_windows_and_recovery(self):
        self.assertEqual((self.of("io.max").held, self.of("io.max").windows, self.of("io.max").recovery), (10, 10, 0))
        self.assertEqual((self.of("none").held, self.of("none").recovery), (0, None))

    def test_what_comes_after_a_drop_counts_apart(self):
        figures = self.of("io.max", "drop")
        self.assertEqual((figures.windows, figures.drop_windows, len(figures.latencies)), (5, 5, 251))

    def test_shares_are_of_what_the_disk_does_without_control(self):
        figures = self.of("io.max")
        self.assertAlmostEqual(figures.neighbour_share, 0.925)
        self.assertAlmostEqual(figures.total_share, 0.925 + 50 / 800)
        self.assertAlmostEqual(figures.idle_share, 1)
        self.assertAlmostEqual(self.of("io.max", "drop").dropped_share, 3 * (0.925 + 50 / 800))

    def test_the_noise_of_what_is_the_same_is_one(self):
        self.assertEqual(self.analysis.solos["cloud", "reader"].noise, 1)

    def test_what_was_refused_stays_in_sight(self):
        self.assertIn("not-yet-enforceable", self.of("isolated").refused)
        found = headline(self.analysis)
        self.assertEqual((found["isolated"]["cases"], found["isolated"]["ratio"][0]), (0, None))
        self.assertEqual(len(self.analysis.without_figures()), 6)

    def test_a_set_is_broken_by_one_broken_promise(self):
        self.assertEqual(headline(self.analysis)["isolated"]["sets"], (1, 2))

    def test_no_result_at_all_is_no_error(self):
        empty = Analysis([])
        self.assertIsNone(charts.frontier(empty))
        self.assertIsNone(charts.strip(empty))
        self.assertIn("isolated", tables.headline_table(empty))


class TableTests(unittest.TestCase):
    def test_every_table_has_the_same_number_of_cells_in_each_row(self):
        analysis = Analysis(samples.everything())
        made = [tables.headline_table(analysis), tables.solo_table(analysis), tables.disk_table(analysis, ["cloud"]),
                tables.case_table(analysis), tables.percentile_table(analysis), tables.drop_table(analysis),
                tables.division_table(analysis), tables.reservation_table(analysis),
                tables.calibration_table(analysis), tables.promises_table(analysis)]
        for table in made:
            counts = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
            self.assertEqual(len(counts), 1, table)
            self.assertGreater(len(table.splitlines()), 2, table)

    def test_a_bar_in_a_cell_does_not_end_it(self):
        self.assertIn("a \\| b", tables.markdown(["x"], [["a | b"]]))

    def test_few_samples_are_said(self):
        self.assertIn("N 500", tables.ratio_cell((1.2, 500, (1, 2))))
        self.assertNotIn("N", tables.ratio_cell((1.2, 10_000, (1, 2))))

    def test_how_figures_are_written(self):
        self.assertEqual([tables.times(value) for value in (None, 1.2345, 97.21, 1234)],
                         ["–", "1.23 ×", "97.2 ×", "1,234 ×"])
        self.assertEqual([tables.milliseconds(value) for value in (None, 1234, 170_400)], ["–", "1.23", "170"])
        self.assertEqual((tables.of(1, 3), tables.of(0, 0)), ("33.3 % of 3", "–"))

    def test_a_refusal_is_shown_as_one(self):
        self.assertIn("refused", tables.case_table(Analysis(samples.everything())))


class DocumentTests(unittest.TestCase):
    def test_programs_read_the_figures_that_the_tables_tell(self):
        analysis = Analysis(samples.everything())
        made = text(document(analysis, {"cases": 1}))
        read = json.loads(made)
        self.assertEqual(read["run"], {"cases": 1})
        self.assertEqual(len(read["contention"]), len(analysis.contentions))
        found = next(entry for entry in read["contention"] if (entry["disk"], entry["mechanism"]) == ("cloud", "io.max"))
        self.assertEqual((found["count"], found["windowsHeld"]), (500, 10))
        self.assertEqual(found["neighbour"]["jobs"], samples.PLAIN.jobs)

    def test_what_was_refused_says_why_instead_of_figures(self):
        read = json.loads(text(document(Analysis(samples.everything()), {})))
        refused = [entry for entry in read["contention"] if "refused" in entry]
        self.assertTrue(refused)
        self.assertNotIn("p99", refused[0])

    def test_each_entry_is_a_line_of_its_own(self):
        made = text({"run": {}, "alone": [{"a": 1}, {"a": 2}], "none": []})
        self.assertEqual(made, '{\n  "run": {},\n  "alone": [\n    {"a": 1},\n    {"a": 2}\n  ],\n  "none": []\n}\n')


class DrawingTests(unittest.TestCase):
    def test_what_is_drawn_is_well_formed_whatever_the_text(self):
        drawing = Drawing(10, 10, "a < b & \"c\"")
        drawing.text(1, 2.50001, "<&>\"'")
        drawing.circle(1, 1, 1, "#000000", title="x < y")
        root = xml.fromstring(drawing.render())
        texts = [element.text for element in root.iter() if element.tag.endswith("text")]
        self.assertEqual(texts, ["<&>\"'"])

    def test_the_plots_are_well_formed_and_stay_in_their_frame(self):
        analysis = Analysis(samples.everything())
        for plot in (charts.frontier(analysis), charts.strip(analysis),
                     charts.timeline(analysis, "drop", "reader", samples.PLAIN, "a drop")):
            root = xml.fromstring(plot)
            width, height = float(root.get("width")), float(root.get("height"))
            circles = [element for element in root.iter() if element.tag.endswith("circle")]
            self.assertGreater(len(circles), 3)
            for circle in circles:
                self.assertTrue(0 <= float(circle.get("cx")) <= width and 0 <= float(circle.get("cy")) <= height)

    def test_a_course_that_was_not_measured_has_no_plot(self):
        self.assertIsNone(charts.timeline(Analysis([]), "drop", "reader", samples.PLAIN, "a drop"))


if __name__ == "__main__":
    unittest.main()
