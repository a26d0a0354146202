"""The plan of the code holds: each file includes downwards only, nothing goes in a circle, curl and ltdl are known where
they belong, no file of core names a store, and each source has a unit test of its own.

What does not hold yet is listed in violations.txt, a line each. The list may only shrink: a line whose fault is mended
must go. CTest sets MSTR_SOURCE."""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
import floors
import picture

ROOT = os.environ["MSTR_SOURCE"]
# Names of stores and of their clouds, as words of their own or as parts of identifiers.
STORES = re.compile(r"(?<![a-z])(aws|azure|gcp|google|amazon|imds|entra|key_?vault|kubernetes|openbao)(?![a-z])", re.I)
# The grammar of mstr's files is AWS's: design.md tells why.
NAMED_RIGHTLY = {"core/base/ini.c", "core/base/ini.h"}


def upward(code):
    return [f"{a} includes {b}" for a, b in code.edges() if floors.is_upward(a, b)]


def circular(code):
    return [" ".join(group) for group in floors.circles(code.edges())]


def out_of_place(code):
    places = (("curl/", "core/http/"), ("ltdl.h", "core/plugin/"))
    return [f"{path} includes <{name}>" for path in code.files for name in code.system[path]
            for what, place in places if name.startswith(what) and not path.startswith(place)]


def naming_stores(code):
    return [path for path in code.files
            if path.startswith("core/") and path not in NAMED_RIGHTLY and STORES.search(code.texts[path])]


def untested(code):
    missing = []
    for path in code.files:
        if path.endswith(".c"):
            below = floors.module_of(path).split("/", 1)[1]
            if not os.path.exists(os.path.join(ROOT, "tests/unit", below + "_test.c")):
                missing.append(path)
    return missing


# A path of this project, as documents name them, and comments if it is a file; a word in capitals stands for many.
NAMED = re.compile(r"(?<![\w./~-])(?:core|providers|include/mstr|tests|docs)/[\w./-]*\w(?![*{\w])")
FILE = re.compile(r"[.](c|h|py|md|txt|cmake)$")


def missing_paths(_code):
    """Files that documents and comments name and that are not there."""
    missing = set()
    for folder in ("core", "providers", "include", "tests", "docs", ""):
        for place, folders, names in os.walk(os.path.join(ROOT, folder)):
            if not folder:
                folders.clear()
            for name in names:
                if not name.endswith((".md", ".c", ".h", ".py", ".cmake", "CMakeLists.txt")):
                    continue
                path = os.path.join(place, name)
                with open(path, encoding="utf-8") as file:
                    found = NAMED.findall(file.read())
                missing.update(f"{os.path.relpath(path, ROOT)} names {one}" for one in found
                               if not re.search(r"[A-Z]{2,}", one) and (name.endswith(".md") or FILE.search(one))
                               and not exists(one))
    return sorted(missing)


def exists(path):
    whole = os.path.join(ROOT, path)
    return os.path.exists(whole) or os.path.exists(whole + ".c") or os.path.exists(whole + ".h")


RULES = {
    "upward": upward,
    "circle": circular,
    "out of place": out_of_place,
    "names a store": naming_stores,
    "no unit test": untested,
    "no such file": missing_paths,
}


def read_list():
    listed = {rule: set() for rule in RULES}
    with open(os.path.join(os.path.dirname(__file__), "violations.txt"), encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                rule, _, what = line.strip().partition(": ")
                listed[rule].add(what)
    return listed


class Plan(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.code = floors.Code(ROOT)
        cls.listed = read_list()

    def check(self, rule):
        found = set(RULES[rule](self.code))
        self.assertEqual(sorted(found - self.listed[rule]), [], f"new faults of the kind {rule!r}")
        self.assertEqual(sorted(self.listed[rule] - found), [], f"mended, so take them out of violations.txt ({rule})")

    def test_files_include_downwards_only(self):
        self.check("upward")

    def test_no_modules_include_each_other_in_a_circle(self):
        self.check("circle")

    def test_curl_and_ltdl_are_known_where_they_belong(self):
        self.check("out of place")

    def test_no_file_of_core_names_a_store(self):
        self.check("names a store")

    def test_files_that_are_named_are_there(self):
        self.check("no such file")

    def test_the_picture_of_the_floors_is_what_the_includes_say(self):
        with open(os.path.join(ROOT, "docs/internals/floors.svg"), encoding="utf-8") as file:
            self.assertEqual(file.read(), picture.draw(self.code), "tests/plan/picture.py > docs/internals/floors.svg")

    def test_each_source_has_a_unit_test_of_its_own(self):
        self.check("no unit test")


class Floors(unittest.TestCase):
    """The measure itself."""

    def test_a_circle_of_three_is_found_and_a_tree_is_none(self):
        self.assertEqual(floors.circles([("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")]), [("a", "b", "c")])
        self.assertEqual(floors.circles([("a", "b"), ("a", "c"), ("b", "c")]), [])

    def test_a_floor_includes_those_below_it(self):
        self.assertFalse(floors.is_upward("core/http/client", "core/base/log"))
        self.assertTrue(floors.is_upward("core/base/log", "core/http/client"))
        self.assertTrue(floors.is_upward("core/base/buffer", "core/base/log"))
        self.assertFalse(floors.is_upward("core/base/log", "core/base/buffer"))
        self.assertTrue(floors.is_upward("core/session/parts/events", "core/session/session"))
        self.assertTrue(floors.is_upward("core/plugin/registry", "providers/builtin/builtin"))
        self.assertFalse(floors.is_upward("core/context/context", "providers/builtin/builtin"))

    def test_the_tool_sees_public_headers_alone(self):
        self.assertTrue(floors.is_upward("core/cli/api", "core/base/text"))

    def test_a_plugin_sees_the_stateless_helpers_and_its_own_lower_floors(self):
        self.assertFalse(floors.is_upward("providers/aws/wire/send", "core/base/buffer"))
        self.assertTrue(floors.is_upward("providers/aws/wire/send", "core/base/log"))
        self.assertTrue(floors.is_upward("providers/aws/wire/send", "providers/aws/identity/sts"))
        self.assertFalse(floors.is_upward("providers/gcp/identity/subject_aws", "providers/aws/identity/chain"))
        self.assertTrue(floors.is_upward("providers/gcp/identity/subject_aws", "providers/aws/service/ssm"))
        self.assertTrue(floors.is_upward("providers/aws/wire/send", "providers/azure/wire/entra"))
        self.assertTrue(floors.is_upward("providers/sdk/jwt", "providers/aws/wire/send"))


if __name__ == "__main__":
    if sys.argv[1:] == ["--list"]:  # what violations.txt would hold
        whole = floors.Code(ROOT)
        for rule, find in RULES.items():
            print("\n".join(f"{rule}: {what}" for what in sorted(set(find(whole)))))
    else:
        unittest.main()
