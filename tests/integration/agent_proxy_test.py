# SPDX-License-Identifier: Apache-2.0
"""The session proxy of mstr-agent before a server of the REST API. CTest sets
MSTR_AGENT_PROGRAM."""
import hashlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from agent import Agent
from library import Library
from simulator import environment

MIB = 1024 * 1024
LARGE = int(os.environ.get("MSTR_PROXY_MIB", "32")) * MIB
PROFILE = "[profile p]\nbase_url = {}\nusername = u\npassword = canary-5f2e\n"


def octets(length):
    """A body of that length, in pieces."""
    while length > 0:
        yield b"x" * min(length, 64 * 1024)
        length -= min(length, 64 * 1024)


def digest(length):
    found = hashlib.sha256()
    for piece in octets(length):
        found.update(piece)
    return found.hexdigest()


class WithLibrary(unittest.TestCase):
    """A new server and a new agent for each test."""

    agent_settings = ""
    profile_settings = ""
    options = ()

    def setUp(self):
        self.library = Library()
        self.addCleanup(self.library.close)
        self.agent = Agent(PROFILE.format(self.library.url) + self.profile_settings + "[agent]\n" + self.agent_settings,
                           *self.options, env=environment())
        self.addCleanup(self.agent.__exit__, None, None, None)

    def ask(self, method, path, body=None, **headers):
        return self.agent.ask(method, "/session/p/" + path, body,
                              {name.replace("_", "-"): value for name, value in headers.items()})

    def refused(self, answer, status, code):
        self.assertEqual((answer.status, answer.json()["code"]), (status, code))
        self.assertEqual(answer.headers["Content-Type"], "application/json")

    def many(self, count, work):
        """What each of so many threads came to."""
        results = []
        threads = [threading.Thread(target=lambda: results.append(work())) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results


class Forwarding(WithLibrary):
    def test_both_roots_mean_the_same_and_the_session_is_added(self):
        for path in ("projects?a=%2Fb", "api/projects?a=%2Fb"):
            told = self.ask("GET", path).json()
            self.assertEqual(told["path"], "/Library/api/projects?a=%2Fb")
            self.assertEqual(dict(told["headers"])["X-MSTR-AuthToken"], "server-token-1")
        self.assertEqual(self.library.logins, 1)

    def test_sixty_clients_share_one_login_and_one_more_when_the_session_expires(self):
        self.assertEqual(set(self.many(60, lambda: self.ask("GET", "projects").status)), {200})
        self.assertEqual(self.library.logins, 1)
        self.library.expire()
        self.assertEqual(set(self.many(60, lambda: self.ask("POST", "things", {"a": 1}).status)), {200})
        self.assertEqual(self.library.logins, 2)
        self.assertEqual(self.library.logouts, 0)
        self.assertEqual(self.agent.end(), 0)
        self.assertEqual(self.library.logouts, 1)

    def test_a_body_that_is_not_at_hand_is_not_sent_again_but_the_session_is_renewed(self):
        self.ask("GET", "projects")
        self.library.expire()
        body = b"x" * (2 * MIB)
        self.refused(self.ask("POST", "things", body), 401, "ERR009")
        self.assertEqual(self.ask("POST", "things", body).json()["length"], len(body))
        self.assertEqual(self.library.logins, 2)

    def test_an_instance_that_ended_with_its_session_is_told_so(self):
        self.refused(self.ask("GET", "v2/reports/R/instances/I"), 404, "ERR004")
        self.library.expire()
        self.refused(self.ask("GET", "v2/reports/R/instances/I"), 401, "ERR009")

    def test_a_refused_login_is_told_and_nothing_of_it(self):
        self.library.refuses = True
        for _ in range(3):
            answer = self.ask("GET", "projects")
            self.refused(answer, 401, "ERR003")
        self.assertEqual(self.library.logins, 1)  # literals are remembered as well, lest the account be locked
        self.assertNotIn(b"canary", answer.body)
        self.assertNotIn("canary", self.agent.said())

    def test_what_says_who_asks_never_leaves(self):
        told = dict(self.ask("GET", "x", Cookie="c=1", Authorization="Basic eDp5", X_MSTR_IdentityToken="t", X_Forwarded_For="1.2.3.4",
                             X_Original_URL="/y", Connection="X-Mine", X_Mine="1", X_Other="2",
                             X_MSTR_ProjectID="B19DEDCC11D4E0EFC000EB9495D0F44F").json()["headers"])
        self.assertEqual(told["X-Other"], "2")
        self.assertEqual(told["X-MSTR-ProjectID"], "B19DEDCC11D4E0EFC000EB9495D0F44F")
        self.assertNotIn("c=1", told.get("Cookie", ""))
        for name in ("Authorization", "X-MSTR-IdentityToken", "X-Forwarded-For", "X-Original-URL", "X-Mine"):
            self.assertNotIn(name, told)

    def test_no_header_is_lost_in_silence(self):
        for count, status in ((40, 200), (60, 400)):
            self.assertEqual(self.ask("GET", "x", **{f"X_{i}": "1" for i in range(count)}).status, status)

    def test_what_connection_names_stays_here(self):
        told = dict(self.ask("PUT", "x", {}, Connection="Content-Type, X-MSTR-ProjectID", Content_Type="text/x",
                             X_MSTR_ProjectID="B19DEDCC11D4E0EFC000EB9495D0F44F").json()["headers"])
        self.assertNotEqual(told.get("Content-Type"), "text/x")
        self.assertNotIn("X-MSTR-ProjectID", told)

    def test_no_target_forges_a_line_of_the_log(self):
        client = socket.socket(socket.AF_UNIX)
        client.connect(self.agent.socket)
        client.sendall(b"GET /session/p/\x1b[31mred HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        self.assertIn(b" 400 ", client.makefile("rb").readline())
        client.close()
        self.assertEqual(self.agent.end(), 0)
        self.assertIn("?[31mred", self.agent.said())
        self.assertNotIn("\x1b", self.agent.said())

    def test_what_begins_a_session_never_comes_back(self):
        headers = self.ask("GET", "x").headers
        self.assertEqual(headers["X-MSTR-Total-Count"], "7")
        for name in ("Set-Cookie", "X-MSTR-AuthToken", "X-MSTR-IdentityToken", "WWW-Authenticate", "X-Hop"):
            self.assertNotIn(name, headers)

    def test_a_path_never_leaves_the_apis_root(self):
        for path in ("../x", "%2e%2e/x", "a//b", "a/./b", "a;b", "a%2fb", "a%5cb", "a%00", "a%25b", "http://other/", "..%2f"):
            self.assertEqual(self.ask("GET", path).status, 400, path)
        self.assertEqual(self.agent.ask("GET", "/session/api/x").status, 400)
        self.assertEqual(self.library.seen, [])

    def test_what_is_below_auth_is_the_agents_own_affair(self):
        for path in ("auth/delegate", "api/AUTH/token", "%61uth/identityToken", "auth/apiTokens", "auth", "auth/login/x"):
            self.refused(self.ask("POST", path, {}), 403, "ERR017")
        self.refused(self.ask("GET", "auth/login"), 403, "ERR017")
        self.assertEqual(self.library.seen, [])

    def test_a_login_gives_a_token_of_the_agents_own(self):
        login = self.ask("POST", "auth/login", {"username": "anybody", "password": "whatever"})
        token = login.headers["X-MSTR-AuthToken"]
        self.assertEqual((login.status, len(token)), (204, 43))
        self.assertEqual(self.ask("PUT", "sessions", X_MSTR_AuthToken=token).status, 204)
        self.assertEqual(self.library.seen, [])
        self.assertEqual(self.ask("GET", "x", X_MSTR_AuthToken=token).status, 200)
        self.assertEqual(self.ask("POST", "auth/logout", X_MSTR_AuthToken=token).status, 204)
        self.refused(self.ask("GET", "x", X_MSTR_AuthToken=token), 401, "ERR009")
        self.assertEqual(self.ask("GET", "x").status, 200)  # the shared session goes on
        self.assertEqual(self.library.logouts, 0)

    def test_redirects_stay_below_the_root(self):
        self.assertEqual(self.ask("GET", "away").headers["Location"], "/session/p/projects")
        for away in ("http://elsewhere.example/x", "/Library/api/../../v1/status", "/Library/api/%2e%2e/q/x", "/Library/apix"):
            answer = self.ask("GET", "away?" + away)
            self.assertEqual((answer.status, answer.headers["X-Mstr-Agent"]), (502, "failure"), away)
            self.assertEqual(answer.json()["message"], f"the server redirects to {away}, which is not followed")

    def test_framing_of_the_server_is_made_anew(self):
        self.refused(self.ask("GET", "switch"), 502, "ERR001")
        answer = self.ask("GET", "twice")
        self.assertEqual((answer.body, answer.headers["Content-Length"]), (b"hi", None))

    def test_the_tool_shares_the_session(self):
        for _ in range(2):
            ended = subprocess.run([os.environ["MSTR_BIN"], "--config", self.agent.config, "--profile", "p", "api", "things", "--data",
                                    "{}"], env=environment(MSTR_AGENT=self.agent.socket), capture_output=True, text=True, timeout=60,
                                   check=False)
            self.assertEqual((ended.returncode, ended.stderr), (0, ""))
            self.assertEqual(json.loads(ended.stdout)["length"], 2)
            self.library.expire()
        self.assertEqual((self.library.logins, self.library.logouts), (2, 0))

    def test_a_server_that_is_busy_is_tried_by_the_agent_alone(self):
        ended = subprocess.run([os.environ["MSTR_BIN"], "--config", self.agent.config, "--profile", "p", "api", "busy"],
                               env=environment(MSTR_AGENT=self.agent.socket), capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(ended.returncode, 8, ended)
        self.assertEqual(self.library.seen.count(("GET", "/Library/api/busy")), 4)

    def test_a_profile_that_nobody_knows(self):
        self.assertEqual(self.agent.ask("GET", "/session/q/x").status, 400)

    def test_head_has_the_length_alone(self):
        connection = self.agent.connection()
        answer = self.agent.ask("HEAD", "/session/p/x", connection=connection)
        self.assertGreater(int(answer.headers["Content-Length"]), 0)
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertEqual(self.agent.ask("GET", "/session/p/x", connection=connection).status, 200)
        connection.close()

    def test_a_server_that_breaks_off_breaks_the_connection(self):
        connection = self.agent.connection()
        with self.assertRaises(http.client.IncompleteRead):
            self.agent.ask("GET", "/session/p/broken", connection=connection)
        connection.close()
        self.assertEqual(self.ask("GET", "x").status, 200)

    def test_the_time_has_an_end(self):
        self.assertEqual(self.ask("GET", "slow", X_Mstr_Timeout="300ms").status, 504)
        self.library.left.acquire()
        self.assertEqual(self.ask("GET", "x", X_Mstr_Timeout="soon").status, 400)

    def test_a_client_that_leaves_ends_its_request(self):
        client = socket.socket(socket.AF_UNIX)
        client.connect(self.agent.socket)
        client.sendall(b"GET /session/p/slow HTTP/1.1\r\nHost: x\r\n\r\n")
        self.library.waiting.acquire()
        client.close()
        self.library.left.acquire()

    def test_what_is_ambiguous_ends_the_connection(self):
        for lines in (b"Content-Length: 1\r\nTransfer-Encoding: chunked", b"Content-Length: 1\r\nContent-Length: 1",
                      b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding : chunked"):
            client = socket.socket(socket.AF_UNIX)
            client.connect(self.agent.socket)
            client.sendall(b"POST /session/p/x HTTP/1.1\r\nHost: x\r\n" + lines + b"\r\n\r\n")
            self.assertTrue(client.makefile("rb").read().startswith(b"HTTP/1.1 400 "), lines)
            client.close()
        self.assertEqual(self.library.seen, [])

    def test_a_write_is_passed_on_once_its_end_is_there_and_an_empty_one_as_such(self):
        self.ask("GET", "x")
        for end in (b"", b"0\r\n\r\n"):
            client = socket.socket(socket.AF_UNIX)
            client.connect(self.agent.socket)
            client.sendall(b"DELETE /session/p/things HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\n"
                           b"Transfer-Encoding: chunked\r\n\r\n")
            answer = client.makefile("rb")
            self.assertEqual(answer.readline() + answer.readline(), b"HTTP/1.1 100 Continue\r\n\r\n")
            client.sendall(end)
            if end == b"":
                client.shutdown(socket.SHUT_WR)
            said = answer.read()
            answer.close()
            client.close()
        told = json.loads(said.partition(b"\r\n\r\n")[2])
        self.assertEqual(told["length"], 0)
        self.assertNotIn("Transfer-Encoding", dict(told["headers"]))
        self.assertEqual([method for method, _ in self.library.seen].count("DELETE"), 1)

    def reload(self, config):
        self.agent.write_config(config)
        self.assertEqual(self.agent.verb("reload")[0], 0)

    def counted(self, logins, logouts):
        """A logout that a reload leads to comes behind its answer."""
        self.assertEqual(self.ask("GET", "x").status, 200)
        while self.library.logouts < logouts:
            self.assertIsNone(self.agent.process.poll())
        self.assertEqual((self.library.logins, self.library.logouts), (logins, logouts))

    def test_a_session_outlives_reloads_until_its_profile_changes(self):
        secret = os.path.join(self.agent.folder, "secret")
        profile = PROFILE.format(self.library.url)
        self.counted(1, 0)
        for more in ("", "[agent]\nreferences = 7\n", "[provider corp]\nplugin = exec\ncommand = /bin/true\n"):
            self.reload(profile + more)
            self.counted(1, 0)
        with open(secret, "w", encoding="ascii") as file:
            file.write("canary-5f2e")
        os.chmod(secret, 0o600)
        referring = profile.replace("canary-5f2e", "${file:" + secret + "}")
        changes = (referring, referring + "timeout = 7s\n", referring + "connect_timeout = 7s\n",
                   referring.replace("127.0.0.1", "localhost"))
        for logouts, change in enumerate(changes, 1):
            self.reload(change)
            self.counted(1 + logouts, logouts)
        self.library.expire()  # and it can log in by the latest configuration
        self.assertEqual(self.ask("POST", "things", {}).status, 200)
        self.assertEqual(self.library.logins, 2 + len(changes))

    def test_a_request_in_flight_outlives_reloads_and_holds_up_none(self):
        connection = self.agent.connection()
        connection.request("GET", f"/session/p/big?{LARGE}")
        answer, length = connection.getresponse(), 0
        for more in ("", "", "timeout = 7m\n", "timeout = 7m\n"):
            self.reload(PROFILE.format(self.library.url) + more)
        self.counted(2, 0)  # the old one is still in use
        while piece := answer.read(64 * 1024):
            length += len(piece)
        self.assertEqual(length, LARGE)
        connection.close()
        self.counted(2, 1)

    def test_reloads_take_nothing_with_them(self):
        def used():
            with open(f"/proc/{self.agent.process.pid}/statm", encoding="ascii") as file:
                whole, resident = [int(pages) * os.sysconf("SC_PAGE_SIZE") for pages in file.read().split()[:2]]
            sanitized = whole > 1 << 40  # which keeps what was freed for a while
            return 0 if sanitized else resident, len(os.listdir(f"/proc/{self.agent.process.pid}/fd"))

        def reload_often():
            for _ in range(50):
                self.assertEqual(self.agent.ask("POST", "/v1/reload").status, 200)
                self.assertEqual(self.ask("GET", "x").status, 200)
            return used()

        memory, descriptors = reload_often()
        more, others = reload_often()
        self.assertLess(more - memory, 1 << 20)
        self.assertLessEqual(others - descriptors, 5)
        self.assertEqual((self.library.logins, self.library.logouts), (1, 0))

    def test_a_refused_login_is_remembered_over_reloads(self):
        with open(os.path.join(self.agent.folder, "secret"), "w", encoding="ascii") as file:
            file.write("wrong")
        referring = PROFILE.format(self.library.url).replace("canary-5f2e", "${file:" + file.name + "}")
        self.library.refuses = True
        for number in range(3):
            self.reload(referring + f"timeout = {7 + number}s\n")
            self.refused(self.ask("GET", "x"), 401, "ERR003")
        self.assertEqual([path for _, path in self.library.seen].count("/Library/api/auth/login"), 1)


    def test_a_request_that_outlives_its_configuration_leaves_no_session_behind(self):
        client = socket.socket(socket.AF_UNIX)
        client.connect(self.agent.socket)
        client.sendall(b"POST /session/p/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        reader = client.makefile("rb")
        self.assertIn(b" 100 ", reader.readline())  # its head was read, in the configuration of then
        self.agent.process.send_signal(signal.SIGHUP)
        self.agent.await_state("READY=1")
        client.sendall(b"{}")
        self.assertIn(b"200 OK", reader.read())
        client.close()
        self.agent.process.send_signal(signal.SIGHUP)
        self.agent.await_state("READY=1")
        while self.library.logouts < 1:  # which comes behind the reply
            self.assertIsNone(self.agent.process.poll())
        self.assertEqual((self.library.logins, self.library.logouts), (1, 1))


class Streaming(WithLibrary):
    def peak(self):
        with open(f"/proc/{self.agent.process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) * 1024

    def test_bodies_of_any_length_pass_in_constant_memory(self):
        self.ask("GET", "x")
        before = self.peak()
        connection = self.agent.connection()
        connection.request("POST", "/session/p/things", body=octets(LARGE), headers={"Content-Length": str(LARGE)})
        self.assertEqual(json.load(connection.getresponse())["sha256"], digest(LARGE))
        connection.request("PUT", "/session/p/things", body=octets(LARGE), encode_chunked=True)
        self.assertEqual(json.load(connection.getresponse())["length"], LARGE)
        connection.request("GET", f"/session/p/big?{LARGE}")
        answer, length = connection.getresponse(), 0
        while piece := answer.read(64 * 1024):
            length += len(piece)
        self.assertEqual(length, LARGE)
        connection.close()
        self.assertLess(self.peak() - before, 32 * MIB)  # sanitizers take some of their own

    def test_a_slow_reader_holds_the_server_up(self):
        client = socket.socket(socket.AF_UNIX)
        client.connect(self.agent.socket)
        client.sendall(b"GET /session/p/big?%d HTTP/1.1\r\nHost: x\r\n\r\n" % LARGE)
        client.recv(1)
        before = -1
        while self.library.sent != before:  # until nothing moves any more
            before = self.library.sent
            self.assertEqual(self.ask("GET", "x").status, 200)
        self.assertLess(self.library.sent, LARGE)
        client.close()


class Limits(WithLibrary):
    agent_settings = "session_requests = 2\nprofiles = p\nworking_set = 33\nallow_auth = apiTokens delegate\n"
    profile_settings = "logout = no\n"

    def test_so_many_requests_are_in_flight_and_others_wait(self):
        slow = [threading.Thread(target=self.ask, args=("GET", "slow")) for _ in range(2)]
        for thread in slow:
            thread.start()
            self.library.waiting.acquire()
        self.assertEqual(self.ask("GET", "x", X_Mstr_Timeout="300ms").status, 504)
        self.assertNotIn(("GET", "/Library/api/x"), self.library.seen)
        self.library.go.set()
        for thread in slow:
            thread.join()
        self.assertEqual(self.ask("GET", "x").status, 200)

    def test_the_policy_names_profiles_and_what_of_auth_passes(self):
        self.refused(self.agent.ask("GET", "/session/q/x"), 403, "ERR017")
        self.assertEqual(self.ask("POST", "auth/apiTokens", {}).status, 200)
        self.refused(self.ask("POST", "auth/identityToken", {}), 403, "ERR017")

    def test_a_delegation_leaves_the_shared_session_alone(self):
        self.ask("GET", "x")
        delegated = self.ask("POST", "auth/delegate", {"loginMode": -1, "identityToken": "i"})
        self.assertEqual(delegated.status, 204)
        self.assertNotIn("X-MSTR-AuthToken", delegated.headers)
        told = dict(self.ask("GET", "x").json()["headers"])
        self.assertEqual(told["X-MSTR-AuthToken"], "server-token-1")
        self.assertIn("JSESSIONID=secret", told["Cookie"])
        self.assertNotIn("delegated", told["Cookie"])

    def test_a_profile_may_keep_its_session_at_the_end(self):
        self.ask("GET", "x")
        self.agent.end()
        self.assertEqual(self.library.logouts, 0)


class Time(WithLibrary):
    agent_settings = "session_requests = 1\nwrite_stall = 1h\n"
    profile_settings = "timeout = 300ms\n"

    def begin(self, line, more=b""):
        client = socket.socket(socket.AF_UNIX)
        self.addCleanup(client.close)
        client.connect(self.agent.socket)
        client.sendall(line + b" HTTP/1.1\r\nHost: x\r\nX-Mstr-Timeout: 1h\r\n" + more)
        return client

    def await_room(self):
        end = time.monotonic() + 60
        while self.ask("GET", "x", X_Mstr_Timeout="10s").status != 200:
            self.assertLess(time.monotonic(), end)

    def test_who_reads_without_haste_has_the_profiles_time(self):
        self.begin(b"GET /session/p/big?%d" % LARGE, b"\r\n").recv(1)
        self.await_room()

    def test_who_writes_without_haste_has_the_profiles_time(self):
        client = self.begin(b"POST /session/p/x", b"Content-Length: %d\r\n\r\n" % (3 * MIB) + b"x" * 2 * MIB)
        self.await_room()
        client.sendall(b"x" * MIB)
        self.assertIn(b" 504 ", client.makefile("rb").readline())


if __name__ == "__main__":
    unittest.main()
