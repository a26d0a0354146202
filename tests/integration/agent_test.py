# SPDX-License-Identifier: Apache-2.0
"""mstr-agent over its sockets: what it answers, to whom, and within which limits. CTest sets
MSTR_AGENT_PROGRAM, MSTR_SIM and MSTR_PLUGINS."""
import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
import types
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from agent import Agent, runtime_folder
from simulator import ACCESS_KEY, SECRET_KEY, Simulator, environment

CANARY = "canary-9b1c"
OTHER_USER = 4711


def store_environment(sim, **more):
    return environment(AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY, AWS_REGION="us-east-1",
                       AWS_ENDPOINT_URL=sim.urls["aws"], MSTR_PLUGIN_PATH=os.environ["MSTR_PLUGINS"], **more)


def fetches(sim):
    return [entry for entry in sim.log("aws") if "GetSecretValue" in json.dumps(entry)]


class WithStore(unittest.TestCase):
    """An agent before the simulator's store."""

    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(os.environ["MSTR_SIM"])
        cls.env = store_environment(cls.sim, AGENT_CANARY=CANARY)
        cls.agent = Agent("[agent]\nallow = aws-sm:** env:AGENT_*\nuser_fetches = 1000000\n", env=cls.env)

    @classmethod
    def tearDownClass(cls):
        cls.agent.__exit__(None, None, None)
        cls.sim.__exit__(None, None, None)

    def test_a_cold_agent_fetches_once_for_sixty(self):
        self.sim.reset()
        self.agent.ask("POST", "/v1/flush")
        results = []

        def get():
            results.append(self.agent.ask("GET", "/v1/secret?reference=aws-sm:prod/mstr&field=password").body)

        threads = [threading.Thread(target=get) for _ in range(60)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(results), 60)
        self.assertEqual(set(results), {b"Simul8-analyst"})
        self.assertEqual(len(fetches(self.sim)), 1)

    def test_a_refresh_acts_once_in_five_seconds(self):
        self.sim.reset()
        for _ in range(5):
            self.agent.resolve("aws-sm:prod/mstr", refresh=True)
            self.agent.ask("POST", "/v1/invalidate", {"references": ["aws-sm:prod/mstr"]})
        self.assertLessEqual(len(fetches(self.sim)), 1 + 1)  # a loaded machine may take more than five seconds

    def test_the_old_value_serves_until_there_is_a_new_one(self):
        self.sim.reset()
        self.sim.admin("POST", "/secrets", {"name": "kept", "string": "old"})
        self.assertEqual(self.agent.ask("GET", "/v1/secret?reference=aws-sm:kept").body, b"old")
        self.sim.admin("POST", "/faults", {"service": "aws", "action": "reset", "target": "*", "times": -1})
        soon = {"X-Mstr-Timeout": "300ms"}
        told = self.agent.ask("POST", "/v1/invalidate", {"references": ["aws-sm:kept"]}, headers=soon)
        self.assertEqual(told.status, 200, told.body)
        self.assertEqual(self.agent.ask("GET", "/v1/secret?reference=aws-sm:kept", headers=soon).body, b"old")
        self.sim.reset()

    def test_a_value_has_its_version_and_says_how_long_it_is_fresh(self):
        for _ in range(2):
            result = self.agent.resolve("aws-sm:prod/mstr")[0]
            self.assertGreater(result["fresh_for"], 0)
            self.assertTrue(result["version"])
        self.assertEqual(result["source"], "cache")

    def test_nothing_of_a_value_is_told_by_anything_else(self):
        self.agent.resolve("env:AGENT_CANARY")
        self.agent.ask("GET", "/v1/secret?reference=env:AGENT_CANARY")
        told = self.agent.ask("GET", "/v1/status").body + self.agent.ask("GET", "/metrics").body + self.agent.said().encode()
        self.assertNotIn(CANARY.encode(), told)
        self.assertNotIn(b"AGENT_CANARY", told)  # the query is in no log

    def test_a_reference_outside_the_policy_is_final(self):
        for reference in ("env:HOME", "file:/etc/shadow", "exec:x", "aws-sm:../x?version=1"):
            self.assertEqual(self.agent.resolve(reference)[0]["error"]["class"], "denied", reference)
        self.assertEqual(self.agent.ask("GET", "/v1/secret?reference=file:/etc/shadow").status, 403)

    def test_many_references_come_in_parts(self):
        many = [f"aws-sm:x{i}" for i in range(100000)]
        self.assertEqual(self.agent.ask("POST", "/v1/resolve", {"references": many}).status, 413)
        answer = self.agent.ask("POST", "/v1/resolve", {"references": many[:1001]})
        self.assertEqual(answer.status, 429)
        self.assertTrue(answer.headers["Retry-After"])

    def test_what_is_told_of_octets_that_are_no_text_is_json(self):
        for target, said in (("/v1/secret?reference=env:AGENT_%ff%e2x", "environment variable AGENT_??x is not set"),
                             ("/session/%ff/projects", "the path is refused: octets that are no UTF-8"),
                             ("/session/%c3%a4/x", 'there is no profile "\u00e4"')):
            told = self.agent.ask("GET", target).json()
            self.assertIn(said, (told.get("detail"), told.get("message")), target)

    def test_what_is_no_request_is_refused(self):
        for body in (b"", b"{", b"[]", b'{"references":[1]}', b"\xff", b"[" * 100000):
            self.assertEqual(self.agent.ask("POST", "/v1/resolve", body).status, 400, body[:20])
        self.assertEqual(self.agent.ask("GET", "/v2/status").status, 404)
        self.assertEqual(self.agent.ask("PUT", "/v1/status").status, 405)

    def test_head_tells_the_length_alone(self):
        connection = self.agent.connection()
        answer = self.agent.ask("HEAD", "/v1/secret?reference=env:AGENT_CANARY", connection=connection)
        self.assertEqual((answer.status, answer.body, answer.headers["Content-Length"]), (200, b"", str(len(CANARY))))
        self.assertEqual(self.agent.ask("GET", "/v1/status", connection=connection).status, 200)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")

    def test_curl_needs_nothing_but_the_socket(self):
        told = subprocess.run(["curl", "-s", "--unix-socket", self.agent.socket,
                               "http://x/v1/secret?reference=aws-sm:prod/mstr%23password"],
                              stdout=subprocess.PIPE, check=True, timeout=60).stdout
        self.assertEqual(told, self.agent.resolve("aws-sm:prod/mstr#password")[0]["value"].encode())

    def test_a_reload_keeps_the_values_of_what_did_not_change(self):
        self.agent.resolve("aws-sm:prod/mstr")
        self.sim.reset()
        self.assertEqual(self.agent.ask("POST", "/v1/reload").status, 200)
        self.assertEqual(self.agent.resolve("aws-sm:prod/mstr")[0]["source"], "cache")
        self.assertEqual(fetches(self.sim), [])

    def test_status_asks_nobody(self):
        self.sim.reset()
        status = self.agent.ask("GET", "/v1/status").json()
        self.assertEqual((status["protocol"], status["pid"], status["draining"]), (1, self.agent.process.pid, False))
        self.assertEqual(self.sim.log("aws"), [])

    def test_memory_and_descriptors_stay_flat(self):
        def used():
            with open(f"/proc/{self.agent.process.pid}/statm", encoding="ascii") as file:
                whole, resident = [int(pages) * os.sysconf("SC_PAGE_SIZE") for pages in file.read().split()[:2]]
            sanitized = whole > 1 << 40  # which keeps what was freed for a while
            return 0 if sanitized else resident, len(os.listdir(f"/proc/{self.agent.process.pid}/fd"))

        def ask():
            for _ in range(100):
                self.agent.resolve("aws-sm:prod/mstr", "env:AGENT_CANARY", "env:AGENT_NONE", "nobody:x")
                self.agent.ask("GET", "/v1/secret?reference=aws-sm:prod/mstr&whole=1")

        ask()
        memory, descriptors = used()
        ask()
        more, others = used()
        self.assertLess(more - memory, 1 << 20)
        self.assertLessEqual(others - descriptors, 5)

    def test_slow_and_dead_peers_hurt_nobody(self):
        dead = []
        for sent in (b"", b"GET /v1/st", b"POST /v1/resolve HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"):
            for _ in range(50):
                peer = socket.socket(socket.AF_UNIX)
                peer.connect(self.agent.socket)
                peer.send(sent)
                dead.append(peer)
        self.assertEqual(self.agent.ask("GET", "/v1/status").status, 200)
        for peer in dead:
            peer.close()

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_another_user_is_refused(self):
        os.chmod(self.agent.folder, 0o711)
        os.chmod(os.path.dirname(self.agent.socket), 0o711)  # as though somebody had opened it by mistake
        os.chmod(self.agent.socket, 0o666)
        self.assertIn(" 403 ", as_user(OTHER_USER, self.agent.socket))
        self.assertIn("neither allow_user nor allow_group", self.agent.said())


