# SPDX-License-Identifier: Apache-2.0
"""A sample of the life of a session under faults, see life.py: each stage, fault and source a few times, chosen by their places. The
whole of it is the target life."""
import unittest
from concurrent.futures import ThreadPoolExecutor

import life

EVERY = {True: 13, False: 107}  # of MicroStrategy, of stores: primes, so that no stage and no fault is passed over
AT_ONCE = 3  # stores


class Life(unittest.TestCase):
    def test_a_sample_is_as_it_should_be(self):
        cells = [cell for cell in life.cells() if not cell.why_not]
        sample = [cell for kind, every in EVERY.items() for cell in [one for one in cells if one.is_session is kind][::every]]
        self.assertEqual({cell.stage.name for cell in sample}, {stage.name for stage in life.STAGES})
        self.assertEqual({cell.fault.name for cell in sample}, {fault.name for fault in life.FAULTS})
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda store: life.play(store, [cell for cell in sample if cell.source.store == store]),
                          dict.fromkeys(cell.source.store for cell in sample)))
        for cell in sample:
            with self.subTest(cell.name):
                self.assertEqual(cell.wrongs, [])


if __name__ == "__main__":
    unittest.main()
