# SPDX-License-Identifier: Apache-2.0
"""Secrets of Kubernetes through the real binary: every way to prove who one is to the API server, what users get wrong with it, and
what goes wrong around them. Each failure has its exit status and a message that says what, why and what to do, and no secret stands
in any output, at any log level."""
import base64
import json
import os
import re
import select
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from in_front import alone
from proxy import Proxy
from simulator import Simulator, environment, run

TOKEN, NOBODY, DEPUTY, PASSWORD = "sim-k8s-token", "sim-k8s-nobody-token", "sim-k8s-deputy-token", "Simul8-analyst"
SECRETS = (TOKEN, NOBODY, DEPUTY, PASSWORD, "sim-api-token-analyst", base64.b64encode(PASSWORD.encode()).decode())
V1 = "client.authentication.k8s.io/v1"


def credential(**status):
    return json.dumps({"apiVersion": V1, "kind": "ExecCredential", "status": status})


class Kubernetes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(os.environ["MSTR_SIM"], "--tls")
        cls.addClassCleanup(cls.sim.__exit__, None, None, None)
        cls.https, cls.plain, cls.ca = cls.sim.urls["k8s-tls"].rstrip("/"), cls.sim.urls["k8s"].rstrip("/"), cls.sim.urls["ca"]

    def setUp(self):
        self.sim.reset()
        self.sim.admin("DELETE", "/log")
        self.options = {}

    def file(self, name, content, mode=0o600):
        path = os.path.join(self.sim.folder.name, name)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
            file.write(content)
        os.chmod(path, mode)
        return path

    def config(self, user, cluster="", server=None, authority=True):
        """A kubeconfig in YAML; `user` and `cluster` are further lines."""
        trust = f"    certificate-authority: {self.ca}\n" if authority else ""
        return self.file("kubeconfig", "apiVersion: v1\nkind: Config\ncurrent-context: sim\nclusters:\n- name: c\n  cluster:\n"
                         f"    server: {server or self.https}\n{trust}{cluster}users:\n- name: u\n  user:\n{user or '    {}'}\n"
                         "contexts:\n- name: sim\n  context: {cluster: c, user: u}\n")

    def helper(self, script):
        """The lines of a user whose exec is this script."""
        path = self.file("helper", f"#!/bin/sh\n{script}\n", 0o700)
        return f"    exec: {{apiVersion: {V1}, interactiveMode: Never, command: {path}}}"

    def env(self, user="    token: " + TOKEN, cluster="", **more):
        return environment(KUBECONFIG=self.config(user, cluster), **more)

    def mstr(self, env, *arguments):
        lines = [f"{name} = {value}" for name, value in self.options.items()]
        config = self.file("mstr.conf", "\n".join(["[provider k8s]", *lines, ""]))
        return run(os.environ["MSTR_BIN"], "--config", config, *arguments, env=env)

    def value(self, reference, env):
        done = self.mstr(env, "get", reference)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout

    def requests(self):
        return [(entry["method"], entry["path"]) for entry in self.sim.log("k8s")]

    def expect(self, status, words, env, reference="k8s:mstr#password", hint=None, requests=None):
        """Runs mstr with all that it can log; its output is searched for secrets."""
        done = self.mstr(env, "--log", "trace", "get", reference)
        text = done.stderr.decode()
        self.assertEqual((done.returncode, done.stdout), (status, b""), text)
        for word in [words] if isinstance(words, str) else words:
            self.assertIn(word, text)
        if hint:
            self.assertRegex(text, f"\nhint: .*{hint}")
        if requests is not None:
            self.assertEqual(len(self.requests()), requests)
        for secret in SECRETS:
            self.assertNotIn(secret, text)
        self.sim.admin("DELETE", "/log")


