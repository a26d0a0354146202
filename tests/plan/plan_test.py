# SPDX-License-Identifier: Apache-2.0
"""The plan of the code holds: each file includes downwards only, nothing goes in a circle, curl and ltdl are known where
they belong, no file of core names a store, each source has a unit test of its own that ctest runs, the files that texts
name are there, and the files are as docs/internals/releasing.md has them.

What does not hold yet is listed in violations.txt, a line each. The list may only shrink: a line whose fault is mended
must go. CTest sets MSTR_SOURCE."""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
import floors
import picture
import release

ROOT = os.environ["MSTR_SOURCE"]
# Names of stores and of their clouds, as words of their own or at the beginning of identifiers (aws_region, awsRegion).
STORES = re.compile(r"(?<![A-Za-z])(?i:aws|azure|gcp|google|amazon(?:aws)?|imds|entra|key_?vault|vault|hashicorp|kubernetes|"
                    r"openbao)(?![a-z])")
# The grammar of mstr's files is AWS's: design.md tells why.
NAMED_RIGHTLY = {"core/base/ini.c", "core/base/ini.h"}


def upward(code):
    return [f"{a} includes {b}" for a, b in code.edges() if floors.is_upward(a, b)]


def circular(code):
    return [" ".join(group) for group in floors.circles(code.edges())]


def unknown(code):
    return [f"{path} includes \"{name}\"" for path, name in code.unknown]


# What is known in few places, as a header or a call, and where.
PLACES = (("<curl/", re.compile(r"#\s*include\s+<curl/"), ("core/http/",)),
          ("<ltdl.h>", re.compile(r"#\s*include\s+<ltdl.h"), ("core/plugin/",)),
          ("<microhttpd.h>", re.compile(r"#\s*include\s+<microhttpd"), ("core/agent/server.c",)),
          ("dlopen()", re.compile(r"\bdlopen\("), ("core/plugin/", "core/base/library.c")))


def out_of_place(code):
    return [f"{path} uses {what}, which belongs to {' and '.join(places)}" for path in code.files
            for what, pattern, places in PLACES if not path.startswith(places) and pattern.search(code.texts[path])]


def naming_stores(code):
    return [f"{path}:{number} says \"{found.group()}\"" for path in code.files
            if path.startswith("core/") and path not in NAMED_RIGHTLY
            for number, line in enumerate(code.texts[path].splitlines(), 1) for found in STORES.finditer(line)]


def untested(code):
    missing = []
    for path in code.files:
        if path.endswith(".c"):
            below = floors.module_of(path).split("/", 1)[1]
            if not os.path.exists(os.path.join(ROOT, "tests/unit", below + "_test.c")):
                missing.append(path)
    return missing


def unregistered(_code):
    """Unit tests that no CMake list has, so that ctest never runs them."""
    def words(path):
        with open(os.path.join(ROOT, path), encoding="utf-8") as file:
            text = re.sub(r"#.*", "", file.read())
        kept = re.sub(r"\bEXCEPT\b[\w\s/]*?(?=\bLIBRARIES\b|\))", "", text)
        return set(re.findall(r"[\w/]+", kept)), set(re.findall(r"[\w/]+", text)), text

    folders = words("tests/unit/CMakeLists.txt")[0]
    missing = []
    for path in floors.sources(ROOT, "tests/unit"):
        folder, _, name = path[len("tests/unit/"):].removesuffix("_test.c").partition("/")
        if path.endswith("_test.c"):
            kept, all_words, text = words(f"tests/unit/{folder}/CMakeLists.txt")
            listed = kept & {name, f"{folder}/{name}"}
            globbed = f"mstr_unit_tests({folder}" in text and name not in all_words
            if folder not in folders or not (listed or globbed):
                missing.append(path)
    return missing


# A path of this project, as documents name them, and comments if it is a file; a word in capitals stands for many.
NAMED = re.compile(r"(?<![\w./~-])(?:core|providers|include/mstr|tests|docs)/[\w./-]*\w(?![*{\w])")
FILE = re.compile(r"[.](c|h|py|md|txt|cmake)$")
DOCUMENT = re.compile(r"[.](md|[1-8])$")  # manual pages too


# A refusal that the configuration alone may bring about, by its words, which a table of this test has: what a run refuses,
# "mstr config check" has to tell before it.
REFUSAL = re.compile(r"\berror_set\(\s*[\w>.-]+,\s*[^;]*?\bMSTR_E_CONFIG\b[^;\"]*,\s*(\"(?:[^\"\\]|\\.|\"\s*\")*\")")
REFUSALS_TOLD = "tests/unit/context/config_check_test.c"
REFUSING = ("core/config/", "core/context/", "core/http/", "core/plugin/", "core/reference/", "core/resolve/",
            "core/secret/", "core/session/")
