# SPDX-License-Identifier: Apache-2.0
"""What befalls the tool at any of its system calls. An interruption ends its main job in order, and nothing of it stays at the server.
A call that is interrupted goes on. CTest sets MSTR_BIN, MSTR_SIM and MSTR_PLUGINS; a sample of the calls is taken without MSTR_WHOLE
(the target `any-moment` takes all)."""
import os
import re
import shutil
import signal
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from at_call import can_trace, run_disturbed, run_recorded, sample
from job_case import PASSWORD, JobCase

MSTR = os.environ["MSTR_BIN"]
# What a signal can break off in truth: calls that wait, but for a connect(2) of a socket that does not, and those that read and write
# what is no file.
WAITING = re.compile(r"accept4?|epoll_p?wait2?|flock|p?poll|pselect6|recv(from|m?msg)|send(to|m?msg)|select|wait4|waitid|"
                     r"(clock_)?nanosleep")
STREAM = re.compile(r"(read|write)v?")


def can_be_broken_off(call):
    waits = WAITING.fullmatch(call.name) or (call.name == "futex" and "FUTEX_WAIT" in call.text)
    return waits or (STREAM.fullmatch(call.name) and re.match(r"\d+<(socket|pipe|TCP|UNIX|\w*inode)", call.text))


@unittest.skipUnless(can_trace(), "processes cannot be traced here")
class AnyMoment(JobCase):
    def setUp(self):
        super().setUp()
        self.work = os.path.join(self.folder.name, "work")
        self.out = os.path.join(self.work, "out")
        os.mkdir(self.work)
        self.addCleanup(shutil.rmtree, self.work)

    def read(self):
        with open(self.out, "rb") as file:
            return file.read()

    def write(self, octets):
        with open(self.out, "wb") as file:
            file.write(octets)

    def test_an_interruption_ends_the_job_in_order(self):
        command = [MSTR, "projects", "-o", self.out]
        ended, calls = run_recorded(command, self.env)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        new = self.read()
        caught = next(number for number, call in enumerate(calls) if call.name == "rt_sigaction" and call.text.startswith("SIGTERM"))
        for number, call in enumerate(sample(calls[caught + 1:], 24)):
            with self.subTest(call=call):
                self.write(b"old")
                name, status = (("INT", signal.SIGINT), ("TERM", signal.SIGTERM))[number % 2]
                ended = run_disturbed(call, f"signal={name}", command, self.env)
                self.assertIn(ended.returncode, (0, 130, -status), ended.stderr)
                self.assertIn(self.read(), (new,) if ended.returncode == 0 else (b"old", new))
                self.assertEqual(os.listdir(self.work), ["out"])
                self.assertEqual(self.sessions(), [])
                self.assertNotIn(PASSWORD, ended.stderr)

    def test_a_call_that_is_interrupted_goes_on(self):
        command = [MSTR, "projects"]
        usual, calls = run_recorded(command, self.env)
        calls = [call for call in calls if can_be_broken_off(call)]
        self.assertGreater(len(calls), 10)
        for call in sample(calls, 12):
            with self.subTest(call=call):
                ended = run_disturbed(call, "error=EINTR", command, self.env)
                self.assertEqual((ended.returncode, ended.stdout), (0, usual.stdout), ended.stderr)
                self.assertEqual(self.sessions(), [])


if __name__ == "__main__":
    unittest.main()
