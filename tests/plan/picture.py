#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws the floors of the code, as its includes have them, as an SVG on standard output.

A box is a folder; an arrow goes from a folder to one that it includes, left out where a longer way says the same. The
stores are drawn as one, since they all have the same floors. docs/internals/floors.svg is this picture; plan_test.py tells
when it has to be drawn anew: tests/plan/picture.py > docs/internals/floors.svg"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import floors

WIDTH, HEIGHT, STEP, MARGIN = 240, 30, 46, 24
STORE = ["providers/STORE", "providers/STORE/service", "providers/STORE/identity", "providers/STORE/wire",
         "providers/STORE/config", "providers/builtin", "providers/sdk"]
TOLD = {
    "core/base": "buffers, text, time, errors, limits", "core/secret": "locked memory, fields, sealing",
    "core/http": "one client over libcurl",
    "core/local": "HTTP over a Unix socket",
    "core/reference": "grammar of references", "core/config": "files, schema, environment",
    "core/plugin": "ABI, loading, registry, host", "core/resolve": "cache, fetching, credentials",
    "core/context": "puts the floors together", "core/session/parts": "know no session",
    "core/session": "the state, one sending", "core/session/login": "who we are",
    "core/session/exchange": "one request", "core/session/api": "what the server can do", "core/session/table": "reports as rows",
    "core/session/saved": "snapshots", "core/session/pool": "many sessions",
    "core/queue": "jobs for event loops", "core/cli": "mstr, over public headers",
    "core/tools": "programs apart", "providers/STORE": "the plugin's table",
    "providers/STORE/service": "calls of the store", "providers/STORE/identity": "ways to prove who we are",
    "providers/STORE/wire": "formats, signing, sending", "providers/STORE/config": "what the user set",
    "providers/sdk": "shared by plugins", "providers/builtin": "env, file, exec",
}


def folder_of(module):
    folder = os.path.dirname(module)
    names = folder.split("/")
    if names[0] == "providers" and names[1] not in ("sdk", "builtin"):
        names[1] = "STORE"
    return "/".join(names)


def folder_edges(code):
    pairs = {(folder_of(a), folder_of(b)) for a, b in code.edges()}
    return {(a, b) for a, b in pairs if a != b}


def without_detours(edges):
    """The edges that no longer way replaces."""
    below = {}
    for a, b in edges:
        below.setdefault(a, set()).add(b)

    def reaches(a, b, seen):
        return any(c == b or (c not in seen and reaches(c, b, seen | {c})) for c in below.get(a, ()))

    return sorted((a, b) for a, b in edges if not any(reaches(c, b, {a, c}) for c in below[a] if c != b))


def draw(code):
    edges = folder_edges(code)
    used = {name for pair in edges for name in pair}
    left = [name for name in reversed(floors.CORE + floors.PROGRAMS) if name in used]
    right = [name for name in STORE if name in used]
    places = {name: (MARGIN + 150, MARGIN + i * STEP) for i, name in enumerate(left)}
    first = max(len(left) - len(right), 0)
    places.update({name: (MARGIN + 560, MARGIN + (first + i) * STEP) for i, name in enumerate(right)})
    lines = [arrow(places, a, b) for a, b in without_detours(edges) if a in places and b in places]
    boxes = [box(name, x, y) for name, (x, y) in places.items()]
    size = f'width="{MARGIN * 2 + 960}" height="{MARGIN * 2 + len(left) * STEP}"'
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">',
                      '<defs><marker id="end" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">'
                      '<path d="M0,0 L8,4 L0,8 z" fill="#567"/></marker></defs>',
                      '<rect width="100%" height="100%" fill="white"/>'] + lines + boxes + ["</svg>", ""])


def box(name, x, y):
    fill = "#eef4fb" if name.startswith("core/") else "#fbf3e6"
    return (f'<g><rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="4" fill="{fill}" stroke="#567"/>'
            f'<text x="{x + 8}" y="{y + 13}" font-weight="bold">{name}</text>'
            f'<text x="{x + 8}" y="{y + 26}" fill="#456" font-size="10">{TOLD.get(name, "")}</text></g>')


def arrow(places, a, b):
    (ax, ay), (bx, by) = places[a], places[b]
    if ax == bx and abs(by - ay) == STEP:  # neighbours
        x = ax + WIDTH // 2
        path = f"M{x},{ay + HEIGHT} L{x},{by}"
    elif ax == bx:  # round those between
        side = ax if ax < 400 else ax + WIDTH
        bend = side + (-1 if ax < 400 else 1) * (20 + 9 * (abs(by - ay) // STEP))
        path = f"M{side},{ay + HEIGHT // 2} C{bend},{ay + HEIGHT // 2} {bend},{by + HEIGHT // 2} {side},{by + HEIGHT // 2}"
    else:
        start, end = (ax + WIDTH, bx) if ax < bx else (ax, bx + WIDTH)
        path = f"M{start},{ay + HEIGHT // 2} L{end},{by + HEIGHT // 2}"
    return f'<path d="{path}" fill="none" stroke="#567" marker-end="url(#end)"/>'


if __name__ == "__main__":
    sys.stdout.write(draw(floors.Code(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))))
