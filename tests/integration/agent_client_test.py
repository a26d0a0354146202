# SPDX-License-Identifier: Apache-2.0
"""The tool through mstr-agent, and without it: the same values, the same errors, and what is loaded for them; when the
agent is asked, when it is not, and what is said about that. CTest sets MSTR_AGENT_PROGRAM, MSTR_BIN, MSTR_SIM and
MSTR_PLUGINS."""
import contextlib
import http.server
import json
import os
import re
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from agent import Agent, runtime_folder
from azure_files import APP, SECRET, TENANT
from gcp_files import user_file
from simulator import ACCESS_KEY, SECRET_KEY, Simulator, environment, run

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "docs", "examples", "python"))
import mstr_agent

MSTR = os.environ["MSTR_BIN"]
SETTINGS = "[provider other]\nplugin = aws\nregion = eu-central-1\n"
STRANGER = 4711

# Everything that `get` does with a reference that leaves the process, or with one that does not.
CASES = (
    ["aws-sm:prod/mstr#password"],
    ["aws-sm:prod/mstr"],
    ["aws-sm:prod/mstr#/password"],
    ["aws-sm:prod/mstr#nowhere"],
    ["aws-sm:prod/mstr#/0/x"],
    ["aws-sm:prod/mstr?version-stage=AWSPREVIOUS#password"],
    ["aws-sm:prod/mstr?version-stage=NOWHERE"],
    ["aws-sm:prod/mstr?verson-stage=x"],
    ["aws-sm:prod/nowhere"],
    ["aws-sm:"],
    ["aws-ssm:/prod/mstr/password"],
    ["aws-ssm:/nowhere"],
    ["other:prod/mstr#password"],
    ["unknown:x"],
    ["aws-sm:prod/mstr#username", "env:OWN", "aws-ssm:/prod/mstr/password", "text:literal"],
    ["aws-sm:prod/mstr#username", "aws-sm:prod/nowhere"],
    ["-o", "json", "aws-sm:prod/mstr#password", "env:OWN"],
    ["-o", "env", "A=aws-sm:prod/mstr#password", "B=env:OWN"],
    ["-o", "raw", "aws-sm:prod/mstr#password", "aws-sm:prod/mstr#username"],
    ["--no-cache", "aws-sm:prod/mstr#password"],
    ["--json", "aws-sm:prod/nowhere"],
    ["env:OWN"],
    ["env:NOWHERE"],
    ["file:/nowhere"],
)


