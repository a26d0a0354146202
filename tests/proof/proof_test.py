# SPDX-License-Identifier: Apache-2.0
"""What the scripts of this folder make of small pieces of code, and of what gcov and the analysers tell."""
import json
import os
import tempfile
import unittest

import coverage
import fuzzing
import mutants
import mutation
import queries
import reasons

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
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

    def test_what_the_build_has_no_code_of_has_no_mutants(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "a.c"), "w", encoding="utf-8") as file:
                file.write("#ifdef OTHER\nint a = MUTANT(0);\n#else\nint a = MUTANT(1);\n#endif\nint b = MUTANT(12);\n")
            command = ["cc", "-o", "a.o", "-c", "a.c"]
            self.assertEqual(mutation.preprocessed(command, folder), {1, 12})
            self.assertEqual(mutation.preprocessed([*command, "-DOTHER"], folder), {0, 12})
            self.assertEqual(os.listdir(folder), ["a.c"])

    def test_what_is_listed_has_the_reason_above_it(self):
        self.assertEqual(reasons.listed("# x\n= it is the same\na.c: b => c\n\na.c: d => e\n= other\nf\n"),
                         {"a.c: b => c": "it is the same", "a.c: d => e": "it is the same", "f": "other"})


class Files(unittest.TestCase):
    def test_what_is_mutated_and_what_tests_it_is_there(self):
        self.assertEqual([path for path in mutation.FILES if not os.path.exists(os.path.join(ROOT, path))], [])
        self.assertEqual([name for path in mutation.FILES for name in mutation.tests_of(path)
                          if not any(os.path.exists(os.path.join(ROOT, "tests", name + end)) for end in ("_test.c", "_test.py"))], [])


# What each query finds, in a function's body, and what looks like it and is none.
PLANTED = {
    "unwiped": (("char token[9]; go(token); return 0;", "char api_key[32]; if (go(api_key)) { return 1; } mstr_wipe(api_key, 32); return 0;",
                 "uint8_t piece[64]; while (read(fd, piece, 64) > 0) { go(piece); }"),
                ("char token[9]; go(token); explicit_bzero(token, 9); return 0;", "char piece[64]; go(piece); return 0;",
                 "static const char password[] = \"p\"; return go(password);")),
    "freed": (("free(password);", "x->token = realloc(x->token, 2 * n);", "free(login->api_key);"),
              ("text_wipe_free(password);", "mstr_wipe(secret, n); free(secret);", "free(token_length);", "free(name);")),
    "copied": (("char *kept = strdup(mstr_secret_octets(value));", "asprintf(&text, \"%s %s\", name, password);"),
               ("char *kept = strdup(name);", "asprintf(&password, \"%s\", name);")),
    "compared": (("return memcmp(given, mstr_secret_octets(kept), n) == 0;", "return strcmp(request->token, token) == 0;"),
                 ("return digest_equal(given, kept, n);", "return strcmp(token_type, \"Bearer\") == 0;")),
    "ignored": (("rename(a, b);", "(void)fsync(fd);", "if (x) write(fd, a, n);", "snprintf(path, sizeof(path), \"%s/x\", a);"),
                ("if (rename(a, b) != 0) { return 1; }", "good = fsync(fd) == 0;", "snprintf(text, 9, \"%d\", 1);",
                 "ssize_t written = write(fd, a, n); (void)written;", "snprintf(text, 9, \"%.8s\", a);", "x->rename(a, b);")),
    "environment": (("return getenv(\"HOME\");", "environ[0] = a;", "setenv(\"A\", \"b\", 1);"), ("return environment_get(\"HOME\");",)),
    "inherited": (("int fd = open(path, O_RDONLY);", "FILE *file = fopen(path, \"r\");", "pipe(ends);", "s = accept(l, NULL, NULL);"),
                  ("int fd = open(path, O_RDONLY | O_CLOEXEC);", "FILE *file = fopen(path, \"rbe\");", "store->open(path, 0);")),
    "forbidden": (("strcpy(a, b);", "system(words);", "popen(words, \"re\");", "sprintf(a, \"%d\", 1);", "char *x = alloca(n);"),
                  ("self->system(a);", "text_copy(b);")),
    "locale": (("return strcasecmp(a, \"api\") == 0;", "c = tolower(c);", "return strtod(text, NULL);"),
               ("return text_equal_nocase(a, \"api\");", "return isdigit((unsigned char)c);")),
    "curl": (("set(t, CURLOPT_FOLLOWLOCATION, 1);", "set(t, CURLOPT_SSL_VERIFYPEER, 0);", "set(t, CURLOPT_PROXY, p);"),
             ("set(t, CURLOPT_URL, url);",)),
    "told": (("error_set(error, 1, \"%s is wrong\", password);", "log_write(log, 1, \"%s\", mstr_secret_octets(value));", "printf(token);"),
             ("error_set(error, 1, \"%s is wrong\", name);", "log_write(log, 1, \"%zu\", strlen(password));")),
    "size": (("x = malloc(rows * columns);", "x = realloc(x, (a * b->c + 1) * sizeof(*x));", "x = calloc(rows * columns, sizeof(*x));"),
             ("x = malloc(2 * n);", "x = realloc(x, (n + 1) * sizeof *x->items);", "x = calloc(rows, columns);", "x = malloc(ROWS * sizeof(int));")),
    "ends": (("abort();", "assert(a == b);", "exit(1);"), ("self->exit(1);", "return 1;")),
    "thread": (("pthread_create(&t, NULL, run, data);",), ("thread_start(&t, run, data);",)),
}


class Queries(unittest.TestCase):
    def found(self, body, path="core/base/ONE.c"):
        return {key.split(":")[0] for key in queries.ask(path, f"static int f(int a)\n{{\n    {body}\n}}\n")}

    def test_each_finds_what_it_is_about_and_leaves_the_rest(self):
        self.assertEqual(sorted(PLANTED), sorted(query.__name__ for query in queries.QUERIES))
        for name, (faults, fine) in PLANTED.items():
            for body in faults:
                self.assertIn(name, self.found(body), body)
            for body in fine:
                self.assertNotIn(name, self.found(body), body)

    def test_a_program_may_end_and_ask_its_environment(self):
        self.assertEqual(self.found("exit(getenv(\"A\") != NULL);", "core/cli/main.c"), set())

    def test_what_is_found_is_told_by_its_function_and_words(self):
        self.assertEqual(queries.ask("core/base/ONE.c", "int f(void)\n{\n    strcpy(a,\n           b);\n}\n"),
                         {"forbidden: core/base/ONE.c: f(): strcpy(a, b)": 2})

    def test_the_code_has_none_but_those_that_are_answered(self):
        self.assertEqual(list(queries.faults(ROOT)), [], "mend it, or tell in tests/proof/answers.txt why it is no fault")


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
