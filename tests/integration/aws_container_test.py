# SPDX-License-Identifier: Apache-2.0
"""Keys from a container's agent by the name of its host, through the real binary: in a namespace with a hosts file of the test's
own, where names stand for one address or several."""
import os
import unittest

from aws_test import Aws
from simulator import run

MSTR = os.environ["MSTR_BIN"]
HOSTS = """127.0.0.1 localhost
127.0.0.1 agent.example
::1 double.example
127.0.0.1 double.example
127.0.0.1 mixed.example
198.51.100.7 mixed.example
198.51.100.7 foreign.example
"""


class Container(Aws):
    def setUp(self):
        super().setUp()
        hosts = self.file("hosts", HOSTS)
        self.inside = ["/usr/bin/unshare", "-rm", "/bin/sh", "-c", '/bin/mount --bind "$0" /etc/hosts && exec "$@"', hosts]
        if run(*self.inside, "/bin/true", env=self.env()).returncode != 0:
            self.skipTest("this machine lets no process have a namespace of its own")
        self.port = self.url.rsplit(":", 1)[1]

    def get_from(self, name):
        env = self.env(AWS_CONTAINER_CREDENTIALS_FULL_URI=f"http://{name}:{self.port}/v2/credentials/simulator",
                       AWS_CONTAINER_AUTHORIZATION_TOKEN="sim-container-token")
        return run(*self.inside, MSTR, "--config", "/dev/null", "get", "aws-sm:prod/plain", env=env)

    def test_a_name_of_safe_addresses_gives_keys(self):
        for name in ("agent.example", "double.example"):
            with self.subTest(name):
                self.sim.admin("DELETE", "/log")
                done = self.get_from(name)
                self.assertEqual((done.returncode, done.stdout), (0, b"plain text"), done.stderr)
                self.assertEqual(self.asked(), ["GET /v2/credentials/simulator", "GetSecretValue"])
                self.assertEqual(self.header(self.sim.log("aws")[0], "Host"), f"{name}:{self.port}")

    def test_one_unsafe_address_is_enough_to_refuse(self):
        for name in ("mixed.example", "foreign.example"):
            with self.subTest(name):
                done = self.get_from(name)
                self.assertEqual(done.returncode, 3, done.stderr)
                self.assertIn(f"plain http to {name} at 198.51.100.7 is not safe".encode(), done.stderr)
                self.assertIn(b"hint: use https", done.stderr)
                self.assertEqual(self.asked(), [])


if __name__ == "__main__":
    unittest.main()
