# SPDX-License-Identifier: Apache-2.0
"""Has an analyser read core and providers: analysers.py SOURCE BUILD cppcheck | gcc | clang...

Each is run over the commands that the build compiles with. What it tells is to be mended, or stands in findings.txt with the
reason why it is no fault; all else fails, and so does a line of findings.txt that is told no longer. clang-tidy is a habit of its
own (`tidy`)."""
import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

import reasons

# "file:line:column: warning: words", as gcc, clang and cppcheck alike can tell it.
TOLD = re.compile(r"^(?P<file>[^\s:]+):(?P<line>\d+):\d+: (?:warning|error|performance|portability|style): (?P<words>.*)$", re.MULTILINE)
# Beside what clang's analyser looks for anyhow, which is what scan-build and clang-tidy have of it.
CLANG_MORE = ("alpha.core.BoolAssignment", "alpha.core.CastSize", "alpha.core.Conversion", "alpha.core.IdenticalExpr",
              "alpha.core.PointerArithm", "alpha.core.SizeofPtr", "alpha.core.TestAfterDivZero", "alpha.security.ArrayBoundV2",
              "alpha.security.MallocOverflow", "alpha.security.MmapWriteExec", "alpha.security.ReturnPtrRange",
              "alpha.unix.BlockInCriticalSection", "alpha.unix.Chroot", "alpha.unix.PthreadLock", "alpha.unix.SimpleStream",
              "alpha.unix.cstring.BufferOverlap", "alpha.unix.cstring.NotNullTerminated", "alpha.unix.cstring.OutOfBounds",
              "security.FloatLoopCounter", "security.insecureAPI.UncheckedReturn", "security.insecureAPI.strcpy", "unix", "nullability", "deadcode")
# Steps before a function is given up: a third of the usual, which takes a third of the time. clang-tidy's long form has all of them.
CLANG_STEPS = ("-Xclang", "-analyzer-config", "-Xclang", "max-nodes=75000")
CPPCHECK = ("--enable=warning,performance,portability", "--std=c11", "--quiet", "--inline-suppr", "--suppress=missingIncludeSystem",
            "--template={file}:{line}:{column}: warning: {message} [{id}]", "--template-location=")


def commands(source, build):
    """The command of each file of core and providers, without what it writes: dictionaries of cmake's form."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        found = {one["file"]: one for one in json.load(file)}
    return [found[path] for path in sorted(found) if path.startswith((source + "/core/", source + "/providers/"))]


def arguments_of(command):
    """The options of a compilation, but for its output, its coverage and warnings as errors."""
    words = shlex.split(command["command"])
    at = words.index("-o")
    words = words[:at] + words[at + 2:]
    first = next(i for i, word in enumerate(words) if word.startswith("-"))
    return [word for word in words[first:] if word not in ("-Werror", "--coverage", "-c") and not word.startswith("-fprofile")]


def output_of(command, folder):
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.stdout


def run_gcc(command):
    return output_of(["gcc", *arguments_of(command), "-fanalyzer", "-fdiagnostics-path-format=none", "-c", "-o", "/dev/null"],
                     command["directory"])


def run_clang(command):
    more = [word for checker in CLANG_MORE for word in ("-Xclang", f"-analyzer-checker={checker}")]
    return output_of(["clang", "--analyze", "--analyzer-output", "text", *more, *CLANG_STEPS, "-Wno-unknown-warning-option",
                      *arguments_of(command), "-o", "/dev/null"], command["directory"])


def run_cppcheck(found):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(found, file)
        file.flush()
        return output_of(["cppcheck", f"--project={file.name}", f"-j{os.cpu_count()}", *CPPCHECK], "/")


def side_by_side(one, found):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return "".join(pool.map(one, found))


ANALYSERS = {"cppcheck": run_cppcheck, "gcc": lambda found: side_by_side(run_gcc, found),
             "clang": lambda found: side_by_side(run_clang, found)}


def findings(name, output, source):
    """What an analyser told, without the lines, which change: a dictionary to where each is."""
    found = {}
    for one in TOLD.finditer(output):
        path = os.path.relpath(one["file"], source)
        if path.startswith(("core/", "providers/", "include/")):
            found.setdefault(f"{name}: {path}: {one['words']}", f"{path}:{one['line']}")
    return found


def judge(name, found, excused):
    """What is to be said of an analyser's findings."""
    yield from (f"{where}: {key}" for key, where in found.items() if key not in excused)
    yield from (f"findings.txt: told no longer: {key}" for key in excused if key.startswith(name + ": ") and key not in found)


def main(source, build, *names):
    source, told = os.path.realpath(source), []
    found = commands(source, os.path.realpath(build))
    for name in names:
        told += judge(name, findings(name, ANALYSERS[name](found), source), reasons.read("findings.txt"))
    print("\n".join(told))
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
