# SPDX-License-Identifier: Apache-2.0
"""The agent among several users: whom it answers, whose it is believed to be, and what crowds of them do to it; processes of
other users, groups and namespaces, of cron's empty environment, and with settings of their own. Needs
root; in the release suite alone. Exit status 77: not here. CTest sets MSTR_AGENT_PROGRAM and MSTR_BIN."""
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from agent import Agent, runtime_folder
from library import Library
from simulator import environment

MSTR = os.environ["MSTR_BIN"]
OWNER, GUEST, STRANGER, GROUP = 4711, 4712, 4713, 4800
POLICY = "[agent]\nallow = env:AGENT_*\nprofiles = none\n"
MIB = 1024 * 1024

ASK = """import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
try:
    s.send(b"GET /v1/status HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n")
except OSError:
    pass
print(s.recv(4096).decode())"""

# Opens so many connections, tells how many of them were not ended at once, and holds them until it may go.
CROWD = """import select, socket, sys
held, poll = [], select.poll()
for _ in range(int(sys.argv[2])):
    peer = socket.socket(socket.AF_UNIX)
    peer.connect(sys.argv[1])
    held.append(peer)
    poll.register(peer, select.POLLIN)
open_ones = len(held)
while ended := poll.poll(1000):
    for fd, _ in ended:
        poll.unregister(fd)
    open_ones -= len(ended)
print(open_ones, flush=True)
sys.stdin.read()"""


def as_user(command, uid, gid=None, groups=(), env=None):
    return subprocess.run(command, user=uid, group=uid if gid is None else gid, extra_groups=list(groups), capture_output=True,
                          text=True, timeout=60, check=False, cwd="/", env=env or environment(), stdin=subprocess.DEVNULL)


def status_for(agent, uid, gid=None, groups=(), within=()):
    """What another user's process is answered: the status, or the words of its failure."""
    done = as_user([*within, "/usr/bin/python3", "-B", "-c", ASK, agent.socket], uid, gid, groups)
    return int(done.stdout.split()[1]) if done.stdout.strip() else done.stderr


def can(*command):
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


def open_to_all(agent):
    """As an administrator may have left the folder; what is in it has modes of its own."""
    os.chmod(agent.folder, 0o711)
    os.chmod(agent.config, 0o644)
    return agent


class Server(unittest.TestCase):
    def test_each_rule_admits_whom_it_names(self):
        everybody = {(OWNER, None, ()), (GUEST, None, ()), (GUEST, GROUP, ()), (GUEST, None, (GROUP,)), (1, None, ()),
                     (65534, None, ()), (65534, None, (GROUP,))}
        for rules, admitted in (
                (f"allow_user = {OWNER}", {(OWNER, None, ())}),
                (f"allow_group = {GROUP}", {(GUEST, GROUP, ()), (GUEST, None, (GROUP,))}),
                (f"allow_user = {OWNER} daemon\nallow_group = {GROUP}", {(OWNER, None, ()), (1, None, ()), (GUEST, GROUP, ()),
                                                                         (GUEST, None, (GROUP,))}),
                ("allow_group = daemon", {(1, None, ())}),
                ("allow_user = 65534", set()),
                ("allow_user = 65534\nallow_foreign_namespace = yes", {(65534, None, ()), (65534, None, (GROUP,))}),
                (f"allow_group = {GROUP}\nallow_foreign_namespace = yes", {(GUEST, GROUP, ()), (GUEST, None, (GROUP,)),
                                                                           (65534, None, (GROUP,))})):
            with Agent(f"{POLICY}{rules}\n", env=environment()) as agent:
                open_to_all(agent)
                for who in everybody:
                    with self.subTest(rules=rules, who=who):
                        self.assertEqual(status_for(agent, *who), 200 if who in admitted else 403)
                self.assertEqual(status_for(agent, 0), 200)  # whose it is

    def test_root_is_answered_where_it_is_named(self):
        for rules, status in (("allow_user = daemon", 403), ("allow_user = root", 200), ("allow_group = root", 403)):
            with Agent(f"{POLICY}{rules}\n", env=environment(), user=OWNER) as agent:
                self.assertEqual(status_for(open_to_all(agent), 0), status, rules)
                self.assertEqual(status_for(agent, OWNER), 200)
                self.assertEqual("it is root's, which allow_user does not name" in agent.said(), status == 403)

    def test_who_is_not_named_does_not_even_reach_the_socket(self):
        with Agent(POLICY, env=environment()) as agent:
            self.assertIn("PermissionError", status_for(open_to_all(agent), GUEST))

    @unittest.skipUnless(can("unshare", "-U", "--map-root-user", "true"), "needs user namespaces")
    def test_of_another_user_namespace_nobody_is_known(self):
        within = ("unshare", "-U", "--map-root-user")
        for rules, status in (("allow_user = 65534", 403), ("allow_user = 65534\nallow_foreign_namespace = yes", 200)):
            with Agent(f"{POLICY}{rules}\n", env=environment(), within=within) as agent:
                self.assertEqual(status_for(open_to_all(agent), GUEST), status)
                self.assertEqual(status_for(agent, 0), 200)
        with Agent(f"{POLICY}allow_user = {GUEST}\n", env=environment()) as agent:  # the other way round it is
            self.assertEqual(status_for(open_to_all(agent), GUEST, within=("unshare", "-U")), 200)
            self.assertEqual(status_for(agent, STRANGER, within=("unshare", "-U", "--map-root-user")), 403)

    @unittest.skipUnless(can("unshare", "--pid", "--fork", "true"), "needs process namespaces")
    def test_of_another_process_namespace_nobody_is_answered(self):
        within = ("unshare", "--pid", "--fork", "--kill-child")
        for rules, status in (("", 403), ("allow_foreign_namespace = yes\n", 200)):
            with Agent(POLICY + rules, env=environment(), within=within) as agent:
                self.assertEqual(status_for(agent, 0), status)