# What stands elsewhere than in the configuration, and where.
REFUSED_OTHERWISE = {
    "core/context/agent_choice.c": "what the program or a variable says, and users of this system",
    "core/context/config_check.c": "the check itself",
    "core/context/config_visit.c": "sections that a program asks for",
    "core/context/settings.c": "settings that a program asks for",
    "core/http/request_setup.c": "URLs of providers and programs",
    "core/http/tls.c": "thumbprints, which providers learn",
    "core/plugin/host.c": "what providers send",
    "core/plugin/host_file.c": "files that providers read",
    "core/resolve/fetch_agent.c": "settings of the agent",
    "core/session/parts/agent_transport.c": "settings of the agent",
    "core/session/saved/sealed_refusals.c": "files of saved sessions",
    "core/session/saved/snapshot_file.c": "files of saved sessions",
    "core/session/session.c": "saved sessions",
    "core/session/login/fleet_care.c": "whether a fleet is asked about",
    "saving sessions needs the credential": "whether a session is saved",
    "resolved to a value with NUL octets": "values of stores",
    "its callback succeeded without giving a value": "a program's callback",
}


def c_text(literals):
    """What adjacent literals of C come to, escapes of quotes aside."""
    return re.sub(r'(?<!\\)"\s*"', "", literals).replace('\\"', '"')


def unchecked(code):
    with open(os.path.join(ROOT, REFUSALS_TOLD), encoding="utf-8") as file:
        told = c_text(file.read())
    missing = []
    for path in code.files:
        if not path.startswith(REFUSING) or path in REFUSED_OTHERWISE:
            continue
        for found in REFUSAL.finditer(code.texts[path]):
            words = c_text(found.group(1))[1:-1]
            longest = max(re.split(r"%%|%[-\d.*]*[a-z]+", words), key=len).strip()
            if longest.strip(" :") and longest not in told and not any(one in words for one in REFUSED_OTHERWISE):
                missing.append(f'{path} refuses with "{words}"')
    return missing


def texts_that_name_files():
    for path in release.all_files(ROOT):
        if DOCUMENT.search(path) or path.endswith((".c", ".h", ".py", ".cmake", "CMakeLists.txt")):
            with open(os.path.join(ROOT, path), encoding="utf-8") as file:
                yield path, file.read()


def missing_paths(_code):
    """Files that documents and comments name and that are not there; links_test.py looks at links."""
    missing = set()
    for path, text in texts_that_name_files():
        document = DOCUMENT.search(path)
        named = NAMED.findall(text.replace("\\-", "-") if document else text)
        missing.update(f"{path} names {one}" for one in named if not re.search(r"[A-Z]{2,}", one) and
                       (document or FILE.search(one)) and not exists(one))
    return sorted(missing)


def exists(path):
    whole = os.path.join(ROOT, path)
    return os.path.exists(whole) or os.path.exists(whole + ".c") or os.path.exists(whole + ".h")


# What finds the faults of each kind, and what is to be done about them.
RULES = {
    "unknown include": (unknown, "name a file of core or providers by its path from there, or one beside it"),
    "upward": (upward, "move what both need down, or have it handed in; a new folder gets its floor in tests/plan/floors.py"),
    "circle": (circular, "move what they share into a module below them"),
    "out of place": (out_of_place, "call what stands there; a new place is named in PLACES of tests/plan/plan_test.py"),
    "names a store": (naming_stores, "say it in general, or put it into the store's own folder; its scheme comes from its manifest"),
    "no unit test": (untested, "write one at the same path below tests/unit, without core/ or providers/, and with _test.c"),
    "unchecked": (unchecked, f"let a function that \"mstr config check\" calls too refuse it, and add a case to {REFUSALS_TOLD}; "
                             "or, where the configuration alone does not bring it about, a line to REFUSED_OTHERWISE"),
    "not registered": (unregistered, "name it in the CMakeLists.txt of its folder below tests/unit, so that ctest runs it"),
    "no such file": (missing_paths, "correct the path in the text"),
    "version": (lambda code: release.versions(code.root), "take it from PROJECT_VERSION or MSTR_VERSION; docs/internals/releasing.md"),
    "changelog": (lambda code: release.malformed(code.root), "see docs/internals/releasing.md"),
    "no licence": (lambda code: release.unlicensed(code.root), "begin it with a comment as its neighbours do, SPDX-License-Identifier: Apache-2.0; or, where its "
                               "format has no comments, list it in .reuse/dep5"),
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
        find, remedy = RULES[rule]
        found = set(find(self.code))
        self.assertEqual(sorted(found - self.listed[rule]), [], f"{rule}: {remedy}")
        self.assertEqual(sorted(self.listed[rule] - found), [],
                         f"mended: take these lines, which begin with \"{rule}: \", out of tests/plan/violations.txt")

    def test_files_include_downwards_only(self):
        self.check("upward")

    def test_no_modules_include_each_other_in_a_circle(self):
        self.check("circle")

    def test_files_include_what_is_there(self):
        self.check("unknown include")

    def test_libraries_are_opened_and_curl_and_ltdl_are_known_where_they_belong(self):
        self.check("out of place")

    def test_no_file_of_core_names_a_store(self):
        self.check("names a store")

    def test_files_that_are_named_are_there(self):
        self.check("no such file")

    def test_each_file_says_its_licence(self):
        self.check("no licence")

    def test_the_version_stands_in_one_place(self):
        self.check("version")

    def test_the_changelog_has_its_form(self):
        self.check("changelog")

    def test_the_picture_of_the_floors_is_what_the_includes_say(self):
        with open(os.path.join(ROOT, "docs/internals/floors.svg"), encoding="utf-8") as file:
            self.assertEqual(file.read(), picture.draw(self.code), "tests/plan/picture.py > docs/internals/floors.svg")

    def test_each_source_has_a_unit_test_of_its_own(self):
        self.check("no unit test")

    def test_what_a_run_refuses_config_check_tells(self):
        self.check("unchecked")

    def test_the_calls_of_linux_are_where_the_page_on_porting_says(self):
        with open(os.path.join(ROOT, "docs/internals/porting.md"), encoding="utf-8") as file:
            rows = re.findall(r"^\| (`.+?) \| (`.+?) \|", file.read(), re.M)
        self.assertGreater(len(rows), 10)
        for calls, files in rows:
            used = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, re.findall(r"`([^`]+)`", calls))) + r")(?!\w)")
            found = [path for path in self.code.files if used.search(re.sub(r"/\*.*?\*/", "", self.code.texts[path], flags=re.S))]
            self.assertEqual(sorted(found), sorted(re.findall(r"`([^`]+)`", files)), calls)

    def test_each_unit_test_is_registered(self):
        self.check("not registered")


