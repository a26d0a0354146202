# SPDX-License-Identifier: Apache-2.0
"""What `mstr report --format arrow` writes, read by Apache Arrow's own reader for JavaScript: cell for cell what the same report is as
CSV, of each trait that a grid of the simulator has."""
import csv
import decimal
import io
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import node
from simulator import Simulator, environment, run

MSTR = os.environ["MSTR_BIN"]
NULL = "∅"
TEXT, WHOLE, REAL = "LargeUtf8", "Int64", "Float64"
# Words of the command line, and the types of the columns: metrics by their data type unless the first rows have a number that does
# not fit, forms by theirs where that is asked for.
REPORTS = (
    (["Customers with Forms"], [TEXT] * 4 + [REAL, WHOLE, TEXT, TEXT]),
    (["Customers with Forms", "--text"], [TEXT] * 8),
    (["Customers with Forms", "--spool"], [TEXT] * 4 + [REAL, WHOLE, TEXT, TEXT]),
    (["Equal Rows"], None),
    (["Metrics on Rows", "--typed"], None),
    (["Metrics in the Middle"], None),
    (["Cross-tab"], None),
    (["Cross-tab", "--cross", "keep"], None),
    (["With Totals", "--totals"], None),
    (["Duplicate Names"], None),
    (["No Metrics"], [TEXT, TEXT]),
    (["No Rows"], None),
    (["Paged by Year and Quarter"], None),
    (["Sized by a Knob"], None),  # in several batches
)
ROWS = 2500


class Arrow(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(os.environ["MSTR_SIM"])
        cls.addClassCleanup(cls.sim.__exit__, None, None, None)
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        cls.config = os.path.join(cls.folder, "config")
        with open(os.open(cls.config, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.write(f"[profile default]\nbase_url = {cls.sim.urls['mstr']}\nusername = analyst\npassword = Simul8-analyst\n"
                       "project = MicroStrategy Tutorial\n")
        cls.sim.admin("PUT", "/knobs/mstr", {"report_rows": ROWS})

    def report(self, *words):
        done = run(MSTR, "report", *words, env=environment(MSTR_CONFIG=self.config))
        self.assertEqual((done.returncode, done.stderr), (0, b""), words)
        return done.stdout

    def check(self, words, types, found):
        self.assertEqual(types, [kind for _, kind, _ in found["columns"]][:len(types)] if types else types)
        header, *rows = csv.reader(io.StringIO(self.report(*words, "--null", NULL).decode(), newline=""))
        self.assertEqual(header, [name for name, _, nullable in found["columns"] if nullable])
        self.assertEqual(len(rows), len(found["rows"]))
        meanings = [{WHOLE: decimal.Decimal, REAL: float}.get(kind, str) for _, kind, _ in found["columns"]]
        for row, cells in zip(rows, found["rows"]):
            self.assertEqual([None if text == NULL else meaning(text) for meaning, text in zip(meanings, row)],
                             [None if text is None else meaning(text) for meaning, text in zip(meanings, cells)])

    def test_another_reader_finds_what_csv_has(self):
        paths = [os.path.join(self.folder, f"{number}.arrow") for number in range(len(REPORTS))]
        for (words, _), path in zip(REPORTS, paths):
            plain = [word for word in words if word != "--text"]
            self.assertEqual(self.report(*words, "--format", "arrow", "-o", path), b"", plain)
        answers = node.ask("arrow.js", paths, environment())
        for (words, types), found in zip(REPORTS, answers):
            with self.subTest(words):
                self.check([word for word in words if word not in ("--text", "--typed")], types, found)
        self.assertEqual(answers[-1]["batches"], [1000, 1000, 500])

    def test_a_stream_goes_through_a_pipe_as_well(self):
        path = os.path.join(self.folder, "piped")
        with open(path, "wb") as file:
            subprocess.run([MSTR, "report", "Equal Rows", "--format", "arrow"], env=environment(MSTR_CONFIG=self.config), stdout=file,
                           check=True)
        self.assertEqual([len(found["rows"]) for found in node.ask("arrow.js", [path], environment())], [5])


if __name__ == "__main__":
    unittest.main()
