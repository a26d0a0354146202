# SPDX-License-Identifier: Apache-2.0
"""The simulator's Vault: what the other suites rest on must refuse what the server refuses, in its words."""
import base64
import json
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from simulator import Simulator
from wire import send

ROOT, READER, NOBODY = "hvs.sim-root", "hvs.sim-reader", "hvs.sim-nobody"
ROLE, SECRET = "11111111-aaaa-4aaa-8aaa-111111111111", "22222222-bbbb-4bbb-8bbb-222222222222"
ONCE, ONCE_SECRET = "33333333-aaaa-4aaa-8aaa-333333333333", "44444444-bbbb-4bbb-8bbb-444444444444"
DENIED, FAILED, UNSUPPORTED = "permission denied", "invalid role or secret ID", "unsupported operation"


class Vault(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(os.environ["MSTR_SIM"])
        cls.url = cls.sim.urls["vault"]

    @classmethod
    def tearDownClass(cls):
        cls.sim.__exit__(None, None, None)

    def setUp(self):
        self.sim.reset()

    def ask(self, path, token=READER, body=None, method=None, **headers):
        headers = {"X-Vault-" + name.replace("_", "-"): value for name, value in headers.items()}
        status, got, answer = send(f"{self.url}/v1/{path}", method=method,
                                   headers=headers | ({"X-Vault-Token": token} if token else {}),
                                   body=None if body is None else json.dumps(body).encode())
        self.headers = got
        return status, answer

    def knobs(self, **knobs):
        self.sim.admin("PUT", "/knobs/vault", knobs)

    def later(self, seconds):
        self.sim.admin("POST", "/clock", {"advance_ms": seconds * 1000})

    def log_in(self, method, namespace=None, **body):
        return self.ask(f"auth/{method}/login", None, body, **({"Namespace": namespace} if namespace else {}))

    def check(self, cases):
        """Each a status, a text that stands in the answer, and how it is asked for."""
        for status, text, path, *rest in cases:
            with self.subTest(path=path, rest=rest):
                token, options = rest[0] if rest else READER, rest[1] if len(rest) > 1 else {}
                got, answer = self.ask(path, token, **options)
                self.assertEqual(got, status, answer)
                self.assertIn(text, json.dumps(answer))

    def test_both_versions_of_the_key_value_engine(self):
        self.check([
            (200, '"password": "Simul8-analyst"', "secret/data/prod/mstr"),
            (200, '"version": 1}', "secret/data/prod/mstr?version=1"),
            (200, '"version": 2}', "secret/data/prod/mstr?version=0"),
            (404, '{"errors": []}', "secret/data/prod/mstr?version=9"),
            (404, '{"errors": []}', "secret/data/none?version=1"),
            (400, "error converting input x", "secret/data/prod/mstr?version=x"),
            (404, '{"errors": []}', "secret/data/nowhere"),
            (404, '"deletion_time": "2026-02-01T12:00:00.123456789Z"', "secret/data/deleted"),
            (404, '"destroyed": true', "secret/data/destroyed"),
            (200, '"deletion_time": "2035-01-01T00:00:00Z"', "secret/data/fading"),
            (200, '"data": {"data": null', "secret/data/null"),
            (200, "encoded", "secret/data/a%20b/c%25d%23%3F%C3%A9"),
            (404, "Invalid path for a versioned K/V secrets engine", "secret/prod/mstr", ROOT),
            (200, '"lease_duration": 2764800, "data": {"username"', "kv1/mstr"),
            (200, '"lease_duration": 1800', "kv1/hinted"),
            (404, '{"errors": []}', "kv1/nowhere"),
            (404, 'no handler for route \\"nowhere/x\\"', "nowhere/x"),
            (400, "relative paths not supported", "secret/data/../x"),
            (405, UNSUPPORTED, "secret/data/prod/mstr", ROOT, {"method": "PATCH"}),
            (200, '"type": "kv"', "sys/internal/ui/mounts/secret/prod/mstr"),
            (200, '"path": "deep/er/kv/"', "sys/internal/ui/mounts/deep/er/kv/mstr"),
            (200, '"options": null', "sys/internal/ui/mounts/kv1/mstr"),
            (403, "preflight capability check returned 403", "sys/internal/ui/mounts/pki/x"),
            (403, "preflight capability check returned 403", "sys/internal/ui/mounts/none/x", ROOT),
        ])

    def test_versions_come_and_go(self):
        name = "secret/data/prod/mstr"
        self.assertEqual(self.ask(name, ROOT, {"data": {"value": "new"}})[1]["data"]["version"], 3)
        self.assertEqual(self.ask(name, ROOT, {"data": {}, "options": {"cas": 1}})[0], 400)
        self.assertEqual(self.ask(name, ROOT, method="DELETE")[0], 204)
        self.assertEqual(self.ask(name)[0], 404, "the older versions do not take its place")
        self.assertEqual(self.ask("secret/undelete/prod/mstr", ROOT, {"versions": [3]})[0], 204)
        self.assertEqual(self.ask(name)[1]["data"]["data"], {"value": "new"})
        self.assertEqual(self.ask("secret/destroy/prod/mstr", ROOT, {"versions": [3]})[0], 204)
        self.assertTrue(self.ask("secret/metadata/prod/mstr", ROOT)[1]["data"]["versions"]["3"]["destroyed"])
        self.assertIn("prod/", self.ask("secret/metadata/", ROOT, method="LIST")[1]["data"]["keys"])
        self.assertEqual(self.ask("kv1/new", ROOT, {"value": 1})[0], 204)
        self.sim.admin("POST", "/secrets", {"service": "vault", "name": "kv1/new", "data": {"value": 2}})
        self.assertEqual(self.ask("kv1/new")[1]["data"], {"value": 2})

    def test_tokens_and_policies(self):
        self.check([
            (403, DENIED, "secret/data/prod/mstr", None), (403, "invalid token", "secret/data/prod/mstr", "hvs.none"),
            (403, DENIED, "secret/data/prod/mstr", NOBODY), (403, DENIED, "secret/data/forbidden"),
            (403, DENIED, "secret/data/prod/mstr", READER, {"body": {"data": {}}}),
            (200, '"ttl": 3600', "auth/token/lookup-self"), (200, '"expire_time": null', "auth/token/lookup-self", ROOT),
            (400, "lease is not renewable", "auth/token/renew-self", "hvs.sim-fixed", {"body": {}}),
            (400, "batch tokens cannot be renewed", "auth/token/renew-self", "hvb.sim-batch", {"body": {}}),
        ])
        statuses = [self.ask("secret/data/prod/mstr", "hvs.sim-thrice")[0] for _ in range(4)]
        self.assertEqual(statuses, [200, 200, 200, 403])
        self.assertEqual(self.ask("auth/token/revoke-self", body={})[0], 204)
        self.assertEqual(self.ask("secret/data/prod/mstr")[0], 403)

    def test_tokens_live_to_their_maximum(self):
        self.later(3000)
        self.assertEqual(self.ask("auth/token/renew-self", body={})[1]["auth"]["lease_duration"], 3600)
        self.assertEqual(self.ask("auth/token/renew-self", body={"increment": "60s"})[1]["auth"]["lease_duration"], 60)
        self.ask("auth/token/renew-self", body={})
        self.later(3000)
        self.assertLessEqual(self.ask("auth/token/renew-self", body={})[1]["auth"]["lease_duration"], 1200)
        self.later(1199)
        self.assertEqual(self.ask("auth/token/renew-self", body={})[0], 500)
        self.later(1)
        self.assertEqual(self.ask("secret/data/prod/mstr")[0], 403)

    def test_credentials_with_leases(self):
        first, second = (self.ask("database/creds/reader")[1] for _ in range(2))
        self.assertNotEqual(first["data"], second["data"])
        lease = {"lease_id": first["lease_id"]}
        self.later(3000)
        self.assertEqual(self.ask("sys/leases/renew", body=lease, method="PUT")[1]["lease_duration"], 3600)
        self.assertEqual(self.ask("sys/leases/revoke", body=lease, method="PUT")[0], 204)
        fixed = {"lease_id": self.ask("database/creds/fixed")[1]["lease_id"]}
        self.check([(400, "lease not found", "sys/leases/renew", READER, {"body": lease}),
                    (400, "lease is not renewable", "sys/leases/renew", READER, {"body": fixed}),
                    (400, "unknown role: none", "database/creds/none"), (405, UNSUPPORTED, "pki/issue/web", ROOT)])
        self.assertEqual(json.loads(self.sim.admin("GET", "/state"))["vault"]["leases"], 2)
        self.ask("auth/token/revoke-self", body={})
        self.assertEqual(json.loads(self.sim.admin("GET", "/state"))["vault"]["leases"], 0, "they die with the token")

    def test_namespaces(self):
        member = "hvs.sim-member"
        self.check([
            (200, "of the team", "secret/data/mstr", member, {"Namespace": "/team/"}),
            (200, "of the team", "team/secret/data/mstr"), (403, DENIED, "secret/data/mstr", member),
            (200, "of a part", "sub/kv1/mstr", member, {"Namespace": "team"}),
            (200, "of a part", "kv1/mstr", member, {"Namespace": "team/sub"}),
            (404, "namespace not found", "kv1/mstr", member, {"Namespace": "none"}),
            (200, '"path": "team/secret/"', "sys/internal/ui/mounts/team/secret/mstr"),
            (200, '"path": "secret/"', "sys/internal/ui/mounts/secret/mstr", member, {"Namespace": "team"}),
        ])
        role = {"role_id": ROLE.replace("1", "9"), "secret_id": SECRET.replace("2", "9")}
        self.assertEqual(self.log_in("approle", **role)[0], 400)
        self.assertEqual(self.log_in("approle", "team", **role)[0], 200)

    def test_approle(self):
        status, answer = self.log_in("approle", role_id=ROLE, secret_id=SECRET)
        self.assertEqual((status, answer["auth"]["lease_duration"], answer["auth"]["token_type"]), (200, 3600, "service"))
        self.assertEqual(self.ask("secret/data/prod/mstr", answer["auth"]["client_token"])[0], 200)
        self.assertEqual([self.log_in("approle", role_id=ONCE, secret_id=ONCE_SECRET)[0] for _ in range(2)], [200, 400])
        careful = self.log_in("approle", role_id="88888888-aaaa-4aaa-8aaa-888888888888")[1]["auth"]
        self.assertTrue(careful["mfa_requirement"] and not careful["client_token"])
        for body, text in (({}, "missing role_id"), ({"role_id": ROLE}, "missing secret_id"), ({"role_id": "x"}, FAILED),
                           ({"role_id": "77777777-aaaa-4aaa-8aaa-777777777777"}, "CIDR")):
            self.assertIn(text, json.dumps(self.log_in("approle", **body)))
        for _ in range(5):
            self.log_in("approle", role_id=ROLE, secret_id="x")
        self.assertEqual(self.log_in("approle", role_id=ROLE, secret_id=SECRET)[0], 403, "locked")
        self.later(900)
        self.assertEqual(self.log_in("approle", role_id=ROLE, secret_id=SECRET)[0], 200)
        self.assertEqual(self.log_in("none", role_id=ROLE)[0], 403)
        self.assertEqual(self.ask("auth/approle/login", None)[0], 405)

    def wrapped(self):
        return self.ask("auth/approle/role/mstr/secret-id", ROOT, {}, Wrap_TTL="60s")[1]["wrap_info"]["token"]

    def test_wrapped_secret_ids_are_good_once(self):
        wrap = self.wrapped()
        looked = self.ask("sys/wrapping/lookup", None, {"token": wrap})[1]["data"]
        self.assertEqual((looked["creation_path"], looked["creation_ttl"]), ("auth/approle/role/mstr/secret-id", 60))
        status, answer = self.ask("sys/wrapping/unwrap", wrap, method="POST")
        self.assertEqual(status, 200)
        self.assertEqual(self.log_in("approle", role_id=ROLE, secret_id=answer["data"]["secret_id"])[0], 200)
        gone = "wrapping token is not valid or does not exist"
        late = self.wrapped()
        self.assertEqual(self.ask("sys/wrapping/unwrap", READER, {"token": self.wrapped()})[0], 200)
        self.assertEqual(self.ask("sys/wrapping/unwrap", None, {"token": late})[0], 403)
        self.later(61)
        self.check([(400, gone, "sys/wrapping/unwrap", wrap, {"method": "POST"}),
                    (400, gone, "sys/wrapping/lookup", None, {"body": {"token": late}})])

    def test_service_accounts_and_tokens_of_an_issuer(self):
        self.assertEqual(self.log_in("kubernetes", role="mstr", jwt="sim-k8s-token")[0], 200)
        token = json.loads(self.sim.admin("POST", "/tokens", {"service": "k8s", "audience": "vault",
                                                              "user": "system:serviceaccount:default:mstr"}))["token"]
        self.assertEqual(self.log_in("kubernetes", role="vault", jwt=token)[0], 200)
        for role, jwt, status, text in (("mstr", "x", 403, DENIED), ("mstr", token, 403, DENIED),
                                        ("mstr", "sim-k8s-prod-token", 403, "service account name not authorized"),
                                        ("none", "sim-k8s-token", 400, 'invalid role name \\"none\\"')):
            got, answer = self.log_in("kubernetes", role=role, jwt=jwt)
            self.assertEqual((got, text in json.dumps(answer)), (status, True), answer)
        claims = {"iss": "https://oidc.sim.example/cluster", "aud": "vault", "exp": int(time.time()) + 60,
                  "sub": "system:serviceaccount:default:mstr"}
        for changes, status, text in (({}, 200, "hvs."), ({"aud": "x"}, 400, "invalid audience"), ({"exp": 1}, 400, "is expired"),
                                      ({"sub": "x"}, 400, "invalid subject"), ({"iss": "x"}, 400, "invalid issuer")):
            jwt = self.sim.admin("POST", "/federated-tokens", {"claims": claims | changes}).decode()
            got, answer = self.log_in("jwt", jwt=jwt)
            self.assertEqual((got, text in json.dumps(answer)), (status, True), answer)
        self.assertIn("could not be found", json.dumps(self.log_in("jwt", role="none", jwt=jwt)))
        self.assertIn("oidc role_type", json.dumps(self.log_in("jwt", role="browser", jwt=jwt)))

    def test_requests_to_aws_must_ask_who_one_is(self):
        def encoded(text):
            return base64.b64encode(text.encode()).decode()
        good = {"role": "mstr", "iam_http_request_method": "POST", "iam_request_url": encoded("https://sts.amazonaws.com/"),
                "iam_request_body": encoded("Action=GetCallerIdentity&Version=2011-06-15"), "iam_request_headers": {}}
        for changes, text in (({}, "MissingAuthenticationToken"), ({"iam_http_request_method": "GET"}, "must be POST"),
                              ({"iam_request_url": "x"}, "iam_request_url"), ({"iam_request_headers": "x"}, "iam_request_headers"),
                              ({"iam_request_body": encoded("Action=AssumeRole")}, "only GetCallerIdentity")):
            got, answer = self.log_in("aws", **good | changes)
            self.assertEqual((got, text in json.dumps(answer)), (400, True), answer)

    def test_certificates_need_tls(self):
        self.assertIn("no client certificate supplied", json.dumps(self.log_in("cert")))

    def test_servers_in_other_states(self):
        self.knobs(sealed=True)
        self.check([(503, "Vault is sealed", "secret/data/prod/mstr"), (503, '"sealed": true', "sys/health", None)])
        self.knobs(sealed=False, throttled=True, retry_after=2)
        self.check([(429, "rate limit quota exceeded", "secret/data/prod/mstr")])
        self.assertEqual((self.headers["Retry-After"], self.headers["X-Ratelimit-Reset"]), ("2", "2"))
        self.knobs(throttled=False, require_request_header=True)
        self.check([(412, "missing", "secret/data/prod/mstr"), (200, "", "secret/data/prod/mstr", READER, {"Request": "true"})])
        host = self.url.removeprefix("http://")
        self.knobs(require_request_header=False, standby=host, active=self.url.replace("127.0.0.1", "localhost"))
        self.check([(200, "Simul8-analyst", "secret/data/prod/mstr")])
        self.assertEqual([entry["status"] for entry in self.sim.log("vault")][-2:], [307, 200])
        self.knobs(standby="", consistency=True)
        token = self.log_in("approle", role_id=ROLE, secret_id=SECRET)[1]["auth"]["client_token"]
        index = {"Index": self.headers["X-Vault-Index"], "Inconsistent": "forward-active-node"}
        self.check([(403, DENIED, "kv1/mstr", token), (200, "Simul8-analyst", "kv1/mstr", token, index)])
        self.knobs(preflight="missing")
        self.check([(404, "", "sys/internal/ui/mounts/secret/prod/mstr")])
        self.knobs(preflight="blocked")
        self.check([(403, "preflight", "sys/internal/ui/mounts/secret/prod/mstr")])


if __name__ == "__main__":
    unittest.main()
