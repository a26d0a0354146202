# SPDX-License-Identifier: Apache-2.0
"""Days of an agent's life, and of a fleet's beside it, in half a minute, in the release suite alone, or in MSTR_SOAK_SECONDS (the
target `agent-soak`: thirty minutes; where nothing is flat after a hundred rounds of each thing, nothing is after a thousand, and a
suite has no minute to spare). Clients resolve, log in, stream, ask nonsense and are killed, and 64 threads of a program work in
sessions that a fleet shares, while passwords are rotated, sessions end, stores, plugins and servers stumble and the configuration is
read anew. Whatever is answered is right; agent and program hold no more in the last third than in the middle one, the agent no more
descriptors and threads than its workers need, and in the end no descriptor more than in the beginning. CTest sets
MSTR_AGENT_PROGRAM, MSTR_BIN, MSTR_SIM, MSTR_PLUGINS, and MSTR_FLEET_WORKER where there is the store of a fleet."""
import collections
import hashlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from agent import Agent
from agent_test import store_environment
from fleet import KEY, Redis, Worker
from library import Library
from sampler import Sampler, held_by
from simulator import ACCESS_KEY, SECRET_KEY, Simulator

SECONDS = float(os.environ.get("MSTR_SOAK_SECONDS", "25"))
PARTS, CLIENTS, STREAM, FLEET_THREADS = 10, 6, 256 * 1024, 64
# What may come later than in the middle third: a few more requests at once than ever before, each with its thread, its buffers, and
# connections that are kept. KiB, and how many.
SLACK = {"memory": 4096, "descriptors": 48, "threads": 8, "locked": 4096}
# The agent keeps a set of connections for each request that was ever under way at once, of which its workers are the bound: what
# curl needs to be woken by, and a connection to each of three servers. A configuration that was replaced has its own until the last
# request in it has ended.
WORKERS = 8
THREADS = 2 * WORKERS + 1  # for stores, for servers, and the one that reads a configuration
DESCRIPTORS = 2 * THREADS * (2 + 3) + 2 * CLIENTS
PASSING = {401, 429, 502, 503, 504}  # of what somebody else failed at, or of a session that ended twice meanwhile

CONFIG = """[profile p]
base_url = {mstr}
username = analyst
password = ${{aws-sm:soak/analyst#password}}
[profile q]
base_url = {library}
username = u
password = p
[cache]
ttl = 1s
[agent]
allow = aws-sm:** env:SOAK_* broken:**
profiles = p q
workers = {workers}
user_fetches = 1000000
[provider broken]
plugin = exec
command = /bin/false
"""
FLEET = """[plugins]
path = {plugins}
[provider aws-sm]
region = us-east-1
endpoint = {aws}
[cache]
ttl = 1s
[fleet]
store = redis
url = {redis}
seal_key = {key}
sessions = 4
[profile default]
base_url = {mstr}
username = svc_etl
password = ${{aws-sm:soak/svc_etl#password}}
"""

FAULTS = ({"service": "aws", "action": "status", "status": 503, "target": "*"}, {"service": "aws", "action": "reset", "target": "*"},
          {"service": "aws", "action": "truncate", "bytes": 10, "target": "*"},
          {"service": "mstr", "action": "status", "status": 503, "path": "*/projects"},
          {"service": "mstr", "action": "reset", "path": "*/projects"}, {"service": "mstr", "action": "reset", "path": "*/auth/login"},
          {"service": "mstr", "action": "delay", "ms": 100, "path": "*"}, {"service": "aws", "action": "delay", "ms": 100, "target": "*"})

NONSENSE = (b"GET /v1/status\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00", b"POST /v1/resolve HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n", b"GET /session/p/%2e%2e/x HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET /" + b"x" * 30000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"POST /v1/resolve HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")


