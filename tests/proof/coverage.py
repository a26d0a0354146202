# SPDX-License-Identifier: Apache-2.0
"""Which lines and branches of core and providers the tests reach, as gcov counted them: coverage.py SOURCE BUILD [PAGE].

A line is one that has code of its own. A branch is a way on from a condition: two for each operand of && and ||, for each if, loop
and ?:, and one for each case of a switch. gcov sees no others in this C, whose compiler makes none of its own at -O0 (no
exceptions, no checks of a sanitizer), and none is left out. What is compiled into several objects is reached if it is in one.

Fails where a folder is below its floors. PAGE becomes a page that tells of each folder, and what is not reached, why."""
import collections
import json
import os
import re
import subprocess
import sys

FLOORS = {"lines": 90, "branches": 80}
# Why code is not reached, by what stands on its line or on that of the condition it depends on; the first that fits.
WHY = (
    ("memory", "what follows where memory runs out: `integration/out_of_memory` has each allocation of each public function fail, "
               "in its turn; what is left are second guards on the same failure",
     r"MSTR_E_MEMORY|no_memory|out of memory|[.>]failed|\bmemory\b|NO_MEMORY|alloc|strdup|== NULL|!= NULL|_new\(|json_object"),
    ("system", "what follows where the system refuses what it hardly ever does: descriptors, threads, clocks, random octets, files "
               "that change within a moment",
     r"errno|strerror|pthread_|\bfd\b|fds|[a-z]+\([^;]*\) (?:!=|<|==) -?[01]\b|random|fork|spawn|pipe|socket|poll|clock|stat\b|MSTR_E_IO"),
    ("library", "what follows where OpenSSL, curl, json-c or libmicrohttpd fail at what they were asked rightly",
     r"EVP_|BIO_|X509|SSL|ASN1|openssl|curl|CURL|MHD_|yaml_|redis"),
)
REST = ("guard", "guards against what callers do not do, and ways that no test goes yet")


def add(counted, other):
    """One more object's counts of a line: [count, [count of each branch]]."""
    counted[0] += other[0]
    if len(other[1]) == len(counted[1]):
        counted[1] = [a + b for a, b in zip(counted[1], other[1])]
    elif len(other[1]) > len(counted[1]):
        counted[1] = other[1]


def read(answer, root, files):
    """Adds what gcov told of one object, in its JSON, to `files`: path -> line -> counts."""
    for file in json.loads(answer)["files"]:
        path = os.path.relpath(os.path.join(root, file["file"]), root)
        if not path.startswith(("core/", "providers/")):
            continue
        lines = files.setdefault(path, {})
        of_object = {}
        for line in file["lines"]:  # a line stands there once for each function it is in
            counts = [line["count"], [branch["count"] for branch in line["branches"]]]
            known = of_object.setdefault(line["line_number"], counts)
            if known is not counts:
                known[0] += counts[0]
                known[1] = known[1] + counts[1]
        for number, counts in of_object.items():
            if number in lines:
                add(lines[number], counts)
            else:
                lines[number] = counts


def measure(root, build):
    notes = [os.path.join(place, name) for place, _, names in os.walk(build) for name in names if name.endswith(".gcno")]
    files = {}
    for at in range(0, len(notes), 50):
        told = subprocess.run(["gcov", "--json-format", "--stdout", "--branch-probabilities", *sorted(notes)[at:at + 50]],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True, cwd=build).stdout
        for answer in told.splitlines():
            read(answer, root, files)
    return {path: lines for path, lines in files.items() if os.path.exists(os.path.join(root, path))}  # objects may be old


Sum = collections.namedtuple("Sum", "lines lines_reached branches branches_reached")


def sum_of(lines):
    branches = [count for _, counts in lines for count in counts]
    return Sum(len(lines), sum(count > 0 for count, _ in lines), len(branches), sum(count > 0 for count in branches))


def by_folder(files):
    folders = collections.defaultdict(list)
    for path, lines in files.items():
        folders[os.path.dirname(path)] += lines.values()
    return {folder: sum_of(lines) for folder, lines in sorted(folders.items())}


def percent(part, whole):
    return 100 * part / whole if whole else 100.0


