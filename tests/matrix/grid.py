# SPDX-License-Identifier: Apache-2.0
"""Plays the life of sessions under faults, whole (life.py), and writes it as a grid in HTML: grid.py FILE [STORE…]."""
import html
import os
import sys
import time

import life

HEAD = """<!-- SPDX-License-Identifier: Apache-2.0 -->
<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>Every fault at every stage</title>
<style>
body{font:14px sans-serif;margin:1em}table{border-collapse:collapse;font-size:11px}
td,th{border:1px solid #ccc;padding:1px 3px;text-align:right;white-space:nowrap}th{background:#eee;font-weight:normal}th.r{text-align:left}tr:has(th[rowspan])>*{border-top:2px solid #888}
.a{background:#c8ecc8}.b{background:#cfe0f7}.c{background:#fbeeb4}.d{background:#f8d3b0}.e{background:#eee}.w{background:#f33;color:#fff;font-weight:bold}
</style>
<h1>Every fault at every stage</h1>
<p>A cell is one run: a program is brought to the stage, the fault befalls the source, and the program takes its next step. It shows the
milliseconds of that step, which may take LIMIT, and the requests at all services: 842·1 is 842 ms and
one request. Rows are sources and stages, columns the simulator's
faults: the first PASSING befall one request, the others last. Point at a cell for its class.
<b class=a>&nbsp;well&nbsp;</b> <b class=b>&nbsp;well, as nobody was asked&nbsp;</b> <b class=c>&nbsp;failed, told as it is&nbsp;</b>
<b class=d>&nbsp;failed by its deadline&nbsp;</b> <b class=w>&nbsp;wrong&nbsp;</b>. Made by <code>tests/matrix/grid.py</code>; what it means
stands in <code>docs/internals/matrix.md</code>.</p>
"""


def kind_of(cell):
    if cell.wrongs:
        return "w"
    if cell.code == "ok":
        return "a" if cell.struck else "b"
    return "d" if cell.code == "timeout" else "c"


def text(cell):
    if cell.why_not:
        return "<td class=e>"
    title = html.escape("; ".join(cell.wrongs) or cell.code, quote=True)
    return f'<td class={kind_of(cell)} title="{title}">{cell.elapsed}·{cell.requests}'


def table(store, cells):
    yield f"<h2>{store}</h2>\n<table><tr><th><th>" + "".join(f"<th>{fault.name}" for fault in life.FAULTS) + "\n"
    for source in dict.fromkeys(cell.source for cell in cells):
        rows = [[cell for cell in cells if cell.source is source and cell.stage is stage] for stage in life.STAGES]
        rows = [row for row in rows if not all(cell.why_not for cell in row)]
        for number, row in enumerate(rows):
            first = f"<th class=r rowspan={len(rows)}>{source.short}" if number == 0 else ""
            yield f"<tr>{first}<th class=r>{row[0].stage.name}" + "".join(map(text, row)) + "\n"
    yield "</table>\n"


def load():
    """How many processes run or wait to."""
    return f"{os.getloadavg()[1]:.0f}"


def page(stores):
    began, played, before = time.monotonic(), [], load()
    passing = sum(fault.passes for fault in life.FAULTS)
    yield HEAD.replace("LIMIT", f"{life.LIMIT} ms").replace("PASSING", str(passing))
    for store in stores:
        cells = life.cells(store)
        life.play(store, cells)
        played += [cell for cell in cells if not cell.why_not]
        wrong = [cell for cell in cells if cell.wrongs]
        print(f"{store}: {len(cells)} cells, {len(wrong)} wrong, {time.monotonic() - began:.0f} s", flush=True)
        for cell in wrong:
            print(f"  {cell.name}: {'; '.join(cell.wrongs)}", flush=True)
        yield from table(store, cells)
    struck = sum(cell.struck > 0 for cell in played)
    yield f"<p>{len(played)} runs, in {struck} of which the fault befell somebody; {sum(bool(cell.wrongs) for cell in played)} are wrong.\n"
    yield (f"Taken on {time.strftime('%Y-%m-%d')}, in {(time.monotonic() - began) / 60:.0f} minutes, on {os.cpu_count()} processors, for which {before} "
           f"processes were in line when it began, and {load()} when it ended: where those are more than the processors, times tell of\n"
           f"the others, too.</p>\n")
    reasons = {}
    for cell in (cell for store in stores for cell in life.cells(store) if cell.why_not):
        reasons.setdefault(cell.why_not, set()).add(f"{cell.source.name}, {cell.stage.name}")
    yield "<p>Rows and cells without a run make no sense:</p>\n<ul>\n"
    yield from (f"<li>the source {html.escape(why)}: {len(which)} rows\n" for why, which in reasons.items())
    yield "</ul>\n"


if __name__ == "__main__":
    lines = list(page(sys.argv[2:] or list(dict.fromkeys(source.store for source in life.SOURCES))))
    with open(sys.argv[1], "w", encoding="utf-8") as written:
        written.writelines(lines)
