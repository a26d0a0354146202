# SPDX-License-Identifier: Apache-2.0
"""What users get wrong with Azure, and what goes wrong around them: each has its exit status and a message that says what, why and
what to do, and no secret stands in any output, at any log level. Through the real binary and the simulator."""
import os
import unittest

from azure_test import TOKEN, Azure
from azure_files import APP, EXPIRED_SECRET, PASSWORD, SECRET, TENANT, Certificates, federated_token, read

QUICKLY = ("--timeout", "2s")  # what may pass is tried again for longer


class BadInput(Azure):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.files = Certificates(cls.sim.folder.name)

    def expect(self, status, words, env, reference="azure-kv://corp/plain", requests=(), hint=None, options=()):
        """Runs mstr plainly and with all that it can log; every output is searched for secrets."""
        plain = self.get(reference, env, *options)
        text = plain.stderr.decode()
        self.assertEqual((plain.returncode, plain.stdout), (status, b""), text)
        for word in words:
            self.assertIn(word, text)
        if hint:
            self.assertRegex(text, f"\nhint: .*{hint}")
        if requests is not None:
            self.assertEqual(self.asked(), list(requests))
        traced = self.get(reference, env, "--log", "trace", *options)
        secrets = [SECRET, EXPIRED_SECRET, PASSWORD, "Bearer sim.", "eyJ", "hidden"]
        secrets += [line for line in read(self.files.key).splitlines() if "KEY" not in line]
        for output in (plain, traced):
            for secret in secrets:
                self.assertNotIn(secret.encode(), output.stdout + output.stderr)
        self.sim.admin("DELETE", "/log")

    def certificate(self, path, password=None):
        return self.env(AZURE_TENANT_ID=TENANT, AZURE_CLIENT_ID=APP, AZURE_CLIENT_CERTIFICATE_PATH=path,
                        AZURE_CLIENT_CERTIFICATE_PASSWORD=password)

    def federated(self, content):
        return self.env(AZURE_TENANT_ID=TENANT, AZURE_CLIENT_ID=APP,
                        AZURE_FEDERATED_TOKEN_FILE=self.file("federated", content))

    def test_authorities(self):
        for host, words in (("http://login.example", ["https"]), ("login example", ["login example"]),
                            ("https://", ["authority"]), ("https://user@login.example", ["login.example"]),
                            ("https://login.example/?x=1", ["login.example"])):
            with self.subTest(host):
                self.configure(endpoint=self.https, authority_host=None)
                self.expect(3, words, self.principal(AZURE_AUTHORITY_HOST=host))

    def test_tenants(self):
        for tenant in ("a/b", "a b", "../x", "t?x", "ten\u00e4nt", "x" * 300):
            with self.subTest(tenant):
                self.expect(3, ["tenant"], self.principal() | {"AZURE_TENANT_ID": tenant}, hint="letters, digits")

    def test_what_entra_refuses(self):
        for changes, words in (({"AZURE_CLIENT_SECRET": "sim-no-secret~0"}, ["AADSTS7000215", "secret is wrong"]),
                               ({"AZURE_CLIENT_SECRET": EXPIRED_SECRET}, ["AADSTS7000222", "has expired"]),
                               ({"AZURE_CLIENT_ID": "nobody"}, ["AADSTS700016", "no application"])):
            with self.subTest(changes):
                self.expect(6, words, self.principal() | changes, requests=[TOKEN])
        env = self.principal() | {"AZURE_TENANT_ID": "other.onmicrosoft.com"}
        self.expect(6, ["AADSTS90002"], env, requests=None, hint="AZURE_TENANT_ID")

    def test_certificates(self):
        self.files.register(self.sim)
        other = self.files.joined("mixed.pem", self.files.key, self.files.authority)
        bare = self.files.joined("bare.pem", self.files.key)
        lone = self.files.joined("lone.pem", self.files.leaf)
        garbage = self.file("garbage.pfx", "garbage")
        for path, password, words in ((self.files.pfx, "wrong", ["client.pfx", "password"]),
                                      (self.files.pfx, None, ["client.pfx", "password"]),
                                      (self.files.encrypted, "wrong", ["encrypted.pem", "password"]),
                                      (bare, None, ["bare.pem", "certificate"]), (lone, None, ["lone.pem", "key"]),
                                      (other, None, ["mixed.pem"]), (garbage, None, ["garbage.pfx"]),
                                      ("/nonexistent.pem", None, ["/nonexistent.pem", "AZURE_CLIENT_CERTIFICATE_PATH"])):
            with self.subTest(os.path.basename(path), password=password):
                self.expect(3, words, self.certificate(path, password))

    def test_a_certificate_that_the_application_does_not_have(self):
        self.expect(6, ["AADSTS700027"], self.certificate(self.files.pem), requests=[TOKEN], hint="not registered")

    def test_token_files(self):
        for content, words in (("", ["is empty"]), (" \n", ["is empty"]), ("x" * (1 << 20), ["64 KiB"])):
            with self.subTest(len(content)):
                self.expect(3, ["AZURE_FEDERATED_TOKEN_FILE", *words], self.federated(content))
        env = self.federated("x") | {"AZURE_FEDERATED_TOKEN_FILE": "/nonexistent/token"}
        self.expect(3, ["/nonexistent/token", "not there"], env, hint="azure.workload.identity/use")

    def test_federated_tokens_that_fit_nothing(self):
        for changes, words in (({"iss": "https://other"}, ["AADSTS700211", "issuer"]),
                               ({"aud": "api://other"}, ["AADSTS700212", "api://AzureADTokenExchange"]),
                               ({"sub": "other"}, ["AADSTS700213", "subject"])):
            with self.subTest(changes):
                self.expect(6, words, self.federated(federated_token(self.sim, **changes)), requests=[TOKEN])

    def test_names_that_no_vault_has(self):
        for reference in ("azure-kv://" + "v" * 300 + "/plain", "azure-kv://corp/na_me", "azure-kv://corp/" + "n" * 128,
                          "azure-kv://corp", "azure-kv:plain", "azure-kv://corp/plain?x=1", "azure-kv:https://corp.vault.azure.net/keys/plain"):
            with self.subTest(reference[:60]):
                self.expect(3, [], self.principal(), reference, hint=".")
        self.expect(3, ["api-version"], self.principal(), "azure-kv://corp/plain?api-version=%26x")

    def test_a_vault_that_does_not_exist(self):
        self.configure()
        self.expect(7, ["nowhere.invalid"], self.principal(), "azure-kv://nowhere.invalid/plain", hint="vault's name",
                    options=QUICKLY)

    def test_an_authority_that_cannot_be_reached_or_trusted(self):
        self.configure(endpoint=self.https, authority_host="https://127.0.0.1:1")
        self.expect(7, ["127.0.0.1"], self.principal(), options=QUICKLY)
        self.configure(endpoint=self.https, ca_file=None)
        self.expect(7, ["certificate"], self.principal(), hint="ca_file")

    def test_answers_that_no_authority_gives(self):
        for rule in ({"action": "html", "status": 200}, {"action": "status", "status": 200, "body": "{"},
                     {"action": "status", "status": 200, "body": {"token_type": "Bearer", "expires_in": 3599}},
                     {"action": "status", "status": 200, "body": {"access_token": "a b", "expires_in": 3599}},
                     {"action": "status", "status": 200, "body": {"access_token": "x\r\nY: 1", "expires_in": 3599}},
                     {"action": "status", "status": 200, "body": {"access_token": "x", "expires_in": "soon"}},
                     {"action": "html", "status": 404}):
            with self.subTest(rule):
                self.sim.reset()
                self.fault(times=-1, path="*/token", **rule)
                self.expect(8, ["EnvironmentCredential"], self.principal(), requests=[TOKEN])

    def test_answers_that_no_vault_gives(self):
        for rule in ({"action": "html", "status": 200}, {"action": "status", "status": 200, "body": "{"},
                     {"action": "status", "status": 200, "body": {"value": 7, "id": "x"}},
                     {"action": "status", "status": 200, "body": {"id": "x"}}, {"action": "html", "status": 403},
                     {"action": "status", "status": 401}):
            with self.subTest(rule):
                self.sim.reset()
                self.fault(times=-1, path="/secrets/*", **rule)
                done = self.get("azure-kv://corp/plain", self.principal())
                self.assertIn(done.returncode, (6, 8), done.stderr)
                self.assertLessEqual(len(self.asked()), 4)

    def test_tokens_of_the_wrong_audience_or_tenant(self):
        """Both are asked for anew once, and then told."""
        for code, hint in (("AKV10022: Invalid audience.", "another audience"), ("AKV10032: Invalid issuer.", "another tenant")):
            with self.subTest(code):
                self.sim.reset()
                challenge = f'Bearer authorization="https://login.windows.net/{TENANT}", resource="https://vault.azure.net"'
                self.fault(action="status", status=401, times=-1, path="/secrets/*", headers={"WWW-Authenticate": challenge},
                           body={"error": {"code": "Unauthorized", "message": code}})
                self.expect(6, [code.split(":")[0]], self.principal(), requests=[TOKEN, "GET /secrets/plain"] * 2, hint=hint)


if __name__ == "__main__":
    unittest.main()
