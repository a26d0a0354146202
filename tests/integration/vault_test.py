# SPDX-License-Identifier: Apache-2.0
"""Vault and OpenBao through the real binary and the simulator: both versions of the engine, namespaces and leases; every identity,
with the requests that each costs; what servers in other states do; what users get wrong, each with its exit status and a message
that says what, why and what to do; and that no secret stands in any output."""
import json
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from in_front import alone
from simulator import ACCESS_KEY, SECRET_KEY, Simulator, environment, run
from wire import send

MSTR = os.environ["MSTR_BIN"]
ROOT, READER, MEMBER = "hvs.sim-root", "hvs.sim-reader", "hvs.sim-member"
ROLE, SECRET = "11111111-aaaa-4aaa-8aaa-111111111111", "22222222-bbbb-4bbb-8bbb-222222222222"
ONCE = {"role_id": "33333333-aaaa-4aaa-8aaa-333333333333", "secret_id": "44444444-bbbb-4bbb-8bbb-444444444444"}
FEW = {"role_id": "66666666-aaaa-4aaa-8aaa-666666666666"}
APPROLE = {"role_id": ROLE, "secret_id": SECRET}
PASSWORD = "vault:secret/prod/mstr#password"
LOOK_UP, READ = "GET sys/internal/ui/mounts/secret/prod/mstr", "GET secret/data/prod/mstr"
GIVEN_BACK = "POST auth/token/revoke-self"
SECRETS = [READER, MEMBER, SECRET, ONCE["secret_id"], "Simul8-analyst", "hvs.", SECRET_KEY]


