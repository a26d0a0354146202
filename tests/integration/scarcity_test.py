# SPDX-License-Identifier: Apache-2.0
"""The tool's main job and the agent where descriptors or memory lack: each ends with what is lacking and the status for that, or does
all of its work; it never crashes, tells no secret, and leaves no session at the server and no half of a file. An agent that has
begun serves again once there is enough. CTest sets MSTR_BIN, MSTR_AGENT_PROGRAM, MSTR_SIM, MSTR_PLUGINS and MSTR_FAILING_ALLOCATOR; a
sample is taken without MSTR_WHOLE (the target `scarcity` takes all)."""
import http.client
import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from agent import Answer, Connection, runtime_folder
from in_front import await_ready
from simulator import ACCESS_KEY, SECRET_KEY
from tool_case import ToolCase

MSTR = os.environ["MSTR_BIN"]
AGENT = os.environ["MSTR_AGENT_PROGRAM"]
WHOLE = bool(os.environ.get("MSTR_WHOLE"))
PASSWORD = b"Simul8-analyst"
FEWEST, MOST = 3, 40  # descriptors
CONFIG = """[profile default]
base_url = {mstr}
username = ${{aws-sm:prod/mstr#username}}
password = ${{aws-sm:prod/mstr#password}}
project = MicroStrategy Tutorial
[provider aws-sm]
region = us-east-1
endpoint = {aws}
[agent]
allow = aws-sm:**
profiles = default
"""
# How commands are told that memory lacks; the C library's resolver, libcurl and the dynamic linker have words of their own.
MEMORY = (b"memory", b"allocate", b"cannot resolve", b"network failure", b"cannot be loaded", b"cannot open shared object")
DESCRIPTORS = (b"oo many open files", b"Error 24")  # the latter by the dynamic linker


