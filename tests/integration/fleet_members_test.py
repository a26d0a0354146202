# SPDX-License-Identifier: Apache-2.0
"""Who is in a fleet: workers whose clocks differ, children that were forked, pools, and agents with clients of their own."""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from agent import Agent
from fleet import WithFleet
from simulator import environment

MSTR = os.environ["MSTR_BIN"]
LAST = "logout = last"


class Members(WithFleet):
    def members(self):
        return sum(self.redis.tell("ZCARD", key) for key in self.redis.keys(b"members"))

    def test_clocks_an_hour_apart_are_of_no_matter(self):
        self.config = self.configure("config", fleet=LAST)
        for shift in ("-3600", "0", "3600"):
            self.start(1, LD_PRELOAD=os.environ["MSTR_SHIFTED_CLOCK"], MSTR_CLOCK_SHIFT=shift)
        for worker in self.workers:
            worker.wait_open()
        self.assertEqual(self.logins(), 1)
        self.sim.admin("POST", "/sessions/expire", {})
        self.wait_for(lambda: self.logins() >= 2)
        self.wait_for(lambda: self.members() == 3)
        self.end()
        self.assertEqual((self.logins(), self.logouts()), (2, 1))

    def test_what_was_refused_is_so_whatever_the_clock(self):
        config = self.configure("config", password="wrong")
        for shift in ("-3600", "0", "3600"):
            env = environment(MSTR_CONFIG=config, LD_PRELOAD=os.environ["MSTR_SHIFTED_CLOCK"], MSTR_CLOCK_SHIFT=shift)
            done = subprocess.run([MSTR, "projects"], env=env, capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 6, done.stderr)
        self.assertEqual(self.logins(), 1)

    def test_a_child_that_was_forked_is_a_member_of_its_own(self):
        self.config = self.configure("config", fleet=LAST)
        parent = self.start(1, 1, way="fork")[0].wait_open()  # the child has come and gone
        self.assertEqual(self.logouts(), 0)
        self.assertEqual(self.members(), 1)
        answered = int(self.requests("/projects"))
        self.wait_for(lambda: self.requests("/projects") > answered + 5)
        self.end()
        self.assertEqual([line for line in parent.lines if line.startswith("answered")][0], "answered 20\n")
        self.assertEqual((self.logins(), self.logouts()), (1, 1))

    def test_who_leaves_at_once_is_not_the_last(self):
        self.config = self.configure("config", fleet=LAST)
        self.start(1)[0].wait_open()
        for _ in range(3):
            subprocess.run([MSTR, "projects"], env=environment(MSTR_CONFIG=self.config), check=True, stdout=subprocess.DEVNULL)
        self.assertEqual((self.logins(), self.logouts()), (1, 0))
        self.end()
        self.assertEqual((self.logins(), self.logouts()), (1, 1))

    def test_pools_draw_from_the_fleet(self):
        self.config = self.configure("config", fleet=LAST + "\nsessions = 2")
        for worker in self.start(3, 4, way="pool"):
            worker.wait_open()
        self.assertLessEqual(self.logins(), 2)
        before = self.logins()
        self.sim.admin("POST", "/sessions/expire", {})
        self.wait_for(lambda: self.logins() >= before + 1)
        self.workers.pop().end()
        self.assertEqual(self.logouts(), 0)
        self.end()
        self.assertLessEqual(self.logins(), 4)


class Agents(WithFleet):
    def setUp(self):
        super().setUp()
        self.config = self.configure("config", fleet=LAST)
        with open(self.config, encoding="utf-8") as file:
            text = file.read()
        self.agents = [Agent(text, env=environment()) for _ in range(2)]
        for agent in self.agents:
            self.addCleanup(agent.__exit__, None, None, None)

    def use(self, agent):
        """A client's request in the agent's session."""
        done = subprocess.run([MSTR, "--agent", agent.socket, "api", "projects"], check=False, capture_output=True, text=True,
                              env=environment(MSTR_CONFIG=self.config))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("MicroStrategy Tutorial", done.stdout)

    def test_agents_share_a_login_and_the_last_one_logs_out(self):
        for agent in self.agents * 3:
            self.use(agent)
        self.assertEqual(self.logins(), 1)
        self.assertEqual(self.agents[0].end(), 0)
        self.use(self.agents[1])
        self.assertEqual((self.logins(), self.logouts()), (1, 0))
        self.assertEqual(self.agents[1].end(), 0)
        self.assertEqual((self.logins(), self.logouts()), (1, 1))

    def test_an_agent_that_was_killed_leaves_the_session_to_the_others(self):
        for agent in self.agents:
            self.use(agent)
        self.agents[0].kill()
        self.use(self.agents[1])
        self.assertEqual(self.agents[1].end(), 0)
        self.assertEqual((self.logins(), self.logouts()), (1, 0))  # the other one has beaten within a minute

    def test_an_agent_that_was_killed_long_ago_does_not_count(self):
        for agent in self.agents:
            self.use(agent)
        self.agents[0].kill()
        for key in self.redis.keys(b"members"):
            self.redis.tell("DEL", key)  # as a minute does
        self.assertEqual(self.agents[1].end(), 0)
        self.assertEqual((self.logins(), self.logouts()), (1, 1))


if __name__ == "__main__":
    unittest.main()