class Vault(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(os.environ["MSTR_SIM"], "--tls")
        cls.addClassCleanup(cls.sim.__exit__, None, None, None)
        cls.url, cls.https = cls.sim.urls["vault"], cls.sim.urls["vault-tls"]

    def setUp(self):
        self.sim.reset()

    def file(self, name, content):
        path = os.path.join(self.sim.folder.name, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)
        return path

    def run_tool(self, *arguments, options=None, **variables):
        """By these options of [provider vault], a token only where a variable gives it."""
        lines = "".join(f"{name} = {value}\n" for name, value in ({"address": self.url} | (options or {})).items() if value)
        return run(MSTR, "--config", self.file("config", "[provider vault]\n" + lines), *arguments, env=environment(**variables))

    def get(self, *references, options=None, **variables):
        return self.run_tool("get", *references, options=options, **variables)

    def asked(self):
        """What was asked of Vault, as METHOD and path."""
        return [f"{entry['method']} {entry['path'].removeprefix('/v1/')}" for entry in self.sim.log("vault")]

    def assert_reads(self, value, reference, requests=None, options=None, **variables):
        done = self.get(reference, options=options, **variables)
        self.assertEqual((done.stdout.decode(), done.stderr, done.returncode), (value, b"", 0))
        if requests is not None:
            self.assertEqual(self.asked(), requests)

    def expect(self, status, words, reference=PASSWORD, hint=None, options=None, **variables):
        """Runs mstr plainly and with all that it can log; every output is searched for secrets."""
        variables = {"VAULT_TOKEN": READER} | variables
        plain = self.get(reference, options=options, **variables)
        text = plain.stderr.decode()
        self.assertEqual((plain.returncode, plain.stdout), (status, b""), text)
        for word in words:
            self.assertIn(word, text)
        if hint:
            self.assertRegex(text, f"\nhint: .*{hint}")
        traced = self.run_tool("--log", "trace", "get", reference, options=options, **variables)
        for output in (plain, traced):
            for secret in SECRETS:
                self.assertNotIn(secret.encode(), output.stdout + output.stderr)

    def admin(self, path, body, method="POST"):
        return self.sim.admin(method, path, body)

    def knobs(self, **knobs):
        self.admin("/knobs/vault", knobs, "PUT")


class Secrets(Vault):
    def test_versions_of_both_engines(self):
        for value, reference in (
                ("Simul8-analyst", PASSWORD), ("old-password", "vault:secret/prod/mstr?version=1#password"),
                ("Simul8-analyst", "vault:kv1/mstr#password"), ("not of version 2", "vault:kv1/data/mstr#value"),
                ("encoded", "vault:secret/a%20b/c%25d%23%3F%C3%A9#value"), ("below", "vault:deep/er/kv/mstr#value"),
                ("for half an hour", "vault:kv1/hinted#value"), ("{}", "vault:secret/void"),
                ("of the team", "vault:secret/mstr?namespace=team#value"), ("of the team", "vault:team/secret/mstr#value"),
                ("of a part of the team", "vault:kv1/mstr?namespace=team/sub#value")):
            with self.subTest(reference=reference):
                self.assert_reads(value, reference, VAULT_TOKEN=READER)

    def test_all_fields_of_a_secret_are_one_read_and_a_mount_is_looked_up_once(self):
        done = self.get(PASSWORD, "vault:secret/prod/mstr#username", "vault:secret/void", "vault:secret/fading#value", "-o", "json",
                        "--version-info", VAULT_TOKEN=READER)
        told = json.loads(done.stdout)
        self.assertEqual(told[PASSWORD]["version"], "2")
        self.assertTrue(told["vault:secret/fading#value"]["expires"].startswith("2035-01-01T00:00:00"))
        self.assertEqual(sorted(self.asked()), sorted([LOOK_UP, READ, "GET secret/data/void", "GET secret/data/fading"]))

    @alone("the agent gives back what it has, and logs out, when it ends")
    def test_a_lease_is_the_end_and_lives_on(self):
        done = self.get("vault:database/creds/reader", "-o", "json", VAULT_TOKEN=READER)
        told = json.loads(done.stdout)["vault:database/creds/reader"]
        self.assertIn("username", told["value"])
        self.assertTrue(told["expires"])
        self.assertEqual(json.loads(self.sim.admin("GET", "/state"))["vault"]["leases"], 1)
        self.get("vault:database/creds/reader", options=APPROLE)
        self.assertNotIn(GIVEN_BACK, self.asked(), "the credential would end with the token")
        for variables in ({"options": {"revoke": "yes"}, "VAULT_TOKEN": READER}, {"options": APPROLE | {"revoke": "yes"}}):
            self.assertEqual(self.get("vault:database/creds/reader", **variables).returncode, 0)
            self.assertEqual(json.loads(self.sim.admin("GET", "/state"))["vault"]["leases"], 2, "its own has ended")

    def test_a_lease_of_0_is_a_value(self):
        self.assertEqual(self.get("vault:database/creds/endless", VAULT_TOKEN=READER).returncode, 0)

    def test_namespaces_of_the_instance_and_of_the_login(self):
        self.assert_reads("of the team", "vault:secret/mstr#value", VAULT_TOKEN=MEMBER, VAULT_NAMESPACE="team")
        own = {"role_id": ROLE.replace("1", "9"), "secret_id": SECRET.replace("2", "9"), "namespace": "team/sub",
               "auth_namespace": "team"}
        self.assert_reads("of a part of the team", "vault:kv1/mstr#value", options=own)


class Identities(Vault):
    def assert_logs_in(self, mount, options, requests=1, **variables):
        self.assert_reads("Simul8-analyst", PASSWORD, [f"POST auth/{mount}/login"] * requests + [LOOK_UP, READ, GIVEN_BACK],
                          options, **variables)

    def test_tokens_by_option_variables_and_files(self):
        path = self.file("token", READER + "\n")
        for options, variables in (({}, {"VAULT_TOKEN": READER}), ({}, {"BAO_TOKEN": READER, "VAULT_TOKEN": "hvs.none"}),
                                   ({"token": "${env:OWN}"}, {"OWN": READER, "VAULT_TOKEN": "hvs.none"}),
                                   ({"token_file": path}, {}), ({}, {"BAO_TOKEN_PATH": path})):
            self.admin("/log", None, "DELETE")
            self.assert_reads("Simul8-analyst", PASSWORD, [LOOK_UP, READ], options, **variables)
        self.assert_reads("Simul8-analyst", PASSWORD, options={"address": None}, BAO_ADDR=self.url, BAO_TOKEN=READER,
                          VAULT_ADDR="https://127.0.0.1:1")

    @alone("the agent gives back what it has, and logs out, when it ends")
    def test_approle(self):
        self.assert_logs_in("approle", APPROLE)
        self.admin("/log", None, "DELETE")
        self.assert_logs_in("approle", APPROLE | {"auth_mount": "/approle/"})
        self.admin("/log", None, "DELETE")
        self.assert_logs_in("approle", {"role_id": ROLE, "secret_id_file": self.file("id", SECRET + "\n")})

    def test_a_batch_token_is_not_given_back(self):
        self.assert_reads("Simul8-analyst", PASSWORD, ["POST auth/approle/login", LOOK_UP, READ], {"role_id": ROLE.replace("1", "5")})

    def test_a_token_of_few_uses_is_not_spent_on_itself(self):
        self.assert_reads("Simul8-analyst", PASSWORD, ["POST auth/approle/login", LOOK_UP, READ], FEW)

    def wrapped(self):
        headers = {"X-Vault-Token": ROOT, "X-Vault-Wrap-TTL": "60s"}
        made = send(f"{self.url}/v1/auth/approle/role/mstr/secret-id", body=b"{}", headers=headers)
        self.admin("/log", None, "DELETE")
        return made[2]["wrap_info"]["token"]

    @alone("the agent gives back what it has, and logs out, when it ends")
    def test_a_wrapped_secret_id_is_good_once(self):
        options = {"role_id": ROLE, "secret_id_wrapped": "yes", "secret_id_file": self.file("wrap", self.wrapped())}
        self.assert_reads("Simul8-analyst", PASSWORD,
                          ["POST sys/wrapping/lookup", "POST sys/wrapping/unwrap", "POST auth/approle/login", LOOK_UP, READ,
                           GIVEN_BACK], options)
        self.expect(6, ["wrapping token is not valid"], hint="somebody else may have taken", options=options | {"auth": "approle"})
        made = send(f"{self.url}/v1/secret/data/prod/mstr", headers={"X-Vault-Token": ROOT, "X-Vault-Wrap-TTL": "60s"})
        self.file("wrap", made[2]["wrap_info"]["token"])
        self.expect(6, ["secret/data/prod/mstr"], hint="in the place of the real one", options=options | {"auth": "approle"})

    @alone("the agent gives back what it has, and logs out, when it ends")
    def test_kubernetes_and_jwt(self):
        self.assert_logs_in("kubernetes", {"auth": "kubernetes", "role": "mstr", "jwt_file": self.file("pod", "sim-k8s-token")})
        self.admin("/log", None, "DELETE")
        claims = {"iss": "https://oidc.sim.example/cluster", "aud": "vault", "exp": int(time.time()) + 600,
                  "sub": "system:serviceaccount:default:mstr"}
        jwt = self.admin("/federated-tokens", {"claims": claims}).decode()
        self.assert_logs_in("jwt", {"jwt_file": self.file("jwt", jwt)})
        self.expect(6, ["audience"], hint="audience", options={"auth": "jwt", "jwt_file": self.file("jwt", self.admin(
            "/federated-tokens", {"claims": claims | {"aud": "x"}}).decode())})

    @alone("the agent gives back what it has, and logs out, when it ends")
    def test_aws(self):
        keys = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
        self.assert_logs_in("aws", {"auth": "aws", "role": "mstr"}, **keys)
        self.admin("/log", None, "DELETE")
        named = {"auth": "aws", "auth_mount": "aws-named", "role": "mstr"}
        self.assert_logs_in("aws-named", named | {"iam_server_id": "vault.example.com"}, **keys)
        self.expect(6, ["login at auth/aws-named"], options=named, **keys)
        self.knobs(sts_region="eu-west-1")
        self.expect(6, ["valid region"], hint="sts_region", options={"auth": "aws", "role": "mstr"}, **keys)
        self.admin("/log", None, "DELETE")
        self.assert_logs_in("aws", {"auth": "aws", "role": "mstr", "sts_region": "eu-west-1"}, **keys)

    @alone("the agent gives back what it has, and logs out, when it ends")
    def test_certificate(self):
        made = json.loads(self.admin("/client-certificates", {"name": "analyst"}))
        files = {"client_cert": self.file("cert.pem", made["certificate"]), "client_key": self.file("key.pem", made["key"])}
        options = {"address": self.https, "ca_file": self.sim.urls["ca"], "auth": "cert"}
        self.assert_logs_in("cert", options | files)
        self.expect(6, ["no client certificate supplied"], hint="client_cert", options={"auth": "cert"} | files)
        self.expect(7, ["not trusted"], hint="ca_file", options={"address": self.https})


class States(Vault):
    def test_sealed_limited_and_strict_servers(self):
        self.knobs(sealed=True)
        self.expect(8, ["Vault answered 503: Vault is sealed"], hint="unseal")
        self.assertEqual(len(self.asked()), 2 * 2, "two tries each")
        self.knobs(sealed=False, throttled=True)
        self.expect(8, ["rate limit quota exceeded"], hint="rate limit", VAULT_MAX_RETRIES="0")
        self.knobs(throttled=False, require_request_header=True)
        self.assert_reads("Simul8-analyst", PASSWORD, VAULT_TOKEN=READER)

    def test_a_node_that_stands_by(self):
        other = self.url.replace("127.0.0.1", "localhost")
        self.knobs(standby=self.url.removeprefix("http://"), active=other)
        self.expect(8, ["sends the request on to " + other, "may not have the token"], hint="redirect_hosts")
        self.admin("/log", None, "DELETE")
        self.assert_reads("Simul8-analyst", PASSWORD, options={"redirect_hosts": "localhost"}, VAULT_TOKEN=READER)
        self.assertEqual([entry["status"] for entry in self.sim.log("vault")], [307, 200, 200])

    @alone("the agent gives back what it has, and logs out, when it ends")
    def test_nodes_that_lag_behind_and_another_server(self):
        for knob in ({"consistency": True}, {"openbao": True}):
            self.knobs(**knob)
            self.admin("/log", None, "DELETE")
            self.assert_reads("Simul8-analyst", PASSWORD, ["POST auth/approle/login", LOOK_UP, READ, GIVEN_BACK], APPROLE)
            self.assertEqual([entry["status"] for entry in self.sim.log("vault")], [200, 200, 200, 204])

    def test_where_the_look_up_is_blocked_or_missing(self):
        self.knobs(preflight="blocked")
        self.assert_reads("Simul8-analyst", PASSWORD, [LOOK_UP, READ], VAULT_TOKEN=READER)
        self.assert_reads("Simul8-analyst", "vault:kv1/mstr#password", VAULT_TOKEN=READER)
        self.expect(5, ["look-up of its mount", "pki/data/x and pki/x"], "vault:pki/x", hint="pki/data/x.*policies")
        self.knobs(preflight="missing")
        self.assert_reads("Simul8-analyst", "vault:kv1/mstr#password", VAULT_TOKEN=READER)

    def test_where_a_proxy_blocks_the_look_up(self):
        for status in (403, 404):
            self.admin("/faults", {"service": "vault", "path": "/v1/sys/*", "action": "html", "status": status, "times": -1})
            self.expect(8, [f"answered {status}: something that Vault would not say"], hint="set kv")
            self.admin("/faults", None, "DELETE")

    def test_doctor_tells_each_step(self):
        done = self.run_tool("doctor", PASSWORD, options=APPROLE)
        text = done.stdout.decode() + done.stderr.decode()
        for words in (self.url, "login at auth/approle", "policies", "version 2 of the key/value engine"):
            self.assertIn(words, text)
        for secret in SECRETS:
            self.assertNotIn(secret, text)
        login = "POST auth/approle/login"
        self.assertEqual([entry for entry in self.asked() if entry in (login, GIVEN_BACK)], [login, GIVEN_BACK])
        for proof in (ONCE, FEW):
            self.assertEqual(self.run_tool("doctor", PASSWORD, options=proof).returncode, 0, "nothing is used up twice")


    @alone("the log of that is the agent's")
    def test_no_warning_tells_a_secret(self):
        read = {"data": {"data": {"password": "Simul8-analyst"}, "metadata": {"version": 2}},
                "warnings": ["Simul8-analyst is weak", f"{READER} is old"]}
        login = {"auth": {"client_token": "hvs.new", "lease_duration": 9}, "warnings": [f"{SECRET} is old", "here is hvs.new"]}
        for path, answer, options in (("secret/*", read, {"token": READER}), ("auth/approle/*", login, APPROLE)):
            self.admin("/faults", {"service": "vault", "path": "/v1/" + path, "action": "status", "status": 200,
                                   "body": json.dumps(answer)})
            traced = self.run_tool("--log", "trace", "get", PASSWORD, options=options).stderr.decode()
            self.assertEqual(traced.count("(hidden, as it repeats a secret)"), 2)
            for secret in SECRETS:
                self.assertNotIn(secret, traced)


class BadInput(Vault):
    def test_references(self):
        for body in ("/secret/a", "secret/a/", "secret//a", "secret/../a", "secret/.", "secret/a%0a", "v1/secret/a", "secret"):
            self.expect(3, ["reference"], "vault:" + body)
        for version in ("0", "-1", "1.5", "abc", str(2 ** 64)):
            self.expect(3, ["version"], f"vault:secret/prod/mstr?version={version}")
        self.expect(3, ["kv1/mstr has none"], "vault:kv1/mstr?version=1", hint="leave .version= out")
        for mount in ("kv1", "deep/er/kv"):
            self.expect(3, [f"names the mount {mount} alone"], "vault:" + mount, hint="MOUNT/PATH")
        self.expect(3, ["unknown query key"], "vault:secret/a?x=1", hint="version and namespace")

    def test_what_is_no_utf_8_is_a_path_as_any(self):
        self.expect(4, ["secret/data/%FF"], "vault:secret/%ff")
        self.assertIn("GET secret/data/\u00ff", self.asked())

    def test_what_is_not_there(self):
        self.expect(4, ["secret/data/nowhere", "nothing is there"], "vault:secret/nowhere")
        self.expect(4, ["secret/data/prod/mstr", "nothing is there"], "vault:secret/prod/mstr?version=9")
        self.expect(4, ["version 2 was deleted at 2026-02-01"], "vault:secret/deleted", hint="older one")
        self.expect(4, ["version 1 was destroyed"], "vault:secret/destroyed", hint="for good")
        self.expect(4, ["holds null"], "vault:secret/null")
        self.expect(4, ["absent"], "vault:secret/prod/mstr#absent")
        self.expect(4, ["no handler for route"], "vault:nowhere/x", hint="mounted")
        self.expect(4, ["nothing is there"], "vault:secret/data/prod/mstr", hint="leave data/ out")
        self.expect(4, ["namespace not found"], "vault:secret/prod/mstr?namespace=none", hint="namespace")

    def test_who_may_not(self):
        self.expect(5, ["403: permission denied", "secret/data/forbidden"], "vault:secret/forbidden",
                    hint="read secret/data/forbidden; the token is from VAULT_TOKEN and has policies")
        self.expect(5, ["look-up of its mount"], hint="no token was sent, as auth = none", options={"auth": "none"})
        for text in (True, False):
            self.knobs(invalid_token_text=text)
            self.expect(6, ["token from VAULT_TOKEN", "expired, was revoked, or is of another namespace"],
                        VAULT_TOKEN="hvs.none")
        self.expect(6, ["VAULT_TOKEN is no token"], VAULT_TOKEN="hvs.a b")
        self.expect(6, ["holds no token"], options={"token_file": self.file("empty", "\n")}, VAULT_TOKEN="")
        self.expect(6, ["token: neither", "~/.vault-token"], hint="VAULT_TOKEN", VAULT_TOKEN=None)
        self.expect(6, ["invalid role or secret ID"], hint="used-up", options=APPROLE | {"auth": "approle", "secret_id": "x"})
        self.expect(6, ["needs MFA"], options={"auth": "approle", "role_id": ROLE.replace("1", "8")})
        self.expect(3, ["login at auth/approle", "namespace not found"], hint="auth_namespace",
                    options=APPROLE | {"auth": "approle", "auth_namespace": "none"})
        self.expect(6, ["login at auth/none"], hint="auth_mount", options=APPROLE | {"auth": "approle", "auth_mount": "none"})

    def test_a_token_that_cannot_be_renewed_serves_to_its_end(self):
        for token in ("hvs.sim-fixed", "hvb.sim-batch"):
            self.assert_reads("Simul8-analyst", PASSWORD, VAULT_TOKEN=token)

    def test_settings(self):
        for address in ("127.0.0.1:8200", "ftp://vault", "https://vault?x", "unix:///run/vault.sock", self.url + "/v1/"):
            self.expect(3, ["VAULT_ADDR"], options={"address": None}, VAULT_ADDR=address)
        self.expect(3, ["VAULT_SKIP_VERIFY"], hint="VAULT_CACERT", VAULT_SKIP_VERIFY="1")
        self.expect(3, ["VAULT_SKIP_VERIFY"], VAULT_SKIP_VERIFY="yes")
        self.expect(3, ["VAULT_CLIENT_CERT is set without"], VAULT_CLIENT_CERT="/c.pem")
        self.expect(3, ["kv"], options={"kv": "3"})
        for mount in ("../sys", "a//b", "/"):
            self.expect(3, ["auth_mount has a"], hint="vault auth list", options=APPROLE | {"auth_mount": mount})
        self.expect(3, ["/nowhere/ca.pem"], options={"address": self.https}, VAULT_CACERT="/nowhere/ca.pem")
        self.assertEqual(self.asked(), [])

    def test_answers_that_are_none(self):
        envelope = '{"data":{"data":{"password":"x"},"metadata":{"version":1}},'
        for body, words in (("", ["no JSON object"]), ("<html>Log in</html>", ["no JSON object"]), (envelope, ["no JSON object"]),
                            ("{}", ["without data"]), ('{"data":[]}', ["data that is no object"]),
                            ('{"data":{"password":"x"}}', ["data and metadata of a version"]),
                            (envelope + '"lease_duration":-1}', ["lease_duration"]),
                            (envelope + '"x":' + "[" * 70 + "]" * 70 + "}", ["no JSON object"])):
            with self.subTest(body=body):
                self.admin("/faults", None, "DELETE")
                self.admin("/faults", {"service": "vault", "path": "/v1/secret/*", "action": "status", "status": 200, "times": -1,
                                       "body": body})
                self.expect(8, words)
        self.admin("/faults", None, "DELETE")
        self.admin("/faults", {"service": "vault", "path": "/v1/secret/*", "action": "oversize", "bytes": 5000000, "times": -1})
        self.expect(8, ["larger than 4194304 octets"])


if __name__ == "__main__":
    unittest.main()
