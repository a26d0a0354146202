# SPDX-License-Identifier: Apache-2.0
"""When mstr doctor logs in, and what it shows of both ways to a session: with real processes, beside an agent and without one.
CTest sets MSTR_BIN, MSTR_SIM and MSTR_AGENT_PROGRAM."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from agent import Agent
from simulator import environment, run
from tool_case import SimulatorCase

MSTR = os.environ["MSTR_BIN"]


class Doctor(SimulatorCase):
    def setUp(self):
        self.sim.reset()
        self.sim.admin("DELETE", "/log")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.env = environment(XDG_STATE_HOME=folder.name)
        self.config = os.path.join(folder.name, "config")
        self.write("Simul8-analyst")

    def profile(self, password):
        return f"[profile default]\nbase_url = {self.sim.urls['mstr']}\nusername = analyst\npassword = {password}\n"

    def write(self, password):
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(self.profile(password))

    def login(self, *options, agent="off", config=None, status=0):
        """The steps of the subject "login", by their names."""
        done = run(MSTR, "--json", "doctor", "--agent", agent, "--config", config or self.config, *options, env=self.env)
        self.assertEqual(done.returncode, status, done.stdout)
        subject = next(subject for subject in json.loads(done.stdout) if subject["subject"] == "login")
        return {step["step"]: step for step in subject["steps"]}

    def logins(self):
        return sum(entry["path"].endswith("/auth/login") for entry in self.sim.log("mstr"))

    def test_doctors_at_once_log_in_once_a_minute(self):
        words = [MSTR, "doctor", "--agent", "off", "--config", self.config]
        together = [subprocess.Popen(words, env=self.env, stdout=subprocess.PIPE) for _ in range(4)]
        told = [process.communicate()[0] for process in together]
        self.assertEqual([process.returncode for process in together], [0] * 4)
        self.assertEqual(sum(b"logged in\n" in text for text in told), 1)
        self.assertEqual(self.logins(), 1)
        steps = self.login("--login")
        self.assertEqual(steps["login"]["outcome"], "skipped")
        self.assertIn("once a minute", steps["login"]["detail"])
        self.assertIn("connect", steps)
        self.assertIn("server", steps)
        self.assertEqual(self.logins(), 1)

    def test_a_refused_login_is_remembered(self):
        self.write("wrong")
        self.assertIn("ERR003", self.login(status=6)["login"]["detail"])
        self.assertIn("they are not sent again for", self.login("--login", status=6)["login"]["detail"])
        self.write("Simul8-analyst")
        self.assertEqual(self.login()["login"]["outcome"], "skipped")  # other values, but within the minute
        self.assertEqual(self.logins(), 1)

    def test_where_an_agent_has_a_session_nobody_logs_in(self):
        with Agent(self.profile("Simul8-analyst"), env=self.env) as agent:
            steps = self.login(agent=agent.socket, config=agent.config)
            self.assertEqual((steps["agent"]["outcome"], steps["login"]["outcome"]), ("info", "used"))
            self.assertEqual(self.logins(), 1)  # by doctor: the agent logs in for nobody there
            done = run(MSTR, "projects", "--agent", agent.socket, "--config", agent.config, env=self.env)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(self.logins(), 2)
            steps = self.login(agent=agent.socket, config=agent.config)
            self.assertEqual((steps["agent"]["outcome"], steps["agent session"]["outcome"]), ("used", "used"))
            self.assertEqual(steps["login"]["outcome"], "skipped")
            self.assertIn("session ends", steps)  # through the agent
            self.assertIn("connect", steps)  # directly
            self.assertEqual(self.logins(), 2)
            self.assertIn("once a minute", self.login("--login", agent=agent.socket, config=agent.config)["login"]["detail"])
            self.assertEqual(self.logins(), 2)

    def test_what_an_agent_was_refused_nobody_sends_again_unasked(self):
        with Agent(self.profile("wrong"), env=self.env) as agent:
            self.assertEqual(run(MSTR, "projects", "--agent", agent.socket, "--config", agent.config, env=self.env).returncode, 6)
            before = self.logins()
            steps = self.login(agent=agent.socket, config=agent.config, status=6)
            self.assertEqual((steps["agent"]["outcome"], steps["login"]["outcome"]), ("failed", "skipped"))
            self.assertEqual(self.logins(), before)


if __name__ == "__main__":
    unittest.main()
