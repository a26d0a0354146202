# SPDX-License-Identifier: Apache-2.0
"""The store of a fleet as it is met between machines: behind TLS with the wrong name, and behind Sentinels that fail over."""
import os
import socket
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from fleet import Redis, WithFleet
from mutual_tls import make_certificate

SHORT = "timeout = 4s"  # who goes alone waits for up to half of it


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Tls(WithFleet):
    def test_a_wrong_name_leaves_each_alone_until_it_is_right(self):
        certificates = tempfile.TemporaryDirectory()
        self.addCleanup(certificates.cleanup)
        wrong, right = (make_certificate(certificates.name, name) for name in ("elsewhere.example", "localhost"))
        both = os.path.join(certificates.name, "both.pem")
        with open(both, "w", encoding="utf-8") as file:
            for path, _ in (wrong, right):
                with open(path, encoding="utf-8") as part:
                    file.write(part.read())
        port = free_port()
        redis = Redis("--tls-port", str(port), "--tls-cert-file", wrong[0], "--tls-key-file", wrong[1], "--tls-ca-cert-file", both,
                      "--tls-auth-clients", "no")
        self.addCleanup(redis.stop)
        self.config = self.configure("config", url=f"rediss://localhost:{port}", fleet="ca_file = " + both, more=SHORT)
        for worker in self.start(2):
            worker.wait_open()
        self.assertEqual(self.logins(), 2)
        self.assertEqual(redis.keys(b"mstr:"), [])

        redis.tell("CONFIG", "SET", "tls-cert-file", right[0], "tls-key-file", right[1])
        later = self.start(2)
        for worker in later:
            worker.wait_open()
        self.assertEqual(self.logins(), 3)
        told = self.workers[:2]
        self.wait_for(lambda: all("the fleet's store is back" in worker.said_so_far() for worker in told))
        self.sim.admin("POST", "/sessions/expire", {})
        self.wait_for(lambda: self.logins() >= 4)
        self.end()
        self.assertEqual(self.logins(), 4)  # now it is one for all
        for worker in told:
            self.assertEqual(worker.said.count("ostname mismatch"), 1, worker.said)


class Sentinels(WithFleet):
    """A primary, a replica, and three who agree on which one it is."""

    def setUp(self):
        super().setUp()
        self.ports = [free_port() for _ in range(2)]
        self.servers = [Redis("--port", str(port), "--bind", "127.0.0.1", "--repl-diskless-sync-delay", "0", *more)
                        for port, more in zip(self.ports, ([], ["--replicaof", "127.0.0.1", str(self.ports[0])]))]
        places = [free_port() for _ in range(3)]
        self.watchers = [self.watch(port) for port in places]
        for one in self.servers + self.watchers:
            self.addCleanup(one.stop)
        self.config = self.configure("config", url="redis+sentinel://" + ",".join(f"127.0.0.1:{port}" for port in places) + "/main")
        self.wait_for(lambda: all(b"num-slaves,1,num-other-sentinels,2" in self.seen_by(watcher) for watcher in self.watchers))

    def watch(self, port):
        return Redis("--sentinel", "--port", str(port), "--bind", "127.0.0.1", config=[
            f"sentinel monitor main 127.0.0.1 {self.ports[0]} 2", "sentinel down-after-milliseconds main 500",
            "sentinel failover-timeout main 5000"])

    @staticmethod
    def seen_by(watcher):
        """What it knows of the primary, as NAME,VALUE and so on."""
        master = watcher.tell("SENTINEL", "MASTER", "main")
        pairs = dict(zip(master[::2], master[1::2]))
        return b",".join(name + b"," + pairs[name] for name in (b"num-slaves", b"num-other-sentinels"))

    def primary(self):
        return [int(watcher.tell("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main")[1]) for watcher in self.watchers]

    def test_workers_follow_a_failover_without_a_login(self):
        for worker in self.start(4):
            worker.wait_open()
        old, new = self.servers
        self.wait_for(lambda: new.keys(b"s:0"))
        self.assertEqual(self.logins(), 1)
        old.kill()
        self.wait_for(lambda: self.primary() == [self.ports[1]] * 3 and new.tell("ROLE")[0] == b"master")

        self.start(1)[0].wait_open()  # finds the record where it is now
        self.assertEqual(self.logins(), 1)
        self.sim.admin("POST", "/sessions/expire", {})
        self.wait_for(lambda: self.logins() >= 2)
        self.end()
        self.assertLessEqual(self.logins(), 2)
        self.assertEqual(self.logouts(), 0)

    def test_without_a_failover_in_sight_each_keeps_its_session(self):
        for worker in self.start(4):
            worker.wait_open()
        for one in self.servers + self.watchers:
            one.kill()
        answered = self.requests("/projects")
        self.wait_for(lambda: self.requests("/projects") > answered + 200)
        self.end()
        self.assertEqual(self.logins(), 1)


if __name__ == "__main__":
    unittest.main()
