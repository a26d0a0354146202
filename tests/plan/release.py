# SPDX-License-Identifier: Apache-2.0
"""What docs/internals/releasing.md asks of all files: each says its licence, one alone the version, and the changelog has its
form. plan_test.py holds the files against it."""
import fnmatch
import os
import re


def all_files(root):
    for folder in (".ci", "core", "providers", "include", "tests", "docs", ""):
        for place, folders, names in os.walk(os.path.join(root, folder)):
            folders[:] = [name for name in folders if folder and name != "__pycache__"]
            yield from (os.path.relpath(os.path.join(place, name), root) for name in names if name != ".git")


LICENCE = re.compile(r"\A(?:#!.*\n)?\S+ SPDX-License-Identifier: Apache-2[.]0(?: \*/| -->)?\n")


def unlicensed(root):
    """Files whose head does not say their licence, but those that .reuse/dep5 lists behind its first paragraph."""
    with open(os.path.join(root, ".reuse/dep5"), encoding="utf-8") as file:
        listed = " ".join(re.findall(r"^Files: (.*(?:\n .*)*)", file.read(), re.MULTILINE)[1:]).split()
    missing = []
    for path in all_files(root):
        with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
            if not LICENCE.match(file.read(200)) and not any(fnmatch.fnmatch(path, one) for one in listed):
                missing.append(path)
    return missing


def project_version(root):
    with open(os.path.join(root, "CMakeLists.txt"), encoding="utf-8") as file:
        return re.search(r"^project\(libmstr VERSION ([0-9.]+) ", file.read(), re.MULTILINE).group(1)


# What may say a version besides CMakeLists.txt: what tells of past ones, and what has versions of others.
VERSIONED = ("CMakeLists.txt", "CHANGELOG.md", "docs/internals/releasing.md", "tests/peers/package*.json", "tests/fuzz/corpus/*")


def versions(root):
    """Places that repeat the project's version in place of taking it from the project() of CMakeLists.txt."""
    literal = re.compile(rf"(?<![0-9.]){re.escape(project_version(root))}(?!\.?[0-9])")
    found = []
    for path in all_files(root):
        with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
            if not any(fnmatch.fnmatch(path, one) for one in VERSIONED) and literal.search(file.read()):
                found.append(path)
    return found


DATED = re.compile(r"\[(\d+)[.](\d+)[.](\d+)\] - (\d{4}-\d\d-\d\d)")
KINDS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")


def changelog_faults(text, version):
    """What in a changelog is not as keepachangelog.com has it, for a project whose version is the one given: the next one, or that
    of its newest section, as long as nothing has changed since."""
    faults, kinds, newest, before, titles, unreleased = [], None, None, None, 0, False
    for number, line in enumerate(text.splitlines(), 1):
        mark, _, title = line.partition(" ")
        dated = DATED.fullmatch(title)
        if mark == "#":
            titles += 1
        elif mark == "##":
            mine = (*map(int, dated.groups()[:3]), dated.group(4)) if dated else None
            first, kinds = kinds is None, set()
            if (title == "[Unreleased]") != first or not first and not mine:
                faults.append(f"{number}: the first section is [Unreleased], the others are [VERSION] - YYYY-MM-DD")
            elif before and mine and not (mine[:3] < before[:3] and mine[3] <= before[3]):
                faults.append(f"{number}: the newest section comes first")
            before, newest = mine or before, newest or mine
        elif mark == "###":
            if title not in KINDS or kinds is None or title in kinds:
                faults.append(f"{number}: a part is one of {', '.join(KINDS)}, once in its section")
            kinds = (kinds or set()) | {title}
        elif line.startswith("* ") and not kinds:
            faults.append(f"{number}: a change stands in a part such as ### Added")
        unreleased = unreleased or line.startswith("* ") and kinds is not None and not newest
    if titles != 1 or kinds is None:
        faults.append("1: there is one title, and sections below it")
    if newest and (newest[:3], unreleased) > (tuple(map(int, version.split("."))), False):
        faults.append(f"1: {version} of CMakeLists.txt was released already: it is that of the next release from the first change on")
    return faults


def malformed(root):
    with open(os.path.join(root, "CHANGELOG.md"), encoding="utf-8") as file:
        return [f"CHANGELOG.md:{fault}" for fault in changelog_faults(file.read(), project_version(root))]
