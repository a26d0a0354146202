# SPDX-License-Identifier: Apache-2.0
"""Every remote source against everything that befalls it, through the real binary and the simulator: the right exit status and
words, a bounded number of requests, and no secret in what is shown. MSTR_MATRIX names the store."""
import os
import unittest

import matrix


class Matrix(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cells = [cell for cell in matrix.play(os.environ["MSTR_MATRIX"]) if not cell.why_not]

    def test_each_cell_is_as_it_should_be(self):
        for cell in self.cells:
            with self.subTest(cell.source.name, column=cell.column.name):
                self.assertTrue(cell.listed or not cell.wrongs, f"{'; '.join(cell.wrongs)}\n{cell.outcome.told}")

    def test_what_is_listed_as_wrong_is_wrong_still(self):
        for cell in self.cells:
            with self.subTest(cell.source.name, column=cell.column.name):
                self.assertTrue(cell.wrongs or not cell.listed, "is as it should be: take it off wrong.txt")

    def test_what_is_listed_is_a_cell(self):
        for line in matrix.read_listed():
            with self.subTest(line):
                self.assertTrue(line.why and any(line.speaks_of(source, column) for source in matrix.SOURCES
                                                 for column in matrix.COLUMNS))


if __name__ == "__main__":
    unittest.main()