class Reading(Kubernetes):
    def test_a_secret_its_fields_and_its_entries(self):
        env = self.env()
        whole = {"username": "analyst", "password": PASSWORD, "api_key": "sim-api-token-analyst"}
        self.assertEqual(json.loads(self.value("k8s:mstr", env)), whole)
        self.assertEqual(self.value("k8s://default/mstr#password", env), PASSWORD.encode())
        self.assertEqual(self.value("k8s:mstr?key=password", env), PASSWORD.encode())
        self.assertEqual(self.value("k8s:tls#tls.crt", env), b"certificate")
        self.assertEqual(self.value("k8s:nested?key=login.json#password", env), PASSWORD.encode())
        self.assertEqual(self.value("k8s:binary?key=octets", env), b"\0\1\2\3\xff")
        self.assertEqual(self.value("k8s:binary", env), b'{"octets":null,"text":"plain text"}')
        self.assertEqual(self.value("k8s:empty", env), b"{}")

    def test_all_entries_of_a_secret_are_one_get(self):
        done = self.mstr(self.env(), "get", "-o", "json", "--version-info", "k8s:mstr#username", "k8s://default/mstr?key=password",
                         "k8s:mstr?key=username", "k8s:binary?key=octets")
        self.assertEqual(done.returncode, 0, done.stderr)
        told = json.loads(done.stdout)
        self.assertEqual(told["k8s:mstr#username"]["version"], "12345")
        self.assertEqual(base64.b64decode(told["k8s:binary?key=octets"]["value_base64"]), b"\0\1\2\3\xff")
        self.assertEqual(sorted(self.requests()), [("GET", "/api/v1/namespaces/default/secrets/binary"),
                                                   ("GET", "/api/v1/namespaces/default/secrets/mstr")])

    def test_a_new_value_has_a_new_version(self):
        self.sim.admin("POST", "/secrets", {"service": "k8s", "namespace": "default", "name": "mstr", "action": "put",
                                            "stringData": {"password": "next"}})
        done = self.mstr(self.env(), "get", "-o", "json", "--version-info", "k8s:mstr#password")
        self.assertEqual(json.loads(done.stdout)["k8s:mstr#password"]["value"], "next")
        self.assertNotEqual(json.loads(done.stdout)["k8s:mstr#password"]["version"], "12345")


