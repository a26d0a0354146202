# SPDX-License-Identifier: Apache-2.0
"""docs/guide/errors.md is what the sources say of failures and what to do about them: each hint has its message and class, its
cause and its cure. tests/plan/errors.py --renew writes the page, tests/plan/errors.txt has what the sources leave open."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
import errors
import hints


def told(text):
    return errors.Told("[a.c]\n" + text)


def read(text, **constants):
    return hints.Source("a.c", text, constants)


class Errors(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.catalogue = errors.read()

    def test_each_hint_has_class_message_cause_and_cure(self):
        self.assertEqual(self.catalogue.faults, [], "see the head of tests/plan/errors.txt")
        self.assertGreater(len(self.catalogue.rows), 300)
        self.assertEqual([row.cells() for row in self.catalogue.rows if not all(row.cells())], [])

    def test_the_page_is_what_the_sources_say(self):
        self.assertEqual(errors.read_text(errors.PAGE), self.catalogue.page(), "tests/plan/errors.py --renew")


class Hints(unittest.TestCase):
    """The reading itself."""

    def found(self, text):
        return [(hint.where, hint.classes, hint.message, hint.text) for hint in read(text).hints()]

    def test_a_hint_comes_with_the_failure_told_before_it(self):
        self.assertEqual(self.found('int f(void) { error_set(error, MSTR_E_DENIED, "no \\"%s\\" for %d", it->name, 3);\n'
                                    'error_set_hint(error, "ask " "%.80s", other); }'),
                         [("f", ["MSTR_E_DENIED"], 'no "NAME" for N', "ask …")])

    def test_alternatives_are_hints_of_their_own(self):
        text = 'int f(void) { return error_hint(e, host->error_set(e, MSTR_E_CONFIG, "bad"), is ? "one" : "two"); }'
        self.assertEqual([one[3] for one in self.found(text)], ["one", "two"])

    def test_constants_tables_variables_and_composed_texts_are_found(self):
        self.assertEqual(self.found('static const char what_hint[] = "con" "stant"; void f(void) '
                                    '{ host->error_detail(e, MSTR_DETAIL_HINT, what_hint); }')[0][3], "constant")
        self.assertEqual(self.found('static const struct { int number; enum mstr_code class; const char *hint; } known[] = '
                                    '{{3, MSTR_E_DENIED, "row"}, {4, MSTR_E_TLS, NULL}};'), [("known", ["MSTR_E_DENIED"], None, "row")])
        row = hints.read_structures('struct row { int number; const char *hint; }; struct other { int number; };')
        self.assertEqual(row, {"row": ["number", "hint"]})  # of a header, which tables elsewhere are made of
        rows = hints.Source("a.c", 'static const struct row rows[] = {{1, "far"}};', {}, row).hints()
        self.assertEqual([(hint.where, hint.text) for hint in rows], [("rows", "far")])
        self.assertEqual(self.found('void f(void) { const char *hint = call("no"); hint = x == 1 ? "set" : NULL; }')[0][3], "set")
        self.assertEqual(self.found('void f(void) { buffer_puts(&hint, "a "); buffer_printf(&hint, "b %s", c->path); }')[0][3], "a b PATH")

    def test_a_hint_without_a_name_is_a_fault(self):
        self.assertEqual(len(list(read("void f(void) { error_set_hint(error, what); }").hidden())), 1)
        self.assertEqual(list(read("void f(void) { error_set_hint(error, known->hint); }").hidden()), [])

    def test_lines_that_are_missing_or_too_many_are_faults(self):
        source = read('void f(void) { error_set(e, MSTR_E_TLS, "bad"); error_set_hint(e, "do it"); }')
        self.assertEqual(errors.Catalogue([source], told("do => Why.")).faults, [])
        self.assertEqual(errors.Catalogue([source], told("")).faults, ['a.c: f: no cause is told of "do it"'])
        self.assertEqual(len(errors.Catalogue([source], told("do => Why.\nundo => Why.\n@ g = MSTR_E_TLS: x")).faults), 2)

    def test_what_is_told_beside_the_source_goes_before_it(self):
        source = read('void f(void) { error_set(e, code, "bad"); error_set_hint(e, "do it"); }')
        row = errors.Catalogue([source], told("@ f = MSTR_E_TLS: worse\ndo => (MSTR_E_DENIED) Why. => Do `that|`.")).rows[0]
        self.assertEqual((row.classes, row.cells()), (["MSTR_E_DENIED"], ("worse", "Why.", "Do `that|`.")))
        self.assertEqual(errors.cell("a_b _c `d_|`"), "a_b \\_c `d_\\|`")


if __name__ == "__main__":
    unittest.main()
