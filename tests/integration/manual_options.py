# SPDX-License-Identifier: Apache-2.0
"""mstr(1) lists the options that the tool's tables have, no more and no fewer: compares the page's lists with `mstr help`.
Usage: manual_options.py MSTR PAGE"""
import re
import subprocess
import sys

mstr, page = sys.argv[1], open(sys.argv[2], encoding="utf-8").read()
failed = False


def complain(text):
    global failed
    failed = True
    print(text, file=sys.stderr)


def help_of(*command):
    return subprocess.run([mstr, "help", *command], check=True, capture_output=True, text=True).stdout


def told(text, heading):
    """The options below a heading of the help, as sets of their names: {-o, --output}."""
    block = text.split(f"\n{heading}:\n")[1].split("\n\n")[0] if f"\n{heading}:\n" in text else ""
    return {frozenset(names.split(", ")) for names in re.findall(r"^  (-[^ ,]+(?:, --\S+)?)", block, re.M)}


def listed(text):
    """The options that a part of the page has entries for."""
    items = re.findall(r"^\.It (Fl .*)$", text, re.M)
    found = set()
    for item in items:
        names = ["-" + name for name in re.findall(r"Fl (-?[A-Za-z][a-z-]*)", item)]
        pair = len(names) == 2 and len(names[0]) == 2 # a letter and its name; else options told of together
        found |= {frozenset(names)} if pair else {frozenset([name]) for name in names}
    return found


def compare(what, tables, manual):
    for names in tables - manual:
        complain(f"mstr(1) does not know {'/'.join(sorted(names))} of {what}")
    for names in manual - tables:
        complain(f"mstr(1) has {'/'.join(sorted(names))} for {what}, which the tool does not")


description = page.split("\n.Sh DESCRIPTION\n")[1].split("\n.Sh ")[0]
common, *groups = description.split("\n.Pp\nThese commands ")
sections = {}
for part in page.split("\n.Sh COMMANDS\n")[1].split("\n.Sh ")[0].split(".Ss ")[1:]:
    heading, text = part.split("\n", 1)
    sections.update({command: text for command in heading.split(" , ")})
overview = help_of()
commands = re.findall(r"^  ([a-z]+) ", overview.split("\nCommands:\n")[1].split("\n\n")[0], re.M)
if not commands:
    complain("mstr help lists no commands")
compare("all commands", told(overview, "Common options"), listed(common))
shared = {command: set() for command in commands}
for group in groups:
    for command in re.findall(r"[a-z]+", "".join(re.findall(r"^\.Cm (.*?)(?: :)?$", group.split("\n.Bl")[0], re.M))):
        shared.setdefault(command, set()).update(listed(group))
for command in sorted(shared.keys() | sections.keys() | set(commands)):
    if command not in commands:
        complain(f"mstr(1) tells of a command {command}, which the tool does not have")
    elif command not in sections:
        complain(f"mstr(1) does not know the command {command}")
    else:
        own = told(help_of(command), "Options")
        manual = listed(sections[command])
        # A letter may be the command's own where the name is shared, as with `get -o`.
        compare(command, own, manual | {names for names in shared[command] if names in own or not names & set().union(*manual, set())})
sys.exit(failed)
