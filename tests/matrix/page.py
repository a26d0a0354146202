# SPDX-License-Identifier: Apache-2.0
"""Plays the matrix and writes it as a page of Markdown into the file that is named: page.py FILE."""
import sys

import matrix

HEAD = """# Every remote source against everything that befalls it

A cell shows the exit status and the number of requests that the run took, and in **bold** what is wrong, numbered as below the
tables. A dash is a cell that makes no sense, see the end. Made by `tests/matrix/page.py`; what it means stands in
`docs/internals/matrix.md`.
"""


def text(cell, notes):
    if cell.why_not:
        return "–"
    shown = f"{cell.outcome.status} · {cell.outcome.requests}"
    if not cell.wrongs:
        return shown
    note = cell.listed or "; ".join(cell.wrongs) + " (not listed)"
    if note not in notes:
        notes.append(note)
    return f"**{shown}** ({notes.index(note) + 1})"


def table(store, cells, notes):
    sources = list(dict.fromkeys(cell.source for cell in cells))
    yield f"\n## {store}\n"
    yield "| | " + " | ".join(source.short for source in sources) + " |"
    yield "|---" * (len(sources) + 1) + "|"
    for column in matrix.COLUMNS:
        row = [cell for cell in cells if cell.column is column]
        if not all(cell.why_not for cell in row):
            yield f"| {column.name} | " + " | ".join(text(cell, notes) for cell in row) + " |"


def page():
    notes, reasons = [], {}
    yield HEAD
    for store in matrix.STORES:
        cells = matrix.play(store)
        yield from table(store, cells, notes)
        for cell in cells:
            if cell.why_not:
                reasons.setdefault(cell.why_not, set()).add(cell.column.name)
    yield "\n## Wrong\n"
    yield from [f"{number}. {note}" for number, note in enumerate(notes, 1)] or ["Nothing."]
    yield "\n## Cells that make no sense\n"
    yield from (f"* because the source {why}: {', '.join(sorted(columns))}" for why, columns in reasons.items())


if __name__ == "__main__":
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in page())
    print(f"the matrix stands in {sys.argv[1]}")