class Client(unittest.TestCase):
    """The tool as several users."""

    def setUp(self):
        if as_user([MSTR, "--version"], GUEST).returncode != 0:
            self.skipTest("the build lies where others have no access")

        self.folder = runtime_folder()
        self.addCleanup(shutil.rmtree, self.folder)
        self.config = os.path.join(self.folder, "config")
        os.chmod(self.folder, 0o755)

    def start(self, config, **more):
        agent = Agent(config, env=environment(AGENT_VALUE="of the agent"), **more)
        self.addCleanup(agent.__exit__, None, None, None)
        shutil.copy(agent.config, self.config)
        os.chmod(self.config, 0o644)
        return open_to_all(agent)

    def get(self, agent, uid, *options, env=None):
        return as_user([MSTR, "--config", self.config, *(options or ("--agent", agent.socket)), "get", "env:AGENT_VALUE"], uid,
                       env=env)

    def assert_got(self, done):
        self.assertEqual((done.stdout, done.stderr), ("of the agent", ""))

    def test_root_s_agent_serves_whom_it_names_and_refuses_others_for_good(self):
        agent = self.start(f"{POLICY}allow_user = {GUEST}\n")
        self.assert_got(self.get(agent, GUEST))
        self.assert_got(self.get(agent, 0))
        refused = self.get(agent, STRANGER, env=environment(AGENT_VALUE="its own"))
        self.assertEqual((refused.returncode, refused.stdout), (5, ""))
        self.assertIn("does not answer this user", refused.stderr)

    def test_another_user_s_agent_is_believed_where_a_file_names_its_owner(self):
        for owner, believed in (("", False), (f"owner = {OWNER}\n", True), (f"owner = {STRANGER}\n", False)):
            agent = self.start(f"{POLICY}allow_user = {GUEST} root\n{owner}", user=OWNER)
            for uid in (GUEST, 0):
                done = self.get(agent, uid)
                if believed:
                    self.assert_got(done)
                    continue
                self.assertEqual((done.returncode, done.stdout), (4, ""))  # by itself, as it has no such variable
                warning = f"mstr: user {OWNER} listens at {agent.socket}, whom user {uid} does not trust\n"
                self.assertEqual(done.stderr.count(warning), 1, done.stderr)
                required = self.get(agent, uid, "--agent", "require", env=environment(MSTR_AGENT=agent.socket))
                self.assertEqual(required.returncode, 5, required.stderr)

    @unittest.skipUnless(can("unshare", "-U", "true"), "needs user namespaces")
    def test_where_all_users_look_alike_none_is_oneself(self):
        agent = self.start(f"{POLICY}allow_user = {GUEST}\n", user=OWNER)
        done = as_user(["unshare", "-U", os.environ["MSTR_AGENT_PROGRAM"], "status", "--socket", agent.socket], GUEST)
        self.assertEqual(done.returncode, 5)
        self.assertIn(f"user 65534 listens at {agent.socket}, whom user 65534 does not trust", done.stderr)

    def test_the_verbs_believe_the_same_owner(self):
        for owner, status in (("", 5), (f"owner = {OWNER}\n", 0)):
            agent = self.start(f"{POLICY}allow_user = {GUEST}\n{owner}", user=OWNER)
            command = [os.environ["MSTR_AGENT_PROGRAM"], "status", "--config", self.config, "--socket", agent.socket]
            done = as_user(command, GUEST)
            self.assertEqual(done.returncode, status, done.stderr)

    def test_it_is_found_from_cron_s_empty_environment(self):
        uid = 30000 + os.getpid() % 10000
        folder = f"/run/user/{uid}"
        os.makedirs(folder)
        self.addCleanup(shutil.rmtree, folder)
        agent = self.start(POLICY, user=uid)
        os.chown(folder, uid, uid)
        os.mkdir(folder + "/mstr")
        os.rename(agent.socket, folder + "/mstr/agent.sock")
        os.chown(folder + "/mstr", uid, uid)
        bare = {"AGENT_NONE": ""}
        self.assertEqual(self.get(agent, uid, "--agent", "auto", env=bare).stdout, "of the agent")
        os.chown(folder, STRANGER, STRANGER)
        os.chmod(folder, 0o755)
        self.assertEqual(self.get(agent, uid, "--agent", "auto", env=bare).returncode, 4)  # it is not looked for there