class Floors(unittest.TestCase):
    """The measure itself."""

    def test_stores_are_found_as_words_and_at_the_beginning_of_identifiers(self):
        for text in ("aws", "AWS's", "awsRegion", "aws_region", "my_azure", "AZURE_TENANT", "key_vault", "vault", "HashiCorp"):
            self.assertTrue(STORES.search(text), text)
        for text in ("draws", "entrance", "default", "entrants"):
            self.assertFalse(STORES.search(text), text)

    def test_places_are_found(self):
        self.assertTrue(PLACES[-1][1].search("= dlopen(file, 0)"))
        self.assertFalse(PLACES[-1][1].search("lt_dlopen(file)"))

    def test_refusals_are_found_with_their_words(self):
        code = type("Code", (), {"files": ["core/session/attempt.c"], "texts": {}})
        for text, words in (('return error_set(error, MSTR_E_CONFIG, "\\"%s\\" is "\n "quite wrong", name);', '"%s" is quite wrong'),
                            ('error_set(faults->now, x ? MSTR_E_PLUGIN : MSTR_E_CONFIG, "%s is odd", a);', "%s is odd"),
                            ('error_set(error, MSTR_E_CONFIG, "no login is configured: %s", why);', None),
                            ('error_set(error, MSTR_E_MEMORY, "is odd");', None), ('error_set(error, MSTR_E_CONFIG, "%s: %s", a, b);', None)):
            code.texts["core/session/attempt.c"] = text
            self.assertEqual(unchecked(code), [f'core/session/attempt.c refuses with "{words}"'] if words else [])

    def test_changelogs_are_read(self):
        whole = "# Log\n## [Unreleased]\n### Added\n* a\n## [1.2.10] - 2026-02-03\n### Fixed\n* b\n## [1.2.9] - 2026-02-03\n"
        self.assertEqual(release.changelog_faults(whole, "1.3.0"), [])
        for old, new, where in (("[Unreleased]", "1.3.0, not yet", "2"), ("### Added\n", "", "3"), ("### Fixed", "### Mended", "6"),
                                ("2026-02-03\n###", "soon\n###", "5"), ("1.2.9", "1.2.11", "8"), ("[1.2.9] - 2026-02-03", "[1.2.9] - 2026-02-04", "8"),
                                ("* a", "* a\n### Added", "5"), ("# Log\n", "", "1"), ("[1.2.10]", "[1.3.0]", "1")):
            faults = release.changelog_faults(whole.replace(old, new, 1), "1.3.0")
            self.assertEqual([fault.split(":")[0] for fault in faults], [where], (old, new, faults))
        for text, faults in ((whole.replace("### Added\n* a\n", ""), 0), (whole, 1)):  # 1.2.10 itself, and what comes after it
            self.assertEqual(len(release.changelog_faults(text, "1.2.10")), faults, text)

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

    def test_the_agent_sees_one_header_of_the_context_and_nobody_sees_it(self):
        self.assertFalse(floors.is_upward("core/agent/status", "core/base/json"))
        self.assertFalse(floors.is_upward("core/agent/status", "core/context/context_agent"))
        self.assertTrue(floors.is_upward("core/agent/status", "core/context/context"))
        self.assertTrue(floors.is_upward("core/cli/get", "core/agent/status"))

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
        for rule, (find, _) in RULES.items():
            print("\n".join(f"{rule}: {what}" for what in sorted(set(find(whole)))))
    else:
        unittest.main()
