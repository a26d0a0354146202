# SPDX-License-Identifier: Apache-2.0
"""The Azure plugin through the real binary, against the simulator: every identity, what a chain does, vaults and their
challenges, retries. What it asks for is counted and looked at, not only what it gets."""
import contextlib
import hashlib
import json
import os
import re
import ssl
import sys
import unittest
from urllib.parse import parse_qs

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from azure_files import (APP, ARC_TOKENS, HEADER, NOBODY, PARTNER, PASSWORD, SECRET, TENANT, TWO, TWO_OBJECT, TWO_RESOURCE,
                         Certificates, beside_arc, federated_token, put_secret)
from in_front import alone
from simulator import Simulator, environment, run
from wire import decode_jwt, send

MSTR = os.environ["MSTR_BIN"]
VAULT = "https://vault.azure.net"
TOKEN = f"POST /{TENANT}/oauth2/v2.0/token"
IMDS = "GET /metadata/identity/oauth2/token"
ATTEMPT = re.compile(r"(\w+Credential): .*?\[(\d+) ms\]")


class Azure(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(os.environ["MSTR_SIM"], "--tls")
        cls.addClassCleanup(cls.sim.__exit__, None, None, None)
        cls.https, cls.plain = cls.sim.urls["azure-tls"], cls.sim.urls["azure"]
        cls.port = cls.https.rsplit(":", 1)[1]

    def setUp(self):
        self.sim.reset()
        self.configure(endpoint=self.https)

    def configure(self, **options):
        options = {"ca_file": self.sim.urls["ca"], "authority_host": self.https} | options
        self.config = self.file("config", "[provider azure-kv]\n" + "".join(
            f"{name} = {value}\n" for name, value in options.items() if value is not None))

    def file(self, name, content, mode=0o600):
        path = os.path.join(self.sim.folder.name, name)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, mode), "w", encoding="utf-8") as file:
            file.write(content)
        return path

    def env(self, **more):
        """Nobody but who is named: not even the machine that the test runs on."""
        return environment(**{"AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://127.0.0.1:1", "PATH": "/nonexistent", **more})

    def principal(self, **more):
        return self.env(AZURE_TENANT_ID=TENANT, AZURE_CLIENT_ID=APP, AZURE_CLIENT_SECRET=SECRET, **more)

    def get(self, reference, env, *options):
        return run(MSTR, "--config", self.config, *options, "get", reference, env=env)

    def local(self, vault, name):
        """A vault known by its own host, which is none of Azure's names."""
        return f"azure-kv://{vault}.vault.localhost:{self.port}/{name}"

    def asked(self):
        return [f"{entry['method']} {entry['path']}" for entry in self.sim.log("azure")]

    def entry(self, part):
        return next(entry for entry in self.sim.log("azure") if part in entry["path"])

    def form(self):
        return {name: values[0] for name, values in parse_qs(self.entry("/token")["body"]).items()}

    def fault(self, **rule):
        self.sim.admin("POST", "/faults", {"service": "azure", **rule})

    def counter(self, name):
        return json.loads(self.sim.admin("GET", "/counters")).get("azure", {}).get(name, 0)

    def assert_reads(self, env, requests, name="plain", value=b"plain text"):
        done = self.get(name if ":" in name else f"azure-kv://corp/{name}", env)
        self.assertEqual((done.stdout, done.stderr, done.returncode), (value, b"", 0))
        self.assertEqual(self.asked(), requests)

    def assert_fails(self, env, status, words, name="plain"):
        done = self.get(name if ":" in name else f"azure-kv://corp/{name}", env)
        text = done.stderr.decode()
        self.assertEqual((done.returncode, done.stdout), (status, b""), text)
        for word in words:
            self.assertIn(word, text)
        return text