class Identities(Kubernetes):
    def assert_reads(self, env, reference="k8s:mstr#password"):
        self.assertEqual(self.value(reference, env), PASSWORD.encode())

    def sent(self, header):
        headers = {name.lower(): value for name, value in self.sim.log("k8s")[-1]["headers"]}
        return headers.get(header.lower())

    def certificate(self, name="analyst"):
        return json.loads(self.sim.admin("POST", "/client-certificates", {"name": name}))

    def test_tokens(self):
        self.assert_reads(self.env())
        path = self.file("token", TOKEN + "\n")
        self.assert_reads(self.env("    tokenFile: token"))
        self.assert_reads(environment(KUBECONFIG=self.config("    token: " + TOKEN, server=self.plain)))
        self.options = {"server": self.https, "token_file": path, "ca_file": self.ca}
        self.assert_reads(environment(), "k8s://default/mstr#password")
        self.options = {"kubeconfig": self.config("    token: " + NOBODY), "context": "sim", "token_file": path}
        self.assert_reads(environment())

    def test_the_service_account_of_a_pod(self):
        """The folder is the system's own, so files stand in for it by options."""
        host, port = re.match(r"https://(.*):(\d+)", self.https).groups()
        env = environment(KUBERNETES_SERVICE_HOST=host.strip("[]"), KUBERNETES_SERVICE_PORT=port, POD_NAMESPACE="prod")
        self.options = {"token_file": self.file("token", "sim-k8s-prod-token"), "ca_file": self.ca}
        self.assert_reads(env)
        self.assertEqual(self.requests(), [("GET", "/api/v1/namespaces/prod/secrets/mstr")])
        self.options["namespace"] = "default"
        self.expect(5, 'user "system:serviceaccount:prod:reader" may not get secrets "mstr" in namespace "default"', env)
        self.options["ca_file"] = "/nonexistent/ca.crt"
        self.expect(3, "authority /nonexistent/ca.crt cannot be read", env)

    def test_client_certificates_of_data_and_files(self):
        made = self.certificate()
        certificate, key = (base64.b64encode(made[name].encode()).decode() for name in ("certificate", "key"))
        self.assert_reads(self.env(f"    client-certificate-data: {certificate}\n    client-key-data: {key}"))
        self.assertIsNone(self.sent("Authorization"))
        self.file("cert.pem", made["certificate"])
        self.file("key.pem", made["key"])
        self.assert_reads(self.env("    client-certificate: cert.pem\n    client-key: key.pem"))
        self.sim.admin("DELETE", "/log")
        self.expect(3, "client certificate", self.env("    client-certificate: key.pem\n    client-key: key.pem"),
                    hint="client-certificate and client-key of the user", requests=0)

    def test_helpers(self):
        self.assert_reads(self.env(self.helper(f"echo '{credential(token=TOKEN)}'")))
        made = self.certificate()
        printed = self.file("printed", credential(clientCertificateData=made["certificate"], clientKeyData=made["key"]))
        self.assert_reads(self.env(self.helper(f"cat {printed}")))
        first = credential(token="sim-k8s-former", expirationTimestamp="2035-01-01T00:00:00Z")
        self.sim.admin("DELETE", "/log")
        self.assert_reads(self.env(self.helper(
            f'test -e "$0.ran" && echo \'{credential(token=TOKEN)}\' || {{ touch "$0.ran"; echo \'{first}\'; }}')))
        self.assertEqual([entry["status"] for entry in self.sim.log("k8s")], [401, 200], "it is run once more after a 401")

    def test_acting_as_somebody_else(self):
        self.assert_reads(self.env(f"    token: {DEPUTY}\n    as: analyst\n    as-groups: [a, b]"))
        self.assertEqual(self.sent("Impersonate-User"), "analyst")
        self.expect(5, 'User "system:serviceaccount:default:nobody" cannot impersonate',
                    self.env(f"    token: {NOBODY}\n    as: analyst"))

    def test_a_password_is_sent(self):
        self.expect(6, "the API server saw no credentials: system:anonymous may not get",
                    self.env("    username: analyst\n    password: " + PASSWORD), hint="no token")
        self.mstr(self.env("    username: analyst\n    password: " + PASSWORD), "get", "k8s:mstr")
        self.assertEqual(self.sent("Authorization"), "Basic " + base64.b64encode(f"analyst:{PASSWORD}".encode()).decode())

    def test_by_way_of_the_clusters_proxy(self):
        port = int(re.search(r":(\d+)", self.https).group(1))
        with Proxy(port) as proxy:
            env = environment(KUBECONFIG=self.config("    token: " + TOKEN, f"    proxy-url: {proxy.url}\n",
                                                     "https://localhost:6443"))
            self.assert_reads(env)
            self.assertEqual([target for _, target in proxy.asked], ["localhost:6443"])
        self.sim.admin("DELETE", "/log")
        self.expect(7, "proxy 127.0.0.1:1 on the way", self.env(cluster="    proxy-url: http://u:" + PASSWORD + "@127.0.0.1:1\n"),
                    hint="proxy-url of the cluster", requests=0)

    def test_the_name_of_the_certificate(self):
        with Proxy(int(re.search(r":(\d+)", self.https).group(1))) as proxy:
            way, server = f"    proxy-url: {proxy.url}\n", "https://other.example:6443"
            env = environment(KUBECONFIG=self.config("    token: " + TOKEN, way + "    tls-server-name: localhost\n", server))
            self.assert_reads(env)
            self.assertEqual([target for _, target in proxy.asked], ["other.example:6443"])
            self.sim.admin("DELETE", "/log")
            self.config("    token: " + TOKEN, way, server)
            self.expect(7, "not trusted", env, hint="tls-server-name", requests=0)
        self.config("    token: " + TOKEN, authority=False)
        self.expect(7, "not trusted", env, hint="certificate-authority-data", requests=0)

    def test_doctor_tells_each_step(self):
        done = self.mstr(self.env(), "doctor", "k8s:mstr#password")
        self.assertEqual(done.returncode, 0, done.stderr)
        text = done.stdout.decode()
        for words in ("server and token_file are not both set", "KUBECONFIG", "kubeconfig user at " + self.https, "context",
                      "own namespace", "the secret can be read"):
            self.assertIn(words, text)
        for secret in SECRETS:
            self.assertNotIn(secret, text)


