# SPDX-License-Identifier: Apache-2.0
"""A session over HTTP/2, which Node's server offers: login, requests with bodies both ways, and logout all take it; and
answers are bounded as over HTTP/1.1."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from simulator import environment, run

MSTR = os.environ["MSTR_BIN"]
SERVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "http2_server.js")


@unittest.skipUnless(shutil.which("node"), "there is no Node")
class Http2(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.key, self.certificate, self.body = (os.path.join(folder.name, name) for name in ("key.pem", "ca.pem", "body"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
                        "-subj", "/CN=h2", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", self.key,
                        "-out", self.certificate], check=True, stderr=subprocess.DEVNULL)
        with open(self.body, "wb") as file:
            file.write(b"y" * 300000)
        self.server = subprocess.Popen(["node", SERVER, self.key, self.certificate], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.stop)
        port = self.server.stdout.readline().strip()
        self.env = environment(MSTR_CONFIG="/dev/null", MSTR_BASE_URL=f"https://127.0.0.1:{port}/api/",
                               MSTR_CA_FILE=self.certificate, MSTR_USERNAME="u", MSTR_PASSWORD="p")

    def stop(self):
        self.server.stdin.close()
        self.server.stdout.close()
        self.server.wait(timeout=30)

    def test_everything_takes_http_2(self):
        result = run(MSTR, "api", "-X", "PUT", "-d", "@" + self.body, "things", env=self.env)
        self.assertEqual(result.returncode, 0, result.stderr)
        answer = json.loads(result.stdout)
        self.assertEqual((answer["token"], answer["cookie"], len(answer["filler"])), ("token", "JSESSIONID=1", 200000))
        seen = [json.loads(self.server.stdout.readline()) for _ in range(3)]
        self.assertEqual({request["version"] for request in seen}, {"2.0"})
        self.assertEqual([(request["method"], request["path"]) for request in seen],
                         [("POST", "/api/auth/login"), ("PUT", "/api/things"), ("POST", "/api/auth/logout")])
        self.assertEqual(seen[1]["octets"], 300000)

    def test_trailers_and_interim_answers_are_bounded(self):
        for flood in ("trailers", "hints"):
            result = run(MSTR, "api", "floods/" + flood, env=self.env)
            self.assertNotEqual(result.returncode, 0, result.stdout)
            self.assertIn(b"too large a header section", result.stderr)


if __name__ == "__main__":
    unittest.main()