class ServicePrincipals(Azure):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.files = Certificates(cls.sim.folder.name)

    def certificate(self, path, password=None, **more):
        return self.env(AZURE_TENANT_ID=TENANT, AZURE_CLIENT_ID=APP, AZURE_CLIENT_CERTIFICATE_PATH=path,
                        AZURE_CLIENT_CERTIFICATE_PASSWORD=password, **more)

    def test_a_client_secret_takes_two_requests_on_one_connection(self):
        self.assert_reads(self.principal(), [TOKEN, "GET /secrets/plain"])
        self.assertEqual(self.counter("connections"), 1)
        self.assertEqual(self.form(), {"grant_type": "client_credentials", "client_id": APP, "client_secret": SECRET,
                                       "scope": VAULT + "/.default"})

    def test_certificates_in_every_form(self):
        self.files.register(self.sim)
        for path, password in ((self.files.pem, None), (self.files.pem_with_chain, None), (self.files.encrypted, PASSWORD),
                               (self.files.pfx, PASSWORD), (self.files.open_pfx, None)):
            with self.subTest(os.path.basename(path)):
                self.sim.admin("DELETE", "/log")
                self.assert_reads(self.certificate(path, password), [TOKEN, "GET /secrets/plain"])

    def test_an_assertion_says_what_the_documents_want(self):
        self.files.register(self.sim)
        self.assert_reads(self.certificate(self.files.pem), [TOKEN, "GET /secrets/plain"])
        header, claims = decode_jwt(self.form()["client_assertion"])
        self.assertEqual((sorted(header), header["alg"], header["typ"]), (["alg", "typ", "x5t#S256"], "PS256", "JWT"))
        self.assertEqual((claims["iss"], claims["sub"]), (APP, APP))
        self.assertEqual(claims["aud"], f"{self.https}/{TENANT}/oauth2/v2.0/token")
        self.assertEqual(claims["exp"] - claims["nbf"], 600)

    def test_a_chain_is_sent_when_asked_for(self):
        self.files.register(self.sim, self.files.authority)
        env = self.certificate(self.files.pem_with_chain, AZURE_CLIENT_SEND_CERTIFICATE_CHAIN="true")
        self.assert_reads(env, [TOKEN, "GET /secrets/plain"])
        self.assertEqual(len(decode_jwt(self.form()["client_assertion"])[0]["x5c"]), 2)
        del env["AZURE_CLIENT_SEND_CERTIFICATE_CHAIN"]
        self.assert_fails(env, 6, ["AADSTS700027", "invalid_client"])

    def test_adfs_is_asked_in_its_own_way(self):
        self.files.register(self.sim)
        env = self.certificate(self.files.pem) | {"AZURE_TENANT_ID": "adfs"}
        self.get("azure-kv://corp/plain", env)
        self.assertEqual(self.asked()[0], "POST /adfs/oauth2/token")
        self.assertEqual(self.entry("/token")["status"], 200)
        self.assertEqual(decode_jwt(self.form()["client_assertion"])[0]["alg"], "RS256")

    def test_a_federated_token_is_read_for_each_request_and_once_more_when_it_is_stale(self):
        path = self.file("federated", federated_token(self.sim) + "\n")
        env = self.env(AZURE_TENANT_ID=TENANT, AZURE_CLIENT_ID=APP, AZURE_FEDERATED_TOKEN_FILE=path)
        self.assert_reads(env, [TOKEN, "GET /secrets/plain"])
        self.sim.admin("DELETE", "/log")
        self.file("federated", federated_token(self.sim, exp=1700000000))
        self.assert_fails(env, 6, ["AADSTS700024", "clock"])
        self.assertEqual(self.asked(), [TOKEN, TOKEN])

    def test_a_pipeline_is_who_its_service_connection_says(self):
        env = self.env(AZURE_TOKEN_CREDENTIALS="AzurePipelinesCredential", AZURESUBSCRIPTION_TENANT_ID=TENANT,
                       AZURESUBSCRIPTION_CLIENT_ID=APP, SYSTEM_ACCESSTOKEN="sim-system-access-token",
                       AZURESUBSCRIPTION_SERVICE_CONNECTION_ID="cccccccc-0000-0000-0000-000000000001",
                       SYSTEM_OIDCREQUESTURI=f"{self.https}/pipelines/oidctoken")
        self.assert_reads(env, ["POST /pipelines/oidctoken", TOKEN, "GET /secrets/plain"])
        self.assert_fails(env | {"SYSTEM_ACCESSTOKEN": "another"}, 6, ["answered 401", "System.AccessToken"])
        self.assert_fails(env | {"SYSTEM_ACCESSTOKEN": "$(System.AccessToken)"}, 3, ["the name of a variable", "env:"])

    def test_a_token_proxy_of_aks_takes_the_authority_s_place(self):
        path = self.file("federated", federated_token(self.sim, iss="https://elsewhere"))
        env = self.env(AZURE_TENANT_ID=TENANT, AZURE_CLIENT_ID=APP, AZURE_FEDERATED_TOKEN_FILE=path,
                       AZURE_KUBERNETES_TOKEN_PROXY=f"https://127.0.0.1:{self.port}/proxy",
                       AZURE_KUBERNETES_SNI_NAME="proxy.vault.localhost", AZURE_KUBERNETES_CA_FILE=self.sim.urls["ca"])
        self.get("azure-kv://corp/plain", env)
        self.assertEqual(self.asked(), [f"POST /proxy/{TENANT}/oauth2/v2.0/token"])

    def test_a_password_of_a_user_is_refused_with_an_explanation(self):
        env = self.env(AZURE_TENANT_ID=TENANT, AZURE_CLIENT_ID=APP, AZURE_USERNAME="u", AZURE_PASSWORD="p")
        self.assert_fails(env, 3, ["AZURE_USERNAME", "multi-factor"])
        self.assertEqual(self.asked(), [])


