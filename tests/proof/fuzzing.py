# SPDX-License-Identifier: Apache-2.0
"""What a million executions of each fuzzer come to, and the smallest corpus that reaches as much:

    fuzzing.py million SOURCE BUILD [--runs=N] [--seconds=N] [--jobs=N] [--missing] FUZZER[:DICTIONARY]...
    fuzzing.py minimise SOURCE BUILD FUZZER...

`million` runs as many at a time as there are processors, each for so many seconds at most, and writes docs/internals/fuzzing.md of
what it and earlier runs came to; `--missing` leaves out those that have been run for that often. What they find is kept in
BUILD/million, and becomes a file of corpus/FUZZER once it is mended. `minimise` adds to each corpus what reaches code that nothing else there does, out of
what `search` and `million` have found in BUILD/corpus. It drops such files again where smaller ones reach as much, but no file
that has a name of its own: that is a regression's, or shows what the format is."""
import argparse
import concurrent.futures
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

RUNS = 1_000_000
SECONDS = 3600
MOST_FILES = 16  # of a corpus that have no name of their own
LEAST_EDGES = 3  # that such a file adds
MOST_OCTETS = 1024  # of such a file
DIGEST = re.compile(r"[0-9a-f]{40}")

PAGE = """# Fuzzing

Whatever reads octets from elsewhere has a fuzzer: a program that libFuzzer gives ever new octets, under AddressSanitizer and
UndefinedBehaviorSanitizer, and that looks whether what came of them is what it must be. They stand in `tests/fuzz`, each with a
corpus to begin with, most with a dictionary of their format (`dictionaries`). Two hold conversations: `agent_talk` those of clients
with the agent, through its server up to what would be sent on, counted against the strictest reader of HTTP; `server_talk` those of a
session with a MicroStrategy that answers anything. Their mutator (`talk.c`) knows messages, lines of heads and values of JSON. They do
some hundreds a second, a million in half an hour of a processor or more; half of that is libFuzzer's own.

| | |
|---|---|
| with the tests | each for seconds in the preset `fuzz`; in the others each file of its corpus once, and those with a name of their own cut at every octet, too |
| `cmake --build --preset fuzz --target search` | each for minutes; `search_NAME` one |
| `cmake --build --preset fuzz --target million` | each a million times, for an hour at most, and writes this page: hours |
| `cmake --build --preset fuzz --target minimise` | adds to each corpus the little of what was found that reaches more, under the names of their digests |

What a fuzzer finds is mended as a kind, stays in its corpus under a name that says what it is, and gets a line in
`tests/fuzz/findings.txt`.

None have: the variables of systemd, which is whoever starts the agent; `/proc`, which is the kernel; the agent's token file, of which
nothing is read but its length and its octets; Arrow and FlatBuffers, which are written and never read.

## The latest long run

"""


def corpus_of(root, name):
    """The files of a corpus in the source, in order."""
    return sorted(glob.glob(os.path.join(glob.escape(os.path.join(root, "tests/fuzz/corpus", name)), "*")))


def purpose(code):
    """What a fuzzer is for: its first comment behind the licence, up to the first colon, semicolon or full stop."""
    comment = re.search(r"/\*(.*?)\*/", code[code.index("\n"):], re.DOTALL).group(1)
    text = re.sub(r"\s*\n \*\s*", " ", comment).strip()
    return re.split(r"[:;]\s|[.](?:\s|$)", text, maxsplit=1)[0]


def read_told(told):
    """What libFuzzer says of a run: executions, edges reached, files of its corpus."""
    executed = re.search(r"stat::number_of_executed_units:\s+(\d+)", told)
    last = re.findall(r"^#\d+\s.*?\bcov: (\d+) ft: \d+ corp: (\d+)/", told, re.MULTILINE)
    reached = last[-1] if last else (0, 0)
    return {"executions": int(executed.group(1)) if executed else 0, "edges": int(reached[0]), "corpus": int(reached[1])}


class Run:
    """One fuzzer of a build, and where its results are."""

    def __init__(self, root, build, text):
        self.name, _, self.dictionary = text.partition(":")
        self.root = root
        self.program = os.path.join(build, "tests", f"fuzz_{self.name}")
        self.found = os.path.join(build, "corpus", self.name)
        self.results = os.path.join(build, "million")
        self.kept = os.path.join(self.results, f"{self.name}.json")

    def result(self):
        if not os.path.exists(self.kept):
            return None
        with open(self.kept, encoding="utf-8") as file:
            return json.load(file)

    def command(self, *options):
        dictionary = os.path.join(self.root, "tests/fuzz/dictionaries", f"{self.dictionary}.dict")
        return [self.program, *options, *([f"-dict={dictionary}"] if self.dictionary else []),
                self.found, os.path.join(self.root, "tests/fuzz/corpus", self.name)]

    def execute(self, runs, seconds):
        os.makedirs(self.found, exist_ok=True)
        os.makedirs(self.results, exist_ok=True)
        log = os.path.join(self.results, f"{self.name}.log")
        began = time.monotonic()
        with open(log, "wb") as file:
            status = subprocess.run(
                self.command(f"-runs={runs}", f"-max_total_time={seconds}", "-max_len=4096", "-print_final_stats=1",
                             f"-artifact_prefix={self.results}/{self.name}-"),
                stdout=subprocess.DEVNULL, stderr=file, check=False).returncode
        took = time.monotonic() - began
        with open(log, encoding="utf-8", errors="replace") as file:
            told = file.read()
        result = {**read_told(told), "seconds": round(took, 1), "limit": seconds, "finding": ""}
        if status != 0:
            summary = re.search(r"^SUMMARY: (.*)", told, re.MULTILINE)
            result["finding"] = summary.group(1) if summary else f"it ended with {status}"
        with open(self.kept, "w", encoding="utf-8") as file:
            json.dump(result, file)
        return result