class Refusals(Kubernetes):
    def test_what_rbac_does_not_allow(self):
        self.expect(5, 'user "system:serviceaccount:default:nobody" may not get secrets "mstr" in namespace "default"',
                    self.env("    token: " + NOBODY), requests=1,
                    hint=r'"kind":"Role".*"resourceNames":\["mstr"\],"verbs":\["get"\].*--serviceaccount=default:nobody')
        self.expect(6, "the API server saw no credentials", self.env(""), requests=1)
        self.expect(6, "Unauthorized", self.env("    token: sim-k8s-other"), requests=1, hint="expired")

    def test_what_is_not_there(self):
        env = self.env()
        self.expect(4, 'secrets "none" not found', env, "k8s:none", hint="namespace that does not exist", requests=1)
        self.expect(4, 'the secret "mstr" has no entry "none"', env, "k8s:mstr?key=none", hint="username", requests=1)
        self.expect(4, 'no entry "x"', env, "k8s:empty?key=x", hint="no entries at all", requests=1)
        self.expect(4, 'field "octets" of the secret is null', env, "k8s:binary#octets", hint=r"k8s://default/binary\?key=")
        self.sim.admin("PUT", "/knobs/k8s", {"prefix": "/k8s/clusters/c-1"})
        self.expect(3, "404 page not found", env, hint="server's URL", requests=1)
        self.config("    token: " + TOKEN, server=self.https + "/k8s/clusters/c-1/")
        self.assertEqual(self.value("k8s:mstr#password", env), PASSWORD.encode())

    def test_names_that_cannot_be_are_sent_nowhere(self):
        env = self.env()
        for reference in ("k8s:Mstr", "k8s:my_secret", "k8s:a/b", "k8s://prod", "k8s://a.b/mstr", "k8s://default/..", "k8s:a%20b",
                          "k8s:p%C3%A4ss", "k8s://default/a%2Fb", "k8s:a%3Fb", "k8s:" + "a" * 254, "k8s:mstr?key=a%2Fb",
                          "k8s:mstr?key=..", "k8s:mstr?version=1", "k8s:a%0D%0Ab"):
            with self.subTest(reference):
                self.expect(3, "", env, reference, requests=0)

    def test_answers_that_are_none(self):
        cases = [({"action": "html", "status": 200}, 8, "no Secret in JSON"),
                 ({"action": "status", "status": 200, "body": ""}, 8, "no Secret in JSON"),
                 ({"action": "oversize", "bytes": 8 << 20}, 8, "larger than"),
                 ({"action": "status", "status": 403, "body": "<html>proxy says no"}, 5, "proxy says no"),
                 ({"action": "status", "status": 302, "headers": {"Location": "/"}}, 8, "302")]
        for body, words in (({"bad": "!"}, "no base64"), ({"bad": 12}, "no text"), ({"bad": None}, "no text")):
            body = {"kind": "Secret", "metadata": {"name": "mstr", "namespace": "default"}, "data": {"password": "eA=="} | body}
            cases.append(({"action": "status", "status": 200, "body": json.dumps(body)}, 8, words))
        for body in ({"kind": "Pod", "metadata": {"name": "mstr"}},
                     {"kind": "Secret", "metadata": {"name": "other", "namespace": "default"}}):
            cases.append(({"action": "status", "status": 200, "body": json.dumps(body)}, 8, "Kubernetes answered for the secret"))
        env = self.env()
        for fault, status, words in cases:
            with self.subTest(fault):
                self.sim.admin("DELETE", "/faults")
                self.sim.admin("POST", "/faults", {"service": "k8s", "times": -1, **fault})
                self.expect(status, words, env)

    def test_a_throttled_server_is_asked_again_as_it_says(self):
        env = self.env()
        self.sim.admin("POST", "/faults", {"service": "k8s", "action": "status", "status": 429, "times": 4, "headers":
                                           {"Retry-After": "0"}, "body": "{}"})
        self.assertEqual(self.value("k8s:mstr#password", env), PASSWORD.encode())
        self.assertEqual(len(self.requests()), 5)