class AgentClient(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(os.environ["MSTR_SIM"])
        cls.addClassCleanup(cls.sim.__exit__, None, None, None)
        cls.env = environment(AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY, AWS_REGION="us-east-1",
                              AWS_ENDPOINT_URL=cls.sim.urls["aws"], MSTR_PLUGIN_PATH=os.environ["MSTR_PLUGINS"], OWN="one's own")
        cls.agent = Agent(SETTINGS, env=cls.env)
        cls.addClassCleanup(cls.agent.__exit__, None, None, None)

    def setUp(self):
        self.sim.reset()
        self.sim.admin("DELETE", "/log")
        self.agent.ask("POST", "/v1/flush")

    def mstr(self, *arguments, agent=None, **more):
        return run(MSTR, *arguments, "--config", self.agent.config, "--agent", agent or self.agent.socket,
                   env={name: value for name, value in {**self.env, **more}.items() if value is not None})

    def requests(self):
        return len(self.sim.log("aws"))

    def loaded(self, *arguments, **more):
        done = self.mstr("get", "aws-sm:prod/mstr#password", LD_DEBUG="files", **more)
        self.assertEqual(done.stdout, b"Simul8-analyst", done.stderr[-2000:])
        return set(re.findall(r"calling init: \S*/([a-z0-9_]+)[-.]", done.stderr.decode(errors="replace")))

    def test_answers_and_errors_are_the_same_both_ways(self):
        for arguments in CASES:
            with self.subTest(arguments=arguments):
                self.agent.ask("POST", "/v1/flush")
                ways = [self.mstr("get", *arguments, agent=agent) for agent in ("off", self.agent.socket)]
                told = [(done.returncode, done.stdout, re.sub(rb"request id [0-9a-f-]+", b"", re.sub(
                    rb'"request_id": ?"[^"]*"', b"", done.stderr))) for done in ways]
                self.assertEqual(told[0], told[1])

    def test_what_is_known_of_a_value_is_the_same(self):
        for agent in ("off", self.agent.socket):
            done = self.mstr("get", "-o", "json", "--version-info", "aws-sm:prod/mstr", agent=agent)
            entry = json.loads(done.stdout)["aws-sm:prod/mstr"]
            entry.pop("age", None)
            entry.pop("fetched", None)
            if agent == "off":
                expected = entry
        self.assertEqual(entry, expected)

    def sixty(self, agent, disturb=None):
        """What sixty processes are given that ask at once; `disturb` is called when the store has been asked."""
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(self.mstr("get", "aws-sm:prod/mstr#password", agent=agent.socket)))
                   for _ in range(60)]
        for thread in threads:
            thread.start()
        while disturb and not self.requests():
            time.sleep(0.01)
        if disturb:
            disturb()
        for thread in threads:
            thread.join()
        return {(done.returncode, done.stdout, done.stderr) for done in answers}

    def test_sixty_processes_make_one_fetch(self):
        self.assertEqual(self.sixty(self.agent), {(0, b"Simul8-analyst", b"")})
        self.assertEqual(self.requests(), 1)

    def test_sixty_processes_have_their_answers_whatever_becomes_of_the_agent(self):
        for disturb in (lambda agent: agent.kill(), lambda agent: agent.process.send_signal(signal.SIGTERM),
                        lambda agent: agent.process.send_signal(signal.SIGHUP)):
            self.setUp()
            with Agent(SETTINGS, env=self.env) as agent:
                self.sim.admin("POST", "/faults", {"service": "aws", "action": "status", "status": 503, "times": 1})
                self.sim.admin("POST", "/faults", {"service": "aws", "action": "delay", "ms": 300, "times": -1})
                self.assertEqual(self.sixty(agent, lambda: disturb(agent)), {(0, b"Simul8-analyst", b"")})

    def test_who_asks_anew_has_a_value_that_was_rotated(self):
        with Agent(SETTINGS, env=self.env) as agent:
            self.assertEqual(self.sixty(agent), {(0, b"Simul8-analyst", b"")})
            self.sim.admin("POST", "/secrets", {"name": "prod/mstr", "action": "put", "string": '{"password": "rotated"}'})
            self.assertEqual(self.sixty(agent), {(0, b"Simul8-analyst", b"")})
            asked = self.mstr("get", "--no-cache", "aws-sm:prod/mstr#password", agent=agent.socket)
            self.assertEqual(asked.stdout, b"rotated")
            self.assertEqual(self.sixty(agent), {(0, b"rotated", b"")})

    @unittest.skipUnless(os.path.exists("/lib64/ld-linux-x86-64.so.2"), "LD_DEBUG is glibc's")
    def test_through_it_neither_a_plugin_nor_curl_is_loaded(self):
        alone = self.loaded(agent="off")
        self.assertIn("aws", alone)
        self.assertTrue(any(name.startswith("libcurl") for name in alone), alone)
        through = self.loaded()
        self.assertNotIn("aws", through)
        self.assertFalse(any(name.startswith("libcurl") for name in through), through)

    def test_settings_of_ones_own_are_never_the_agent_s(self):
        for changed, named in (({"AWS_PROFILE": "other"}, "environment AWS_PROFILE"), ({"HOME": "/other"}, "environment HOME"),
                               ({"AWS_REGION": "eu-west-1"}, "environment AWS_REGION"),
                               ({"SSL_CERT_FILE": "/nowhere.pem"}, "trust file"), ({"NO_PROXY": "x"}, "environment NO_PROXY")):
            with self.subTest(changed=changed):
                self.mstr("get", "aws-sm:prod/mstr")
                before = self.requests()
                done = self.mstr("get", "aws-sm:prod/mstr#password", "aws-sm:prod/mstr#username", **changed)
                line = f"mstr: the agent has other settings for aws-sm: {named} differs\n"
                self.assertEqual(done.stderr.decode().count(line), 1, done.stderr)
                self.assertGreaterEqual(self.requests() + (done.returncode != 0), before + 1)
                required = self.mstr("get", "aws-sm:prod/mstr", MSTR_AGENT=self.agent.socket, agent="require", **changed)
                self.assertEqual(required.returncode, 3)
                self.assertIn(f"{named} differs", required.stderr.decode())

    def test_what_does_not_concern_a_scheme_parts_nobody(self):
        config = os.path.join(self.agent.folder, "own")
        with open(config, "w", encoding="utf-8") as file:
            file.write(SETTINGS + "[cache]\nttl = 1s\n[profile default]\nbase_url = https://x.example/\n[provider more]\nplugin = x\n")
        before = self.requests()
        self.mstr("get", "aws-sm:prod/mstr")
        done = run(MSTR, "get", "aws-sm:prod/mstr#password", "--config", config, "--agent", self.agent.socket,
                   env={**self.env, "VAULT_ADDR": "https://x.example", "UNRELATED": "1"})
        self.assertEqual((done.stdout, done.stderr), (b"Simul8-analyst", b""))
        self.assertEqual(self.requests(), before + 1)

    def test_without_one_everything_is_as_before(self):
        nowhere = os.path.join(self.agent.folder, "nowhere.sock")
        done = self.mstr("get", "aws-sm:prod/mstr#password", agent=nowhere)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"Simul8-analyst", b""))
        required = self.mstr("get", "aws-sm:prod/mstr#password", MSTR_AGENT=nowhere, agent="require")
        self.assertEqual(required.returncode, 7)
        self.assertIn(b"nobody listens at", required.stderr)
        self.assertIn(b"hint: an agent is required here", required.stderr)
        self.assertEqual(self.mstr("get", "env:OWN", MSTR_AGENT=nowhere, agent="require").stdout, b"one's own")

    def test_an_agent_that_is_killed_in_the_middle_is_done_without(self):
        with Agent(SETTINGS, env=self.env) as agent:
            self.assertEqual(self.mstr("get", "aws-sm:prod/mstr#password", agent=agent.socket).stdout, b"Simul8-analyst")
            agent.kill()
            done = self.mstr("get", "aws-sm:prod/mstr#password", agent=agent.socket)
            self.assertEqual((done.stdout, done.stderr), (b"Simul8-analyst", b""))

    def test_what_it_refuses_is_refused(self):
        with Agent(SETTINGS + "[agent]\nallow = aws-sm:prod/*\n", env=self.env) as agent:
            for reference, status in (("aws-sm:prod/mstr#password", 0), ("aws-ssm:/prod/mstr/password", 5)):
                done = self.mstr("get", reference, agent=agent.socket)
                self.assertEqual(done.returncode, status, done.stderr)
            self.assertIn(b"policy", done.stderr)
            self.assertEqual(self.requests(), 1)

    @unittest.skipUnless(os.geteuid() == 0, "needs two users")
    def test_another_user_s_socket_is_not_used(self):
        folder = runtime_folder()
        self.addCleanup(shutil.rmtree, folder)
        path = os.path.join(folder, "agent.sock")
        listener = subprocess.Popen([sys.executable, "-c", "import os, socket, sys\ns = socket.socket(socket.AF_UNIX)\n"
                                     "s.bind(sys.argv[1]); os.setuid(int(sys.argv[2])); s.listen()\nprint(flush=True)\n"
                                     "for _ in range(2):\n    c, _ = s.accept(); print(c.recv(1000), flush=True)",
                                     path, str(STRANGER)],
                                    stdout=subprocess.PIPE)
        listener.stdout.readline()
        done = self.mstr("get", "aws-sm:prod/mstr#password", agent=path)
        self.assertEqual(done.stdout, b"Simul8-analyst")
        self.assertEqual(done.stderr.decode(), f"mstr: user {STRANGER} listens at {path}, whom user 0 does not trust\n")
        required = self.mstr("get", "aws-sm:prod/mstr", MSTR_AGENT=path, agent="require")
        self.assertEqual(required.returncode, 5, required.stderr)
        self.assertEqual(listener.stdout.read(), b"b''\nb''\n")  # not an octet
        listener.wait()
        listener.stdout.close()

    def test_what_is_neither_a_word_nor_a_path_is_wrong_where_it_was_said(self):
        for agent, env, status in (("sometimes", None, 2), (self.agent.socket, "sometimes", 3)):
            done = self.mstr("get", "aws-sm:prod/mstr", agent=agent, MSTR_AGENT=env)
            self.assertEqual(done.returncode, status)
            self.assertIn(b"must be auto, off, require or the absolute path of a socket", done.stderr)

    def test_a_socket_below_tmp_is_not_used(self):
        done = self.mstr("get", "aws-sm:prod/mstr#password", agent="/tmp/agent.sock")
        self.assertEqual(done.stdout, b"Simul8-analyst")
        self.assertIn(b"is below /tmp", done.stderr)
        self.assertEqual(self.mstr("get", "aws-sm:prod/mstr", MSTR_AGENT="/tmp/agent.sock", agent="require").returncode, 5)

    def test_a_peer_that_says_nothing_holds_nobody(self):
        folder = runtime_folder()
        self.addCleanup(shutil.rmtree, folder)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(os.path.join(folder, "agent.sock"))
            listener.listen(8)
            done = self.mstr("get", "aws-sm:prod/mstr#password", agent=os.path.join(folder, "agent.sock"))
        self.assertEqual((done.stdout, done.stderr), (b"Simul8-analyst", b""))

    def test_run_gives_its_command_what_the_agent_has(self):
        done = self.mstr("run", "--env", "PASSWORD=aws-sm:prod/mstr#password", "--", "sh", "-c", "echo $PASSWORD")
        self.assertEqual(done.stdout, b"Simul8-analyst\n", done.stderr)
        self.assertEqual(self.requests(), 1)

    def test_the_python_client_gets_values_by_their_references(self):
        path = self.agent.socket
        self.assertEqual(mstr_agent.get("aws-sm:prod/mstr#password", path=path), "Simul8-analyst")
        self.assertEqual(mstr_agent.get("aws-sm:prod/mstr#/password", path=path), "Simul8-analyst")
        self.assertEqual(json.loads(mstr_agent.get_bytes("aws-sm:prod/mstr", path=path))["password"], "Simul8-analyst")
        with self.assertRaises(mstr_agent.AgentError) as refused:
            mstr_agent.get("aws-sm:prod/nowhere", path=path)
        self.assertEqual(refused.exception.status, 404)
        for path in (os.path.join(self.agent.folder, "nowhere"), "/tmp/agent.sock"):
            with self.assertRaises(mstr_agent.Absent):
                mstr_agent.get("aws-sm:prod/mstr", path=path)

    def test_doctor_walks_by_itself_and_tells_of_the_agent(self):
        for changed, told in (({}, "answers, with the same settings for aws-sm:"),
                              ({"NO_PROXY": "x"}, "has other settings for aws-sm: environment NO_PROXY differs; it is not asked")):
            before = self.agent.ask("GET", "/metrics").body.count(b"aws-sm")
            done = self.mstr("doctor", "aws-sm:prod/mstr", **changed)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stdout.decode(), rf"(?m)^ *info +agent +\d+ ms +{re.escape(told)}$")
            self.assertGreater(self.requests(), 0)
            self.assertEqual(self.agent.ask("GET", "/metrics").body.count(b"aws-sm"), before)
        self.assertNotIn(b" agent ", self.mstr("doctor", "env:OWN").stdout)
        nowhere = os.path.join(self.agent.folder, "nowhere.sock")
        self.assertRegex(self.mstr("doctor", "aws-sm:prod/mstr", agent=nowhere).stdout.decode(),
                         rf"(?m)^ *info +agent +\d+ ms +is not asked: nobody listens at {nowhere}: No such file or directory$")
        self.assertNotRegex(self.mstr("doctor", "aws-sm:prod/mstr", agent="off").stdout, rb"(?m)^ *\w+ +agent ")

