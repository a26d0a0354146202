# SPDX-License-Identifier: Apache-2.0
"""The session proxy of mstr-agent with the clients that people have. CTest sets MSTR_AGENT_PROGRAM and MSTR_BIN."""
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from agent import runtime_folder
from agent_proxy_test import WithLibrary
from simulator import environment

EXAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "examples", "agent")


class Clients(WithLibrary):
    """Over TCP, as those need it who cannot reach a Unix socket."""

    agent_settings = "allow = file:/**/given\nprofiles = p\n"

    def setUp(self):
        folder = runtime_folder()
        self.addCleanup(shutil.rmtree, folder)
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]
        self.token_file = os.path.join(folder, "token")
        self.options = ("--listen", f"127.0.0.1:{self.port}", "--token-file", self.token_file)
        super().setUp()
        with open(self.token_file, encoding="ascii") as file:
            self.token = file.read().strip()

    def run_client(self, *command, **more):
        """What a client says that knows what `mstr agent env` tells."""
        variables = {"MSTR_AGENT_URL": f"http://127.0.0.1:{self.port}/", "MSTR_AGENT_TOKEN_FILE": self.token_file}
        ended = subprocess.run(command, env=environment(**{**variables, **more}), capture_output=True, text=True, timeout=120,
                               check=False)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        return ended.stdout

    def status(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, "/session/p/" + path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer

    def test_a_login_needs_the_agents_token_as_its_password(self):
        wrong = self.status("POST", "auth/login", json.dumps({"username": "u", "password": "wrong"}))
        self.assertEqual(wrong.status, 401)
        form = {"Content_Type": "application/x-www-form-urlencoded"}
        for answer in (self.status("POST", "auth/login", json.dumps({"username": "u", "password": self.token})),
                       self.status("POST", "auth/login", json.dumps({"loginMode": 4096, "username": self.token})),
                       self.status("POST", "api/auth/login", f"username=u&password={self.token}&loginMode=1", **form)):
            token = answer.headers["X-MSTR-AuthToken"]
            self.assertEqual(answer.status, 204)
            self.assertEqual(self.status("GET", "x", X_MSTR_AuthToken=token).status, 200)
        self.assertEqual(self.status("GET", "x").status, 401)
        self.assertEqual(self.status("GET", "x", X_Mstr_Token=self.token).status, 200)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", "/v1/status", headers={"X-MSTR-AuthToken": token})
        self.assertEqual(connection.getresponse().status, 401)  # worth nothing there
        connection.close()

    def test_who_has_no_token_learns_of_no_profile(self):
        for path in ("/session/p/auth/login", "/session/other/auth/login"):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            for password, status in (("wrong", 401), (self.token, 204 if "/p/" in path else 403)):
                connection.request("POST", path, json.dumps({"username": "u", "password": password}))
                answer = connection.getresponse()
                answer.read()
                self.assertEqual(answer.status, status, path)
            connection.close()

    def over_both_sockets(self, *program):
        """Also where MSTR_AGENT says how an agent is used, and the socket is the usual one."""
        os.symlink("run", os.path.join(self.agent.folder, "mstr"))
        for more in ({}, {"MSTR_AGENT_URL": "", "MSTR_AGENT": self.agent.socket},
                     {"MSTR_AGENT_URL": "", "MSTR_AGENT": "auto", "XDG_RUNTIME_DIR": self.agent.folder}):
            self.assertEqual(json.loads(self.run_client(*program, **more))["path"], "/Library/api/projects")

    def test_curl_over_both_sockets(self):
        self.over_both_sockets(os.path.join(EXAMPLES, "projects.sh"), "p")

    def test_the_calls_of_the_python_original(self):
        told = self.run_client("/usr/bin/python3", "-B", os.path.join(EXAMPLES, "original.py"), "p").splitlines()
        self.assertEqual(told[:4] + told[5:], ["204", "200", "200", "204", "200", "204"])
        self.assertEqual(json.loads(told[4])["path"], "/Library/api/projects")
        self.assertEqual((self.library.logins, self.library.logouts), (1, 0))

    def test_the_calls_of_mstrio(self):
        program = os.path.join(os.path.dirname(__file__), "..", "support", "mstrio_calls.py")
        for end in ("", "api/"):
            told = self.run_client("/usr/bin/python3", "-B", program, f"http://127.0.0.1:{self.port}/session/p/{end}", self.token)
            self.assertEqual(told, "204 200 204 200 1 204\n")
        self.assertEqual((self.library.logins, self.library.logouts), (1, 0))

    @unittest.skipUnless(shutil.which("node"), "needs node")
    def test_node_over_both_sockets(self):
        self.over_both_sockets("node", os.path.join(EXAMPLES, "projects.mjs"), "p")

    @unittest.skipUnless(shutil.which("go") and "GOCACHE" in os.environ, "needs go, and a suite with a place for what it builds")
    def test_go(self):
        folder = runtime_folder()
        self.addCleanup(shutil.rmtree, folder)
        source, program, secret = os.path.join(EXAMPLES, "agent.go"), os.path.join(folder, "agent"), os.path.join(folder, "given")
        self.run_client("go", "vet", source, GOFLAGS="-mod=mod", GOPROXY="off")
        self.run_client("go", "build", "-o", program, source, GOFLAGS="-mod=mod", GOPROXY="off")
        told = self.run_client(program, "session", "p", "api/projects", MSTR_AGENT=self.agent.socket)
        self.assertEqual(json.loads(told)["path"], "/Library/api/projects")
        with open(secret, "w", encoding="utf-8") as file:
            file.write('{"password": "Ge%h#im&"}')
        self.assertEqual(self.run_client(program, "get", f"file:{secret}#password", MSTR_AGENT=self.agent.socket), "Ge%h#im&")
        for wrong, why in ((("get", "env:OTHER"), "does not allow"), (("session", "p", "auth/token"), "403 Forbidden: ")):
            ended = subprocess.run([program, *wrong], env=environment(MSTR_AGENT=self.agent.socket), capture_output=True, text=True,
                                   timeout=60, check=False)
            self.assertEqual((ended.returncode, ended.stdout), (1, ""))
            self.assertIn(why, ended.stderr)

    def test_a_client_over_tcp_that_leaves_ends_its_request(self):
        client = socket.create_connection(("127.0.0.1", self.port))
        client.sendall(b"GET /session/p/slow HTTP/1.1\r\nHost: localhost:%d\r\nX-Mstr-Token: %s\r\n\r\n"
                       % (self.port, self.token.encode()))
        self.library.waiting.acquire()
        client.close()
        self.library.left.acquire()


if __name__ == "__main__":
    unittest.main()