class Settings(unittest.TestCase):
    """What makes a session its caller's own."""

    def setUp(self):
        self.library = Library()
        self.addCleanup(self.library.close)
        self.agent = Agent(f"[profile default]\nbase_url = {self.library.url}\nusername = u\npassword = p\n",
                           env=environment())
        self.addCleanup(self.agent.__exit__, None, None, None)

    def api(self, *options, **more):
        return subprocess.run([MSTR, "--config", self.agent.config, "--agent", self.agent.socket, *options, "api", "things"],
                              env=environment(**more), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                              check=False)

    def test_settings_of_ones_own_make_a_session_of_ones_own(self):
        self.assertEqual(self.api().returncode, 0)
        own = "the session is not the agent's: an option or a variable stands over the profile"
        differs = "mstr: the agent has other settings for [profile default]: {} differs"
        bundle = "/etc/ssl/certs/ca-certificates.crt"
        for options, more, line in (((), {"MSTR_USERNAME": "other"}, own), ((), {"MSTR_PASSWORD": "p"}, own),
                                    ((), {"MSTR_PROJECT": "B19DEDCC11D4E0EFC000EB9495D0F44F"}, own),
                                    ((), {"SSL_CERT_FILE": bundle}, differs.format("trust file")),
                                    ((), {"NO_PROXY": "127.0.0.1"}, differs.format("environment NO_PROXY"))):
            with self.subTest(options=options, more=more):
                before = self.library.logins
                done = self.api("--log", "info", *options, **more)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(self.library.logins, before + 1)  # of its own
                self.assertEqual(done.stderr.count(line.removeprefix("mstr: ")), 1, done.stderr)
                told = self.api(*options, **more).stderr
                self.assertEqual(told, line + "\n" if line.startswith("mstr: ") else "")


