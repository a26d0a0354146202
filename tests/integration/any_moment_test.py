# SPDX-License-Identifier: Apache-2.0
"""What befalls a process at any of its system calls. An interruption ends the tool's main job in order, and nothing of it stays at the
server. A call that is interrupted goes on. A kill at any call that touches what is written, as if power was lost, leaves the old file
or the new one, and the next run works and leaves nothing else. CTest sets MSTR_BIN, MSTR_AGENT_PROGRAM, MSTR_SIM and MSTR_PLUGINS; a
sample of the calls is taken without MSTR_WHOLE (the target `any-moment` takes all)."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from agent import runtime_folder
from at_call import can_trace, disturbed, list_calls, recorded, run_disturbed, run_recorded, sample
from in_front import await_ready
from simulator import ACCESS_KEY, SECRET_KEY
from tool_case import ToolCase

MSTR = os.environ["MSTR_BIN"]
PASSWORD = b"Simul8-analyst"
CONFIG = """[profile default]
base_url = {mstr}
username = ${{aws-sm:prod/mstr#username}}
password = ${{aws-sm:prod/mstr#password}}
project = MicroStrategy Tutorial
persistence_key = ${{env:SEAL}}
[provider aws-sm]
region = us-east-1
endpoint = {aws}
[agent]
allow = aws-sm:*
profiles = default
"""
# What a signal can break off in truth: calls that wait, but for a connect(2) of a socket that does not, and those that read and write
# what is no file.
WAITING = re.compile(r"accept4?|epoll_p?wait2?|flock|p?poll|pselect6|recv(from|m?msg)|send(to|m?msg)|select|wait4|waitid|"
                     r"(clock_)?nanosleep")
STREAM = re.compile(r"(read|write)v?")


def can_be_broken_off(call):
    waits = WAITING.fullmatch(call.name) or (call.name == "futex" and "FUTEX_WAIT" in call.text)
    return waits or (STREAM.fullmatch(call.name) and re.match(r"\d+<(socket|pipe|TCP|UNIX|\w*inode)", call.text))


@unittest.skipUnless(can_trace(), "processes cannot be traced here")
class AnyMoment(ToolCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.configure(CONFIG.format(**cls.sim.urls), AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY,
                      MSTR_PLUGIN_PATH=os.environ["MSTR_PLUGINS"], SEAL="a long enough passphrase", MSTR_AGENT="off")
        cls.template = os.path.join(cls.folder.name, "template")
        with open(cls.template, "w", encoding="utf-8") as file:
            file.write("password: ${aws-sm:prod/mstr#password}\n")

    def setUp(self):
        self.sim.reset()
        self.work = os.path.join(self.folder.name, "work")
        os.mkdir(self.work)
        self.addCleanup(shutil.rmtree, self.work)

    def path(self, name):
        return os.path.join(self.work, name)

    def tool(self, *words):
        ended = subprocess.run([MSTR, *words], env=self.env, stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        return ended.stdout

    def sessions(self):
        return json.loads(self.sim.admin("GET", "/state"))["mstr"]["sessions"]

    def test_an_interruption_ends_the_job_in_order(self):
        command = [MSTR, "projects", "-o", self.path("out")]
        ended, calls = run_recorded(command, self.env)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        new = self.read("out")
        caught = next(number for number, call in enumerate(calls) if call.name == "rt_sigaction" and call.text.startswith("SIGTERM"))
        for number, call in enumerate(sample(calls[caught + 1:], 24)):
            with self.subTest(call=call):
                self.write("out", b"old")
                name, status = (("INT", signal.SIGINT), ("TERM", signal.SIGTERM))[number % 2]
                ended = run_disturbed(call, f"signal={name}", command, self.env)
                self.assertIn(ended.returncode, (0, 130, -status), ended.stderr)
                self.assertIn(self.read("out"), (new,) if ended.returncode == 0 else (b"old", new))
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

    # --- kills

    def read(self, name):
        """None where there is no such file."""
        try:
            with open(self.path(name), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def write(self, name, octets):
        with open(self.path(name), "wb") as file:
            file.write(octets)

    def touching(self, calls):
        """Those that touch what is written."""
        return [call for call in calls if self.work in call.text]

    def kill_at_each_call(self, words, begin, is_whole, left):
        """`begin` makes what is there before, `is_whole` looks at what is there after a kill, `left` is what the next run leaves."""
        command = [MSTR, *words]
        begin()
        ended, calls = run_recorded(command, self.env)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        calls = self.touching(calls)
        self.assertGreater(len(calls), 3)
        for call in sample(calls, 6):
            with self.subTest(words=words, call=call):
                begin()
                ended = run_disturbed(call, "signal=KILL", command, self.env)
                self.assertEqual(ended.returncode, -signal.SIGKILL, ended.stderr)
                self.assertTrue(is_whole(), os.listdir(self.work))
                self.tool(*words)
                self.assertEqual(sorted(os.listdir(self.work)), sorted(left))

    def kill_what_writes(self, *words):
        self.tool(*words)
        new = self.read("out")
        self.assertTrue(new)
        for old in (b"old", None):
            def begin(old=old):
                if old is not None:
                    self.write("out", old)
                elif os.path.exists(self.path("out")):
                    os.unlink(self.path("out"))
            self.kill_at_each_call(words, begin, lambda old=old: self.read("out") in (old, new), ["out"])
            self.assertEqual(self.read("out"), new)

    def test_output_is_old_or_new(self):
        self.kill_what_writes("get", "aws-sm:prod/mstr#password", "--output", self.path("out"))

    def test_what_is_injected_is_old_or_new(self):
        self.kill_what_writes("inject", "-i", self.template, "-o", self.path("out"), "--allow", "aws-sm:**")

    def test_an_export_is_old_or_new(self):
        self.kill_what_writes("export", "Sales Dashboard", "-o", self.path("out"), "--format", "pdf")

    def session(self, *words):
        return [*words, "--session-file", self.path("out")]

    def shows_a_session_or_has_none(self):
        ended = subprocess.run([MSTR, *self.session("session", "show")], env=self.env, capture_output=True, timeout=300, check=False)
        return ended.returncode in (0, 6) if self.read("out") is not None else ended.returncode == 4

    def test_a_saved_session_is_old_or_new(self):
        left = ["out", "out.lock"]

        def clear():
            for name in os.listdir(self.work):
                os.unlink(self.path(name))

        def expire():
            self.tool(*self.session("session", "login"))
            self.sim.admin("POST", "/sessions/expire", {})

        for words, begin in ((("session", "login"), clear), (("api", "projects"), expire)):
            self.kill_at_each_call(self.session(*words), begin, self.shows_a_session_or_has_none, left)

    def begin_agent(self, folder, within=()):
        """The agent's process, which has begun or ended."""
        notify = os.path.join(self.folder.name, "notify")
        command = [*within, os.environ["MSTR_AGENT_PROGRAM"], "run", "--config", self.config, "--socket", os.path.join(folder, "agent.sock"),
                   "--listen", f"127.0.0.1:{self.port}", "--token-file", os.path.join(folder, "token")]
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
            notified.bind(notify)
            notified.settimeout(0.05)
            process = subprocess.Popen(command, env={**self.env, "NOTIFY_SOCKET": notify}, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            await_ready(notified, process)
        os.unlink(notify)
        return process

    def free_port(self):
        with socket.socket() as peer:
            peer.bind(("127.0.0.1", 0))
            return peer.getsockname()[1]

    def test_an_agent_that_is_killed_while_it_begins_keeps_none_from_beginning(self):
        self.port = self.free_port()
        folder = os.path.join(runtime_folder(), "run")
        self.addCleanup(shutil.rmtree, os.path.dirname(folder))
        log = os.path.join(self.folder.name, "calls")
        process = self.begin_agent(folder, recorded(log))
        subprocess.run([os.environ["MSTR_AGENT_PROGRAM"], "stop", "--socket", os.path.join(folder, "agent.sock")], env=self.env, check=True)
        process.wait(timeout=60)
        calls = [call for call in list_calls(log) if folder in call.text]
        self.assertGreater(len(calls), 10)
        for call in sample(calls, 8):
            with self.subTest(call=call):
                shutil.rmtree(folder, ignore_errors=True)
                process = self.begin_agent(folder, disturbed(call, "signal=KILL"))
                process.kill()
                process.wait(timeout=60)
                process = self.begin_agent(folder)
                self.assertIsNone(process.poll())
                self.assertEqual(sorted(os.listdir(folder)), ["agent.lock", "agent.sock", "token"])
                process.kill()
                process.wait(timeout=60)


if __name__ == "__main__":
    unittest.main()
