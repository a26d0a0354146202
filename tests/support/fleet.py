# SPDX-License-Identifier: Apache-2.0
"""A fleet in the hands of a Python test: Debian's redis-server, processes that are its workers, and the simulator. CTest sets
MSTR_FLEET_WORKER, MSTR_STORES and MSTR_SIM."""
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from simulator import environment
from tool_case import SimulatorCase

WORKER = os.environ.get("MSTR_FLEET_WORKER")
KEY = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
OTHER = "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
CONFIG = """[plugins]
path = {plugins}
[fleet]
store = redis
url = {url}
seal_key = {key}
{fleet}
[profile default]
base_url = {base}
username = {user}
password = Simul8-{password}
{more}
"""


class Redis:
    """redis-server on a Unix socket, with nothing kept unless it is told to; `config` are lines of its configuration."""

    def __init__(self, *options, config=()):
        self.options = options
        self.folder = tempfile.TemporaryDirectory()
        self.socket = os.path.join(self.folder.name, "s")
        self.url = "unix://" + self.socket
        self.config = os.path.join(self.folder.name, "conf")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write("".join(line + "\n" for line in config))
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            ["redis-server", self.config, "--port", "0", "--unixsocket", self.socket, "--save", "", "--dir", self.folder.name,
             *self.options],
            stdout=subprocess.DEVNULL)
        while True:
            try:
                self.tell("PING")
                return
            except OSError:
                time.sleep(0.01)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.kill()
        self.folder.cleanup()

    def connect(self):
        link = socket.socket(socket.AF_UNIX)
        try:
            link.connect(self.socket)
        except OSError:
            link.close()
            raise
        return link

    def tell(self, *words):
        """One command; the answer: octets, a number, or a list of them."""
        words = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        with self.connect() as link, link.makefile("rb") as answers:
            link.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words))
            return self.read(answers)

    def read(self, answers):
        line = answers.readline().rstrip(b"\r\n")
        kind, rest = line[:1], line[1:]
        if kind == b"$":
            return answers.read(int(rest) + 2)[:-2] if int(rest) >= 0 else None
        if kind == b"*":
            return [self.read(answers) for _ in range(int(rest))]
        if kind == b"-":
            raise RuntimeError(rest.decode())
        if not line:
            raise OSError("no answer")
        return int(rest) if kind == b":" else rest

    def keys(self, part):
        return [key for key in self.tell("KEYS", "*") if part in key]


class Worker:
    """A process of some threads with sessions; `way` is how they have them (tests/integration/fleet_worker.c)."""

    def __init__(self, config, threads=2, pause=20, way="each", **env):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen([WORKER, config, str(threads), str(pause), way], env=environment(**env),
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.lines, self.reader = [], None

    def wait_open(self):
        for line in self.process.stdout:
            if line.startswith("open"):
                return self
            self.lines.append(line)
        return self

    def drain(self):
        """Takes lines as they come, lest a worker that fails often wait for somebody to read."""
        self.reader = threading.Thread(target=lambda: self.lines.extend(iter(self.process.stdout.readline, "")), daemon=True)
        self.reader.start()
        return self

    def end(self):
        """How many requests were answered, and the lines of those that were not."""
        self.process.stdin.close()
        if self.reader is not None:
            self.reader.join()
        self.lines += self.process.stdout.readlines()
        self.process.stdout.close()
        self.process.wait()
        self.said = self.said_so_far()
        self.log.close()
        answered = [int(line.split()[1]) for line in self.lines if line.startswith("answered")]
        self.longest = max([int(line.split()[1]) for line in self.lines if line.startswith("longest")], default=0)
        return sum(answered), [line for line in self.lines if line.startswith("failed")]

    def said_so_far(self):
        """What it logged."""
        return os.pread(self.log.fileno(), 1 << 20, 0).decode()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.log.close()


@unittest.skipUnless(shutil.which("redis-server"), "there is no redis-server")
class WithFleet(SimulatorCase):
    """A store of its own for each test, and workers that end with it."""

    def setUp(self):
        self.sim.reset()
        self.redis = Redis()
        self.addCleanup(self.redis.stop)
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.config = self.configure("config")
        self.workers = []

    def configure(self, name, key=KEY, fleet="", user="analyst", password="analyst", url=None, more=""):
        path = os.path.join(self.folder.name, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(plugins=os.environ["MSTR_STORES"], url=url or self.redis.url, key=key, fleet=fleet,
                                     base=self.sim.urls["mstr"], user=user, password=password, more=more))
        return path

    def start(self, count, threads=2, config=None, pause=20, **more):
        workers = [Worker(config or self.config, threads, pause, **more) for _ in range(count)]
        self.workers += workers
        return workers

    def end(self, workers=None, fails=False):
        """Ends these or all, each of which had answers and, unless that may be, no failure."""
        for worker in self.workers if workers is None else workers:
            answered, failed = worker.end()
            self.assertGreater(answered, 0, worker.lines)
            if not fails:
                self.assertEqual(failed, [], worker.lines)
        self.workers = [worker for worker in self.workers if workers is not None and worker not in workers]

    def requests(self, path):
        return sum(entry["path"].endswith(path) for entry in self.sim.log("mstr"))

    def logins(self):
        return self.requests("/auth/login")

    def logouts(self):
        return self.requests("/auth/logout")

    def wait_for(self, question):
        end = time.monotonic() + 120
        while not question():
            self.assertLess(time.monotonic(), end, "it never came")
            time.sleep(0.02)

    def slow_login(self, milliseconds):
        self.sim.admin("POST", "/faults", {"service": "mstr", "path": "*/auth/login", "action": "delay",
                                           "ms": milliseconds, "times": 1})

    def end_lease(self):
        for lease in self.redis.keys(b"lease"):
            self.redis.tell("DEL", lease)

    def tokens(self, last=0, status=None):
        """Those that requests bore: the last ones, or all; those that were answered so, or all."""
        return {value for entry in self.sim.log("mstr")[-last:] if status in (None, entry["status"])
                for name, value in entry["headers"] if name.lower() == "x-mstr-authtoken"}