def below(folders):
    """What is below its floor, in words."""
    for folder, one in folders.items():
        for what, value in (("lines", percent(one.lines_reached, one.lines)),
                            ("branches", percent(one.branches_reached, one.branches))):
            if value < FLOORS[what]:
                yield f"{folder}: {value:.1f} % of {what}, the floor is {FLOORS[what]} %"


def condition_above(text, number):
    """The line of the condition on which a line depends: the nearest above that is less deep. Lines count from 1."""
    depth = len(text[number - 1]) - len(text[number - 1].lstrip())
    for above in range(number - 2, -1, -1):
        line = text[above]
        if line.strip() and len(line) - len(line.lstrip()) < depth:
            return line
    return ""


def why(text, number):
    around = text[number - 1] + " " + condition_above(text, number)
    return next((name for name, _, pattern in WHY if re.search(pattern, around)), REST[0])


def function_at(text, number):
    """The name of the function that a line is in, as clang-format leaves it: the last definition that begins a line."""
    for line in reversed(text[:number]):
        found = re.match(r"(?!typedef|#|\}|\{)[A-Za-z_].*?(\w+)\(", line)
        if found:
            return found.group(1)
    return "?"


def missed(root, files):
    """What is not reached: reason -> path -> [lines in each function, branches of other lines]."""
    found = collections.defaultdict(lambda: collections.defaultdict(lambda: [collections.Counter(), 0]))
    for path, lines in sorted(files.items()):
        with open(os.path.join(root, path), encoding="utf-8") as file:
            text = file.read().splitlines()
        for number, (count, branches) in sorted(lines.items()):
            if count == 0 or 0 in branches:
                one = found[why(text, number)][path]
                one[0].update([function_at(text, number)] if count == 0 else [])
                one[1] += branches.count(0) if count > 0 else 0
    return found


def told(paths):
    """What is not reached for one reason, a line a file; branches alone are told of all such files together."""
    alone = 0
    for path, (functions, branches) in paths.items():
        if functions:
            names = ", ".join(f"{name}() {count}" for name, count in functions.items())
            yield f"* `{path}`: {names}" + (f"; {branches} branches" if branches else "")
        else:
            alone += branches
    if alone:
        yield f"* elsewhere: {alone} branches of lines that are reached"


HEAD = """<!-- SPDX-License-Identifier: Apache-2.0 -->
# What the tests reach

Lines and branches of `core` and `providers` that the unit and integration tests and the matrix reach, by gcov. Each folder keeps at
least {lines} % of its lines and {branches} % of its branches. A branch is a way on from a condition: two for each operand of `&&` and `||`, for each
`if`, loop and `?:`, one for each `case`. None is left out, and no comment in the code leaves out anything. Processes that
are killed, or that leave by `_exit()`, tell nothing of what they reached.

    cmake --build --preset coverage --target coverage     # builds, runs the tests, checks, and writes this page

"""


def page(root, files):
    yield HEAD.format(**FLOORS)
    yield "| folder | lines | reached | branches | reached |\n|---|---|---|---|---|"
    folders = by_folder(files)
    everything = Sum(*map(sum, zip(*folders.values())))
    for name, one in [*((f"`{folder}`", one) for folder, one in folders.items()), ("all", everything)]:
        yield (f"| {name} | {one.lines} | {percent(one.lines_reached, one.lines):.1f} % "
               f"| {one.branches} | {percent(one.branches_reached, one.branches):.1f} % |")
    yield "\n## What is not reached\n\nLines by the functions they are in. The reason is read from the condition that a line depends on.\n"
    found = missed(root, files)
    for name, words in [*((name, words) for name, words, _ in WHY), REST]:
        lines = sum(functions.total() for functions, _ in found[name].values())
        branches = sum(count for _, count in found[name].values())
        yield f"\n### {name}: {lines} lines, {branches} branches of others\n\n{words[0].upper()}{words[1:]}.\n"
        yield from told(found[name])


def main(root, build, out=None):
    files = measure(os.path.realpath(root), os.path.realpath(build))
    folders = by_folder(files)
    for folder, one in folders.items():
        print(f"{folder:28} {percent(one.lines_reached, one.lines):6.1f} % of {one.lines:5} lines"
              f"   {percent(one.branches_reached, one.branches):6.1f} % of {one.branches:5} branches")
    if out:
        with open(out, "w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in page(root, files))
    faults = list(below(folders))
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