class Crowds(unittest.TestCase):
    def crowd(self, agent, uid, count):
        process = subprocess.Popen(["/usr/bin/python3", "-B", "-c", CROWD, agent.socket, str(count)], user=uid, group=uid,
                                   extra_groups=[], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd="/", text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.communicate)
        return process

    def resident(self, agent):
        with open(f"/proc/{agent.process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) * 1024

    def test_ten_thousand_idle_connections_leave_room_and_time_for_others(self):
        with Agent(f"{POLICY}allow_user = {OWNER} {GUEST} {STRANGER}\n", env=environment(AGENT_VALUE="v")) as agent:
            open_to_all(agent)
            before = agent.connection()
            self.assertEqual(agent.ask("GET", "/v1/status", connection=before).status, 200)
            memory = self.resident(agent)
            first = self.crowd(agent, OWNER, 4000)
            self.assertEqual(int(first.stdout.readline()), 768)
            for _ in range(20):
                began = time.monotonic()
                self.assertEqual(agent.ask("GET", "/v1/secret?reference=env:AGENT_VALUE").status, 200)
                self.assertLess(time.monotonic() - began, 5)
            self.assertEqual(status_for(agent, GUEST), 200)
            self.assertEqual(status_for(agent, OWNER), 503)
            others = [self.crowd(agent, uid, 3000) for uid in (GUEST, STRANGER)]
            self.assertEqual(sum(int(other.stdout.readline()) for other in others), 1024 - 768 - 1)
            self.assertEqual(agent.ask("GET", "/v1/status").status, 503)  # all are taken
            self.assertEqual(agent.ask("GET", "/v1/status", connection=before).status, 200)
            self.assertLess(self.resident(agent) - memory, 1024 * 80 * 1024)
            for process in (first, *others):
                process.communicate()
            while b"mstr_agent_connections 1\n" not in agent.ask("GET", "/metrics", connection=before).body:
                time.sleep(0.05)  # until they have gone
            self.assertEqual(status_for(agent, GUEST), 200)
            before.close()

    def test_requests_that_follow_each_other_are_answered_in_order(self):
        with Agent(POLICY, env=environment(AGENT_A="a" * 7, AGENT_B="b" * 5000)) as agent:
            client = socket.socket(socket.AF_UNIX)
            client.connect(agent.socket)
            request = b"%s /v1/secret?reference=env:AGENT_%s HTTP/1.1\r\nHost: x\r\n%s\r\n"
            asked = [(b"GET", b"A"), (b"GET", b"B"), (b"HEAD", b"B"), (b"GET", b"NONE"), (b"GET", b"A")]
            client.sendall(b"".join(request % (method, name, b"") for method, name in asked[:-1]) +
                           request % (*asked[-1], b"Connection: close\r\n"))
            client.shutdown(socket.SHUT_WR)  # half-closed, and still answered
            told = client.makefile("rb").read()
            self.assertEqual([part[:3] for part in told.split(b"HTTP/1.1 ")[1:]], [b"200", b"200", b"200", b"404", b"200"])
            self.assertEqual((told.count(b"aaaaaaa"), told.count(b"b" * 5000)), (2, 1))
            client.close()

    def test_a_body_is_awaited_where_the_head_says_so(self):
        body = b'{"references":["env:AGENT_A"]}'
        head = b"POST /v1/resolve HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
        with Agent(POLICY + "connection_idle = 1s\n", env=environment(AGENT_A="value of a")) as agent:
            for length, first in ((len(body), b"HTTP/1.1 100 "), (2 * MIB, b"HTTP/1.1 413 ")):
                with contextlib.closing(socket.socket(socket.AF_UNIX)) as client:
                    client.connect(agent.socket)
                    client.sendall(head % length)
                    reader = client.makefile("rb")
                    self.assertTrue(reader.readline().startswith(first))
                    if length == len(body):
                        client.sendall(body)
                        self.assertIn(b"value of a", reader.read())
            for head in (b"GET /v1/status HTTP/1.1\r\nHost: x\r\nExpect: something\r\n\r\n",
                         b"POST /v1/resolve HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"):
                with contextlib.closing(socket.socket(socket.AF_UNIX)) as client:  # the second never says the rest
                    client.connect(agent.socket)
                    client.sendall(head)
                    client.shutdown(socket.SHUT_WR)
                    self.assertNotIn(b" 200 ", client.makefile("rb").read())


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("needs root, to be several users")
        sys.exit(77)
    unittest.main()