class ManagedIdentities(Azure):
    def imds(self, **more):
        return self.env(AZURE_POD_IDENTITY_AUTHORITY_HOST=self.plain, **more)

    def test_the_metadata_service_is_asked_once(self):
        for chosen in (None, "ManagedIdentityCredential"):
            with self.subTest(chosen):
                self.sim.admin("DELETE", "/log")
                self.assert_reads(self.imds(AZURE_TOKEN_CREDENTIALS=chosen), [IMDS, "GET /secrets/for-machine"],
                                  "for-machine", b"for the machine alone")
                self.assertEqual(self.sim.log("azure")[0]["query"], [["api-version", "2018-02-01"], ["resource", VAULT]])

    def test_a_proxy_is_never_asked_for_metadata(self):
        self.assert_reads(self.imds(http_proxy="http://127.0.0.1:1"), [IMDS, "GET /secrets/plain"])

    def test_identities_assigned_by_users(self):
        for option, value, parameter in (("client", TWO, "client_id"), ("object", TWO_OBJECT, "object_id"),
                                         ("resource", TWO_RESOURCE, "msi_res_id")):
            with self.subTest(option):
                self.sim.admin("DELETE", "/log")
                self.configure(endpoint=self.https, credential="ManagedIdentityCredential",
                               **{f"managed_identity_{option}_id": value})
                self.assert_reads(self.imds(), [IMDS, "GET /secrets/for-two"], "for-two", b"for the second identity alone")
                self.assertIn([parameter, value], self.sim.log("azure")[0]["query"])

    def test_the_variable_names_an_identity_too(self):
        self.assert_reads(self.imds(AZURE_CLIENT_ID=TWO), [IMDS, "GET /secrets/for-two"], "for-two",
                          b"for the second identity alone")
        self.assert_fails(self.imds(AZURE_CLIENT_ID="stale"), 6, ["Identity not found", "AZURE_CLIENT_ID", "stale"])

    def test_several_identities_are_one_to_choose(self):
        self.sim.admin("PUT", "/knobs/azure", {"system_assigned": False})
        self.assert_fails(self.imds(), 6, ["Multiple user assigned"])
        self.assert_fails(self.imds(AZURE_TOKEN_CREDENTIALS="ManagedIdentityCredential"), 6, ["managed_identity_client_id"])

    def test_app_service_and_its_kin(self):
        address, old = self.plain + "/msi/token", {"MSI_ENDPOINT": self.plain + "/msi/token", "MSI_SECRET": HEADER}
        for name, env, request in (
                ("2019", {"IDENTITY_ENDPOINT": address, "IDENTITY_HEADER": HEADER}, "GET /msi/token"),
                ("2017", old, "GET /msi/token"),
                ("ML", old | {"DEFAULT_IDENTITY_CLIENT_ID": TWO}, "GET /msi/token"),
                ("Cloud Shell", {"MSI_ENDPOINT": self.plain + "/oauth2/token"}, "POST /oauth2/token")):
            with self.subTest(name):
                self.sim.admin("DELETE", "/log")
                secret, value = (("for-two", b"for the second identity alone") if name == "ML"
                                 else ("for-machine", b"for the machine alone"))
                self.assert_reads(self.env(**env), [request, f"GET /secrets/{secret}"], secret, value)

    def test_service_fabric_is_pinned(self):
        der = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", int(self.port))))
        path = "/fabric/metadata/identity/oauth2/token"
        env = self.env(IDENTITY_ENDPOINT=self.https + path, IDENTITY_HEADER=HEADER,
                       IDENTITY_SERVER_THUMBPRINT=hashlib.sha1(der).hexdigest())
        self.sim.admin("DELETE", "/log")
        self.assert_reads(env, ["GET " + path, "GET /secrets/for-machine"], "for-machine", b"for the machine alone")
        self.sim.admin("DELETE", "/log")
        self.assert_fails(env | {"IDENTITY_SERVER_THUMBPRINT": "0" * 40}, 7, ["ManagedIdentityCredential"])
        self.assertEqual(self.asked(), [])

    def test_arc_is_shown_the_key_of_its_file(self):
        folder = os.path.join(self.sim.folder.name, "arc")
        os.makedirs(folder, exist_ok=True)
        inside = beside_arc(folder)
        if run(*inside, "/bin/true", env=self.env()).returncode != 0:
            self.skipTest("this machine lets no process have a namespace of its own")
        self.sim.admin("PUT", "/knobs/azure", {"arc_key_file": folder + "/sim.key", "arc_key_shown": ARC_TOKENS + "/sim.key"})
        path = "/arc/metadata/identity/oauth2/token"
        env = self.env(IDENTITY_ENDPOINT=self.plain + path, IMDS_ENDPOINT="x")
        done = run(*inside, MSTR, "--config", self.config, "get", "azure-kv://corp/for-machine", env=env)
        self.assertEqual((done.stdout, done.returncode), (b"for the machine alone", 0), done.stderr)
        self.assertEqual(self.asked(), [f"GET {path}", f"GET {path}", "GET /secrets/for-machine"])
        with open(folder + "/sim.key", encoding="utf-8") as file:
            self.assertEqual(dict(self.sim.log("azure")[1]["headers"])["Authorization"], "Basic " + file.read())

    def test_arc_names_only_files_that_are_its_own(self):
        env = self.env(IDENTITY_ENDPOINT=self.plain + "/arc/metadata/identity/oauth2/token", IMDS_ENDPOINT="x")
        for path, why in ((self.file("arc.key", ""), "not in its directory"),
                          ("/var/opt/azcmagent/tokens/none.txt", "does not end in .key"),
                          ("/var/opt/azcmagent/tokens/../../../../etc/passwd.key", "not in its directory")):
            with self.subTest(path):
                self.sim.admin("DELETE", "/log")
                self.sim.admin("PUT", "/knobs/azure", {"arc_key_file": path})
                self.assert_fails(env, 8, ["key file", why])
                self.assertEqual(len(self.asked()), 1, "nothing of the file was sent")

    def test_a_claims_challenge_is_answered_with_the_token_that_was_refused(self):
        self.sim.admin("PUT", "/knobs/azure", {"claims_challenge": True})
        env = self.env(IDENTITY_ENDPOINT=self.plain + "/msi/token", IDENTITY_HEADER=HEADER)
        self.assert_reads(env, ["GET /msi/token", "GET /secrets/plain"] * 2)


