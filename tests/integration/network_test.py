# SPDX-License-Identifier: Apache-2.0
"""Whom TLS trusts and which proxy is used, through the real binary: sessions and stores against the simulator's https twins,
whose authority nobody knows, and a real proxy. One rule for all: each variable and setting admits each of them."""
import json
import os
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from in_front import alone
from mutual_tls import Gate, make_certificate
from proxy import Proxy
from simulator import ACCESS_KEY, SECRET_KEY, Simulator, environment, run

MSTR = os.environ["MSTR_BIN"]
VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "MSTR_CA_FILE")
SECRET = ["get", "aws-sm:prod/plain"]
PROJECTS = ["projects"]


class Network(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(os.environ["MSTR_SIM"], "--tls")
        cls.addClassCleanup(cls.sim.__exit__, None, None, None)
        cls.ca = cls.sim.urls["ca"]
        cls.hashed = os.path.join(cls.sim.folder.name, "hashed")
        os.mkdir(cls.hashed)
        name = subprocess.run(["openssl", "x509", "-subject_hash", "-noout", "-in", cls.ca], check=True, stdout=subprocess.PIPE)
        os.symlink(cls.ca, os.path.join(cls.hashed, name.stdout.decode().strip() + ".0"))
        cls.port = {store: int(cls.sim.urls[f"{store}-tls"].rstrip("/").split(":")[2].split("/")[0]) for store in ("aws", "mstr")}

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def file(self, name, text):
        path = os.path.join(self.folder.name, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def config(self, profile="", provider="", aws=None, mstr=None):
        aws = aws or f"https://localhost:{self.port['aws']}"
        mstr = mstr or f"https://localhost:{self.port['mstr']}"
        return self.file(f"config-{len(os.listdir(self.folder.name))}", f"[profile default]\nbase_url = {mstr}/MicroStrategyLibrary/api/\n"
                                   f"username = analyst\npassword = Simul8-analyst\n{profile}\n"
                                   f"[provider aws-sm]\nregion = us-east-1\nendpoint = {aws}\n{provider}\n")

    def mstr(self, *arguments, config=None, **variables):
        env = environment(AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY, **variables)
        return run(MSTR, "--config", config or self.config(), "--timeout", "20s", *arguments, env=env)

    def expect(self, status, part, *arguments, **more):
        done = self.mstr(*arguments, **more)
        told = done.stderr.decode()
        self.assertEqual(done.returncode, status, told)
        self.assertIn(part, told)
        return told


class Trust(Network):
    def test_each_variable_admits_sessions_and_stores(self):
        for command in (SECRET, PROJECTS):
            self.expect(7, "not trusted", *command)
            for variable in VARIABLES:
                value = self.hashed if variable == "SSL_CERT_DIR" else self.ca
                self.expect(0, "", *command, **{variable: value})
            for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "MSTR_CA_FILE"):
                self.expect(0, "", *command, **{variable: self.hashed})

    def test_a_file_of_no_use_is_told_by_its_variable_and_nobody_else_tried(self):
        empty = self.file("empty.pem", "no certificate\n")
        for command in (SECRET, PROJECTS):
            for variable in VARIABLES:
                for value in ("/nonexistent/ca.pem", empty):
                    others = {"CURL_CA_BUNDLE": self.ca} if variable != "CURL_CA_BUNDLE" else {}
                    told = self.expect(3, f"{variable}={value}: ", *command, **{**others, variable: value})
                    self.assertIn(f"hint: {variable} must name", told)

    def test_what_aws_has_for_it_is_told_by_name_too(self):
        for value in (self.ca, self.hashed):
            self.expect(0, "", *SECRET, AWS_CA_BUNDLE=value, SSL_CERT_FILE="/nonexistent")
        told = self.expect(3, "/nonexistent: No such file", *SECRET, AWS_CA_BUNDLE="/nonexistent", SSL_CERT_FILE=self.ca)
        self.assertIn("hint: AWS_CA_BUNDLE must name", told)
        plain = self.config(aws=self.sim.urls["aws"])
        self.expect(0, "", *SECRET, config=plain, AWS_CA_BUNDLE="/nonexistent")

    def test_settings_stand_over_variables(self):
        unknown, _ = make_certificate(self.folder.name, "unknown")
        everything = {variable: unknown for variable in VARIABLES if variable not in ("SSL_CERT_DIR", "MSTR_CA_FILE")}
        self.expect(0, "", *SECRET, config=self.config(provider=f"ca_file = {self.ca}"), **everything)
        self.expect(0, "", *PROJECTS, config=self.config(profile=f"ca_file = {self.ca}"), **everything)
        trusted = {variable: self.ca for variable in VARIABLES if variable != "SSL_CERT_DIR"}
        self.expect(7, "not trusted", *SECRET, config=self.config(provider=f"ca_file = {unknown}"), **trusted)
        # MSTR_CA_FILE stands over the profile's for sessions, and beside the others for stores
        self.expect(0, "", *PROJECTS, config=self.config(profile=f"ca_file = {unknown}"), MSTR_CA_FILE=self.ca)
        self.expect(7, "not trusted", *PROJECTS, SSL_CERT_FILE=self.ca, MSTR_CA_FILE=unknown)
        self.expect(0, "", *SECRET, SSL_CERT_FILE=self.ca, MSTR_CA_FILE=unknown)
        self.expect(0, "", *SECRET, SSL_CERT_FILE=unknown, MSTR_CA_FILE=self.ca)

    def test_doctor_and_check_name_the_source(self):
        def trust(*arguments, config=None, **variables):
            subjects = json.loads(self.mstr("doctor", "--json", *arguments, config=config, **variables).stdout)
            return [step["detail"] for subject in subjects for step in subject["steps"] if step["step"] == "trust"]

        both = {"SSL_CERT_FILE": self.ca, "MSTR_CA_FILE": self.ca}
        self.assertEqual(trust("aws-sm:prod/plain", **both), [f"SSL_CERT_FILE={self.ca} and MSTR_CA_FILE={self.ca}"])
        self.assertEqual(trust(**both), [f"MSTR_CA_FILE={self.ca}"])
        own = self.config(provider=f"ca_file = {self.ca}", profile=f"ca_file = {self.ca}")
        for arguments in (["aws-sm:prod/plain"], []):
            self.assertEqual(trust(*arguments, config=own), [f"ca_file={self.ca}"])
            self.assertEqual(trust(*arguments), [])
        self.assertEqual(trust("env:HOME", **both), [])
        self.assertEqual(trust("aws-sm:prod/plain", AWS_CA_BUNDLE=self.ca, **both), [f"AWS_CA_BUNDLE={self.ca}"])
        for variable in VARIABLES:
            self.expect(3, f"{variable}=/nonexistent: No such file or directory", "config", "check", **{variable: "/nonexistent"})
        self.expect(0, "", "config", "check", SSL_CERT_FILE=self.ca)
        self.expect(0, "", "config", "check", MSTR_CA_FILE=self.hashed)


class Proxies(Network):
    def setUp(self):
        super().setUp()
        self.proxy = Proxy(self.port["aws"])
        self.addCleanup(self.proxy.close)
        self.session_proxy = Proxy(self.port["mstr"])
        self.addCleanup(self.session_proxy.close)
        self.aws = "https://store.vault.localhost:8443"  # which only the proxy knows

    def test_exceptions_know_patterns_and_ports(self):
        config = self.config(aws=self.aws)
        for variable, except_, asked in (("HTTPS_PROXY", None, 1), ("https_proxy", "other.vault.localhost", 1), ("ALL_PROXY", "", 1),
                                         ("HTTPS_PROXY", "*.localhost:443", 1), ("HTTPS_PROXY", "*.localhost", 0),
                                         ("HTTPS_PROXY", "store.vault.localhost:8443", 0), ("HTTPS_PROXY", "*.localhost:8443", 0),
                                         ("HTTPS_PROXY", "*", 0)):
            self.proxy.asked.clear()
            done = self.mstr(*SECRET, config=config, SSL_CERT_FILE=self.ca, NO_PROXY=except_, **{variable: self.proxy.url})
            self.assertEqual(bool(self.proxy.asked), bool(asked), (variable, except_, done.stderr))
            self.assertEqual(done.returncode, 0 if asked else 7, done.stderr)

    def test_a_proxy_that_was_set_holds_for_loopback(self):
        environment_alone = {"https_proxy": self.session_proxy.url, "all_proxy": self.session_proxy.url}
        self.expect(0, "", *PROJECTS, MSTR_CA_FILE=self.ca, **environment_alone)
        self.assertEqual(self.session_proxy.asked, [])
        config = self.config(profile=f"proxy = {self.session_proxy.url}")
        self.expect(0, "", *PROJECTS, config=config, MSTR_CA_FILE=self.ca)
        self.assertEqual(set(self.session_proxy.asked), {("CONNECT", f"localhost:{self.port['mstr']}")})

    def test_a_proxy_is_asked_or_refused_whoever_one_is_to_it(self):
        for octet in (0x00, 0x09, 0x0A, 0x0D, 0x1F, 0x20, 0x25, 0x3A, 0x40, 0x7F, 0x80, 0xFF):
            for user in (f"a%{octet:02x}b:p", f"u:a%{octet:02X}"):
                self.session_proxy.asked.clear()
                url = self.session_proxy.url.replace("://", f"://{user}@")
                done = self.mstr(*PROJECTS, config=self.config(profile=f"proxy = {url}"), SSL_CERT_FILE=self.ca)
                self.assertEqual((done.returncode, bool(self.session_proxy.asked)), (3, False) if octet < 0x20 else (0, True),
                                 (user, done.stderr))

    def test_a_dead_proxy_is_blamed_as_the_proxy(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        url = f"http://ann:sesame@127.0.0.1:{port}"
        told = self.expect(7, f"cannot connect to the proxy 127.0.0.1:{port} on the way to store.vault.localhost", *SECRET,
                           config=self.config(aws=self.aws), HTTPS_PROXY=url)
        self.assertIn('hint: check that the proxy runs, and the setting "HTTPS_PROXY" that names it', told)
        self.assertNotIn("sesame", told)
        config = self.config(profile=f"proxy = {url}")
        told = self.expect(7, f"cannot connect to the proxy 127.0.0.1:{port} on the way to localhost", *PROJECTS, config=config)
        self.assertNotIn("sesame", told)
        told = self.mstr("doctor", config=config).stdout.decode()
        self.assertRegex(told, rf"info +proxy +0 ms  127\.0\.0\.1:{port} \(proxy\)\n +failed +login ")
        login = told[told.index("\nlogin\n"):]  # behind the weakenings, of which such a proxy is one
        self.assertEqual(login.count(" proxy "), 1 + login.count("the proxy "), told)
        self.assertNotIn("sesame", told)


class PlainAnswer(socketserver.BaseRequestHandler):
    """Answers whatever comes in plain http, and leaves the hanging up to the other: a server that closes while octets of the
    greeting are unread resets the connection, which may take the answer with it before it is read."""

    def handle(self):
        self.request.recv(65536)
        self.request.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        self.request.shutdown(socket.SHUT_WR)
        while self.request.recv(65536):
            pass


class PlainServer(socketserver.ThreadingTCPServer):
    daemon_threads = True


class Ports(Network):
    def test_plain_and_tls_are_not_mixed_up_unnoticed(self):
        plain = PlainServer(("127.0.0.1", 0), PlainAnswer)
        threading.Thread(target=plain.serve_forever, daemon=True).start()
        self.addCleanup(plain.server_close)
        self.addCleanup(plain.shutdown)
        url = f"https://127.0.0.1:{plain.server_address[1]}"
        self.expect(7, "does not speak TLS", *PROJECTS, config=self.config(mstr=url))
        told = self.expect(7, "", *PROJECTS, config=self.config(mstr=f"http://localhost:{self.port['mstr']}"))
        self.assertIn("https", told)

    @alone("the words depend on what comes first, the alert or the end of the connection")
    def test_a_demand_for_a_client_certificate_is_told_as_that(self):
        certificate, key = make_certificate(self.folder.name, "localhost")
        gate = Gate("http://127.0.0.1:1", certificate, key, certificate)
        self.addCleanup(gate.close)
        for command in (SECRET, PROJECTS):
            told = self.expect(7, "a client certificate", *command, config=self.config(aws=gate.url, mstr=gate.url),
                               SSL_CERT_FILE=certificate)
            self.assertIn("hint: set client_cert and client_key", told)

    def test_an_international_host_name_is_refused_with_the_reason(self):
        config = self.config(aws="https://b\u00fccher.example", mstr="https://b\u00fccher.example")
        for command in (["config", "check"], SECRET, PROJECTS):
            self.expect(3, "xn--", *command, config=config)


if __name__ == "__main__":
    unittest.main()
