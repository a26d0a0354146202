# SPDX-License-Identifier: Apache-2.0
"""The tool's main job and the agent where descriptors or memory lack: each ends with what is lacking and the status for that, or does
all of its work; it never crashes, tells no secret, and leaves no session at the server and no half of a file. An agent that has
begun serves again once there is enough. CTest sets MSTR_BIN, MSTR_AGENT_PROGRAM, MSTR_SIM, MSTR_PLUGINS and MSTR_FAILING_ALLOCATOR; a
sample is taken without MSTR_WHOLE (the target `scarcity` takes all)."""
import http.client
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from agent import Answer, Connection, runtime_folder
from in_front import await_ready
from job_case import PASSWORD, JobCase

AGENT = os.environ["MSTR_AGENT_PROGRAM"]
WHOLE = bool(os.environ.get("MSTR_WHOLE"))
FEWEST, MOST = 3, 40  # descriptors
AT_ONCE = 6  # agents, which most of the time wait
# How commands are told that memory lacks; the C library's resolver, libcurl and the dynamic linker have words of their own.
MEMORY = (b"memory", b"allocate", b"cannot resolve", b"network failure", b"cannot be loaded", b"cannot open shared object")
ANSWERED = (b"memory", b"too large a header section")  # the latter as libcurl has one word for both
DESCRIPTORS = (b"oo many open files", b"Error 24")  # the latter by the dynamic linker


class Scarcity(JobCase):
    def setUp(self):
        super().setUp()
        self.out = os.path.join(self.folder.name, "out")

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
        usual = self.run_tool("projects").stdout
        done = []
        for limit in range(FEWEST, MOST + 1):
            with self.subTest(descriptors=limit):
                ended = self.run_tool("projects", preexec=lambda limit=limit: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)))
                done.append(self.check(ended, usual, DESCRIPTORS))
        self.assertFalse(done[0])
        self.assertTrue(done[-1])
        self.assertEqual(done, sorted(done))  # more is never worse

    def failing(self, which):
        return {**self.env, "LD_PRELOAD": os.environ["MSTR_FAILING_ALLOCATOR"], "MSTR_ALLOCATOR_FAIL": which, "MSTR_ALLOCATOR_REPORT": "-1"}

    def test_the_job_with_little_memory(self):
        words = ["api", "projects", "-o", self.out]
        self.assertEqual(self.run_tool(*words).returncode, 0)
        with open(self.out, "rb") as file:
            new = file.read()
        for at in range(1, 4000, 1 if WHOLE else 150):
            with self.subTest(allocation=at):
                with open(self.out, "wb") as file:
                    file.write(b"old")
                good = self.check(self.run_tool(*words, env=self.failing(f"{at}+")), b"", MEMORY)
                with open(self.out, "rb") as file:
                    self.assertEqual(file.read(), new if good else b"old")
        self.assertEqual(os.listdir(self.folder.name).count("out"), 1)

    # --- the agent

    def begin(self, folder, log, within=(), env=None):
        """The agent's process, whether it has begun, and what it is asked by."""
        path, notify = os.path.join(folder, "agent.sock"), os.path.join(folder, "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
            notified.bind(notify)
            notified.settimeout(0.05)
            process = subprocess.Popen([*within, AGENT, "run", "--config", self.config, "--socket", path], stdin=subprocess.DEVNULL,
                                       stdout=log, stderr=log, env={**(env or self.env), "NOTIFY_SOCKET": notify})
            return process, await_ready(notified, process), path

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
        if begun:
            self.assertEqual(status, 0, said)
        else:
            self.assertGreater(status, 0, said)
            self.assertTrue(any(words in said for words in told), (status, said))
        self.assertNotIn(PASSWORD, said)

    def try_all(self, what, tries, told, live, **how):
        """Agents side by side, each of which lacks something of its own, and is used by `live` once it has begun; which of them had.
        `how` leads from what it lacks to how it is started."""
        def one(lacking):
            folder = runtime_folder()
            try:
                with tempfile.TemporaryFile() as log:
                    process, begun, path = self.begin(folder, log, **{name: make(lacking) for name, make in how.items()})
                    try:
                        if begun:
                            live(process, path)
                        self.end(process, log, begun, told)
                    finally:
                        process.kill()
                        process.wait()
                return begun, None
            except Exception as failure:  # pylint: disable=broad-exception-caught
                return None, failure
            finally:
                shutil.rmtree(folder)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = list(pool.map(one, tries))
        for lacking, (_, failure) in zip(tries, found):
            with self.subTest(**{what: lacking}):
                if failure is not None:
                    raise failure
        return [begun for begun, _ in found]

    def answer_right(self, path):
        answer = self.ask(path, "/session/default/projects", 60)
        self.assertIsNotNone(answer)
        self.assertEqual(answer.status, 200, answer.body)

    def test_the_agent_with_few_descriptors(self):
        def live(process, path):
            self.use(path)
            resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (1024, 1024))
            self.answer_right(path)

        begun = self.try_all("descriptors", range(FEWEST, MOST + 1, 1 if WHOLE else 6), DESCRIPTORS, live,
                             within=lambda limit: ["prlimit", f"--nofile={limit}:1024"])
        self.assertTrue(begun[-1])

    def test_the_agent_with_little_memory(self):
        def live(_, path):
            self.use(path)
            answers = [self.ask(path, "/session/default/projects", 60) for _ in range(3)]
            failed = [answer for answer in answers if answer is None or answer.status != 200]
            self.assertLessEqual(len(failed), 1)  # the one whose allocation it was, for whose answer it may have been
            for answer in filter(None, failed):
                self.assertTrue(any(words in answer.body for words in ANSWERED), answer.body)

        beginning, serving = range(1, 300, 1 if WHOLE else 30), range(300, 7000, 13 if WHOLE else 700)
        self.try_all("allocation", [*beginning, *serving], MEMORY, live, env=lambda at: self.failing(str(at)))


if __name__ == "__main__":
    unittest.main()