class DeadStore(unittest.TestCase):
    """A store that takes connections and never answers."""

    def test_who_has_no_time_is_told_so_also_where_all_workers_wait(self):
        def ask(reference, timeout):
            try:
                return agent.ask("GET", "/v1/secret?reference=aws-sm:" + reference, headers={"X-Mstr-Timeout": timeout})
            except (OSError, http.client.HTTPException):
                return None  # it was killed

        with socket.create_server(("127.0.0.1", 0), backlog=64) as store:
            sim = types.SimpleNamespace(urls={"aws": f"http://127.0.0.1:{store.getsockname()[1]}"})
            with Agent("[agent]\nallow = aws-sm:**\n", env=store_environment(sim)) as agent:
                self.assertEqual(ask("x", "soon").status, 400)
                self.assertEqual(ask("x", "300ms").status, 504)
                self.assertEqual(agent.ask("GET", "/v1/status").json()["instances"]["aws-sm"], {"state": "ready"})
                waiting = [threading.Thread(target=ask, args=(f"x{i}", "1h")) for i in range(8)]
                held = [store.accept()]
                for thread in waiting:
                    thread.start()
                    held.append(store.accept())
                answer = ask("y", "300ms")
                self.assertEqual((answer.status, answer.json()["title"]), (504, "timeout"))
                self.assertIn("busy with other fetches", answer.json()["detail"])
                agent.kill()
                for thread in waiting:
                    thread.join()
            for connection, _ in held:
                connection.close()