class Soak(unittest.TestCase):
    def setUp(self):
        self.sim, self.library = Simulator(os.environ["MSTR_SIM"]), Library()
        self.addCleanup(self.sim.__exit__, None, None, None)
        self.addCleanup(self.library.close)
        self.turn, self.wrong, self.done = 0, [], collections.Counter()
        self.over, self.held, self.wanted, self.calm = threading.Event(), 0, 0, threading.Condition()
        self.passwords = set()
        self.rotate()
        self.env = store_environment(self.sim, SOAK_VALUE="of the environment")
        self.agent = Agent(CONFIG.format(workers=WORKERS, mstr=self.sim.urls["mstr"], library=self.library.url), env=self.env, log="error")
        self.addCleanup(self.agent.__exit__, None, None, None)
        self.processes = {"the agent": self.agent.process.pid}
        self.fleet = self.begin_fleet() if "MSTR_FLEET_WORKER" in os.environ and shutil.which("redis-server") else None

    def begin_fleet(self):
        redis = Redis()
        self.addCleanup(redis.stop)
        config = os.path.join(self.agent.folder, "fleet")
        with open(os.open(config, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.write(FLEET.format(plugins=os.environ["MSTR_PLUGINS"], redis=redis.url, key=KEY, **self.sim.urls))
        fleet = Worker(config, FLEET_THREADS, 200, "pool", AWS_ACCESS_KEY_ID=ACCESS_KEY,
                       AWS_SECRET_ACCESS_KEY=SECRET_KEY).wait_open().drain()
        self.addCleanup(fleet.process.kill)
        self.processes["a program of the fleet"] = fleet.process.pid
        return fleet

    # --- what clients do; each tells what it did and whether all was as it should be

    def resolve(self):
        results = self.agent.resolve("aws-sm:soak/analyst#password", "env:SOAK_VALUE", "env:SOAK_NONE", "aws-sm:no/such", "file:/x",
                                     "nobody:x", refresh=random.random() < 0.1)
        self.expect(results[0].get("value") in self.passwords or results[0]["error"]["class"] in ("unavailable", "network", "protocol"),
                    results[0])
        self.expect(results[1].get("value") == "of the environment", results[1])
        self.expect([result["error"]["class"] for result in results[2:]][0] == "not-found", results[2])
        self.expect(all("error" in result for result in results[2:]), results)

    def fail(self):
        """A plugin does, which is told, and harms nothing else."""
        results = self.agent.resolve("broken:x", "env:SOAK_VALUE")
        self.expect("error" in results[0] and results[1].get("value") == "of the environment", results)

    def secret(self):
        answer = self.agent.ask("GET", "/v1/secret?reference=aws-sm:prod/mstr&field=password")
        self.expect(answer.body == b"Simul8-analyst" if answer.status == 200 else answer.status in PASSING, answer.body)

    def govern(self):
        self.expect(self.agent.ask("POST", "/v1/invalidate", {"references": ["aws-sm:soak/analyst"]}).status == 200, "invalidate")
        self.expect(self.agent.ask("GET", "/v1/status").json()["pid"] == self.agent.process.pid, "status")
        self.expect(b"mstr_agent_connections" in self.agent.ask("GET", "/metrics").body, "metrics")

    def session(self):
        answer = self.agent.ask("GET", "/session/p/projects")
        self.expect(b"MicroStrategy Tutorial" in answer.body if answer.status == 200 else answer.status in PASSING, answer.body)

    def login(self):
        token = {"X-MSTR-AuthToken": self.agent.ask("POST", "/session/q/auth/login", {}).headers["X-MSTR-AuthToken"]}
        connection = self.agent.connection()
        for method, path, statuses in (("GET", "x", {200} | PASSING), ("PUT", "sessions", {204}), ("POST", "auth/logout", {204}), ("GET", "x", {401})):
            answer = self.agent.ask(method, "/session/q/" + path, headers=token, connection=connection)
            self.expect(answer.status in statuses, (method, path, answer.status, answer.body))
        connection.close()

    def stream(self):
        body = random.randbytes(STREAM)
        told = self.agent.ask("PUT", "/session/q/things", body)
        self.expect(told.json()["sha256"] == hashlib.sha256(body).hexdigest() if told.status == 200 else told.status in PASSING, told.body)
        answer = self.agent.ask("GET", f"/session/q/big?{STREAM}")
        self.expect(answer.body == b"x" * STREAM if answer.status == 200 else answer.status in PASSING, answer.body[:100])

    def nonsense(self):
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect(self.agent.socket)
            peer.settimeout(60)
            peer.sendall(random.choice(NONSENSE))
            peer.shutdown(socket.SHUT_WR)
            if random.random() < 0.5:  # the others leave without a look at what they are told
                peer.settimeout(0.1)
                try:
                    self.expect(b" 200 " not in peer.recv(65536), "nonsense was served")
                except (TimeoutError, ConnectionError):
                    pass

    def leave(self):
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect(self.agent.socket)
            peer.sendall(random.choice((b"GET /session/q/slow HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /session/q/big?9000000 HTTP/1.1\r\nHost: x\r\n\r\n",
                                        b"PUT /session/q/x HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n" + b"x" * 50000)))
            if random.random() < 0.5:
                time.sleep(0.02)  # long enough to be begun

    def tool(self):
        process = subprocess.Popen([os.environ["MSTR_BIN"], "--config", self.agent.config, "get", "aws-sm:prod/mstr#password"],
                                   env={**self.env, "MSTR_AGENT": self.agent.socket}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if random.random() < 0.3:
            process.kill()
        told, errors = process.communicate(timeout=60)
        self.expect(told == b"Simul8-analyst" or process.returncode != 0, (told, errors))

    # --- what befalls them

    def rotate(self):
        self.turn += 1
        password = f"turn-{self.turn}"
        self.passwords.add(password)
        for user in ("analyst", "svc_etl"):
            self.sim.admin("POST", "/users/password", {"service": "mstr", "user": user, "password": password})
            self.sim.admin("POST", "/secrets", {"name": f"soak/{user}", "string": json.dumps({"password": password})})
        self.sim.admin("POST", "/sessions/expire", {})

    def befall(self):
        number = 0
        while not self.over.wait(0.1):
            number += 1
            self.sim.admin("DELETE", "/log")
            self.sim.admin("DELETE", "/faults")  # that nothing has met
            if number % 4 == 0:
                self.sim.admin("POST", "/faults", {**FAULTS[number // 4 % len(FAULTS)], "times": 2})
            if number % 5 == 0:
                self.sim.admin("POST", "/sessions/expire", {})
                self.library.expire()
            if number % 15 == 0:
                self.alone(self.rotate)
            if number % 10 == 0:
                self.agent.process.send_signal(signal.SIGHUP)

    # --- and who sees to it

    def expect(self, good, what):
        if not good:
            self.wrong.append(repr(what)[:500])

    def alone(self, work):
        """While no client is at it."""
        with self.calm:
            self.wanted += 1
            self.calm.wait_for(lambda: self.held == 0)
            work()
            self.wanted -= 1
            self.calm.notify_all()

    def labour(self):
        steps = (self.resolve, self.secret, self.govern, self.session, self.login, self.stream, self.nonsense, self.leave, self.fail)
        while not self.over.is_set():
            step = self.tool if random.random() < 0.01 else random.choice(steps)
            with self.calm:
                self.calm.wait_for(lambda: self.wanted == 0)
                self.held += 1
            try:
                step()
                self.done[step.__name__] += 1
            except Exception as failure:  # pylint: disable=broad-exception-caught
                self.expect(False, (step.__name__, failure))
            with self.calm:
                self.held -= 1
                self.calm.notify_all()

    def used(self):
        return held_by(self.agent.process.pid)[:3]

    def look(self):
        """What it holds once all who left are noticed."""
        self.alone(lambda: time.sleep(0.6))
        found = self.used()
        print(f"{sum(self.done.values())} steps: {found[0]} KiB, {found[1]} descriptors, {found[2]} threads", flush=True)
        return found

    def await_descriptors(self, count):
        """Behind a reload nothing is kept of what was before, and nothing new is there yet."""
        until = time.monotonic() + 30
        while self.used()[1] > count and time.monotonic() < until:
            time.sleep(0.05)
        self.assertLessEqual(self.used()[1], count)

    def test_use_without_end_takes_no_more_than_use_for_a_while(self):
        fresh = self.used()
        threads = [threading.Thread(target=work, daemon=True) for work in [self.labour] * CLIENTS + [self.befall]]
        for thread in threads:
            thread.start()
        held = []
        with Sampler(self.processes) as sampler:
            for _ in range(PARTS):
                time.sleep(SECONDS / PARTS)
                held.append(self.look())
        self.over.set()
        for thread in threads:
            thread.join()
        sampler.write(os.environ.get("MSTR_SOAK_SAMPLES", os.devnull))

        self.assertEqual(self.wrong, [])
        self.assertEqual(len(self.done), 10, self.done)
        for (process, what), grown in sampler.growth().items():
            self.assertLessEqual(grown, SLACK[what], f"{what} of {process}")
        for _, descriptors, count in held:
            self.assertLessEqual(descriptors, fresh[1] + DESCRIPTORS, held)
            self.assertLessEqual(count, fresh[2] + THREADS, held)
        self.assertEqual(self.agent.verb("reload")[0], 0)
        self.await_descriptors(fresh[1])
        self.sim.admin("DELETE", "/faults")
        self.assertEqual(self.agent.ask("GET", "/session/p/projects").status, 200)
        if self.fleet is not None:
            answered, failed = self.fleet.end()
            self.assertGreater(answered, 10 * len(failed), failed[:20])
        self.assertEqual(self.agent.end(), 0)
        self.assertEqual(self.agent.said(), "")


if __name__ == "__main__":
    unittest.main()