class Tools(Azure):
    """A script stands in for each tool; the token that it prints is one of the simulator's."""

    def tool(self, name, script):
        os.makedirs(os.path.join(self.sim.folder.name, "bin"), exist_ok=True)
        self.file(f"bin/{name}", "#!/bin/sh\n" + script + "\n", 0o700)
        return self.env(PATH=os.path.join(self.sim.folder.name, "bin") + ":/usr/bin:/bin")

    def tearDown(self):
        for name in ("az", "azd", "pwsh"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(self.sim.folder.name, "bin", name))

    def token(self):
        headers = {"Metadata": "true"}
        url = self.plain + "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=" + VAULT
        text = send(url, headers=headers)[2]["access_token"]
        self.sim.admin("DELETE", "/log")
        return text

    def test_az(self):
        arguments = self.file("arguments", "")
        answer = self.file("answer", json.dumps({"accessToken": self.token(), "expires_on": 4102444800}))
        env = self.tool("az", f'echo "$PWD $*" >{arguments}; echo careful >&2; cat {answer}')
        self.assert_reads(env, ["GET /secrets/plain"])
        with open(arguments, encoding="utf-8") as file:
            self.assertEqual(file.read(), os.path.realpath("/bin") + f" account get-access-token --output json --resource {VAULT}\n")

    def test_azd(self):
        answer = self.file("answer", json.dumps({"token": self.token(), "expiresOn": "2099-01-01T00:00:00Z"}))
        self.assert_reads(self.tool("azd", f"cat {answer}"), ["GET /secrets/plain"])

    def test_pwsh(self):
        answer = self.file("answer", json.dumps({"Token": self.token(), "ExpiresOn": 4102444800}))
        self.assert_reads(self.tool("pwsh", f"cat {answer}"), ["GET /secrets/plain"])

    def test_one_that_is_not_logged_in_gives_way_to_the_next(self):
        answer = self.file("answer", json.dumps({"token": self.token(), "expiresOn": "2099-01-01T00:00:00Z"}))
        self.tool("az", "echo 'Please run: az login' >&2; exit 1")
        self.assert_reads(self.tool("azd", f"cat {answer}"), ["GET /secrets/plain"])

    def test_what_goes_wrong_is_told(self):
        for script, status, words in (("echo garbage", 8, ["AzureCliCredential", "no token"]),
                                      ("echo 'AADSTS50076: MFA, please run az login' >&2; exit 1", 6, ["AADSTS50076"]),
                                      ("exec sleep 100", 7, ["did not answer within 1000 ms"]),
                                      ("exec yes", 8, ["octets and was killed"])):
            with self.subTest(script):
                self.configure(endpoint=self.https, credential="AzureCliCredential", tool_timeout="1s")
                self.assert_fails(self.tool("az", script), status, words)


