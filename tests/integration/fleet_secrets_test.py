# SPDX-License-Identifier: Apache-2.0
"""Secrets that machines share through a fleet's store: agents with configurations, folders and surroundings of their own are the
machines, and the simulator counts what the secret store is asked."""
import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from agent import Agent
from fleet import KEY, WithFleet
from simulator import ACCESS_KEY, SECRET_KEY, environment

FIRST, SECOND = "aws-sm:prod/mstr#password", "aws-sm:prod/plain"
CONFIG = """[plugins]
path = {plugins}
[agent]
allow = aws-sm:**
[fleet]
store = redis
url = {url}
seal_key = {key}
{fleet}
"""


class Secrets(WithFleet):
    def machine(self, fleet="share_secrets = aws-sm:prod/*", **env):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        own = environment(AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY, AWS_REGION="us-east-1",
                          AWS_ENDPOINT_URL=self.sim.urls["aws"], **env)
        agent = Agent(CONFIG.format(plugins=os.environ["MSTR_PLUGINS"], url=self.redis.url, key=KEY, fleet=fleet),
                      env={**own, "HOME": folder.name, "TMPDIR": folder.name})
        self.addCleanup(agent.__exit__, None, None, None)
        return agent

    def fetches(self):
        return sum("GetSecretValue" in json.dumps(entry) for entry in self.sim.log("aws"))

    def value(self, machine, reference):
        result = machine.resolve(reference)[0]
        self.assertIn("value", result, result)
        return result["value"]

    def test_what_one_machine_fetched_the_other_has(self):
        one, two = self.machine(), self.machine()
        for machine in (one, two):  # each finds out who it is
            self.value(machine, FIRST)
        self.assertEqual(self.fetches(), 2)
        value = self.value(one, SECOND)
        self.assertEqual(self.value(two, SECOND), value)
        self.assertEqual(self.fetches(), 3)
        two.ask("POST", "/v1/flush")  # which is to forget what the fleet has, too
        self.assertEqual(self.value(two, SECOND), value)
        self.assertEqual(self.fetches(), 4)
        self.assertNotIn(value.encode(), b"".join(self.redis.tell("DUMP", key) for key in self.redis.keys(b"mstr:")))

    def test_nothing_is_shared_unless_it_is_asked_for(self):
        for machine in (self.machine(fleet=""), self.machine(fleet="")):
            for reference in (FIRST, SECOND):
                self.value(machine, reference)
        self.assertEqual(self.fetches(), 4)
        self.assertEqual(self.redis.keys(b"mstr:"), [])

    def test_only_what_a_pattern_names_is_shared(self):
        one, two = (self.machine(fleet="share_secrets = aws-sm:prod/m*") for _ in range(2))
        for machine in (one, two):
            for reference in (FIRST, SECOND):
                self.value(machine, reference)
        self.assertEqual(self.fetches(), 4)
        self.assertEqual(len(self.redis.keys(b":x:")), 2)  # a record, and its fence

    def test_what_one_machine_fetches_anew_the_other_forgets(self):
        one, two = self.machine(), self.machine()
        for machine in (one, two):
            self.value(machine, FIRST)
            self.value(machine, SECOND)
        self.assertEqual(self.fetches(), 3)

        self.sim.admin("POST", "/secrets", {"name": "prod/plain", "string": "rotated"})
        self.assertEqual(one.ask("POST", "/v1/invalidate", {"references": [SECOND]}).status, 200)
        self.wait_for(lambda: self.value(two, SECOND) == "rotated")
        self.assertEqual(self.value(one, SECOND), "rotated")
        self.assertEqual(self.fetches(), 4)


if __name__ == "__main__":
    unittest.main()
