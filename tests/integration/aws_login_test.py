# SPDX-License-Identifier: Apache-2.0
"""Sessions of `aws login`, through the real binary: the CLI's cache renewed with a proof that the simulator verifies."""
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from simulator import Simulator, environment, run

MSTR = os.environ["MSTR_BIN"]
SESSION = "arn:aws:sts::123456789012:assumed-role/Admin/admin"
PAST = "2020-01-01T00:00:00Z"


def new_key():
    return subprocess.run(["openssl", "ecparam", "-genkey", "-name", "prime256v1", "-noout"], check=True,
                          stdout=subprocess.PIPE, text=True).stdout


class Login(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(os.environ["MSTR_SIM"])
        cls.addClassCleanup(cls.sim.__exit__, None, None, None)

    def setUp(self):
        self.sim.reset()
        self.home = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.home)
        self.cache = os.path.join(self.home, ".aws", "login", "cache", hashlib.sha256(SESSION.encode()).hexdigest() + ".json")
        os.makedirs(os.path.dirname(self.cache))
        with open(os.path.join(self.home, ".aws", "config"), "w", encoding="ascii") as file:
            file.write(f"[default]\nlogin_session = {SESSION}\nregion = us-east-1\n")
        self.env = environment(HOME=self.home, AWS_ENDPOINT_URL=self.sim.urls["aws"].rstrip("/"))

    def write(self, key, refresh_token="sim-login-refresh-token"):
        session = {"accessToken": {"accessKeyId": "ASIAOLD", "secretAccessKey": "s", "sessionToken": "t",
                                   "accountId": "123456789012", "expiresAt": PAST},
                   "tokenType": "aws_sigv4", "refreshToken": refresh_token, "idToken": "id",
                   "clientId": "arn:aws:signin:::devtools/same-device", "dpopKey": key}
        with open(self.cache, "w", encoding="ascii") as file:
            json.dump(session, file)
        return session

    def read(self):
        with open(self.cache, encoding="ascii") as file:
            return json.load(file)

    def expire(self):
        session = self.read()
        session["accessToken"]["expiresAt"] = PAST
        with open(self.cache, "w", encoding="ascii") as file:
            json.dump(session, file)

    def get(self):
        return run(MSTR, "--config", "/dev/null", "get", "aws-sm:prod/plain", env=self.env)

    def paths(self):
        return [entry["path"] for entry in self.sim.log("aws")]

    def test_keys_are_renewed_once_and_put_back(self):
        before = self.write(new_key())
        for _ in range(2):
            answer = self.get()
            self.assertEqual((answer.returncode, answer.stdout), (0, b"plain text"), answer.stderr)
        self.assertEqual(self.paths(), ["/v1/token", "/", "/"])
        after = self.read()
        self.assertNotEqual(after["refreshToken"], before["refreshToken"])
        self.assertNotEqual(after["accessToken"]["accessKeyId"], "ASIAOLD")
        for name in ("tokenType", "idToken", "clientId", "dpopKey"):
            self.assertEqual(after[name], before[name])
        self.assertEqual(after["accessToken"]["accountId"], "123456789012")
        self.assertEqual(os.stat(self.cache).st_mode & 0o777, 0o600)
        self.expire()
        self.assertEqual(self.get().returncode, 0)

    def test_many_programs_spend_one_refresh_token(self):
        self.write(new_key())
        programs = [subprocess.Popen([MSTR, "--config", "/dev/null", "get", "aws-sm:prod/plain"], env=self.env,
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(6)]
        for program in programs:
            output, errors = program.communicate(timeout=120)
            self.assertEqual((program.returncode, output), (0, b"plain text"), errors)
        self.assertEqual(self.paths().count("/v1/token"), 1)

    def test_a_session_that_has_ended_asks_for_a_login(self):
        self.write(new_key(), refresh_token="spent")
        answer = self.get()
        self.assertEqual(answer.returncode, 6)
        self.assertIn(b"aws login: the session has ended", answer.stderr)
        self.assertIn(b"run: aws login --profile default", answer.stderr)
        self.assertNotIn(b"spent", answer.stderr)

    def test_a_key_that_the_session_is_not_bound_to_is_refused(self):
        self.write(new_key())
        self.assertEqual(self.get().returncode, 0)
        self.write(new_key(), refresh_token=self.read()["refreshToken"])
        answer = self.get()
        self.assertNotEqual(answer.returncode, 0)
        self.assertIn(b"The DPoP key is not the token's", answer.stderr)


if __name__ == "__main__":
    unittest.main()