class Chain(Azure):
    KINDS = ["EnvironmentCredential", "WorkloadIdentityCredential", "ManagedIdentityCredential", "AzureCliCredential",
             "AzureDeveloperCliCredential", "AzurePowerShellCredential"]

    def attempts(self, text):
        return [(name, int(spent)) for name, spent in ATTEMPT.findall(text)]

    def test_what_is_not_azure_s_is_passed_over(self):
        for rule in ({"action": "html", "status": 200}, {"action": "html", "status": 404}, {"action": "html", "status": 502},
                     {"action": "status", "status": 407}, {"action": "reset"},
                     {"action": "status", "status": 403, "body": "A socket operation was attempted to an unreachable host"}):
            with self.subTest(rule):
                self.sim.reset()
                self.fault(times=-1, path="/metadata/*", **rule)
                text = self.assert_fails(self.env(AZURE_POD_IDENTITY_AUTHORITY_HOST=self.plain), 6, ["no Azure identity"])
                self.assertEqual([name for name, _ in self.attempts(text)], self.KINDS)

    def test_a_refused_identity_ends_the_chain(self):
        env = self.principal(AZURE_POD_IDENTITY_AUTHORITY_HOST=self.plain) | {"AZURE_CLIENT_SECRET": "sim-no-secret~0"}
        self.assert_fails(env, 6, ["AADSTS7000215", "client secret is wrong"])
        self.assertEqual(self.asked(), [TOKEN])

    def test_the_variable_selects(self):
        env = self.principal(AZURE_POD_IDENTITY_AUTHORITY_HOST=self.plain)
        for value, requests in (("prod", [TOKEN, "GET /secrets/plain"]),
                                ("environmentcredential", [TOKEN, "GET /secrets/plain"]),
                                ("ManagedIdentityCredential", [IMDS, "GET /secrets/plain"])):
            with self.subTest(value):
                self.sim.admin("DELETE", "/log")
                identity = {} if value != "ManagedIdentityCredential" else {"AZURE_CLIENT_ID": ""}
                self.assert_reads(env | {"AZURE_TOKEN_CREDENTIALS": value} | identity, requests)
        self.assert_fails(env | {"AZURE_TOKEN_CREDENTIALS": "dev"}, 6, ["AzureCliCredential"])
        self.assert_fails(env | {"AZURE_TOKEN_CREDENTIALS": "nonsense"}, 3, ["nonsense", "ManagedIdentityCredential"])


