# SPDX-License-Identifier: Apache-2.0
"""The matrix: what befalls a source (columns.py), for every source (sources.py), played (stage.py) and judged."""
import fnmatch
import os
import queue
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from azure_files import Certificates
from columns import COLUMNS
from sources import SOURCES, Impossible
from stage import Stage

WORKERS = 8  # most of the time is spent waiting
STORES = list(dict.fromkeys(source.store for source in SOURCES))


@dataclass(frozen=True)
class Listed:
    """A line of wrong.txt: what is known to be wrong."""
    source: str
    column: str
    why: str

    def speaks_of(self, source, column):
        return fnmatch.fnmatchcase(source.name, self.source) and column.name == self.column and not column.lacks(source)


def read_listed():
    with open(os.path.join(os.path.dirname(__file__), "wrong.txt"), encoding="utf-8") as file:
        lines = [line for line in file if line.strip() and not line.startswith("#")]
    return [Listed(*(part.strip() for part in line.split("|", 2))) for line in lines]


class Cell:
    def __init__(self, source, column, listed):
        self.source, self.column = source, column
        self.why_not = column.lacks(source)
        self.listed = next((line.why for line in listed if line.speaks_of(source, column)), None)
        self.outcome, self.wrongs = None, []

    def play(self, stage):
        try:
            self.outcome = stage.play(self.source, self.column)
            self.wrongs = self.outcome.wrongs(self.source, self.column)
        except Impossible as why:
            self.why_not = str(why)


def play(store):
    """Every cell of a store, in the order of the tables."""
    listed = read_listed()
    cells = [Cell(source, column, listed) for source in SOURCES if source.store == store for column in COLUMNS]
    free = queue.SimpleQueue()

    def play_one(cell):
        stage = free.get()
        try:
            cell.play(stage)
        finally:
            free.put(stage)

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(WORKERS) as pool:
        certificates = Certificates(folder) if store == "azure" else None
        stages = list(pool.map(lambda _: Stage(store, certificates), range(WORKERS)))
        for stage in stages:
            free.put(stage)
        list(pool.map(play_one, [cell for cell in cells if not cell.why_not]))
        for stage in stages:
            stage.close()
    return cells