# What each store and each built-in answers and refuses, whichever way it is asked.
EACH_STORE = (
    ["vault:secret/prod/mstr#password"], ["vault:secret/prod/mstr?version=1#password"], ["vault:secret/prod/mstr?version=9"],
    ["vault:kv1/mstr#password"], ["vault:secret/nowhere"], ["vault:secret/forbidden"], ["vault:secret/deleted"],
    ["vault:secret/a?x=1"], ["vault:"], ["vault:secret/prod/mstr#nowhere"],
    ["azure-kv://corp/mstr#password"], ["azure-kv://corp/plain"], ["azure-kv://corp/nowhere"], ["azure-kv://corp/mstr?x=1"],
    ["azure-kv://corp/mstr/0123456789abcdef0123456789abcdef"], ["azure-kv:"],
    ["gcp-sm://sim-project/mstr#password"], ["gcp-sm://sim-project/mstr/1#password"], ["gcp-sm://sim-project/binary"],
    ["gcp-sm://sim-project/nowhere"], ["gcp-sm://sim-project/disabled"], ["gcp-sm:"],
    ["k8s:mstr#password"], ["k8s:binary"], ["k8s:binary?key=octets"], ["k8s:empty"], ["k8s:nowhere"], ["k8s:forbidden"],
    ["k8s:nested?key=login.json#password"], ["k8s:"],
    ["aws-ssm:/prod/mstr/password"], ["aws-ssm:/nowhere"], ["aws-sm:prod/binary"],
    ["exec:echo x"], ["cred:nowhere"], ["text:a%20b"],
    ["-o", "json", "--version-info", "vault:secret/prod/mstr", "azure-kv://corp/mstr", "gcp-sm://sim-project/binary", "k8s:mstr"],
    ["-o", "json", "vault:secret/nowhere", "k8s:mstr#password"], ["--no-cache", "vault:secret/prod/mstr#password", "k8s:nowhere"],
)