class KeyVaults(Azure):
    def test_an_unknown_host_is_asked_what_it_wants_first(self):
        self.configure()
        self.assert_reads(self.principal(), ["GET /secrets/plain", TOKEN, "GET /secrets/plain"], self.local("corp", "plain"))
        first = self.sim.log("azure")[0]
        self.assertNotIn("authorization", {name.lower() for name, _ in first["headers"]})
        self.sim.admin("PUT", "/knobs/azure", {"challenge_scope": True})
        self.assertEqual(self.get(self.local("corp", "plain"), self.principal()).stdout, b"plain text")

    def test_a_vault_that_names_a_foreign_resource_gets_no_token_ever(self):
        self.configure()
        bait = self.local("evil", "bait")
        done = run(MSTR, "--config", self.config, "get", bait, bait + "?api-version=7.5", self.local("evil", "other"),
                   env=self.principal())
        self.assertEqual((done.returncode, done.stdout), (5, b""))
        self.assertIn("management.azure.com", done.stderr.decode())
        self.assertEqual((self.counter("stolen_tokens"), self.counter("tokens")), (0, 0))

    def test_the_resource_may_be_named_in_place_of_the_check(self):
        self.configure(challenge_resource="https://management.azure.com")
        self.get(self.local("evil", "bait"), self.principal())
        self.assertEqual(self.counter("stolen_tokens"), 1)

    def test_a_token_is_pinned_to_its_origin(self):
        """Two vaults of one resource: the second is asked first again, for it is another origin."""
        self.configure()
        done = run(MSTR, "--config", self.config, "get", self.local("corp", "plain"), self.local("firewalled", "any"),
                   env=self.principal())
        self.assertEqual(done.returncode, 5, done.stderr)
        bare = [entry for entry in self.sim.log("azure") if entry["status"] == 401]
        self.assertEqual(len(bare), 2)
        self.assertEqual(self.counter("tokens"), 1)

    def test_another_tenant_is_found_where_it_is_allowed(self):
        reference = self.local("partner", "shared")
        self.configure()
        self.assert_fails(self.principal(), 6, [PARTNER, TENANT, "AZURE_ADDITIONALLY_ALLOWED_TENANTS"], reference)
        self.assertEqual(self.counter("tokens"), 0)
        for allowed in (PARTNER, f"x; {PARTNER}", "*"):
            with self.subTest(allowed):
                done = self.get(reference, self.principal(AZURE_ADDITIONALLY_ALLOWED_TENANTS=allowed))
                self.assertEqual(done.stdout, b"of the partner")

    def test_an_endpoint_gives_no_secret_of_another_vault_than_the_references(self):
        for endpoint in (self.https, f"https://corp.vault.localhost:{self.port}"):
            with self.subTest(endpoint):
                self.configure(endpoint=endpoint, challenge_resource="https://vault.azure.net" if endpoint == self.https
                               else f"https://vault.localhost:{self.port}")
                self.assertEqual(self.get("azure-kv://corp/plain", self.principal()).stdout, b"plain text")
                self.assert_fails(self.principal(), 8, ["another secret", "https://corp.vault."], "azure-kv://partner/plain")

    def test_versions_and_ids(self):
        env = self.principal()
        self.assertIn(b"old-password", self.get("azure-kv://corp/mstr/0123456789abcdef0123456789abcdef", env).stdout)
        self.assertEqual(self.get("azure-kv://corp/mstr?api-version=2025-07-01#password", env).stdout, b"Simul8-analyst")
        self.configure()
        whole = f"azure-kv:https://corp.vault.localhost:{self.port}/secrets/plain"
        self.assertEqual(self.get(whole, env).stdout, b"plain text")

    def test_refusals_of_every_kind(self):
        self.configure()
        for vault, name, status, words in (
                ("corp", "nowhere", 4, ["SecretNotFound"]), ("corp", "deleted", 4, ["SecretNotFound", "recovered"]),
                ("corp", "disabled", 5, ["SecretDisabled", "enable"]),
                ("corp", "forbidden", 5, ["ForbiddenByRbac", "Key Vault Secrets User"]),
                ("policies", "any", 5, ["AccessDenied", "access policies"]),
                ("firewalled", "any", 5, ["ForbiddenByFirewall", "firewall"]),
                ("private", "any", 5, ["ForbiddenByConnection", "private endpoint"]),
                ("corp", "plain?api-version=1.0", 3, ["BadParameter"])):
            with self.subTest(vault=vault, name=name):
                self.assert_fails(self.principal(), status, words, self.local(vault, name))

    @alone("the warning is in the agent's log")
    def test_validity_is_told_and_may_be_demanded(self):
        env = self.principal()
        for name, value, words in (("late", b"of yesterday", "has expired"), ("early", b"of tomorrow", "not valid yet")):
            with self.subTest(name):
                done = self.get(f"azure-kv://corp/{name}", env, "--log", "warn")
                self.assertEqual((done.returncode, done.stdout), (0, value))
                self.assertIn(words, done.stderr.decode())
                self.configure(endpoint=self.https, refuse_expired="yes")
                self.assert_fails(env, 5, [words], name)
                self.configure(endpoint=self.https)

    def test_what_passes_is_tried_again(self):
        for rule, path in (({"action": "status", "status": 429}, "/secrets/*"), ({"action": "status", "status": 503}, "/secrets/*"),
                           ({"action": "status", "status": 429, "headers": {"Retry-After": "0"}}, "/secrets/*"),
                           ({"action": "reset"}, "/secrets/*"), ({"action": "status", "status": 503}, "*/token"),
                           ({"action": "status", "status": 400, "body": {"error": "temporarily_unavailable", "error_codes": [90033],
                             "error_description": "AADSTS90033: A transient error has occurred."}}, "*/token")):
            with self.subTest(rule, path=path):
                self.sim.reset()
                self.fault(path=path, **rule)
                again = [TOKEN, TOKEN, "GET /secrets/plain"] if path == "*/token" else [TOKEN] + ["GET /secrets/plain"] * 2
                self.assert_reads(self.principal(), again)

    def test_a_throttled_vault_is_left_when_the_time_is_up(self):
        self.fault(action="status", status=429, times=-1, path="/secrets/*", headers={"Retry-After": "30"})
        done = self.get("azure-kv://corp/plain", self.principal(), "--timeout", "1s")
        self.assertEqual(done.returncode, 8, done.stderr)
        self.assertEqual(self.asked(), [TOKEN, "GET /secrets/plain"])

    def test_one_deadline_is_over_everything(self):
        for path in ("*/token", "/secrets/*"):
            with self.subTest(path):
                self.sim.reset()
                self.fault(action="hang", path=path)
                done = self.get("azure-kv://corp/plain", self.principal(), "--timeout", "1s")
                self.assertEqual(done.returncode, 7, done.stderr)

    def test_claims_that_a_vault_asks_for_are_handed_to_entra_once(self):
        self.sim.admin("PUT", "/knobs/azure", {"claims_challenge": True})
        self.assert_reads(self.principal(), [TOKEN, "GET /secrets/plain"] * 2)
        forms = [parse_qs(entry["body"]) for entry in self.sim.log("azure") if "/token" in entry["path"]]
        self.assertNotIn("claims", forms[0])
        self.assertIn("nbf", json.loads(forms[1]["claims"][0])["access_token"])

    def test_a_redirect_is_not_followed(self):
        self.fault(action="status", status=307, path="/secrets/*", headers={"Location": self.plain + "/secrets/plain"})
        self.assertNotEqual(self.get("azure-kv://corp/plain", self.principal()).returncode, 0)
        self.assertEqual(self.asked(), [TOKEN, "GET /secrets/plain"])

    def test_a_certificate_s_secret_comes_as_it_is_kept(self):
        self.assert_reads(self.principal(), [TOKEN, "GET /secrets/certificate"], "certificate", b"MIIsimulatedPKCS12==")

    def test_many_secrets_share_one_token(self):
        names = [f"many-{i}" for i in range(12)]
        for name in names:
            put_secret(self.sim, name, string=name)
        done = run(MSTR, "--config", self.config, "get", *(f"azure-kv://corp/{name}" for name in names), env=self.principal())
        self.assertEqual(done.stdout.decode().split(), names)
        self.assertEqual((self.counter("tokens"), len(self.asked())), (1, 13))

    def test_doctor_tells_the_whole_story(self):
        done = run(MSTR, "--config", self.config, "doctor", "azure-kv://corp/plain", env=self.principal())
        text = done.stdout.decode()
        self.assertEqual(done.returncode, 0, text)
        for word in ("EnvironmentCredential", APP, TENANT, VAULT):
            self.assertIn(word, text)

    def test_another_application_may_be_nobody(self):
        env = self.principal() | {"AZURE_CLIENT_ID": NOBODY, "AZURE_CLIENT_SECRET": "sim-nobody-secret"}
        self.assert_fails(env, 5, [NOBODY, "ForbiddenByRbac"], "for-machine")


if __name__ == "__main__":
    unittest.main()