class BadConfiguration(Kubernetes):
    def test_files_that_are_no_kubeconfig(self):
        good = "contexts: [{name: sim, context: {cluster: c, user: u}}]\ncurrent-context: sim\n"
        for text, words in (
                ("clusters: [", "line 2: the YAML"), ("{\"kind\":", "line 2: the YAML"),
                ("{\"a\": 1,\n\"a\": 2}", "line 2: the YAML has the same key"), ("a: 1\na: 2\n", "line 2: the YAML has the same key"),
                ("a: &a [*a]\n", "alias without an anchor"), ("kind: Pod\n", "line 1: kind"), ("--- 1\n--- 2\n", "more than one document"),
                ("a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n", "1,000"),
                ("[" * 40, "32 levels"), ("# " + "x" * (10 << 20), "longer than 1 MiB"), (good, "line 1: context"),
                (good.replace("user: u", "user: u, cluster: d"), "same key twice")):
            with self.subTest(text[:40]):
                self.expect(3, words, environment(KUBECONFIG=self.file("broken", text)), requests=0)

    def test_settings_that_are_refused(self):
        for user, cluster, words, hint in (
                ("    token: a\n    username: b", "", "line 12: user \"u\" has a token and a password", None),
                ("    client-certificate-data: eA==", "", "without its key", None),
                ("    client-key: x", "", "without its certificate", None),
                ("    auth-provider: {name: gcp}", "", "auth-provider \"gcp\"", "gke-gcloud-auth-plugin"),
                ("    auth-provider: {name: azure}", "", "auth-provider \"azure\"", "kubelogin"),
                ("    tokenFile: /nonexistent/token", "", "/nonexistent/token", None),
                ("    token: x", "    proxy-url: ftp://x\n", "line 9: cluster \"c\" has a proxy-url", None),
                ("    token: x", "    certificate-authority-data: '!'\n", "certificate-authority-data", None)):
            with self.subTest(user + cluster):
                self.expect(3, words, environment(KUBECONFIG=self.config(user, cluster)), hint=hint, requests=0)
        env = environment(KUBECONFIG=self.config("    token: x", "    insecure-skip-tls-verify: true\n", authority=False))
        self.expect(3, "sets insecure-skip-tls-verify, which is not followed", env, hint="certificate-authority-data", requests=0)
        env = environment(KUBECONFIG=self.config("    token: x", server="http://k8s.example"))
        self.expect(3, "plain http", env, hint="option server", requests=0)

    def test_no_configuration_at_all(self):
        env = environment()
        done = self.mstr(env, "get", "k8s:mstr")
        self.assertIn(b"no Kubernetes identity is available here", done.stderr)
        self.options = {"kubeconfig": "/nonexistent/config"}
        self.expect(3, "/nonexistent/config", env, requests=0)

    def test_helpers_that_fail(self):
        for script, status, words in (
                ("exit 3", 6, "it ended with status 3"), ("echo garbage", 6, "no ExecCredential"),
                (f"echo 'token: {TOKEN}' >&2; exit 1", 6, "token: (hidden)"), ("exec yes", 8, "more than 1048576 octets"),
                (f"echo '{credential()}'", 6, "neither token nor certificate"),
                (f"echo '{credential(clientCertificateData='x')}'", 6, "certificate without its key"),
                (f"echo '{credential(token=TOKEN).replace('/v1', '/v1beta1')}'", 3, "another version"),
                (f"echo '{credential(token=TOKEN, expirationTimestamp='2020-01-01T00:00:00Z')}'", 6, "has expired already"),
                (f"echo '{credential(token=TOKEN, expirationTimestamp='soon')}'", 8, "RFC 3339")):
            with self.subTest(script):
                self.expect(status, words, self.env(self.helper(script)), requests=0)
        missing = f"    exec: {{apiVersion: {V1}, interactiveMode: Never, command: mstr-none, installHint: brew it}}"
        self.expect(3, "was not found on PATH", self.env(missing), hint="brew it", requests=0)

    @alone("the agent has a time of its own for what it asks others")
    def test_a_helper_that_hangs_is_killed(self):
        env = self.env(self.helper('sleep 1000 & echo $! >"$0.pid"; wait'))
        path, text = os.path.join(self.sim.folder.name, "helper.pid"), ""
        for seconds in (1, 8, 64):  # the first may be over before the helper has begun, where many tests run
            done = self.mstr(env, "--timeout", f"{seconds}s", "get", "k8s:mstr")
            self.assertEqual(done.returncode, 7, done.stderr)
            if os.path.exists(path) and (text := read(path)).endswith("\n"):
                break
        self.assertIn(b"did not end in time and was killed", done.stderr)
        self.assertTrue(ends(int(text)), "its whole process group is killed")

    def test_a_helper_that_others_may_write_is_not_run_by_root(self):
        if os.geteuid() != 0:
            self.skipTest("whom the rule of root protects is root")
        user = self.helper(f"echo '{credential(token=TOKEN)}'")
        os.chmod(os.path.join(self.sim.folder.name, "helper"), 0o777)
        self.expect(3, "program refused", self.env(user), requests=0)


def read(path):
    with open(path, encoding="ascii") as file:
        return file.read()


def ends(pid):
    """A kill takes its time to arrive."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([process], [], [], 60)[0])
    finally:
        os.close(process)


if __name__ == "__main__":
    unittest.main()