ASK = """import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
try:
    s.send(b"GET /v1/status HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n")
except OSError:
    pass
print(s.recv(4096).decode())"""


def as_user(uid, path, groups=()):
    """What another user's process hears of the agent."""
    return subprocess.run(["/usr/bin/python3", "-B", "-c", ASK, path], user=uid, group=uid, extra_groups=list(groups),
                          stdout=subprocess.PIPE, text=True, timeout=60, check=True, cwd="/").stdout


def processor_time(pid):
    """Seconds that a process has used."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Limits(unittest.TestCase):
    env = environment(AGENT_VALUE="value")

    def test_connections_of_a_user_have_an_end(self):
        with Agent("[agent]\nallow = env:*\nuser_connections = 5\n", env=self.env) as agent:
            held = [agent.connection() for _ in range(5)]
            for connection in held:
                self.assertEqual(agent.ask("GET", "/v1/status", connection=connection).status, 200)
            refused = agent.ask("GET", "/v1/status")
            self.assertEqual(refused.status, 503)
            self.assertTrue(refused.headers["Retry-After"])
            for verb in ("status", "flush"):
                self.assertEqual(agent.verb(verb), (8, "", "mstr-agent: too many connections are open\n"))
            held[0].close()
            while agent.ask("GET", "/v1/status").status == 503:
                pass  # until the agent has seen it
            for connection in held:
                connection.close()

    def test_who_takes_nothing_of_his_answer_is_left(self):
        env = environment(AGENT_LONG="x" * 100000)
        with Agent("[agent]\nallow = env:*\nwrite_stall = 1s\n", env=env) as agent:
            body = json.dumps({"references": ["env:AGENT_LONG"] * 100}).encode()
            peer = socket.socket(socket.AF_UNIX)
            peer.connect(agent.socket)
            peer.sendall(b"POST /v1/resolve HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            while b'{scheme="env",outcome="fetched"} 100' not in agent.ask("GET", "/metrics").body:
                pass  # until it has its answer
            while b"mstr_agent_connections 1\n" not in agent.ask("GET", "/metrics").body:
                time.sleep(0.05)  # until it is left
            peer.close()

    def test_whose_body_stalls_is_left(self):
        with Agent("[agent]\nallow = env:*\nwrite_stall = 1s\n", env=self.env) as agent:
            for target in ("/v1/resolve", "/session/p/x"):
                peer = socket.socket(socket.AF_UNIX)
                peer.settimeout(30)  # less than connection_idle
                peer.connect(agent.socket)
                peer.sendall(b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{" % target.encode())
                self.assertEqual(peer.recv(4096), b"")
                peer.close()

    def test_without_descriptors_it_waits_for_some(self):
        def few():
            import resource
            resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))

        here = os.path.abspath(__file__)
        with Agent(f"[agent]\nallow = file:{here}\n", env=self.env, preexec=few) as agent:
            idle = []
            first = agent.connection()
            self.assertEqual(agent.ask("GET", "/v1/status", connection=first).status, 200)
            for _ in range(100):
                peer = socket.socket(socket.AF_UNIX)
                peer.connect(agent.socket)
                idle.append(peer)
            before = processor_time(agent.process.pid)
            time.sleep(0.5)  # no condition to wait for: nothing is to happen
            self.assertLess(processor_time(agent.process.pid) - before, 0.3)
            self.assertEqual(agent.ask("GET", f"/v1/secret?reference=file:{here}", connection=first).status, 200)
            for peer in idle:
                peer.close()
            while b"mstr_agent_connections 1\n" not in agent.ask("GET", "/metrics", connection=first).body:
                time.sleep(0.05)  # until they are left
            self.assertEqual(agent.ask("GET", "/v1/status").status, 200)
            first.close()

    def test_fetches_of_a_user_have_an_end(self):
        with Agent("[agent]\nallow = env:*\nuser_fetches = 3\n", env=self.env) as agent:
            for i in (0, 1, 2, 0, 1, 2):  # the same ones again take nothing more
                self.assertEqual(agent.ask("GET", f"/v1/secret?reference=env:AGENT_NONE{i}").status, 404)
            refused = agent.ask("GET", "/v1/secret?reference=env:AGENT_NONE4")
            self.assertEqual(refused.status, 429)
            self.assertTrue(refused.headers["Retry-After"])


class Tcp(unittest.TestCase):
    """The listener for those who cannot reach a Unix socket."""

    @classmethod
    def setUpClass(cls):
        cls.folder = runtime_folder()
        cls.token_file = os.path.join(cls.folder, "token")
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            cls.port = found.getsockname()[1]
        cls.agent = Agent("[agent]\nallow = env:AGENT_*\nprofiles = none\n", "--listen", f"127.0.0.1:{cls.port}",
                          "--token-file", cls.token_file, env=environment(AGENT_VALUE="value"))
        with open(cls.token_file, encoding="ascii") as file:
            cls.token = file.read().strip()

    @classmethod
    def tearDownClass(cls):
        cls.agent.__exit__(None, None, None)
        os.unlink(cls.token_file)
        os.rmdir(cls.folder)

    def ask(self, target="/v1/status", method="GET", **headers):
        import http.client
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, target, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status

    def test_the_token_is_needed_in_one_of_two_forms(self):
        self.assertEqual(os.stat(self.token_file).st_mode & 0o7777, 0o600)
        self.assertGreaterEqual(len(self.token), 43)
        self.assertEqual(self.ask(), 401)
        self.assertEqual(self.ask(Authorization=f"Bearer {self.token}"), 200)
        self.assertEqual(self.ask(X_Mstr_Token=self.token), 200)
        self.assertEqual(self.ask(f"/v1/status?token={self.token}"), 401)
        self.assertEqual(self.ask("/v1/secret?reference=env:AGENT_VALUE", X_Mstr_Token=self.token), 200)

    def test_a_browser_reaches_nothing(self):
        for headers in ({"Origin": "http://evil"}, {"Referer": "http://evil/"}, {"Sec_Fetch_Site": "none"},
                        {"X_Forwarded_For": "1.2.3.4"}, {"Forwarded": "for=1"}, {"Via": "1.1 x"}):
            self.assertEqual(self.ask(X_Mstr_Token=self.token, **headers), 400, headers)
        self.assertEqual(self.ask(X_Mstr_Token=self.token, Host="evil.example"), 421)
        self.assertEqual(self.ask(X_Mstr_Token=self.token, Host=f"localhost:{self.port}"), 200)

    def test_it_cannot_be_governed_from_there(self):
        for target in ("/v1/stop", "/v1/flush", "/v1/reload"):
            self.assertEqual(self.ask(target, "POST", X_Mstr_Token=self.token), 403)

    def test_env_tells_what_to_copy(self):
        status, output, _ = self.agent.verb("env", "--listen", f"127.0.0.1:{self.port}", "--token-file", self.token_file)
        self.assertEqual(status, 0)
        self.assertRegex(output, rf"(?m)^MSTR_AGENT_URL=http://127\.0\.0\.1:{self.port}/$")
        self.assertIn(f"MSTR_AGENT_TOKEN_FILE={self.token_file}\n", output)
        self.assertIn("NO_PROXY=127.0.0.1", output)
        self.assertNotIn(self.token, output)


@unittest.skipUnless(os.geteuid() == 0, "needs root")
class Users(unittest.TestCase):
    """Whom it lets in beside its own user."""

    def test_listed_users_and_groups_are_served_and_others_not(self):
        with Agent("[agent]\nallow = env:AGENT_*\nprofiles = none\nallow_user = 4711\nallow_group = 4800\n",
                   env=environment()) as agent:
            os.chmod(agent.folder, 0o711)
            self.assertIn(" 200 ", as_user(4711, agent.socket))
            self.assertIn(" 200 ", as_user(4712, agent.socket, [4800]))
            self.assertIn(" 403 ", as_user(4712, agent.socket))
            self.assertIn(" 403 ", as_user(65534, agent.socket, [4800]))

    def test_who_takes_all_that_is_his_leaves_the_others_theirs(self):
        hold = ("import socket, sys\nheld = []\nfor _ in range(200):\n    held.append(socket.socket(socket.AF_UNIX))\n"
                "    held[-1].connect(sys.argv[1])\nprint(flush=True)\nsys.stdin.read()")
        with Agent("[agent]\nallow = env:AGENT_*\nprofiles = none\nallow_user = 4711\nuser_connections = 50\n",
                   env=environment()) as agent:
            os.chmod(agent.folder, 0o711)
            with subprocess.Popen(["/usr/bin/python3", "-c", hold, agent.socket], user=OTHER_USER, group=OTHER_USER,
                                  extra_groups=[], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd="/") as other:
                other.stdout.readline()
                for _ in range(20):
                    self.assertEqual(agent.ask("GET", "/v1/status").status, 200)
                self.assertIn(" 503 ", as_user(OTHER_USER, agent.socket))
                other.communicate()

    def test_a_folder_of_somebody_else_is_refused(self):
        with Agent("[agent]\n", env=environment()) as agent:
            agent.kill()
            os.chown(os.path.dirname(agent.socket), 4711, 4711)
            again = subprocess.run(agent.command, env=environment(), stderr=subprocess.PIPE, text=True, timeout=60, check=False)
            self.assertEqual(again.returncode, 5)
            self.assertIn("belongs to somebody else", again.stderr)


if __name__ == "__main__":
    unittest.main()
