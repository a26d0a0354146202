# SPDX-License-Identifier: Apache-2.0
"""What processes hold, each second: resident and locked memory, descriptors, threads. soak.plot draws what is written."""
import os
import statistics
import threading
import time

COLUMNS = ("memory", "descriptors", "threads", "locked")  # KiB the first and the last


def held_by(pid):
    """By a process, in the order of COLUMNS."""
    number = {}
    for table in ("status", "smaps_rollup"):  # VmLck of the former counts what is mapped, not what is there
        with open(f"/proc/{pid}/{table}", encoding="ascii") as file:
            number.update(line.split(":", 1) for line in file if line.startswith(("VmRSS:", "Threads:", "Locked:")))
    memory, threads, locked = (int(number[name].split()[0]) for name in ("VmRSS", "Threads", "Locked"))
    return memory, len(os.listdir(f"/proc/{pid}/fd")), threads, locked


class Sampler:
    """Samples the processes {name: pid}, from the with block's begin to its end."""

    def __init__(self, processes):
        self.processes, self.samples = processes, {name: [] for name in processes}
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.work, daemon=True)

    def __enter__(self):
        self.began = time.monotonic()
        self.thread.start()
        return self

    def __exit__(self, *exception):
        self.over.set()
        self.thread.join()

    def work(self):
        while not self.over.wait(1):
            for name, pid in self.processes.items():
                self.samples[name].append((time.monotonic() - self.began, *held_by(pid)))

    def write(self, path):
        """A block for each process, with tabs, and two empty lines between them."""
        with open(path, "w", encoding="utf-8") as file:
            for name, rows in self.samples.items():
                file.write(f'"{name}"\n' + "".join("\t".join(f"{value:.0f}" for value in row) + "\n" for row in rows) + "\n\n")

    def growth(self):
        """By (process, column): from the middle third to the last, each by its median, which what passes does not move."""
        grown = {}
        for name, rows in self.samples.items():
            third = len(rows) // 3
            for number, column in enumerate(COLUMNS, 1):
                middle, last = (statistics.median(row[number] for row in part) for part in (rows[third:2 * third], rows[2 * third:]))
                grown[name, column] = last - middle
        return grown
