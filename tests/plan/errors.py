#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The catalogue of errors, docs/guide/errors.md: each message that comes with a hint, by exit status and class, with its cause
and its cure. Messages, classes and hints are what the sources say (hints.py); causes, and what the sources leave open, stand
in errors.txt. Usage: errors.py [--renew]. plan/errors holds the page against this."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import hints

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
PAGE = "docs/guide/errors.md"
TOLD = "tests/plan/errors.txt"
# Who tells a message, by the beginning of the path of its source; the first that fits.
TELLERS = (("core/session/", "MicroStrategy"), ("core/http/", "The way to a server, and TLS"), ("providers/aws/", "AWS"),
           ("providers/azure/", "Azure"), ("providers/gcp/", "Google"), ("providers/kubernetes/", "Kubernetes"),
           ("providers/redis/", "A fleet's store, Redis or Valkey"),
           ("providers/vault/", "Vault and OpenBao"), ("", "mstr itself"))
REMEDIES = "core/context/explain.c", "remedies"  # by class alone
INTRODUCTION = """\
<!-- SPDX-License-Identifier: Apache-2.0 -->
# Errors, and what to do about them

`mstr` tells a failure in up to two lines, and ends with an exit status that says what kind it is:

    mstr: there is no project "Tutorail" that this user may see
    hint: names are compared exactly; "mstr projects" lists them

With `--json` the same is an object with `error`, which is the class, `message`, `hint`, `exit_status` and, where they are known,
the reference, the provider, the step, the service's own code and its id of the request. A program has them from mstr-session(3) and the header
`mstr/error.h`; a class is an `enum mstr_code`. What led to a failure, step by step, tells `mstr doctor REFERENCE`.

Below are all messages that come with a hint, by exit status and class. `…` stands for what differs, words in capitals and `N`
say what it is. Classes that are *passing* may go away by themselves: they are tried again, and bridged by cached values as
`stale_if_error` in mstr-config(5) says.
"""


def read_text(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


class Told:
    """What errors.txt says: of classes, of functions and tables, and of hints."""

    def __init__(self, text):
        self.classes, self.places, self.lines = {}, {}, {}
        path = ""
        for line in text.splitlines():
            parts = [part.strip() for part in line.split("=>")]
            if line.startswith("["):
                path = line.strip("[]")
            elif line.startswith("@ "):
                where, _, what = line[2:].partition(" = ")
                classes, _, message = what.partition(": ")
                self.places[path, where] = [] if classes == "-" else classes.split(), message
            elif len(parts) > 1 and path == "classes":
                self.classes[parts[0]] = parts[1], parts[2]
            elif len(parts) > 1 and not line.startswith("#"):
                self.lines[path, parts[0]] = parts[1], parts[2] if len(parts) > 2 else None

    def line(self, hint):
        begins = [begin for path, begin in self.lines if path == hint.path and hint.text.startswith(begin)]
        return (hint.path, max(begins, key=len)) if begins else None


class Row:
    def __init__(self, hint, told):
        self.teller = next(name for begin, name in TELLERS if hint.path.startswith(begin))
        line = told.line(hint)
        self.cause, cure = told.lines[line] if line else ("", None)
        only, self.cause = re.fullmatch(r"(?:\(((?:MSTR_\w+ ?)+)\) )?(.*)", self.cause).groups()
        self.cure = cure or sentence(hint.text)
        classes, message = told.places.get((hint.path, hint.where), ([], None))
        self.classes = (only or "").split() or classes or hint.classes
        self.message = re.sub("…+", "…", message.format(*hint.fields)) if message else hint.message

    def faults(self, hint):
        place = f"{hint.path}: {hint.where}"
        if not self.cause:
            yield f'{place}: no cause is told of "{hint.text}"'
        if not self.classes or not self.message:
            yield f"{place}: neither the source nor a line with @ tells class and message"

    def cells(self):
        return self.message, self.cause, self.cure


def sentence(text):
    first = text if re.match(r"[a-z]\w*_|[a-z]+[(:/]", text) else text[:1].upper() + text[1:]
    return first + ("" if text[-1] in ".?…" else ".")


def cell(text):
    """A text as a table of Markdown has it: nothing in it is markup but code."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join((part if part[:1] == "`" else re.sub(r"([*<]|(?<!\w)_)", r"\\\1", part)).replace("|", "\\|") for part in parts)


class Catalogue:
    def __init__(self, sources, told):
        self.told, self.faults, self.rows = told, [], []
        self.remedies = {}
        places, lines = set(), set()
        for source in sources:
            self.faults += [fault for fault in source.hidden() if fault.partition(": ")[0] not in PASSING]
            for hint in source.hints():
                if not re.search(r"\w", hint.text.replace("N", "")):  # another's, as it is
                    continue
                if (hint.path, hint.where) == REMEDIES:
                    self.remedies[hint.classes[0]] = hint.text
                    continue
                row = Row(hint, told)
                self.rows.append(row)
                self.faults += row.faults(hint)
                places.add((hint.path, hint.where))
                lines.add(told.line(hint))
        self.faults += [f"{path}: {where} has no hint: take out its line" for path, where in set(told.places) - places]
        self.faults += [f"{path}: no hint begins with \"{begin}\": take out its line" for path, begin in set(told.lines) - lines]

    def page(self):
        names = {code: (name, text) for code, name, text in re.findall(r'\[(MSTR_\w+)\] = \{"([^"]*)", "([^"]*)"',
                                                                       read_text("core/base/error_code.c"))}
        statuses = re.findall(r"\[(MSTR_E_\w+)\] = (\d+)", read_text("core/cli/failure.c"))
        meanings = dict(re.findall(r"(MSTR_E_\w+) = \d+,?\s*/\*\*< (.*?) \*/", read_text("include/mstr/provider.h")))
        lines = [INTRODUCTION]
        for status in sorted({int(status) for _, status in statuses}):
            lines.append(f"## Exit status {status}\n")
            for code in [code for code, its in statuses if int(its) == status]:
                name, text = names[code]
                lines.append(f"### {sentence(text)[:-1]} (`{name}`)\n")
                lines += self.section(code, meanings[code])
        return "\n".join(lines)

    def section(self, code, meaning):
        cause, cure = self.told.classes.get(code, (meaning, None))
        cure = cure or self.remedies[code]
        yield f"{sentence(cell(cause))} {sentence(cell(cure))}\n"
        for _, teller in sorted(TELLERS, key=lambda one: one[0]):
            cells = sorted({row.cells() for row in self.rows if code in row.classes and row.teller == teller})
            if cells:
                yield f"**{teller}**\n\n| the message says | it means | what to do |\n|---|---|---|"
                yield "\n".join("| " + " | ".join(map(cell, one)) + " |" for one in cells) + "\n"


# Files that hand on a hint as it is: a plugin's, and the help of an option.
PASSING = {"core/plugin/host.c", "core/plugin/options.c"}


def read():
    return Catalogue(hints.read(ROOT), Told(read_text(TOLD)))


if __name__ == "__main__":
    catalogue = read()
    sys.stderr.write("".join(fault + "\n" for fault in catalogue.faults))
    if catalogue.faults:
        sys.exit(1)
    if sys.argv[1:] == ["--renew"]:
        with open(os.path.join(ROOT, PAGE), "w", encoding="utf-8") as page:
            page.write(catalogue.page())
    else:
        sys.stdout.write(catalogue.page())
