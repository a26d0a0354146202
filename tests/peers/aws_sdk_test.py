# SPDX-License-Identifier: Apache-2.0
"""AWS's SDK for JavaScript and our AWS plugin ask the same simulator for the same secrets, in the same environment."""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import node
from simulator import ACCESS_KEY, SECRET_KEY, Simulator, environment, run

MSTR = os.environ["MSTR_BIN"]


class AwsSdk(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(os.environ["MSTR_SIM"])
        cls.addClassCleanup(cls.sim.__exit__, None, None, None)
        cls.env = environment(AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY, AWS_REGION="us-east-1",
                              AWS_ENDPOINT_URL=cls.sim.urls["aws"], MSTR_CONFIG="/dev/null")

    def setUp(self):
        self.sim.reset()

    def theirs(self, call, **given):
        return node.ask("aws_sdk.js", {"call": call, "input": given}, self.env)

    def ours(self, reference):
        result = run(MSTR, "--json", "get", reference, env=self.env)
        return json.loads(result.stdout)[reference] if result.returncode == 0 else json.loads(result.stderr)

    def test_secrets_and_parameters_have_the_same_value_and_version(self):
        cases = [
            ("aws-sm:prod/mstr", "secret", {"SecretId": "prod/mstr"}),
            ("aws-sm:prod/mstr?version-stage=AWSPREVIOUS", "secret",
             {"SecretId": "prod/mstr", "VersionStage": "AWSPREVIOUS"}),
            ("aws-sm:prod/binary", "secret", {"SecretId": "prod/binary"}),
            ("aws-ssm:/prod/mstr/password", "parameter", {"Name": "/prod/mstr/password", "WithDecryption": True}),
        ]
        for reference, call, given in cases:
            with self.subTest(reference=reference):
                theirs, ours = self.theirs(call, **given), self.ours(reference)
                self.assertNotIn("error", theirs)
                self.assertEqual(theirs["value"], ours.get("value", ours.get("value_base64")))
                self.assertEqual(str(theirs["version"]), ours["version"])

    def test_refusals_have_the_same_code(self):
        for name in ("no/such", "prod/forbidden", "prod/deleted"):
            with self.subTest(secret=name):
                theirs, ours = self.theirs("secret", SecretId=name), self.ours(f"aws-sm:{name}")
                self.assertEqual(ours["service_code"], theirs["error"])
                self.assertIn(theirs["message"], ours["message"])


if __name__ == "__main__":
    unittest.main()
