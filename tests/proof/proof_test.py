# SPDX-License-Identifier: Apache-2.0
"""What the scripts of this folder make of small pieces of code, and of what gcov and the analysers tell."""
import json
import os
import unittest

import coverage
import fuzzing
import mutants
import mutation
import reasons

CODE = """#include "x.h"
static int limit(const char *text, size_t length)
{
    static const int table[2 + 1] = {1 - 1};
    int depth = -1; /* a - b */
    for (size_t i = 0; i < length && !is_end(text + i); i++) {
        depth += *text == '(' ? (int)-1 : table[1];
    }
    wipe(&depth);
    return depth;
}

bool is_fine(const struct x *x)
{
    return x->a == 1 ||
           check(x);
}
"""


def found(code):
    return [(mutant.line, code[mutant.start:mutant.end], mutant.text) for mutant in mutants.mutants_of(code)]


class Mutants(unittest.TestCase):
    def test_conditions_are_turned_round_and_calls_left_out(self):
        self.assertEqual(found(CODE), [
            (6, "i < length && !is_end(text + i)", "i < length || !is_end(text + i)"),
            (6, "i < length", "i <= length"),
            (6, "i < length", "i >= length"),
            (6, "!is_end(text + i)", "!(!is_end(text + i))"),
            (6, "text + i", "text - i"),
            (7, "*text == '('", "*text != '('"),
            (9, "wipe(&depth);", ""),
            (15, "x->a == 1 ||\n           check(x)", "x->a == 1 && check(x)"),
            (15, "x->a == 1", "x->a != 1"),
            (16, "check(x)", "!(check(x))"),
        ])

    def test_answers_become_others(self):
        code = "enum x f(void)\n{\n    if (a) {\n        return REFUSED;\n    }\n    return refuse(b);\n}\n"
        self.assertEqual(found(code), [(3, "a", "!(a)"), (4, "REFUSED", "0"), (6, "refuse(b)", "(refuse(b), 0)")])

    def test_operands_end_where_the_language_has_it(self):
        code = "int f(void)\n{\n    return a & b && (c | d) + e < g[h - 1] && i;\n}\n"
        self.assertIn((3, "(c | d) + e < g[h - 1]", "(c | d) + e <= g[h - 1]"), found(code))
        self.assertIn((3, "a & b && (c | d) + e < g[h - 1]", "a & b || (c | d) + e < g[h - 1]"), found(code))

    def test_all_are_written_into_one_text_whose_lines_stay(self):
        numbered = dict(enumerate(mutants.mutants_of(CODE)))
        text = mutants.written(CODE, numbered)
        self.assertEqual(text.count("\n"), CODE.count("\n"))
        self.assertIn("if (!MUTANT(6)) { wipe(&depth); }", text)
        self.assertIn("(MUTANT(1) ? (i <= length) : MUTANT(2) ? (i >= length) : (i < length)) && ", text)

    def test_what_a_file_asks_stands_behind_its_includes_and_keeps_the_lines(self):
        lines = mutation.with_question(CODE, 7, "/scratch").split("\n")
        at = lines.index("#line 2")
        self.assertEqual(lines[0], '#include "x.h"')
        self.assertEqual(lines[at + 1], CODE.split("\n")[1])

    def test_what_is_listed_has_the_reason_above_it(self):
        self.assertEqual(reasons.listed("# x\n= it is the same\na.c: b => c\n\na.c: d => e\n= other\nf\n"),
                         {"a.c: b => c": "it is the same", "a.c: d => e": "it is the same", "f": "other"})


class Files(unittest.TestCase):
    def test_what_is_mutated_and_what_tests_it_is_there(self):
        root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
        self.assertEqual([path for path in mutation.FILES if not os.path.exists(os.path.join(root, path))], [])
        self.assertEqual([name for path in mutation.FILES for name in mutation.tests_of(path)
                          if not any(os.path.exists(os.path.join(root, "tests", name + end)) for end in ("_test.c", "_test.py"))], [])