class Scarcity(ToolCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.configure(CONFIG.format(**cls.sim.urls), AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY,
                      MSTR_PLUGIN_PATH=os.environ["MSTR_PLUGINS"], MSTR_AGENT="off")

    def setUp(self):
        self.sim.reset()
        self.out = os.path.join(self.folder.name, "out")

    def sessions(self):
        return json.loads(self.sim.admin("GET", "/state"))["mstr"]["sessions"]

    def run_tool(self, words, preexec=None, **more):
        return subprocess.run([MSTR, *words], env={**self.env, **more}, stdin=subprocess.DEVNULL, capture_output=True, timeout=300,
                              preexec_fn=preexec, check=False)

    def check(self, ended, usual, told):
        """One run of the tool in want of something; whether that was of no account."""
        self.assertGreaterEqual(ended.returncode, 0, ended.stderr)
        self.assertEqual(ended.stdout, usual if ended.returncode == 0 else b"")
        if ended.returncode != 0:
            self.assertTrue(any(words in ended.stderr for words in told), (ended.returncode, ended.stderr))
        self.assertNotIn(PASSWORD, ended.stderr)
        self.assertEqual(self.sessions(), [])
        return ended.returncode == 0

    def test_the_job_with_few_descriptors(self):
        words = ["projects"]
        usual = self.run_tool(words).stdout
        done = []
        for limit in range(FEWEST, MOST + 1):
            with self.subTest(descriptors=limit):
                ended = self.run_tool(words, lambda limit=limit: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)))
                done.append(self.check(ended, usual, DESCRIPTORS))
        self.assertFalse(done[0])
        self.assertTrue(done[-1])
        self.assertEqual(done, sorted(done))  # more is never worse

    def test_the_job_with_little_memory(self):
        words = ["api", "projects", "-o", self.out]
        self.assertEqual(self.run_tool(words).returncode, 0)
        with open(self.out, "rb") as file:
            new = file.read()
        for at in range(1, 4000, 1 if WHOLE else 150):
            with self.subTest(allocation=at):
                with open(self.out, "wb") as file:
                    file.write(b"old")
                ended = self.run_tool(words, LD_PRELOAD=os.environ["MSTR_FAILING_ALLOCATOR"], MSTR_ALLOCATOR_FAIL=f"{at}+",
                                      MSTR_ALLOCATOR_REPORT="-1")
                good = self.check(ended, b"", MEMORY)
                with open(self.out, "rb") as file:
                    self.assertEqual(file.read(), new if good else b"old")
        self.assertEqual(os.listdir(self.folder.name).count("out"), 1)

    # --- the agent

    def begin(self, preexec=None, **more):
        """The agent's process, whether it has begun, and what it is asked by."""
        folder = runtime_folder()
        self.addCleanup(shutil.rmtree, folder)
        path, notify = os.path.join(folder, "agent.sock"), os.path.join(folder, "notify")
        log = open(os.path.join(folder, "log"), "w+b")  # which the test closes with the process
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
            notified.bind(notify)
            notified.settimeout(0.05)
            process = subprocess.Popen([AGENT, "run", "--config", self.config, "--socket", path], stdin=subprocess.DEVNULL, stdout=log,
                                       stderr=log, env={**self.env, "NOTIFY_SOCKET": notify, **more}, preexec_fn=preexec)
            begun = await_ready(notified, process)
        self.addCleanup(process.kill)
        return process, begun, path, log

    def ask(self, path, target, timeout):
        """The answer, or None where there is none."""
        connection = Connection(path, timeout)
        try:
            connection.request("GET", target)
            return Answer(connection.getresponse())
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def use(self, path):
        """Whatever comes of it; an answer that says success is right."""
        for target, right in (("/v1/status", b"pid"), ("/v1/secret?reference=aws-sm:prod/mstr&field=password", PASSWORD),
                              ("/session/default/projects", b"MicroStrategy Tutorial")):
            answer = self.ask(path, target, 5)
            self.assertTrue(answer is None or answer.status != 200 or right in answer.body, answer and answer.body)

    def end(self, process, log, begun, told):
        """An agent ends in order, or has said before why it cannot begin."""
        if begun:
            process.terminate()
        status = process.wait(timeout=60)
        log.seek(0)
        said = log.read()
        log.close()
        if begun:
            self.assertEqual(status, 0, said)
        else:
            self.assertGreater(status, 0, said)
            self.assertTrue(any(words in said for words in told), (status, said))
        self.assertNotIn(PASSWORD, said)
        self.sim.reset()  # a logout, too, may have had no memory

    def test_the_agent_with_few_descriptors(self):
        for limit in range(FEWEST, MOST + 1, 1 if WHOLE else 6):
            with self.subTest(descriptors=limit):
                process, begun, path, log = self.begin(lambda limit=limit: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, 1024)))
                if begun:
                    self.use(path)
                    resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (1024, 1024))
                    answer = self.ask(path, "/session/default/projects", 60)
                    self.assertIsNotNone(answer)
                    self.assertEqual(answer.status, 200, answer.body)
                self.end(process, log, begun, DESCRIPTORS)
        self.assertTrue(begun)

    def test_the_agent_with_little_memory(self):
        beginning, serving = range(1, 300, 1 if WHOLE else 30), range(300, 7000, 13 if WHOLE else 700)
        for at in (*beginning, *serving):
            with self.subTest(allocation=at):
                process, begun, path, log = self.begin(LD_PRELOAD=os.environ["MSTR_FAILING_ALLOCATOR"], MSTR_ALLOCATOR_FAIL=str(at),
                                                       MSTR_ALLOCATOR_REPORT="-1")
                if begun:
                    self.use(path)
                    # Once for the one whose allocation failed only now.
                    answers = [self.ask(path, "/session/default/projects", 60) for _ in range(2)]
                    self.assertNotIn(None, answers)
                    self.assertEqual(answers[1].status, 200, answers[1].body)
                self.end(process, log, begun, MEMORY)


if __name__ == "__main__":
    unittest.main()
