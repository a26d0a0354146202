# SPDX-License-Identifier: Apache-2.0
"""The simulator's Google: what the other suites rest on must refuse what the real services refuse."""
import base64
import json
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from gcp_files import (DEPUTY, ID_TYPE, JWT_GRANT, JWT_TYPE, MACHINE, NOBODY, POOL, READER, SCOPE, SUBJECT_TOKEN, WORKFORCE,
                       key_file, sign_jwt, user_file)
from simulator import Simulator
from wire import send

EXCHANGE = {"grant_type": "urn:ietf:params:oauth:grant-type:token-exchange", "scope": SCOPE,
            "requested_token_type": "urn:ietf:params:oauth:token-type:access_token",
            "subject_token": SUBJECT_TOKEN, "subject_token_type": JWT_TYPE, "audience": POOL + "oidc"}


class Google(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(os.environ["MSTR_SIM"])
        cls.url = cls.sim.urls["gcp"]

    @classmethod
    def tearDownClass(cls):
        cls.sim.__exit__(None, None, None)

    def setUp(self):
        self.sim.reset()

    def jwt(self, key, header=None, **changes):
        now = int(time.time())
        claims = {"iss": key["client_email"], "scope": SCOPE, "aud": self.url + "/token", "iat": now, "exp": now + 3600}
        claims = {name: value for name, value in (claims | changes).items() if value is not None}
        return sign_jwt(self.sim.folder.name, key, claims, header)

    def grant(self, assertion):
        return send(self.url + "/token", {"grant_type": JWT_GRANT, "assertion": assertion})

    def user_token(self):
        form = {name: user_file()[name] for name in ("client_id", "client_secret", "refresh_token")}
        return send(self.url + "/token", {"grant_type": "refresh_token", **form})[2]["access_token"]

    def access(self, name, token, version="latest", project="sim-project", **headers):
        return send(f"{self.url}/v1/projects/{project}/secrets/{name}/versions/{version}:access",
                    headers={"Authorization": f"Bearer {token}", **headers} if token else headers)

    def test_an_assertion_that_holds_gives_a_token(self):
        status, _, body = self.grant(self.jwt(key_file(self.sim)))
        self.assertEqual((status, body["token_type"], body["expires_in"]), (200, "Bearer", 3599))
        self.assertEqual(self.access("for-reader", body["access_token"])[0], 200)

    def test_assertions_are_verified(self):
        key, other, former = key_file(self.sim), key_file(self.sim, DEPUTY), key_file(self.sim)
        now = int(time.time())
        former["client_email"] = "former@sim-project.iam.gserviceaccount.com"
        stranger = dict(key, private_key=other["private_key"])
        good = self.jwt(key)
        cases = [
            ("no assertion", "", "invalid_request"),
            ("not a JWT", "a.b", "invalid_request"),
            ("another key", self.jwt(stranger), "Invalid JWT Signature"),
            ("a changed claim", good[:-3] + ("AAA" if good[-3:] != "AAA" else "BBB"), "Invalid JWT Signature"),
            ("an unknown kid", self.jwt(key, {"alg": "RS256", "kid": "0" * 40}), "Invalid JWT Signature"),
            ("no algorithm", self.jwt(key, {"alg": "none"}), "invalid_request"),
            ("an unknown account", self.jwt(key, iss="x@y"), "account not found"),
            ("a disabled account", self.jwt(former), "account not found"),
            ("too long", self.jwt(key, exp=now + 3700), "short-lived"),
            ("expired", self.jwt(key, iat=now - 4000, exp=now - 400), "short-lived"),
            ("from the future", self.jwt(key, iat=now + 900, exp=now + 4000), "short-lived"),
            ("for somebody else", self.jwt(key, aud="https://example.com/token"), "audience"),
            ("no scope", self.jwt(key, scope=None), "invalid_scope"),
            ("on behalf of a user", self.jwt(key, sub="user@example.com"), "unauthorized_client"),
        ]
        for name, assertion, expected in cases:
            with self.subTest(name):
                status, _, body = self.grant(assertion)
                self.assertIn(status, (400, 401))
                self.assertIn(expected, json.dumps(body))
        self.assertEqual(self.grant(self.jwt(key, {"alg": "RS256"}))[0], 200, "a kid is not required")

    def test_an_assertion_ends_with_the_clock(self):
        assertion = self.jwt(key_file(self.sim))
        self.sim.admin("POST", "/clock", {"advance_ms": 3601000})
        self.assertIn("short-lived", json.dumps(self.grant(assertion)[2]))

    def test_self_signed_tokens_name_an_audience_or_a_scope(self):
        key = key_file(self.sim)
        host = "https://secretmanager.googleapis.com/"
        now = int(time.time())
        cases = [(200, {"aud": None}), (200, {"aud": host, "scope": None}), (401, {"aud": host}),
                 (401, {"aud": None, "scope": None}), (401, {"aud": "https://pubsub.googleapis.com/", "scope": None}),
                 (401, {"aud": None, "sub": DEPUTY}), (401, {"aud": None, "exp": now + 3700})]
        for expected, changes in cases:
            with self.subTest(changes):
                token = self.jwt(key, **{"sub": READER, **changes})
                status, _, body = self.access("for-reader", token)
                self.assertEqual(status, expected)
                if status != 200:
                    self.assertEqual(body["error"]["details"][0]["reason"], "JWT_TOKEN_INVALID")

    def test_refresh_tokens_need_their_client(self):
        self.assertTrue(self.user_token())
        for changes, expected in (({"client_secret": "x"}, "invalid_client"), ({"refresh_token": "x"}, "invalid_grant"),
                                  ({"refresh_token": "1//sim-guarded-token"}, "invalid_rapt"),
                                  ({"grant_type": "password"}, "unsupported_grant_type")):
            with self.subTest(changes):
                form = {"grant_type": "refresh_token", **user_file(), **changes}
                status, _, body = send(self.url + "/token", form)
                self.assertIn(status, (400, 401))
                self.assertIn(expected, json.dumps(body))

    def test_a_form_is_needed(self):
        status, _, body = send(self.url + "/token", headers={"Content-Type": "application/json"}, body=b"{}")
        self.assertEqual((status, body["error"]), (400, "invalid_request"))

    def test_subject_tokens_are_exchanged(self):
        status, _, body = send(self.url + "/v1/token", EXCHANGE)
        self.assertEqual((status, body["issued_token_type"]), (200, EXCHANGE["requested_token_type"]))
        self.assertEqual(self.access("plain", body["access_token"])[0], 200)

    def test_exchanges_are_strict(self):
        workforce = {"audience": WORKFORCE, "subject_token_type": ID_TYPE}
        for changes, expected in (
                ({"grant_type": "x"}, "unsupported_grant_type"), ({"requested_token_type": "x"}, "invalid_request"),
                ({"audience": POOL + "nope"}, "invalid_target"), ({"audience": POOL + "off"}, "invalid_target"),
                ({"audience": POOL + "picky"}, "unauthorized_client"), ({"scope": ""}, "invalid_scope"),
                ({"subject_token": "x"}, "invalid_grant"), ({"subject_token_type": "x"}, "invalid_request"),
                ({"options": "{}"}, "invalid_request"), (workforce, "invalid_request"),
                (workforce | {"options": '{"userProject":"9"}'}, "invalid_request")):
            with self.subTest(changes):
                status, _, body = send(self.url + "/v1/token", EXCHANGE | changes)
                self.assertIn(status, (400, 401))
                self.assertEqual(body["error"], expected)
        good = workforce | {"options": '{"userProject":"111122223333"}'}
        self.assertEqual(send(self.url + "/v1/token", EXCHANGE | good)[0], 200)

    def generate(self, email, token, **body):
        return send(f"{self.url}/v1/projects/-/serviceAccounts/{email}:generateAccessToken",
                    headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
                    body=json.dumps({"scope": [SCOPE], **body}).encode())

    def test_impersonation_follows_the_chain_of_delegates(self):
        user = self.user_token()
        status, _, body = self.generate(READER, user, lifetime="600s")
        self.assertEqual(status, 200)
        self.assertEqual(self.access("for-reader", body["accessToken"])[0], 200)
        nobody = self.grant(self.jwt(key_file(self.sim, NOBODY)))[2]["access_token"]
        for delegates in ([DEPUTY], [f"projects/-/serviceAccounts/{DEPUTY}"]):
            self.assertEqual(self.generate(READER, nobody, delegates=delegates)[0], 200)
        for email, token, more in ((DEPUTY, user, {}), (READER, nobody, {}), (READER, user, {"delegates": [DEPUTY]})):
            self.assertEqual(self.generate(email, token, **more)[0], 403)
        self.assertEqual(self.generate(READER, user, lifetime="7200s")[0], 400)
        self.assertEqual(self.generate(READER, user, scope=[])[0], 400)
        self.assertEqual(self.generate(READER, "ya29.none")[0], 401)

    def test_the_metadata_server_wants_its_header(self):
        root = self.url + "/computeMetadata/v1/"
        google = {"Metadata-Flavor": "Google"}
        token = root + "instance/service-accounts/default/token"
        self.assertEqual(send(token)[0], 403)
        self.assertEqual(send(token, headers=google | {"X-Forwarded-For": "1.2.3.4"})[0], 403)
        self.assertEqual(send(token, headers=google, body=b"", method="POST")[0], 405)
        self.assertEqual(send(root + "instance/service-accounts/def/token", headers=google)[0], 404)
        status, headers, body = send(token, headers=google)
        self.assertEqual((status, headers["Metadata-Flavor"]), (200, "Google"))
        by_email = send(root + f"instance/service-accounts/{MACHINE}/token", headers=google)[2]
        self.assertEqual(by_email["access_token"], body["access_token"], "the same until shortly before its end")
        self.sim.admin("POST", "/clock", {"advance_ms": 3500000})
        self.assertNotEqual(send(token, headers=google)[2]["access_token"], body["access_token"])
        self.assertEqual(send(root + "project/project-id", headers=google)[2], b"sim-project")
        self.assertEqual(send(root + "universe/universe-domain", headers=google)[0], 404)
        self.assertEqual(send(self.url + "/")[1]["Metadata-Flavor"], "Google")

    def test_versions_have_names_and_states(self):
        token = self.user_token()
        for version, expected in (("latest", "2"), ("1", "1"), ("stable", "1")):
            status, _, body = self.access("mstr", token, version)
            self.assertEqual((status, body["name"]),
                             (200, f"projects/111122223333/secrets/mstr/versions/{expected}"))
        data = self.access("binary", token)[2]["payload"]
        self.assertEqual(base64.b64decode(data["data"]), bytes([0, 1, 2, 3, 255]))
        self.assertEqual(self.access("plain", token, project="111122223333")[0], 200)
        self.assertEqual(self.access("old", token, project="example.com%3Asim-legacy")[0], 200)
        cases = [("mstr", "3", 404, "NOT_FOUND"), ("mstr", "nope", 404, "NOT_FOUND"), ("nope", "1", 404, "NOT_FOUND"),
                 ("empty", "latest", 404, "NOT_FOUND"), ("disabled", "latest", 400, "FAILED_PRECONDITION"),
                 ("destroyed", "1", 400, "FAILED_PRECONDITION"), ("forbidden", "1", 403, "PERMISSION_DENIED"),
                 ("for-reader", "1", 403, "PERMISSION_DENIED"), ("b%20d", "1", 400, "INVALID_ARGUMENT")]
        for name, version, expected, word in cases:
            with self.subTest(name=name, version=version):
                status, _, body = self.access(name, token, version)
                self.assertEqual((status, body["error"]["status"], body["error"]["code"]), (expected, word, expected))

    def test_checksums_are_those_of_the_published_vectors(self):
        token = self.user_token()
        for text, expected in (("", "0"), ("a\n", "163439259"), ("123456789", "3808858755"), ("hello", "2591144780")):
            self.sim.admin("POST", "/secrets", {"service": "gcp", "name": "sum", "string": text})
            self.assertEqual(self.access("sum", token)[2]["payload"]["dataCrc32c"], expected)

    def test_regional_secrets_live_on_their_host(self):
        path = "/v1/projects/sim-project/locations/europe-west1/secrets/eu/versions/latest:access"
        bearer = {"Authorization": f"Bearer {self.user_token()}"}
        for host, expected in (("secretmanager.europe-west1.rep.googleapis.com", 200),
                               ("secretmanager.googleapis.com", 404), ("localhost", 200)):
            self.assertEqual(send(self.url + path, headers=bearer | {"Host": host})[0], expected)

    def test_bearers_are_told_apart(self):
        for token, reason in ((None, "CREDENTIALS_MISSING"), ("ya29.x", "ACCESS_TOKEN_TYPE_UNSUPPORTED")):
            status, _, body = self.access("plain", token)
            self.assertEqual((status, body["error"]["details"][0]["reason"]), (401, reason))
        token = self.user_token()
        self.sim.admin("POST", "/clock", {"advance_ms": 3600000})
        self.assertEqual(self.access("plain", token)[2]["error"]["details"][0]["reason"], "ACCESS_TOKEN_EXPIRED")
        self.sim.admin("PUT", "/knobs/gcp", {"metadata_scopes": "https://www.googleapis.com/auth/devstorage.read_only"})
        weak = send(self.url + "/computeMetadata/v1/instance/service-accounts/default/token",
                    headers={"Metadata-Flavor": "Google"})[2]["access_token"]
        status, _, body = self.access("plain", weak)
        self.assertEqual((status, body["error"]["details"][0]["reason"]), (403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT"))

    def test_projects_say_what_they_lack(self):
        token = self.user_token()
        self.assertEqual(self.access("x", token, project="sim-disabled")[2]["error"]["details"][0]["reason"],
                         "SERVICE_DISABLED")
        self.assertEqual(self.access("x", token, project="unknown")[0], 403)
        denied = self.access("plain", token, **{"x-goog-user-project": "unknown"})[2]
        self.assertEqual(denied["error"]["details"][0]["reason"], "USER_PROJECT_DENIED")
        self.assertEqual(self.access("plain", token, **{"x-goog-user-project": "sim-project"})[0], 200)

    def test_the_admin_changes_versions(self):
        token = self.user_token()
        change = lambda **what: self.sim.admin("POST", "/secrets", {"service": "gcp", "name": "plain", **what})
        change(string="second")
        self.assertIn("/versions/2", self.access("plain", token)[2]["name"])
        change(action="disable")
        self.assertIn("DISABLED", self.access("plain", token)[2]["error"]["message"])
        self.assertEqual(self.access("plain", token, "1")[0], 200)
        change(action="enable")
        change(action="destroy", version=1)
        self.assertIn("DESTROYED", self.access("plain", token, "1")[2]["error"]["message"])
        self.assertEqual(self.access("plain", token)[0], 200)

    def test_unknown_paths_are_pages(self):
        for path, method in (("/v1/projects/p/secrets", "GET"), ("/v1/projects/p/nothing/x", "GET"),
                             ("/v1/projects/p/secrets/s/versions/1:access", "POST"), ("/token", "GET"), ("/nope", "GET")):
            with self.subTest(path=path, method=method):
                status, headers, _ = send(self.url + path, method=method)
                self.assertEqual((status, headers["Content-Type"]), (404, "text/html; charset=UTF-8"))


if __name__ == "__main__":
    unittest.main()
