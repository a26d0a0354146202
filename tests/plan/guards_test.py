# SPDX-License-Identifier: Apache-2.0
"""The promises of docs/security.md name tests that there are, each has guards that stand where guards.txt says, and the page of both
is the one that is made of them. That each guard's test fails without it is seen by guards.py --prove, which takes too long here."""
import contextlib
import io
import unittest
from unittest import mock

import guards


class Guards(unittest.TestCase):
    maxDiff = None

    def test_promises_are_numbered_in_their_order(self):
        promises = guards.promises()
        self.assertGreater(len(promises), 50)
        self.assertEqual([promise.number for promise in promises], list(range(1, len(promises) + 1)))

    def test_tests_that_are_named_are_there(self):
        named = {test for promise in guards.promises() for test in promise.tests}
        self.assertEqual(sorted(test for test in named if not guards.has_case(*test.split(":"))), [])

    def test_each_test_of_a_promise_has_a_guard_and_no_guard_another_test(self):
        named = {(promise.number, test) for promise in guards.promises() for test in promise.tests}
        self.assertEqual(sorted(named ^ {(guard.promise, guard.test) for guard in guards.guards()}), [])
        self.assertEqual([promise.number for promise in guards.promises() if not promise.tests], [])

    def test_each_guard_stands_once_in_its_function(self):
        self.assertEqual([f"{guard.promise} {guard.file}: {guard.function}" for guard in guards.guards()
                          if not guard.text or guards.place_of(guard, guards.read(guard.file)) is None], [])

    def test_the_page_is_made_of_the_list(self):
        self.assertEqual(guards.read(guards.PAGE), guards.page(), "renew it: tests/plan/guards.py --renew")


class Measure(unittest.TestCase):
    """The measure itself."""
    SOURCE = "static int first(void)\n{\n    check(1);\n}\n\nint second(int a)\n{\n    check(1);\n    check(2);\n    check(2);\n}\n"

    def test_a_guard_is_looked_for_in_its_function(self):
        for function, text, there in (("first", "check(1);", True), ("first", "check(2);", False), ("second", "check(1);", True),
                                      ("second", "check(2);", False), ("third", "check(1);", False)):
            guard = guards.guards(f"1 a.c {function} unit/a:b\n- {text}\n")[0]
            self.assertEqual(guards.place_of(guard, self.SOURCE) is not None, there, (function, text))

    def test_a_promise_is_a_row(self):
        found = guards.promises("| no. | promise | test |\n|---|---|---|\n| 3 | Words. | `unit/a:b`, `unit/c:d` |\n")
        self.assertEqual([(one.number, one.text, one.tests) for one in found], [(3, "Words.", ["unit/a:b", "unit/c:d"])])

    def test_a_failure_of_another_case_is_none_of_this_one(self):
        guard = guards.guards("1 a.c f unit/a:b\n")[0]
        for output, seen in (("[  FAILED  ] b\n", True), ("[  FAILED  ] c\n", False), ("[ RUN      ] b\nSegmentation fault\n", True),
                             ("[ RUN      ] b\n[ RUN      ] c\n", False), ("FAIL: b (T.b)\n", True), ("ERROR: bc\n", False)):
            self.assertEqual(guards.is_seen(guard, output), seen, output)

    def test_no_program_without_a_guard_is_left_behind(self):
        done = []
        with mock.patch.object(guards, "make", lambda build, targets: done.append(tuple(targets)) or ""), \
                mock.patch.object(guards, "run", lambda build, name: (True, "")), \
                mock.patch.object(guards, "prove", lambda guard, build: done.append(guard.name) or ""), \
                contextlib.redirect_stdout(io.StringIO()):
            self.assertTrue(guards.prove_all("build", [12]))
        self.assertEqual(done, [("unit_cli_mask_test",), "unit/cli/mask", ("unit_cli_mask_test",)])


if __name__ == "__main__":
    unittest.main()