# The same of templates and their alternatives.
TEMPLATES = (
    "${vault:secret/nowhere || k8s:nowhere || aws-sm:prod/mstr#password}", "${vault:secret/nowhere || env:NOWHERE || text:last}",
    "${vault:secret/nowhere || k8s:nowhere}", "${vault:secret/forbidden || text:last}", "${env:NOWHERE || k8s:mstr#password}",
    "${text:first || vault:secret/nowhere}", "a ${vault:kv1/mstr#password} ${azure-kv://corp/plain} $${b}",
    "${k8s:mstr#nowhere || text:last}", "${gcp-sm://sim-project/disabled || azure-kv://corp/plain}", "${unknown:x || text:last}",
)


class Stores(unittest.TestCase):
    """All stores at once."""

    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(os.environ["MSTR_SIM"], "--tls")
        cls.addClassCleanup(cls.sim.__exit__, None, None, None)
        urls = cls.sim.urls
        kubeconfig = os.path.join(cls.sim.folder.name, "kubeconfig")
        with open(kubeconfig, "w", encoding="utf-8") as file:
            file.write("apiVersion: v1\nkind: Config\ncurrent-context: sim\nclusters:\n- name: c\n  cluster:\n"
                       f"    server: {urls['k8s-tls'].rstrip('/')}\n    certificate-authority: {urls['ca']}\n"
                       "users:\n- name: u\n  user:\n    token: sim-k8s-token\ncontexts:\n- name: sim\n"
                       "  context: {cluster: c, user: u}\n")
        credentials = os.path.join(cls.sim.folder.name, "user.json")
        with open(credentials, "w", encoding="utf-8") as file:
            json.dump(user_file(urls["gcp"].rstrip("/") + "/token"), file)
        os.chmod(credentials, 0o600)
        os.chmod(kubeconfig, 0o600)
        cls.env = environment(AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY, AWS_REGION="us-east-1",
                              AWS_ENDPOINT_URL=urls["aws"], VAULT_ADDR=urls["vault"], VAULT_TOKEN="hvs.sim-reader",
                              AZURE_TENANT_ID=TENANT, AZURE_CLIENT_ID=APP, AZURE_CLIENT_SECRET=SECRET,
                              GOOGLE_APPLICATION_CREDENTIALS=credentials, KUBECONFIG=kubeconfig,
                              MSTR_PLUGIN_PATH=os.environ["MSTR_PLUGINS"])
        cls.config = (f"[provider azure-kv]\nendpoint = {urls['azure-tls']}\nauthority_host = {urls['azure-tls']}\n"
                      f"ca_file = {urls['ca']}\n[provider gcp-sm]\nendpoint = {urls['gcp']}\n"
                      + "".join(f"[env e{i}]\nVALUE = {template}\n" for i, template in enumerate(TEMPLATES)))
        cls.agent = Agent(cls.config, env=cls.env)
        cls.addClassCleanup(cls.agent.__exit__, None, None, None)

    def mstr(self, *arguments, agent):
        return run(MSTR, "--config", self.agent.config, "--agent", agent, *arguments, env=self.env)

    def told(self, arguments, agent):
        """What is told, but for what differs from one request to the next."""
        done = self.mstr(*arguments, agent=agent)
        return (done.returncode, re.sub(rb'"(age|fetched|expires)": ?[^,}]*', b"", done.stdout),
                re.sub(rb"request id [0-9A-Za-z-]+|ends in \d+ s", b"", done.stderr).decode())

    def assert_same(self, *arguments):
        with self.subTest(arguments=arguments):
            alone = self.told(arguments, "off")
            self.assertEqual(self.told(arguments, self.agent.socket), alone)

    def test_each_store_answers_and_fails_the_same_both_ways(self):
        for arguments in EACH_STORE:
            self.assert_same("get", *arguments)
        told = self.agent.ask("GET", "/metrics").body.decode()
        for scheme in ("vault", "azure-kv", "gcp-sm", "k8s", "aws-sm", "aws-ssm"):
            self.assertRegex(told, rf'lookups_total{{scheme="{scheme}",outcome="fetched"}} [1-9]')

    def test_templates_and_their_alternatives_are_the_same_both_ways(self):
        for i in range(len(TEMPLATES)):
            self.assert_same("run", "--env-set", f"e{i}", "--", "sh", "-c", "echo $VALUE")


