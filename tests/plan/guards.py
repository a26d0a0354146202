#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The promises of docs/security.md and what keeps them: each guard stands in guards.txt with the test that fails without it.

    guards.py --renew                  writes docs/internals/guards.md
    guards.py --prove BUILD [NUMBER…]  removes guard after guard (of those promises), builds and runs its test there, which has to
                                       pass before and to fail then, and puts the source back; all else is to be built already

A guard's first line: promise, file, function, test:case. Then the text that is it, a "-" before each line, and after "+" what
stands in its place while it is removed; without that, nothing does."""
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field

ROOT = os.environ.get("MSTR_SOURCE") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
PROMISES = "docs/security.md"
PAGE = "docs/internals/guards.md"
LIST = "tests/plan/guards.txt"
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \|$", re.MULTILINE)
TEST = re.compile(r"`([a-z0-9_/]+):(\w+)`")
HEAD = """<!-- SPDX-License-Identifier: Apache-2.0 -->
# What keeps each promise

The promises of [security.md](../security.md), by number: the guard that keeps each, and the test that fails once it is removed. Made
by `tests/plan/guards.py --renew` from `tests/plan/guards.txt`, which has the removed text too.

    tests/plan/guards.py --prove .build/debug        # removes each in turn, builds, sees its test fail, puts it back
    tests/plan/guards.py --prove .build/debug 7 12   # those of two promises

| promise | guard | in | test | case |
|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Promise:
    number: int
    text: str
    tests: list


@dataclass
class Guard:
    promise: int
    file: str
    function: str
    test: str
    text: list = field(default_factory=list)
    instead: list = field(default_factory=list)

    @property
    def name(self):
        return self.test.split(":")[0]

    @property
    def case(self):
        return self.test.split(":")[1]


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def promises(text=None):
    rows = ROW.findall(read(PROMISES) if text is None else text)
    return [Promise(int(number), words, [":".join(test) for test in TEST.findall(tests)]) for number, words, tests in rows]


def guards(text=None):
    found = []
    for line in (read(LIST) if text is None else text).splitlines():
        if line.startswith(("- ", "+ ")):
            (found[-1].text if line[0] == "-" else found[-1].instead).append(line[2:].strip())
        elif line and not line.startswith("#"):
            number, file, function, test = line.split()
            found.append(Guard(int(number), file, function, test))
    return found


def place_of(guard, source):
    """Where the guard's text stands within its function, if it does so once."""
    body = re.search(rf"^[^\s#/][^;{{}}=]*\b{re.escape(guard.function)}\((?:[^;{{}}]*)\)\n\{{\n.*?^\}}", source, re.MULTILINE | re.DOTALL)
    found = list(re.finditer(r"\s+".join(re.escape(line) for line in guard.text), body.group())) if body else []
    return (body.start() + found[0].start(), body.start() + found[0].end()) if len(found) == 1 else None


def source_of(test):
    """The file of a test that CTest knows by this name, as tests/CMakeLists.txt and its kin have them."""
    for ending in ("_test.c", "_test.py"):
        path = f"tests/{test}{ending}"
        if os.path.exists(os.path.join(ROOT, path)):
            return path
    return None


def has_case(test, case):
    path = source_of(test)
    kind = rf"^static void {case}\(void \*\*" if path and path.endswith(".c") else rf"^    def {case}\(self"
    return path is not None and re.search(kind, read(path), re.MULTILINE) is not None


def page():
    rows = []
    for guard in guards():
        text = " ".join(guard.text)
        shown = text if len(text) <= 110 else text[:107] + "…"
        shown = shown.replace("|", "\\|")
        rows.append(f"| {guard.promise} | `{shown}` | `{guard.file}`: {guard.function} | `{guard.name}` | {guard.case.replace('_', ' ')} |\n")
    return HEAD + "".join(rows)


def target_of(guard):
    path = source_of(guard.name)
    if path.endswith(".py"):
        return ["mstr_cli", "mstr_agent", *(f"plugin_{name}" for name in ("aws", "azure", "gcp", "kubernetes", "vault"))]
    return [guard.name.replace("/", "_") + "_test"]


def is_seen(guard, output):
    """Whether the test failed in the case that is named, or did not come back from it."""
    begun = re.findall(r"\[ RUN +\] (\w+)", output)
    failed = re.findall(r"\[ *(?:FAILED|  ERROR) *\] (\w+)", output) + re.findall(r"^(?:FAIL|ERROR): (\w+)", output, re.MULTILINE)
    return guard.case in failed or begun[-1:] == [guard.case]


def make(build, targets):
    """Nothing, or what was wrong."""
    made = subprocess.run(["cmake", "--build", build, "--target", *targets, "--", "-j2"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    return "" if made.returncode == 0 else (re.findall(r"error: .*", made.stdout) or ["?"])[0]


def run(build, name):
    """Whether the test passes, and what it said."""
    ran = subprocess.run(["ctest", "--test-dir", build, "-R", f"^{name}$", "--output-on-failure", "--no-tests=error"],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return ran.returncode == 0, ran.stdout


def prove(guard, build):
    """What came of the removal: nothing, or what is wrong."""
    path = os.path.join(ROOT, guard.file)
    source = read(guard.file)
    begin, end = place_of(guard, source)
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(source[:begin] + "\n".join(guard.instead) + source[end:])
        fault = make(build, target_of(guard))
        if fault:
            return "is not built: " + fault
        passes, said = run(build, guard.name)
        return "its test passes" if passes else "" if is_seen(guard, said) else "its test fails elsewhere: " + said[-600:]
    finally:
        with open(path, "w", encoding="utf-8") as file:
            file.write(source)


def prove_all(build, numbers):
    wrong = 0
    wanted = [guard for guard in guards() if not numbers or guard.promise in numbers]
    for name in sorted({guard.name for guard in wanted}):
        make(build, target_of(next(guard for guard in wanted if guard.name == name)))
        passes, said = run(build, name)
        wrong += not passes
        print("" if passes else f"{name} fails as it is:\n{said}", end="", flush=True)
    for guard in wanted if not wrong else ():
        why = prove(guard, build)
        wrong += why != ""
        print(f"{guard.promise:3} {guard.file}: {guard.function}: {why or 'seen by ' + guard.test}", flush=True)
    make(build, sorted({target for guard in wanted for target in target_of(guard)}))  # lest one without its guard be left
    return wrong == 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--renew"]:
        with open(os.path.join(ROOT, PAGE), "w", encoding="utf-8") as renewed:
            renewed.write(page())
    elif sys.argv[1:2] == ["--prove"] and len(sys.argv) > 2:
        sys.exit(0 if prove_all(sys.argv[2], [int(number) for number in sys.argv[3:]]) else 1)
    else:
        sys.exit(__doc__)
