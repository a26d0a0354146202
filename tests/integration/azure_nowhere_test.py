# SPDX-License-Identifier: Apache-2.0
"""The Azure chain where there is no Azure: it ends soon, with every attempt listed, whatever is or is not at the address of the
metadata service."""
import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from simulator import environment, run
from wire import bound

MSTR = os.environ["MSTR_BIN"]
CREDENTIALS = ["EnvironmentCredential", "WorkloadIdentityCredential", "ManagedIdentityCredential", "AzureCliCredential",
               "AzureDeveloperCliCredential", "AzurePowerShellCredential"]
NOT_AVAILABLE = 6  # exit status


class Nowhere(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = folder.name  # holds no tool either
        self.config = os.path.join(folder.name, "config")
        with open(self.config, "w", encoding="ascii") as file:
            file.write(f"[provider azure-kv]\nendpoint = https://127.0.0.1:{self.port()}\n")

    def port(self, listen=False):
        """A port that refuses connections, or accepts them and never answers."""
        return bound(self, listen).getsockname()[1]

    def run_mstr(self, port, *arguments):
        env = environment(AZURE_POD_IDENTITY_AUTHORITY_HOST=f"http://127.0.0.1:{port}", PATH=self.path,
                          HTTP_PROXY=f"http://127.0.0.1:{self.port()}", http_proxy=f"http://127.0.0.1:{self.port()}")
        return run(MSTR, "--config", self.config, "--json", *arguments, "azure-kv://corp/db", env=env)

    def assert_gives_up(self, port, limit):
        done = self.run_mstr(port, "get")
        message = json.loads(done.stderr)["message"]
        places = [message.find(name) for name in CREDENTIALS]
        self.assertEqual(done.returncode, NOT_AVAILABLE)
        self.assertNotIn(-1, places)
        self.assertEqual(places, sorted(places))
        self.assertIn("the metadata service does not answer", message)
        self.assertLess(sum(int(part.split(" ms]")[0]) for part in message.split("[")[1:]), limit)

    def test_nothing_at_the_address_is_not_waited_for(self):
        self.assert_gives_up(self.port(), 1000)

    def test_something_that_never_answers_is_waited_for_a_second_and_once_more(self):
        self.assert_gives_up(self.port(listen=True), 2600)

    def test_doctor_tells_each_step_with_its_time(self):
        done = self.run_mstr(self.port(), "doctor")
        steps = {step["step"]: step for step in json.loads(done.stdout)[0]["steps"]}
        self.assertEqual(done.returncode, NOT_AVAILABLE)
        self.assertEqual(steps["vault"]["outcome"], "failed")
        self.assertEqual([steps[name]["outcome"] for name in CREDENTIALS], ["skipped"] * len(CREDENTIALS))
        self.assertTrue(all(steps[name]["detail"] and steps[name]["ms"] < 1000 for name in CREDENTIALS))
        self.assertEqual(steps["identity"]["outcome"], "failed")


if __name__ == "__main__":
    unittest.main()