class Sessions(unittest.TestCase):
    """A session by the agent, and one of the tool's own, before a server and a store that fail."""

    def setUp(self):
        self.sim = Simulator(os.environ["MSTR_SIM"])
        self.addCleanup(self.sim.__exit__, None, None, None)
        self.env = environment(AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY, AWS_REGION="us-east-1",
                               AWS_ENDPOINT_URL=self.sim.urls["aws"], MSTR_PLUGIN_PATH=os.environ["MSTR_PLUGINS"])

    def told(self, how, fault, command=("projects",)):
        """What the tool says of it, and how often the path was asked for."""
        self.sim.reset()
        self.sim.admin("DELETE", "/log")
        with Agent(f"[profile default]\nbase_url = {self.sim.urls['mstr']}\nusername = ${{aws-sm:prod/mstr#username}}\n"
                   "password = ${aws-sm:prod/mstr#password}\n", env=self.env) as agent:
            if fault is not None:
                self.sim.admin("POST", "/faults", {"times": -1, **fault})
            done = run(MSTR, *command, "--config", agent.config, "--agent", agent.socket if how == "agent" else "off", env=self.env)
        said = re.sub(rb"request id [0-9A-Za-z-]+|(the )?answer (of \S+ )?was cut short.*", b"", done.stderr)
        return done.returncode, said, sum(entry["path"].endswith("/projects") for entry in self.sim.log("mstr"))

    def test_each_path_is_the_servers_own_both_ways(self):
        for command in (("api", "api/projects"), ("api", "auth/token"), ("api", "-X", "POST", "auth/identityToken"),
                        ("api", "AUTH/token")):
            with self.subTest(command=command):
                self.assertEqual(self.told("agent", None, command), self.told("off", None, command))

    def test_failures_are_the_same_both_ways(self):
        projects = {"service": "mstr", "path": "*/projects"}
        for fault in ({**projects, "action": "truncate", "bytes": 20}, {**projects, "action": "oversize", "bytes": 40 << 20},
                      *({**projects, "action": "status", "status": 302, "headers": {"Location": location}} for location in (
                          "http://elsewhere.example/x?y", "/MicroStrategyLibrary/api/status", "status?a=b")),
                      {**projects, "action": "status", "status": 500},
                      {"service": "aws", "action": "status", "status": 400,
                       "body": '{"__type":"AccessDeniedException","message":"no"}'}):
            with self.subTest(fault=fault):
                self.assertEqual(self.told("agent", fault), self.told("off", fault))


