# SPDX-License-Identifier: Apache-2.0
"""The simulator's Azure: what the other suites rest on must refuse what the real services refuse."""
import base64
import hashlib
import os
import subprocess
import sys
import time
import unittest
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from azure_files import (APP, ASSERTION_TYPE, EXPIRED_SECRET, HEADER, NOBODY, ONE, PARTNER, SECRET, SYSTEM, TENANT, TWO,
                         TWO_OBJECT, TWO_RESOURCE, Certificates, challenge_parameters, federated_token, put_secret, read)
from simulator import Simulator
from wire import encode_jwt, send, unpad

VAULT = "https://vault.azure.net"
FORM = {"grant_type": "client_credentials", "client_id": APP, "scope": VAULT + "/.default", "client_secret": SECRET}
METADATA = {"Metadata": "true"}
IDENTITY = {"X-IDENTITY-HEADER": HEADER}
IMDS = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=" + VAULT


class Azure(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(os.environ["MSTR_SIM"])
        cls.addClassCleanup(cls.sim.__exit__, None, None, None)
        cls.url = cls.sim.urls["azure"]

    def setUp(self):
        self.sim.reset()

    def knobs(self, **knobs):
        self.sim.admin("PUT", "/knobs/azure", knobs)

    def ask(self, form, tenant=TENANT, path="oauth2/v2.0/token", **headers):
        return send(f"{self.url}/{tenant}/{path}", {name: value for name, value in form.items() if value is not None},
                    headers)

    def token(self, tenant=TENANT, **changes):
        status, _, body = self.ask(FORM | changes, tenant)
        self.assertEqual(status, 200, body)
        return body["access_token"]

    def get(self, path, token=None, version="7.6", host=None):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if host:
            headers["Host"] = host
        return send(f"{self.url}{path}" + (f"?api-version={version}" if version else ""), headers=headers)

    def assert_refused(self, answer, number, status, word):
        self.assertEqual((answer[0], answer[2].get("error")), (status, word), answer[2])
        self.assertEqual(answer[2]["error_codes"], [number])
        self.assertTrue(answer[2]["error_description"].startswith(f"AADSTS{number}: "))
        self.assertIn("\r\nTrace ID: ", answer[2]["error_description"])


class TokenEndpoint(Azure):
    def test_a_client_secret_gives_a_token(self):
        status, _, body = self.ask(FORM | {"scope": VAULT + "/.default openid offline_access profile"})
        self.assertEqual((status, body["token_type"], body["expires_in"]), (200, "Bearer", 3599))
        self.assertEqual(self.get("/secrets/plain", body["access_token"])[2]["value"], "plain text")

    def test_the_first_version_writes_numbers_as_text(self):
        status, _, body = self.ask(FORM | {"scope": None, "resource": VAULT}, path="oauth2/token")
        self.assertEqual((status, body["expires_in"], body["resource"]), (200, "3599", VAULT))
        self.assertTrue(body["expires_on"].isdigit())

    def test_refusals_have_their_number(self):
        for changes, number, status, word in (
                ({"grant_type": None}, 900144, 400, "invalid_request"),
                ({"grant_type": "password"}, 70003, 400, "unsupported_grant_type"),
                ({"client_id": "nobody"}, 700016, 400, "unauthorized_client"),
                ({"client_secret": "wrong"}, 7000215, 401, "invalid_client"),
                ({"client_secret": EXPIRED_SECRET}, 7000222, 401, "invalid_client"),
                ({"client_secret": None}, 7000218, 401, "invalid_client"),
                ({"client_secret": None, "client_assertion": "a.b.c"}, 7000218, 401, "invalid_client"),
                ({"client_secret": None, "client_assertion_type": ASSERTION_TYPE, "client_assertion": "a.b"}, 50027, 400,
                 "invalid_request"),
                ({"scope": None}, 900144, 400, "invalid_request"),
                ({"scope": VAULT}, 1002012, 400, "invalid_scope"),
                ({"scope": VAULT + "/.default https://management.azure.com/.default"}, 70011, 400, "invalid_scope"),
                ({"scope": "https://vault.example.com/.default"}, 500011, 400, "invalid_resource")):
            with self.subTest(changes):
                self.assert_refused(self.ask(FORM | changes), number, status, word)

    def test_tenants_are_known_by_id_and_domain(self):
        self.assertEqual(self.ask(FORM, "sim.onmicrosoft.com")[0], 200)
        self.assert_refused(self.ask(FORM, "other.onmicrosoft.com"), 90002, 400, "invalid_request")
        self.assert_refused(self.ask(FORM, "nonsense"), 900023, 400, "invalid_request")
        self.assert_refused(self.ask(FORM | {"client_id": NOBODY}, PARTNER), 700016, 400, "unauthorized_client")

    def test_a_form_is_needed(self):
        answer = send(f"{self.url}/{TENANT}/oauth2/v2.0/token", headers={"Content-Type": "application/json"}, body=b"{}")
        self.assert_refused(answer, 900144, 400, "invalid_request")

    def test_the_request_id_comes_back(self):
        body = self.ask(FORM | {"client_secret": "x"}, **{"client-request-id": "my-own-id"})[2]
        self.assertEqual(body["correlation_id"], "my-own-id")

    def test_the_endpoints_are_described(self):
        status, _, body = send(f"{self.url}/{TENANT}/v2.0/.well-known/openid-configuration")
        self.assertEqual((status, body["token_endpoint"]), (200, f"{self.url}/{TENANT}/oauth2/v2.0/token"))
        self.assertEqual(body["issuer"], f"{self.url}/{TENANT}/v2.0")

    def test_only_authorities_are_instances(self):
        url = self.url + "/common/discovery/instance?api-version=1.1&authorization_endpoint=https://{}/common/oauth2/authorize"
        self.assertIn("login.windows.net", send(url.format("login.microsoftonline.com"))[2]["metadata"][0]["aliases"])
        self.assert_refused(send(url.format("login.example")), 50049, 400, "invalid_instance")


class Assertions(Azure):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.files = Certificates(cls.sim.folder.name)
        der = subprocess.run(["openssl", "x509", "-in", cls.files.leaf, "-outform", "DER"], check=True,
                             stdout=subprocess.PIPE).stdout
        cls.sha256 = unpad(hashlib.sha256(der).digest())
        cls.sha1 = unpad(hashlib.sha1(der).digest())
        cls.x5c = [base64.b64encode(der).decode()]

    def setUp(self):
        super().setUp()
        self.files.register(self.sim)

    def jwt(self, header=None, **changes):
        now = int(time.time())
        claims = {"iss": APP, "sub": APP, "aud": f"{self.url}/{TENANT}/oauth2/v2.0/token", "jti": str(uuid.uuid4()),
                  "nbf": now, "exp": now + 600}
        claims = {name: value for name, value in (claims | changes).items() if value is not None}
        return encode_jwt(self.files.key, claims, header or {"alg": "PS256", "typ": "JWT", "x5t#S256": self.sha256})

    def assertion(self, text):
        return self.ask(FORM | {"client_secret": None, "client_assertion_type": ASSERTION_TYPE, "client_assertion": text})

    def test_both_algorithms_and_both_thumbprints_hold(self):
        for header in ({"alg": "PS256", "x5t#S256": self.sha256}, {"alg": "PS256", "x5t#S256": self.sha256 + "="},
                       {"alg": "RS256", "x5t": self.sha1}):
            with self.subTest(header):
                self.assertEqual(self.assertion(self.jwt(header))[0], 200)

    def test_times_may_have_a_fraction(self):
        self.assertEqual(self.assertion(self.jwt(exp=time.time() + 600.5))[0], 200)

    def test_an_assertion_is_good_once(self):
        text = self.jwt()
        self.assertEqual(self.assertion(text)[0], 200)
        self.assert_refused(self.assertion(text), 50012, 401, "invalid_client")

    def test_assertions_are_verified(self):
        now = int(time.time())
        good = self.jwt()
        for name, text, number in (
                ("a changed signature", good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB"), 700027),
                ("another thumbprint", self.jwt({"alg": "PS256", "x5t#S256": unpad(b"x" * 32)}), 700027),
                ("no algorithm", self.jwt({"alg": "none", "x5t#S256": self.sha256}), 700027),
                ("another audience", self.jwt(aud=f"{self.url}/{PARTNER}/oauth2/v2.0/token"), 700023),
                ("another issuer", self.jwt(iss=NOBODY), 700021),
                ("another subject", self.jwt(sub=NOBODY), 700021),
                ("expired", self.jwt(exp=now - 1), 700024),
                ("too long", self.jwt(exp=now + 90000), 700024),
                ("from the future", self.jwt(nbf=now + 900), 700024),
                ("no id", self.jwt(jti=None), 50012)):
            with self.subTest(name):
                self.assert_refused(self.assertion(text), number, 401, "invalid_client")

    def test_a_chain_is_trusted_by_its_authority(self):
        self.sim.reset()
        header = {"alg": "PS256", "x5t#S256": self.sha256, "x5c": self.x5c}
        self.assert_refused(self.assertion(self.jwt(header)), 700027, 401, "invalid_client")
        self.files.register(self.sim, self.files.authority)
        self.assertEqual(self.assertion(self.jwt(header))[0], 200)
        del header["x5c"]
        self.assert_refused(self.assertion(self.jwt(header)), 700027, 401, "invalid_client")

    def test_federated_tokens_are_held_against_the_record(self):
        text = federated_token(self.sim)
        self.assertEqual(self.assertion(text)[0], 200)
        self.assertEqual(self.assertion(text)[0], 200, "a file is read more than once")
        now = int(time.time())
        for changes, number in (({"iss": "https://other"}, 700211), ({"aud": "api://other"}, 700212),
                                ({"sub": "system:serviceaccount:default:other"}, 700213), ({"exp": now - 1}, 700024)):
            with self.subTest(changes):
                self.assert_refused(self.assertion(federated_token(self.sim, **changes)), number, 401, "invalid_client")
        forged = encode_jwt(self.files.key, {"iss": "https://oidc.sim.example/cluster", "aud": "api://AzureADTokenExchange",
                                             "sub": "system:serviceaccount:default:mstr", "exp": now + 60}, {"alg": "RS256"})
        self.assert_refused(self.assertion(forged), 50013, 401, "invalid_client")


class ManagedIdentities(Azure):
    HOSTS = (  # path with query, headers, body, member that tells the end
        (IMDS, METADATA, None, "expires_on"),
        (IMDS.replace("token?", "token/?"), METADATA, None, "expires_on"),
        ("/msi/token?api-version=2019-08-01&resource=" + VAULT, IDENTITY, None, "expires_on"),
        ("/msi/token?api-version=2017-09-01&resource=" + VAULT, {"secret": HEADER}, None, "expires_on"),
        ("/oauth2/token", METADATA, f"resource={VAULT}".encode(), "expires_on"),
        ("/fabric/metadata/identity/oauth2/token?api-version=2019-07-01-preview&resource=" + VAULT, {"Secret": HEADER}, None,
         "expires_in"))

    def test_every_host_gives_a_token_that_a_vault_takes(self):
        for path, headers, body, member in self.HOSTS:
            with self.subTest(path):
                status, _, answer = send(self.url + path, headers=headers, body=body)
                self.assertEqual(status, 200, answer)
                self.assertIn(member, answer)
                self.assertEqual(self.get("/secrets/for-machine", answer["access_token"])[0], 200)

    def test_every_host_wants_its_header(self):
        for path, headers, body, _ in self.HOSTS:
            with self.subTest(path):
                status, _, answer = send(self.url + path, body=body)
                self.assertEqual(status, 400 if headers is METADATA else 401, answer)
        self.assertEqual(send(self.url + IMDS, headers=METADATA | {"X-Forwarded-For": "1.2.3.4"})[0], 400)

    def test_versions_methods_and_resources_are_checked(self):
        self.assertEqual(send(self.url + IMDS.replace("2018-02-01", "2001-01-01"), headers=METADATA)[0], 400)
        self.assertEqual(send(self.url + IMDS, headers=METADATA, body=b"x")[0], 405)
        self.assertEqual(send(self.url + IMDS.split("&")[0], headers=METADATA)[0], 400)

    def test_identities_are_named_as_each_host_names_them(self):
        app_service = "/msi/token?api-version=2019-08-01&resource=" + VAULT
        for path, headers in ((f"{IMDS}&client_id={TWO}", METADATA), (f"{IMDS}&object_id={TWO_OBJECT}", METADATA),
                              (f"{IMDS}&msi_res_id={TWO_RESOURCE.upper()}", METADATA),
                              (f"{app_service}&client_id={TWO}", IDENTITY),
                              (f"{app_service}&principal_id={TWO_OBJECT}", IDENTITY),
                              (f"{app_service}&mi_res_id={TWO_RESOURCE}", IDENTITY),
                              (f"/msi/token?api-version=2017-09-01&resource={VAULT}&clientid={TWO}", {"secret": HEADER})):
            with self.subTest(path):
                token = send(self.url + path, headers=headers)[2]["access_token"]
                self.assertEqual(self.get("/secrets/for-two", token)[0], 200)
                self.assertEqual(self.get("/secrets/for-machine", token)[0], 403)
        self.assertEqual(send(f"{self.url}{IMDS}&client_id=nobody", headers=METADATA)[2]["error_description"],
                         "Identity not found")

    def test_a_machine_may_have_no_identity_of_its_own(self):
        self.knobs(system_assigned=False)
        self.assertIn("Multiple user assigned", send(self.url + IMDS, headers=METADATA)[2]["error_description"])
        self.knobs(user_assigned=False)
        self.assertEqual("Identity not found", send(self.url + IMDS, headers=METADATA)[2]["error_description"])
        self.assertEqual(send(f"{self.url}{IMDS}&client_id={ONE}", headers=METADATA)[0], 200)

    def test_arc_wants_the_content_of_a_file_that_it_names(self):
        path = os.path.join(self.sim.folder.name, "arc.key")
        self.knobs(arc_key_file=path)
        url = f"{self.url}/arc/metadata/identity/oauth2/token?api-version=2020-06-01&resource={VAULT}"
        status, headers, _ = send(url, headers=METADATA)
        self.assertEqual((status, headers["WWW-Authenticate"]), (401, f"Basic realm={path}"))
        self.assertEqual(send(url, headers=METADATA | {"Authorization": "Basic wrong"})[0], 401)
        key = METADATA | {"Authorization": "Basic " + read(path)}
        status, _, answer = send(url + f"&client_id={SYSTEM}", headers=key)
        self.assertEqual((status, answer["client_id"]), (200, SYSTEM))
        self.assertEqual(send(url, headers=key)[0], 401, "a key is good once")

    def test_dates_of_2017(self):
        answer = send(f"{self.url}/msi/token?api-version=2017-09-01&resource={VAULT}", headers={"secret": HEADER})[2]
        self.assertRegex(answer["expires_on"], r"^\d\d/\d\d/\d{4} \d\d:\d\d:\d\d [AP]M \+00:00$")


class Vaults(Azure):
    def assert_error(self, answer, status, code, inner=None):
        self.assertEqual((answer[0], answer[2]["error"]["code"]), (status, code), answer[2])
        self.assertEqual(answer[2]["error"].get("innererror", {}).get("code"), inner)
        self.assertTrue(answer[1]["x-ms-request-id"])

    def test_without_a_token_the_challenge_tells_what_is_wanted(self):
        answer = self.get("/secrets/plain", host="corp.vault.azure.net")
        self.assert_error(answer, 401, "Unauthorized")
        self.assertIn("AKV10000", answer[2]["error"]["message"])
        self.assertEqual(challenge_parameters(answer[1]["WWW-Authenticate"]),
                         ("Bearer", {"authorization": f"https://login.microsoftonline.com/{TENANT}", "resource": VAULT}))
        self.knobs(challenge_scope=True)
        answer = self.get("/secrets/plain", host="partner.vault.localhost:1")
        self.assertEqual(challenge_parameters(answer[1]["WWW-Authenticate"])[1],
                         {"authorization": f"https://localhost:1/{PARTNER}", "scope": "https://vault.localhost:1/.default"})

    def test_tokens_are_held_against_audience_tenant_and_time(self):
        slash = self.token(scope=VAULT + "//.default")
        for name, token, word in (("unknown", "x", "AKV10001"), ("for a slash", slash, "AKV10022"),
                                  ("of another tenant", self.token(PARTNER), "AKV10032"),
                                  ("for management", self.token(scope="https://management.azure.com/.default"), "AKV10022")):
            with self.subTest(name):
                answer = self.get("/secrets/plain", token)
                self.assert_error(answer, 401, "Unauthorized")
                self.assertIn(word, answer[2]["error"]["message"])
        token = self.token()
        self.sim.admin("POST", "/clock", {"advance_ms": 3600000})
        self.assertIn("expired", self.get("/secrets/plain", token)[2]["error"]["message"])

    def test_a_secret_has_its_attributes(self):
        status, headers, body = self.get("/secrets/mstr", self.token())
        self.assertEqual((status, headers["Cache-Control"]), (200, "no-cache"))
        self.assertEqual(body["id"], "https://corp.vault.azure.net/secrets/mstr/fedcba9876543210fedcba9876543210")
        self.assertTrue(body["attributes"]["enabled"])
        self.assertEqual(body["contentType"], "application/json")
        old = self.get("/secrets/mstr/0123456789abcdef0123456789abcdef", self.token())[2]
        self.assertIn("old-password", old["value"])
        self.assertEqual(self.get("/secrets/late", self.token())[2]["attributes"]["exp"], 1600000000)
        self.assertTrue(self.get("/secrets/certificate", self.token())[2]["managed"])

    def test_paths_of_every_client_are_read(self):
        token = self.token()
        for path in ("/secrets/plain", "/secrets/plain/", "/secrets/plain/%2F", "/secrets/PLAIN"):
            with self.subTest(path):
                self.assertEqual(self.get(path, token)[2]["value"], "plain text")
        status = send(f"{self.url}/secrets/plain/?api%2Dversion=7.6", headers={"Authorization": f"Bearer {token}"})[0]
        self.assertEqual(status, 200)

    def test_requests_are_strict(self):
        token = self.token()
        for path, version, code, inner in (("/secrets/plain", None, "BadParameter", None),
                                           ("/secrets/plain", "9.9", "BadParameter", None),
                                           ("/secrets/pl_ain", "7.6", "BadParameter", None),
                                           ("/secrets/plain/xyz", "7.6", "BadParameter", "BadArgument")):
            with self.subTest(path, version=version):
                self.assert_error(self.get(path, token, version), 400, code, inner)

    def test_refusals_name_their_inner_code(self):
        local = self.token(scope="https://vault.localhost/.default")
        for path, host, code, inner, token in (
                ("/secrets/forbidden", None, "Forbidden", "ForbiddenByRbac", self.token()),
                ("/secrets/disabled", None, "Forbidden", "SecretDisabled", self.token()),
                ("/secrets/any", "policies.vault.localhost", "Forbidden", "AccessDenied", local),
                ("/secrets/any", "firewalled.vault.localhost", "Forbidden", "ForbiddenByFirewall", local),
                ("/secrets/any", "private.vault.localhost", "Forbidden", "ForbiddenByConnection", local)):
            with self.subTest(inner):
                self.assert_error(self.get(path, token, host=host), 403, code, inner)
        self.assertIn("getSecret/action", self.get("/secrets/forbidden", self.token())[2]["error"]["message"])

    def test_what_is_deleted_is_not_found_but_known(self):
        token = self.token()
        self.assert_error(self.get("/secrets/deleted", token), 404, "SecretNotFound")
        self.assertIn("recoveryId", self.get("/deletedsecrets/deleted", token)[2])
        self.assert_error(self.get("/deletedsecrets/plain", token), 404, "SecretNotFound")
        put_secret(self.sim, "deleted", action="recover")
        self.assertEqual(self.get("/secrets/deleted", token)[0], 200)
        self.assert_error(self.get("/secrets/nowhere", token), 404, "SecretNotFound")
        self.assert_error(self.get("/secrets/plain", token, host="nowhere.vault.azure.net"), 404, "VaultNotFound")

    def test_limits_refuse_with_and_without_a_time(self):
        token = self.token()
        self.knobs(limit=1)
        self.assertEqual(self.get("/secrets/plain", token)[0], 200)
        answer = self.get("/secrets/plain", token)
        self.assert_error(answer, 429, "Throttled")
        self.assertNotIn("Retry-After", answer[1])
        self.knobs(retry_after=3)
        self.assertEqual(self.get("/secrets/plain", token)[1]["Retry-After"], "3")
        self.sim.admin("POST", "/clock", {"advance_ms": 10000})
        self.assertEqual(self.get("/secrets/plain", token)[0], 200)

    def test_claims_are_asked_for_once(self):
        self.knobs(claims_challenge=True)
        answer = self.get("/secrets/plain", self.token())
        self.assertEqual(challenge_parameters(answer[1]["WWW-Authenticate"])[1]["error"], "insufficient_claims")
        self.assertEqual(self.get("/secrets/plain", self.token(claims="{}"))[0], 200)

    def test_a_malicious_vault_names_a_foreign_resource_and_counts_what_it_gets(self):
        answer = self.get("/secrets/bait", host="evil.vault.localhost")
        self.assertEqual(challenge_parameters(answer[1]["WWW-Authenticate"])[1]["resource"], "https://management.azure.com")
        self.get("/secrets/bait", self.token(), host="evil.vault.localhost")
        self.assertIn(b'"stolen_tokens":1', self.sim.admin("GET", "/counters").replace(b" ", b""))


if __name__ == "__main__":
    unittest.main()
