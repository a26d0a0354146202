# SPDX-License-Identifier: Apache-2.0
"""What pages refer to is there: the files and headings that Markdown links to, the manual pages and their sections that any
text names, the functions and members that headers and pages name. What is elsewhere is looked at by its form alone: no test
asks the network. CTest sets MSTR_SOURCE. Files that are named without a link are the affair of plan_test.py."""
import os
import re
import unittest
import urllib.parse

ROOT = os.environ["MSTR_SOURCE"]
GUIDES = "docs/guide/"
# Installed side by side, as docs/CMakeLists.txt has it.
INSTALLED = ("docs/guide/", "docs/examples/")
CODE = re.compile(r"^(?:    |\t)[^\n]*$|^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\)")
PAGE = re.compile(r"\b((?:lib)?mstr(?:-[a-z]+)*)\((\d)\)|^\.Xr ((?:lib)?mstr[a-z-]*) (\d)|^\.BR ((?:lib)?mstr[a-z\\-]*) \((\d)\)", re.MULTILINE)
FUNCTION = re.compile(r"\b(mstr_[a-z0-9_]+)\(\)|^\.Fn (mstr_\w+)", re.MULTILINE)
MEMBER = re.compile(r"\b(mstr_\w+)::(\w+)")


def text_of(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def files(*folders, ending):
    found = [name for name in os.listdir(ROOT) if name.endswith(ending)]
    for folder in folders:
        for place, _, names in os.walk(os.path.join(ROOT, folder)):
            found += [os.path.relpath(os.path.join(place, name), ROOT) for name in names if name.endswith(ending)]
    return sorted(found)


def anchors(text):
    """What GitHub makes of the headings of a page."""
    found = []
    for heading in re.findall(r"^#+ +(.*?) *$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE):
        name = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()).replace(" ", "-")
        found.append(name if name not in found else f"{name}-{found.count(name)}")
    return found


def is_url(target):
    parts = urllib.parse.urlsplit(target)
    return parts.scheme in ("https", "http") and re.fullmatch(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", parts.hostname or "") is not None


def link_faults(path, text):
    """Links of a page of Markdown that lead nowhere, or are none."""
    prose = CODE.sub(lambda found: re.sub(r"[^\n]", "x", found.group()), text)
    for words, target in LINK.findall(prose):
        file, _, anchor = target.partition("#")
        there = os.path.normpath(os.path.join(os.path.dirname(path), file)) if file else path
        if not words.strip() or not target:
            yield f"{path}: [{words}]({target}) lacks a part"
        elif re.match(r"\w+:", target):
            if not is_url(target):
                yield f"{path}: {target} is no URL of a page"
        elif not os.path.exists(os.path.join(ROOT, there)):
            yield f"{path}: there is no {target}"
        elif anchor and anchor not in anchors(text if not file else text_of(there)):
            yield f"{path}: {there} has no heading #{anchor}"
        elif path.startswith(GUIDES) and not (there + "/").startswith(INSTALLED):
            yield f"{path}: {target} is not installed with it"
    for rest in re.findall(r".{0,30}\]\(.{0,30}", LINK.sub("", prose)):
        yield f"{path}: {rest} is no link"


def page_faults(path, text):
    """Manual pages of ours that a text names and that are not there."""
    for found in PAGE.findall(text):
        name, section = (one for one in found if one)
        if not os.path.exists(os.path.join(ROOT, "docs/man", f"{name}.{section}".replace("\\", ""))):
            yield f"{path}: there is no manual page {name}({section})"


class Interface:
    """Names that the headers declare."""

    def __init__(self):
        text = "".join(text_of(path) for path in files("include", ending=(".h", ".h.in")) if path.startswith("include/"))
        self.functions = set(re.findall(r"\b(mstr_\w+)\(", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)))
        self.functions |= set(re.findall(r"^#define (mstr_\w+) ", text, re.MULTILINE))
        self.members = {}
        for name, body in re.findall(r"struct (mstr_\w+) \{(.*?)^\}", text, re.MULTILINE | re.DOTALL):
            plain = re.sub(r"/\*.*?\*/", "", body, flags=re.DOTALL)
            self.members[name] = set(re.findall(r"(\w+);", plain)) | set(re.findall(r"\(\*(\w+)\)", plain))

    def faults(self, path, text):
        for name in {one or other for one, other in FUNCTION.findall(text)} - self.functions:
            yield f"{path}: there is no function {name}()"
        for name, member in MEMBER.findall(text):
            if member not in self.members.get(name, ()):
                yield f"{path}: there is no {name}::{member}"


class Links(unittest.TestCase):
    maxDiff = None

    def test_links_lead_somewhere(self):
        pages = files("docs", ending=".md")
        self.assertGreater(len(pages), 10)
        self.assertEqual([fault for path in pages for fault in link_faults(path, text_of(path))], [])

    def test_manual_pages_that_are_named_are_there(self):
        texts = files("docs", "include", "core", "providers", ending=(".md", ".h", ".c", ".in", ".py", ".1", ".3", ".5"))
        self.assertEqual([fault for path in texts for fault in page_faults(path, text_of(path))], [])

    def test_manual_pages_lead_to_each_other_and_sections_are_theirs(self):
        manuals = files("docs/man", ending=(".1", ".3", ".5"))
        named = {}
        for path in manuals:
            text = text_of(path)
            self.assertRegex(text, r"(?m)^\.S[hH] SEE ALSO$", path)
            also = re.split(r"(?m)^\.S[hH] SEE ALSO$", text)[1]
            named[path] = {"docs/man/" + ".".join(one for one in found if one).replace("\\", "") for found in PAGE.findall(also)}
            self.assertNotIn(path, named[path], "names itself")
            sections = re.findall(r'(?m)^\.S[hHsS] "?(.*?)"?$', text)
            self.assertEqual([one for one in re.findall(r'(?m)^\.Sx "?(.*?)"?(?: [.,])?$', text) if one not in sections], [], path)
        self.assertEqual(sorted(set(manuals) - set().union(*named.values())), [], "no other page tells of them")

    def test_functions_and_members_that_are_named_are_there(self):
        interface = Interface()
        texts = files("docs", "include", ending=(".md", ".h", ".in", ".1", ".3", ".5"))
        self.assertEqual([fault for path in texts for fault in interface.faults(path, text_of(path))], [])

    def test_the_index_has_all_guides(self):
        index = {target for _, target in LINK.findall(text_of(GUIDES + "README.md"))}
        self.assertEqual(sorted({path[len(GUIDES):] for path in files(GUIDES, ending=".md") if path.startswith(GUIDES)} -
                                index - {"README.md"}), [])


class Measure(unittest.TestCase):
    """The measure itself."""

    def test_links_that_lead_nowhere_are_found(self):
        for text, count in (("[a](docs/design.md) [b](https://example.com/x) [c](#here)\n# Here\n", 0), ("[a](nowhere.md)", 1),
                            ("[a](#nowhere)", 1), ("[a](docs/design.md#nowhere)", 1), ("[](docs/design.md)", 1), ("[a]()", 1),
                            ("[a](https:/example.com)", 1), ("[a](http://nowhere)", 1), ("[a](docs/de sign.md)", 1),
                            ("`[a](nowhere.md)`\n\n    [b](nowhere.md)\n", 0), ("    code\n\n```\n[a](b)\n```\n[a](nowhere.md)\n", 1), ("[[a] b](nowhere.md)", 1)):
            self.assertEqual(len(list(link_faults("README.md", text))), count, text)
        self.assertEqual(len(list(link_faults(GUIDES + "errors.md", "[a](../design.md) [b](../examples)"))), 1)

    def test_headings_become_anchors(self):
        self.assertEqual(anchors("# What `goes` wrong?\n## A, b (`c-d`)\n## A, b (`c-d`)\n```\n# no\n```\n"),
                         ["what-goes-wrong", "a-b-c-d", "a-b-c-d-1"])

    def test_names_that_are_nothing_are_found(self):
        self.assertEqual(len(list(page_faults("a", "mstr(1) mstr-config(5) mstr-nothing(5) printf(3)\n.Xr mstr 3 ,\n.BR mstr-sim (1)\n"))), 2)
        self.assertEqual(len(list(Interface().faults("a", "mstr_error_new() mstr_nothing() mstr_host::http mstr_host::none\n.Fn mstr_none"))), 3)


if __name__ == "__main__":
    unittest.main()
