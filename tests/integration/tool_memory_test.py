# SPDX-License-Identifier: Apache-2.0
"""The tool when memory runs out: each of its allocations fails in turn, once alone and once with all that follow. It
succeeds with its usual output, or ends with status 1 and says that memory ran out; never a crash, never status 0 with
something missing. Where the C library's resolver or libcurl meets the end, theirs is a failure of the network."""
import os
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from simulator import Simulator, environment

OURS = 200  # allocations of the tool before it loads an HTTP client, and somewhat more

CONFIG = """[profile default]
base_url = {url}
username = ${{env:TOOL_MEMORY_USER}}
password = ${{env:TOOL_MEMORY_PASSWORD}}
project = MicroStrategy Tutorial
[env worker]
TOKEN = ${{env:TOOL_MEMORY_TOKEN}}
"""


class Memory(unittest.TestCase):
    """Each command until it succeeds."""

    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(os.environ["MSTR_SIM"])
        cls.folder = tempfile.TemporaryDirectory()
        cls.config = os.path.join(cls.folder.name, "config")
        with open(cls.config, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(url=cls.sim.urls["mstr"]))
        os.chmod(cls.config, 0o600)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()
        cls.sim.__exit__(None, None, None)

    def run_tool(self, words, fail):
        """Status, output, errors, and whether an allocation failed."""
        reading, writing = os.pipe()
        try:
            more = environment(MSTR_CONFIG=self.config, TOOL_MEMORY_USER="analyst", TOOL_MEMORY_PASSWORD="Simul8-analyst",
                               TOOL_MEMORY_TOKEN="value")
            if fail:
                more.update(LD_PRELOAD=os.environ["MSTR_FAILING_ALLOCATOR"], MSTR_ALLOCATOR_FAIL=fail,
                            MSTR_ALLOCATOR_REPORT=str(writing))
            ended = subprocess.run([os.environ["MSTR_BIN"], *words], env=more, pass_fds=[writing], timeout=60,
                                   stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
            os.close(writing)
            writing = -1
            return ended.returncode, ended.stdout, ended.stderr, os.read(reading, 1) != b""
        finally:
            os.close(reading)
            if writing >= 0:
                os.close(writing)

    def check(self, words, stride=1, rests=("", "+")):
        """Each allocation; past the first that are ours alone, with a stride, each of as many."""
        status, usual, errors, _ = self.run_tool(words, None)
        self.assertEqual(status, 0, errors)
        wrong = []
        for rest in rests:
            at, failed = 0, True
            while failed:
                at += 1 if at < OURS else stride
                status, output, errors, failed = self.run_tool(words, f"{at}{rest}")
                good = (status == 0 and output == usual or
                        status == 1 and re.search("out of memory|allocate memory", errors) or
                        status == 7 and at >= OURS and re.search("cannot resolve|network failure", errors))
                if not good:
                    wrong.append(f"allocation {at}{rest}: status {status}, {output!r}, {errors!r}")
        self.assertEqual(wrong, [])

    def test_config_show(self):
        self.check(["config", "show"])

    def test_config_check(self):
        self.check(["config", "check"])

    def test_get(self):
        self.check(["get", "env:TOOL_MEMORY_TOKEN"])

    def test_providers(self):
        self.check(["providers"], rests=("",))  # libltdl is begun anew for the next plugin where it failed to begin

    def test_projects(self):
        self.check(["projects"], stride=97)

    def test_an_export(self):
        self.check(["export", "Sales Dashboard", "--format", "csv", "--visualization", "K52"], stride=301)

    def test_a_report(self):
        self.check(["report", "Revenue by Region"], stride=301)

    def test_a_search(self):
        self.check(["search", "Revenue"], stride=301)

    def test_run(self):
        self.check(["run", "--env-set", "worker", "--", "/bin/true"], stride=23)

    def test_inject(self):
        template = os.path.join(self.folder.name, "template")
        with open(template, "w", encoding="utf-8") as file:
            file.write("token: ${env:TOOL_MEMORY_TOKEN}\n")
        self.check(["inject", "-i", template, "--allow", "env:*"], stride=23)


if __name__ == "__main__":
    unittest.main()
