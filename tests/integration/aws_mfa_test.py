# SPDX-License-Identifier: Apache-2.0
"""A role that asks for a code of a multi-factor device, through the real binary: asked for at a terminal, hidden, sent to STS
once, and what happens where there is nobody to ask."""
import os
import pty
import select
import shutil
import signal
import sys
import tempfile
import time
import unittest
from urllib.parse import parse_qsl

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from simulator import ACCESS_KEY, SECRET_KEY, Simulator, environment, run

MSTR = os.environ["MSTR_BIN"]
DEVICE = "arn:aws:iam::123456789012:mfa/analyst"
QUESTION = f"MFA code of {DEVICE}: "
CONFIG = f"""[default]
role_arn = arn:aws:iam::123456789012:role/careful
source_profile = base
mfa_serial = {DEVICE}
[profile base]
aws_access_key_id = {ACCESS_KEY}
aws_secret_access_key = {SECRET_KEY}
"""


class Terminal:
    """mstr at a terminal of its own; standard output and error are elsewhere."""

    def __init__(self, arguments, env):
        self.seen = ""
        self.output, self.errors = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.dup2(self.output.fileno(), 1)
            os.dup2(self.errors.fileno(), 2)
            os.execve(MSTR, [MSTR, *arguments], env)

    def read_until(self, text):
        while text not in self.seen:
            readable, _, _ = select.select([self.terminal], [], [], 60)
            if not readable:
                raise AssertionError(f"no {text!r} on the terminal, but {self.seen!r}")
            self.seen += os.read(self.terminal, 1024).decode()

    def wait_for_sleep(self):
        """Until the process waits for an answer: ThreadSanitizer may lose a signal that meets it on its way there."""
        while True:
            with open(f"/proc/{self.process}/stat", encoding="ascii") as stat:
                if stat.read().rpartition(")")[2].split()[0] == "S":
                    return
            time.sleep(0.01)

    def type(self, text):
        os.write(self.terminal, text.encode())

    def finish(self):
        """Exit status, standard output, standard error."""
        status = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        try:
            self.seen += os.read(self.terminal, 65536).decode()
        except OSError:  # nothing is left on it
            pass
        os.close(self.terminal)
        texts = []
        for file in (self.output, self.errors):
            file.seek(0)
            texts.append(file.read().decode())
            file.close()
        return status, *texts


class Mfa(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(os.environ["MSTR_SIM"])
        cls.addClassCleanup(cls.sim.__exit__, None, None, None)

    def setUp(self):
        self.sim.reset()
        self.home = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.home)
        os.mkdir(os.path.join(self.home, ".aws"))
        with open(os.path.join(self.home, ".aws", "config"), "w", encoding="ascii") as file:
            file.write(CONFIG)
        self.env = environment(HOME=self.home, AWS_REGION="us-east-1", AWS_ENDPOINT_URL=self.sim.urls["aws"].rstrip("/"))
        self.arguments = ["--config", "/dev/null", "--log", "trace", "get", "aws-sm:prod/plain"]

    def at_terminal(self, typed, *options):
        terminal = Terminal([*options, *self.arguments], self.env)
        terminal.read_until(QUESTION)
        terminal.wait_for_sleep()
        terminal.type(typed)
        status, output, errors = terminal.finish()
        return status, output, errors, terminal.seen

    def forms(self):
        return [dict(parse_qsl(entry["body"])) for entry in self.sim.log("aws") if entry["body"].startswith("Action=")]

    def test_the_code_is_asked_for_and_neither_shown_nor_logged(self):
        status, output, errors, seen = self.at_terminal("123456\n")
        self.assertEqual((status, output), (0, "plain text"), errors)
        self.assertEqual(seen.replace("\r", "").strip("\n"), QUESTION.strip("\n"))
        self.assertNotIn("123456", (seen + errors).replace("123456789012", ""))
        form, = self.forms()
        self.assertEqual((form["Action"], form["SerialNumber"], form["TokenCode"]), ("AssumeRole", DEVICE, "123456"))

    def test_a_code_that_was_used_is_refused_and_not_tried_again(self):
        self.assertEqual(self.at_terminal("123456\n")[0], 0)
        for code in ("123456", "999999"):
            with self.subTest(code):
                before = len(self.forms())
                status, _, errors, _ = self.at_terminal(code + "\n")
                self.assertEqual(status, 5)
                self.assertIn("invalid MFA one time pass code", errors)
                self.assertIn("wait for the device's next one", errors)
                self.assertEqual(len(self.forms()), before + 1)
        self.assertEqual(self.at_terminal("234567\n")[0], 0)

    def test_what_is_no_code_is_not_sent(self):
        for typed in ("12345\n", "\n", "1234567890123456789\n"):
            with self.subTest(typed):
                status, _, errors, _ = self.at_terminal(typed)
                self.assertEqual(status, 6)
                self.assertIn("an MFA code has six digits", errors)
        self.assertEqual(self.forms(), [])

    def test_the_end_of_input_the_deadline_and_an_interrupt_end_the_question(self):
        status, _, errors, _ = self.at_terminal("\x04")
        self.assertEqual(status, 130, errors)
        status, _, errors, _ = self.at_terminal("\x03")
        self.assertEqual(status, 130, errors)
        status, _, errors, _ = self.at_terminal("12345", "--timeout", "5s")
        self.assertEqual(status, 7, errors)
        self.assertIn("longer timeout", errors)

    def test_without_a_terminal_the_reason_is_told(self):
        env = dict(self.env)
        answer = run("/usr/bin/setsid", "--wait", MSTR, *self.arguments, env=env, stdin="123456\n")
        self.assertEqual(answer.returncode, 6, answer.stderr)
        self.assertIn(b"there is nobody to ask", answer.stderr)
        self.assertIn(b"run it at a terminal", answer.stderr)
        self.assertEqual(self.forms(), [])

    def test_a_process_that_was_killed_is_not_waited_for(self):
        terminal = Terminal(self.arguments, self.env)
        terminal.read_until(QUESTION)
        terminal.wait_for_sleep()
        os.kill(terminal.process, signal.SIGTERM)
        self.assertEqual(terminal.finish()[0], 130)


if __name__ == "__main__":
    unittest.main()