class Echo(http.server.BaseHTTPRequestHandler):
    """Tells of each request what it was; every third one ends its connection without an answer."""
    protocol_version = "HTTP/1.1"
    asked = 0

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        Echo.asked += 1
        if Echo.asked % 3 == 0:
            self.close_connection = True
            return
        told = json.dumps({"method": self.command, "target": self.path, "body": body.decode(), "type": self.headers["Content-Type"],
                           "project": self.headers["X-MSTR-ProjectID"]}).encode()
        self.send_response(404 if "nowhere" in self.path else 200)
        self.send_header("Content-Length", str(len(told)))
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else told)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def address_string(self):
        return "unix"

    def log_message(self, *_arguments):
        pass


class PythonSession(unittest.TestCase):
    def setUp(self):
        folder = runtime_folder()
        self.addCleanup(shutil.rmtree, folder)
        self.path = os.path.join(folder, "agent.sock")
        server = socketserver.ThreadingUnixStreamServer(self.path, Echo)
        server.daemon_threads = True
        self.addCleanup(server.server_close)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        self.addCleanup(server.shutdown)
        Echo.asked = 0

    def test_requests_are_of_the_profile_and_have_the_forms_of_requests(self):
        with mstr_agent.Session("my profile", path=self.path) as session:
            told = session.get("/projects", params={"a": [1, 2], "b": "x y"}).json()
            self.assertEqual(told["target"], "/session/my%20profile/projects?a=1&a=2&b=x+y")
            told = session.post("v2/reports", json={"x": 1}, project="P1").json()
            self.assertEqual((told["method"], told["body"], told["type"], told["project"]),
                             ("POST", '{"x": 1}', "application/json", "P1"))

    def test_a_request_that_may_be_executed_twice_is_sent_once_more(self):
        with mstr_agent.Session(path=self.path) as session:
            for method in ("GET", "HEAD", "GET"):
                self.assertEqual(session.request(method, "projects").status_code, 200)
            Echo.asked = 2
            with self.assertRaises((ConnectionError, mstr_agent.http.client.HTTPException)):
                session.post("projects", data=b"x")
            self.assertEqual(Echo.asked, 3)

    def test_a_refusal_is_raised_where_it_is_asked_for(self):
        with contextlib.closing(mstr_agent.Session(path=self.path)) as session:
            response = session.put("nowhere", data=b"x")
            self.assertFalse(response.ok)
            with self.assertRaises(mstr_agent.AgentError) as refused:
                response.raise_for_status()
            self.assertEqual(refused.exception.status, 404)


if __name__ == "__main__":
    unittest.main()