def gcov(path, *lines):
    return json.dumps({"files": [{"file": path, "lines": [
        {"line_number": number, "count": count, "branches": [{"count": one} for one in branches]}
        for number, count, branches in lines]}]})


class Coverage(unittest.TestCase):
    def measured(self, *answers):
        files = {}
        for answer in answers:
            coverage.read(answer, "/x", files)
        return files

    def test_what_is_reached_in_one_object_is_reached(self):
        files = self.measured(gcov("/x/core/a/b.c", (1, 0, [0, 0]), (2, 1, [])), gcov("/x/core/a/b.c", (1, 3, [3, 0]), (2, 0, [])),
                              gcov("/x/tests/t.c", (1, 1, [])))
        self.assertEqual(coverage.by_folder(files), {"core/a": coverage.Sum(2, 2, 2, 1)})

    def test_a_folder_below_its_floor_is_told(self):
        files = self.measured(gcov("/x/core/a/b.c", (1, 9, [9, 0]), (2, 9, [])), gcov("/x/core/c/d.c", *((i, i, []) for i in range(5))))
        self.assertEqual(list(coverage.below(coverage.by_folder(files))), [
            "core/a: 50.0 % of branches, the floor is 80 %", "core/c: 80.0 % of lines, the floor is 90 %"])

    def test_the_reason_is_that_of_the_condition_above(self):
        text = ["int f(void)", "{", "    if (x == NULL) {", "        return 1;", "    }", "    if (b) {", "        go(c);", "    }", "}"]
        self.assertEqual([coverage.why(text, 4), coverage.why(text, 7)], ["memory", "guard"])
        self.assertEqual(coverage.function_at(text, 7), "f")


class Fuzzing(unittest.TestCase):
    def test_a_run_is_told_by_its_last_words(self):
        told = ("#2\tINITED cov: 5 ft: 6 corp: 1/1b exec/s: 0 rss: 30Mb\n#90\tNEW    cov: 7 ft: 9 corp: 3/7b lim: 4\n"
                "#1000\tDONE   cov: 8 ft: 9 corp: 4/9b lim: 4\nstat::number_of_executed_units: 1000\n")
        self.assertEqual(fuzzing.read_told(told), {"executions": 1000, "edges": 8, "corpus": 4})
        self.assertEqual(fuzzing.read_told("it crashed at once"), {"executions": 0, "edges": 0, "corpus": 0})

    def test_a_fuzzer_is_for_what_its_first_sentence_says(self):
        licence = "/* SPDX-License-Identifier: Apache-2.0 */\n"
        self.assertEqual(fuzzing.purpose(licence + "/* URLs: one that parses. And so on. */\n"), "URLs")
        self.assertEqual(fuzzing.purpose(licence + "/*\n * Answers of\n * an agent; and more.\n */\n"), "Answers of an agent")

    def test_what_adds_most_is_kept_and_nothing_large(self):
        control = "4\n1\nnamed/a\n/c/b\n/c/c\n/c/d\nSTARTED 0 3\nFT 0 1 2\nCOV 0 1 2\nSTARTED 1 4\nFT 1 3\nCOV 1 10\n" \
                  "STARTED 2 5\nFT 2 4\nCOV 2 3 6 7\nSTARTED 3 6\nFT 3 5\nCOV 3 4 5 8 9\n"
        added = fuzzing.read_control(control)
        self.assertEqual(added, {"named/a": 2, "/c/b": 1, "/c/c": 3, "/c/d": 4})
        sizes = {"named/a": fuzzing.MOST_OCTETS + 1}
        self.assertEqual(fuzzing.choose(added, lambda name: sizes.get(name, 1)), ["/c/d", "/c/c"])

    def test_what_has_a_name_of_its_own_is_told_from_a_digest(self):
        self.assertTrue(fuzzing.is_named("/corpus/uri/far_future"))
        self.assertFalse(fuzzing.is_named("/corpus/uri/" + "0a" * 20))


if __name__ == "__main__":
    unittest.main()