def row(root, run):
    """The fuzzer's line of the page."""
    with open(os.path.join(root, "tests/fuzz", f"{run.name}_fuzz.c"), encoding="utf-8") as file:
        what = purpose(file.read())
    files = corpus_of(root, run.name)
    size = sum(os.path.getsize(file) for file in files)
    result = run.result()
    if result is None:
        return f"| `{run.name}` | {what} | not run | | | {len(files)} | {size:,} | |"
    rate = result["executions"] / max(result["seconds"], 0.1)
    return (f"| `{run.name}` | {what} | {result['executions']:,} | {rate:,.0f} | {result['edges']:,} | {len(files)} | {size:,} | "
            f"{result['finding'] or 'none'} |")


def findings(root):
    """The lines of findings.txt as rows of a table."""
    with open(os.path.join(root, "tests/fuzz/findings.txt"), encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                yield "| " + " | ".join(part.strip() for part in line.split("|")) + " |"


def write_page(root, runs):
    results = [run.result() for run in runs]
    told = [result for result in results if result]
    whole = sum(result["executions"] for result in told)
    seconds = sum(result["seconds"] for result in told)
    short = [f"`{run.name}`" for run, result in zip(runs, results) if result and result["executions"] < RUNS and not result["finding"]]
    with open(os.path.join(root, "docs/internals/fuzzing.md"), "w", encoding="utf-8") as page:
        page.write("<!-- SPDX-License-Identifier: Apache-2.0 -->\n" + PAGE)
        page.write(f"{len(told)} fuzzers of {len(runs)}, {whole:,} executions in {seconds / 60:,.0f} minutes of one process, "
                   f"{sum(bool(result['finding']) for result in told)} findings. Edges\nare those of the code under test that the "
                   "corpus and what was found reach; files and octets are those of the corpus.\n\n")
        if short:
            page.write(f"Ended before the million, by their time or by hand: {', '.join(short)}.\n\n")
        page.write("| fuzzer | gets | executions | a second | edges | files | octets | finding |\n|---|---|---|---|---|---|---|---|\n")
        page.writelines(row(root, run) + "\n" for run in runs)
        page.write("\n## What fuzzing has found\n\n"
                   "| fuzzer | what it found | mended by |\n|---|---|---|\n")
        page.writelines(line + "\n" for line in findings(root))


def million(root, runs, wanted):
    def is_due(run):
        known = run.result()
        return os.path.exists(run.program) and not (wanted.missing and known and known["executions"] >= wanted.runs)

    def execute(run):
        result = run.execute(wanted.runs, wanted.seconds)
        print(f"{run.name:20} {result['executions']:9,} in {result['seconds']:6.1f} s, {result['edges']} edges  {result['finding']}",
              flush=True)
        return run.name if result["finding"] else None

    with concurrent.futures.ThreadPoolExecutor(wanted.jobs) as pool:
        failed = list(filter(None, pool.map(execute, filter(is_due, runs))))
    write_page(root, runs)
    if failed:
        sys.exit("findings: " + ", ".join(failed))


def read_control(text):
    """What libFuzzer's merge writes down: {file: how many edges it reaches that none before it does}. It goes through the first
    folder, then through all other files, the smaller ones first."""
    lines = text.splitlines()
    names = lines[2:2 + int(lines[0])]
    added = dict.fromkeys(names, 0)
    for line in lines[2 + len(names):]:
        kind, number, *edges = line.split()
        if kind == "COV":
            added[names[int(number)]] = len(edges)
    return added


def choose(added, size):
    """The files that are kept: small ones, and of them those that add most."""
    small = [name for name, edges in added.items() if edges >= LEAST_EDGES and size(name) <= MOST_OCTETS]
    return sorted(small, key=lambda name: (-added[name], size(name), name))[:MOST_FILES]


def is_named(path):
    return not DIGEST.fullmatch(os.path.basename(path))


def minimise(run):
    """Has the corpus in the source hold its named files and the chosen others."""
    files = corpus_of(run.root, run.name)
    chosen = {}
    with tempfile.TemporaryDirectory() as place:
        control = os.path.join(place, "control")
        named = os.path.join(place, "named")
        os.mkdir(named)
        for path in filter(is_named, files):
            shutil.copy(path, named)
        subprocess.run([run.program, "-merge=1", "-max_len=4096", f"-merge_control_file={control}", named, run.found,
                        os.path.dirname(files[0])], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        with open(control, encoding="utf-8") as file:
            added = {path: edges for path, edges in read_control(file.read()).items() if os.path.dirname(path) != named}
        for path in choose(added, os.path.getsize):
            with open(path, "rb") as file:
                octets = file.read()
            chosen[hashlib.sha1(octets).hexdigest()] = octets
    for path in files:
        if not is_named(path) and os.path.basename(path) not in chosen:
            os.unlink(path)
    for name, octets in chosen.items():
        with open(os.path.join(os.path.dirname(files[0]), name), "wb") as file:
            file.write(octets)
    print(f"{run.name:20} {len(added)} files, of which {len(chosen)} stay beside those with a name", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("action", choices=["million", "minimise"])
    parser.add_argument("source")
    parser.add_argument("build")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--missing", action="store_true")
    parser.add_argument("fuzzers", nargs="+")
    wanted = parser.parse_args()
    runs = [Run(wanted.source, wanted.build, text) for text in sorted(wanted.fuzzers)]
    if wanted.action == "million":
        million(wanted.source, runs, wanted)
    for run in runs if wanted.action == "minimise" else []:
        minimise(run)


if __name__ == "__main__":
    main()
