# SPDX-License-Identifier: Apache-2.0
"""Google Secret Manager through the real binary and the simulator: every kind of identity, with the requests that each costs;
where the names of Google's hosts lead; what happens off Google; and what is retried."""
import json
import os
import socket
import sys
import time
import unittest
from urllib.parse import parse_qs

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from gcp_files import (AWS_TYPE, DEPUTY, ID_TYPE, MACHINE, NOBODY, READER, SCOPE, SUBJECT_TOKEN, WORKFORCE,
                       external_file, impersonation_url, key_file, user_file, workforce_user_file)
from in_front import alone
from mutual_tls import Gate, make_certificate
from proxy import Proxy
from simulator import ACCESS_KEY, SECRET_KEY, Simulator, environment, run
from wire import decode_jwt

MSTR = os.environ["MSTR_BIN"]
MTLS_TYPE = "urn:ietf:params:oauth:token-type:mtls"
SAML_TYPE = "urn:ietf:params:oauth:token-type:saml2"


class Google(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(os.environ["MSTR_SIM"], "--tls")
        cls.addClassCleanup(cls.sim.__exit__, None, None, None)
        cls.url = cls.sim.urls["gcp"]

    def setUp(self):
        self.sim.reset()
        self.config = self.file("config", f"[provider gcp-sm]\nendpoint = {self.url}\n")

    def file(self, name, content):
        path = os.path.join(self.sim.folder.name, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content if isinstance(content, str) else json.dumps(content))
        return path

    def env(self, credentials=None, **more):
        if credentials is not None:
            more["GOOGLE_APPLICATION_CREDENTIALS"] = self.file("credentials.json", credentials)
        return environment(**{"NO_GCE_CHECK": "true", **more})

    def get(self, reference, env, *options):
        return run(MSTR, "--config", self.config, *options, "get", reference, env=env)

    def asked(self):
        """What was asked of Google, as METHOD and the part of the path that tells which API it was."""
        return [f"{entry['method']} {entry['path'].rsplit(':', 1)[-1] if ':' in entry['path'] else entry['path']}"
                for entry in self.sim.log("gcp")]

    def assert_reads(self, credentials, requests, reference="gcp-sm://sim-project/for-reader",
                     value=b"for the reader alone", **env):
        done = self.get(reference, self.env(credentials, **env))
        self.assertEqual((done.stdout, done.stderr, done.returncode), (value, b"", 0))
        self.assertEqual(self.asked(), requests)

    def assert_plain(self, credentials, requests, **env):
        self.assert_reads(credentials, requests, "gcp-sm://sim-project/plain", b"plain text", **env)


class Identities(Google):
    def test_a_key_signs_its_own_token_without_a_request(self):
        key = key_file(self.sim)
        self.assert_reads(key, ["GET access"])
        sent = dict(self.sim.log("gcp")[0]["headers"])["Authorization"]
        header, claims = decode_jwt(sent.removeprefix("Bearer "))
        self.assertEqual(header, {"alg": "RS256", "typ": "JWT", "kid": key["private_key_id"]})
        self.assertEqual((claims["iss"], claims["sub"], claims["scope"]), (READER, READER, SCOPE))

    def test_a_key_whose_line_ends_were_escaped_twice_is_repaired(self):
        key = key_file(self.sim)
        key["private_key"] = key["private_key"].replace("\n", "\\n")
        self.assert_reads(key, ["GET access"])

    def test_a_key_without_an_id_is_exchanged(self):
        key = key_file(self.sim)
        del key["private_key_id"]
        self.assert_reads(key, ["POST /token", "GET access"])

    def test_a_user(self):
        self.assert_plain(user_file(self.url + "/token"), ["POST /token", "GET access"])

    def test_a_workforce_user(self):
        self.assert_plain(workforce_user_file(self.url), ["POST /v1/oauthtoken", "GET access"])

    def test_a_user_impersonates(self):
        self.assert_reads({"type": "impersonated_service_account", "source_credentials": user_file(self.url + "/token"),
                           "service_account_impersonation_url": impersonation_url(self.url, READER)},
                          ["POST /token", "POST generateAccessToken", "GET access"])

    def test_a_key_impersonates_by_way_of_a_delegate(self):
        self.assert_reads({"type": "impersonated_service_account", "source_credentials": key_file(self.sim, NOBODY),
                           "delegates": [DEPUTY],
                           "service_account_impersonation_url": impersonation_url(self.url, READER)},
                          ["POST generateAccessToken", "GET access"])

    def test_locations_of_an_account_are_sent_where_the_environment_asks_for_them(self):
        self.assert_reads({"type": "impersonated_service_account", "source_credentials": user_file(self.url + "/token"),
                           "service_account_impersonation_url": impersonation_url(self.url, READER)},
                          ["POST /token", "POST generateAccessToken",
                           f"GET /v1/projects/-/serviceAccounts/{READER}/allowedLocations", "GET access"],
                          GOOGLE_AUTH_TRUST_BOUNDARY_ENABLED="true")
        self.assertEqual(dict(self.sim.log("gcp")[-1]["headers"])["x-allowed-locations"], "0xA30")

    def test_the_metadata_server(self):
        host = self.url.removeprefix("http://")
        self.assert_plain(None, ["GET /computeMetadata/v1/instance/service-accounts/default/token", "GET access"],
                          NO_GCE_CHECK=None, GCE_METADATA_HOST=host)

    def test_the_metadata_server_is_found_by_one_ping(self):
        host = self.url.removeprefix("http://")
        done = self.get("gcp-sm://sim-project/plain", self.env(NO_GCE_CHECK=None, GCE_METADATA_IP=host,
                                                               METADATA_SERVER_DETECTION="ping-only",
                                                               GCE_METADATA_HOST=host))
        self.assertEqual(done.stdout, b"plain text")
        self.assertEqual(self.asked()[0], "GET /")

    def test_gcloud_s_well_known_file(self):
        os.makedirs(os.path.join(self.sim.folder.name, "gcloud"), exist_ok=True)
        self.file("gcloud/application_default_credentials.json", user_file(self.url + "/token"))
        self.assert_plain(None, ["POST /token", "GET access"],
                          CLOUDSDK_CONFIG=os.path.join(self.sim.folder.name, "gcloud"))

    def test_the_option_comes_before_the_environment(self):
        path = self.file("own.json", key_file(self.sim))
        self.config = self.file("config", f"[provider gcp-sm]\nendpoint = {self.url}\ncredentials_file = {path}\n")
        self.assert_reads("not even JSON", ["GET access"])

    def test_a_project_left_open_is_the_file_s(self):
        self.assert_reads(key_file(self.sim), ["GET access"], "gcp-sm://-/for-reader")

    def test_a_quota_project_is_named(self):
        for env, expected in ({}, "sim-project"), ({"GOOGLE_CLOUD_QUOTA_PROJECT": "111122223333"}, "111122223333"):
            self.sim.admin("DELETE", "/log")
            done = self.get("gcp-sm://sim-project/plain",
                            self.env(user_file(self.url + "/token", quota_project_id="sim-project"), **env))
            self.assertEqual(done.returncode, 0)
            self.assertEqual(dict(self.sim.log("gcp")[1]["headers"])["x-goog-user-project"], expected)


class Federation(Google):
    def exchange(self):
        """The form that went to the Security Token Service."""
        entry = next(entry for entry in self.sim.log("gcp") if entry["path"] == "/v1/token")
        return {name: values[0] for name, values in parse_qs(entry["body"]).items()}

    def test_a_token_in_a_file(self):
        path = self.file("token", SUBJECT_TOKEN + "\n")
        self.assert_plain(external_file(self.url, {"file": path}), ["POST /v1/token", "GET access"])
        self.assertEqual(self.exchange()["subject_token"], SUBJECT_TOKEN)

    def test_a_token_in_a_json_file_and_impersonation(self):
        path = self.file("token", {"id_token": SUBJECT_TOKEN})
        source = {"file": path, "format": {"type": "json", "subject_token_field_name": "id_token"}}
        self.assert_reads(external_file(self.url, source, impersonate=READER),
                          ["POST /v1/token", "POST generateAccessToken", "GET access"])

    def test_a_token_behind_a_url_as_azure_has_it(self):
        source = {"url": self.url + "/subject?format=json", "headers": {"Metadata": "True"},
                  "format": {"type": "json", "subject_token_field_name": "access_token"}}
        self.assert_plain(external_file(self.url, source), ["GET /subject", "POST /v1/token", "GET access"])

    def test_a_token_that_a_program_prints(self):
        for token_type, member in ((ID_TYPE, "id_token"), (SAML_TYPE, "saml_response")):
            self.sim.admin("DELETE", "/log")
            answer = {"version": 1, "success": True, "token_type": token_type, member: SUBJECT_TOKEN}
            path = self.file("program", "#!/bin/sh\n[ \"$GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE\" = "
                             f"{token_type} ] && echo '{json.dumps(answer)}'\n")
            os.chmod(path, 0o700)
            self.assert_plain(external_file(self.url, {"executable": {"command": path}}, token_type=token_type),
                              ["POST /v1/token", "GET access"], GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES="1")

    def test_keys_of_aws_in_the_environment(self):
        self.assert_plain(external_file(self.url, {"environment_id": "aws1"}, "aws", AWS_TYPE),
                          ["POST /v1/token", "GET access"], AWS_REGION="us-east-1", AWS_ACCESS_KEY_ID=ACCESS_KEY,
                          AWS_SECRET_ACCESS_KEY=SECRET_KEY)
        self.assertEqual(self.sim.log("aws"), [])

    def test_keys_of_an_instance_on_aws(self):
        aws = self.sim.urls["aws"]
        self.assert_plain(
            external_file(self.url, {"environment_id": "aws1", "imdsv2_session_token_url": aws + "/latest/api/token",
                                     "region_url": aws + "/latest/meta-data/placement/availability-zone",
                                     "url": aws + "/latest/meta-data/iam/security-credentials"}, "aws", AWS_TYPE),
            ["POST /v1/token", "GET access"])
        self.assertEqual([entry["method"] for entry in self.sim.log("aws")], ["PUT", "GET", "GET", "GET"])

    def test_keys_of_a_container_on_aws(self):
        self.assert_plain(external_file(self.url, {"environment_id": "aws1"}, "aws", AWS_TYPE),
                          ["POST /v1/token", "GET access"], AWS_REGION="us-east-1",
                          AWS_CONTAINER_CREDENTIALS_FULL_URI=self.sim.urls["aws"] + "/v1/credentials",
                          AWS_CONTAINER_AUTHORIZATION_TOKEN="sim-container-token")

    def test_a_certificate_is_the_token_and_speaks_tls(self):
        leaf, key = make_certificate(self.sim.folder.name, "workload")
        server = make_certificate(self.sim.folder.name, "localhost")
        gate = Gate(self.url, *server, leaf)
        self.addCleanup(gate.close)
        self.config = self.file("config", f"[provider gcp-sm]\nendpoint = {self.url}\nca_file = {server[0]}\n")
        config = self.file("certificates.json", {"cert_configs": {"workload": {"cert_path": leaf, "key_path": key}}})
        source = {"certificate": {"certificate_config_location": config}}
        self.assert_plain(external_file(gate.url, source, "x509", MTLS_TYPE), ["POST /v1/token", "GET access"])
        self.assertEqual(gate.subjects, ["workload"])

    def test_a_workforce_pool_names_the_project_that_pays(self):
        path = self.file("token", SUBJECT_TOKEN)
        file = external_file(self.url, {"file": path}, token_type=ID_TYPE, workforce_pool_user_project="111122223333")
        file["audience"] = WORKFORCE
        self.assert_plain(file, ["POST /v1/token", "GET access"])
        self.assertEqual(json.loads(self.exchange()["options"]), {"userProject": "111122223333"})

    def test_a_client_of_its_own(self):
        path = self.file("token", SUBJECT_TOKEN)
        self.assert_plain(external_file(self.url, {"file": path}, client_id="sim-sts-client",
                                        client_secret="sim-sts-secret"), ["POST /v1/token", "GET access"])


class Jobs(Google):
    def job(self, env):
        self.config = self.file("config", f"[provider gcp-sm]\nendpoint = {self.url}\n[profile default]\n"
                                f"base_url = {self.sim.urls['mstr']}\nusername = ${{gcp-sm://sim-project/mstr#username}}\n"
                                "password = ${gcp-sm://sim-project/mstr#password}\n")
        done = run(MSTR, "--config", self.config, "projects", env=env)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertIn(b"MicroStrategy Tutorial", done.stdout)
        self.assertEqual(len({entry["connection"] for entry in self.sim.log("gcp") + self.sim.log("mstr")}), 2)
        return len(self.sim.log("gcp")), len(self.sim.log("mstr"))

    @alone("the agent gives back what it has, and logs out, when it ends")
    def test_the_main_job_takes_one_and_three_requests_with_a_key(self):
        self.assertEqual(self.job(self.env(key_file(self.sim))), (1, 3))

    @alone("the agent gives back what it has, and logs out, when it ends")
    def test_the_main_job_takes_two_and_three_requests_with_others(self):
        self.assertEqual(self.job(self.env(user_file(self.url + "/token"))), (2, 3))
        self.sim.reset()
        metadata = {"NO_GCE_CHECK": None, "GCE_METADATA_HOST": self.url.removeprefix("http://")}
        self.assertEqual(self.job(self.env(**metadata)), (2, 3))

    def test_versions_and_kinds_of_secrets(self):
        env = self.env(user_file(self.url + "/token"))
        for reference, value in (("gcp-sm://sim-project/mstr/1#password", b"old-password"),
                                 ("gcp-sm://sim-project/mstr/stable#password", b"old-password"),
                                 ("gcp-sm://sim-project/mstr#password", b"Simul8-analyst"),
                                 ("gcp-sm:projects/111122223333/secrets/plain/versions/latest", b"plain text"),
                                 ("gcp-sm:projects/sim-project/locations/europe-west1/secrets/eu", b"european"),
                                 ("gcp-sm://example.com:sim-legacy/old", b"of a domain's project"),
                                 ("gcp-sm://sim-project/binary", bytes([0, 1, 2, 3, 255]))):
            with self.subTest(reference):
                self.assertEqual(self.get(reference, env).stdout, value)
        shown = json.loads(self.get("gcp-sm://sim-project/mstr", env, "--json").stdout)
        self.assertEqual(shown["gcp-sm://sim-project/mstr"]["version"], "2")

    def test_many_secrets_need_one_token(self):
        for i in range(20):
            self.sim.admin("POST", "/secrets", {"service": "gcp", "name": f"s{i}", "string": f"value {i}"})
        done = run(MSTR, "--config", self.config, "get", *(f"gcp-sm://sim-project/s{i}" for i in range(20)),
                   env=self.env(user_file(self.url + "/token")))
        self.assertEqual(done.stdout.decode().splitlines(), [f"value {i}" for i in range(20)])
        self.assertEqual(sorted(self.asked()), ["GET access"] * 20 + ["POST /token"])

    def test_the_largest_secret_is_read(self):
        self.sim.admin("POST", "/secrets", {"service": "gcp", "name": "large", "string": "x" * 65536})
        done = self.get("gcp-sm://sim-project/large", self.env(user_file(self.url + "/token")))
        self.assertEqual(done.stdout, b"x" * 65536)

    @alone("the agent gives back what it has, and logs out, when it ends")
    def test_a_rotated_secret_is_read_by_the_next_login(self):
        env = self.env(key_file(self.sim))
        self.assertEqual(self.job(env), (1, 3))
        self.sim.admin("POST", "/secrets", {"service": "gcp", "name": "mstr", "string": '{"password":"new"}'})
        self.assertEqual(self.get("gcp-sm://sim-project/mstr#password", env).stdout, b"new")

    def test_doctor_tells_each_step(self):
        done = run(MSTR, "--config", self.config, "doctor", "gcp-sm://sim-project/plain",
                   env=self.env(key_file(self.sim)))
        text = done.stdout.decode()
        self.assertEqual(done.returncode, 0, text)
        for word in ("credentials_file", "GOOGLE_APPLICATION_CREDENTIALS", "service_account", "access token", READER,
                     "Secret Manager"):
            self.assertIn(word, text)
        self.assertNotIn("plain text", text)
        done = run(MSTR, "--config", self.config, "doctor", "gcp-sm://sim-project/disabled",
                   env=self.env(key_file(self.sim)))
        self.assertEqual(done.returncode, 4)
        self.assertIn(b"DISABLED state", done.stdout)

    def test_the_plugin_passes_the_conformance_run(self):
        done = run(os.environ["MSTR_PROVIDER_TEST"], "--option", f"endpoint={self.url}", "--found",
                   "//sim-project/plain", "--missing", "//sim-project/nope",
                   os.path.join(os.environ["MSTR_PLUGINS"], "gcp.so"), env=self.env(key_file(self.sim)))
        self.assertEqual(done.returncode, 0, done.stdout.decode() + done.stderr.decode())

    def test_doctor_tells_whom_the_machine_is(self):
        done = run(MSTR, "--config", self.config, "doctor", "gcp-sm://sim-project/plain",
                   env=self.env(NO_GCE_CHECK=None, GCE_METADATA_HOST=self.url.removeprefix("http://")))
        self.assertIn(MACHINE, done.stdout.decode())


class Retries(Google):
    def fault(self, path, **rule):
        self.sim.admin("POST", "/faults", {"service": "gcp", "path": path, **rule})

    def test_passing_failures_are_tried_again(self):
        env = self.env(user_file(self.url + "/token"))
        self.fault("*:access", action="status", status=503, body={"error": {"status": "UNAVAILABLE", "message": "m"}})
        self.fault("*:access", action="status", status=504, body="<html>")
        self.fault("*:access", action="reset")
        self.fault("/token", action="status", status=400, body={"error": "temporarily_unavailable"})
        done = self.get("gcp-sm://sim-project/plain", env)
        self.assertEqual(done.stdout, b"plain text")
        self.assertEqual(self.asked(), ["POST /token"] * 2 + ["GET access"] * 4)

    def test_a_damaged_payload_is_asked_for_once_more(self):
        damaged = {"name": "projects/1/secrets/plain/versions/1", "payload": {"data": "cGxhaW4=", "dataCrc32c": "7"}}
        self.fault("*:access", action="status", status=200, body=damaged)
        self.assert_reads(key_file(self.sim), ["GET access"] * 2)
        self.sim.admin("DELETE", "/log")
        self.fault("*:access", action="status", status=200, body=damaged, times=-1)
        done = self.get("gcp-sm://sim-project/plain", self.env(key_file(self.sim)))
        self.assertEqual(done.returncode, 8)
        self.assertIn(b"CRC-32C", done.stderr)
        self.assertEqual(self.asked(), ["GET access"] * 2)

    def test_a_token_that_is_refused_is_replaced_once(self):
        refusal = {"error": {"code": 401, "status": "UNAUTHENTICATED", "message": "m"}}
        self.fault("*:access", action="status", status=401, body=refusal)
        self.assert_plain(user_file(self.url + "/token"), ["POST /token", "GET access"] * 2)

    def test_final_failures_are_not_tried_again(self):
        for name in ("disabled", "forbidden", "nope"):
            self.sim.admin("DELETE", "/log")
            self.get(f"gcp-sm://sim-project/{name}", self.env(key_file(self.sim)))
            self.assertEqual(self.asked(), ["GET access"])


class Network(Google):
    def setUp(self):
        super().setUp()
        self.proxy = Proxy(int(self.sim.urls["gcp-tls"].rsplit(":", 1)[1]))
        self.addCleanup(self.proxy.close)
        self.proxies = {name: self.proxy.url for name in ("http_proxy", "https_proxy", "all_proxy")}
        self.config = self.file("config", f"[provider gcp-sm]\nca_file = {self.sim.urls['ca']}\n")

    def hosts(self):
        return [target.removesuffix(":443") for _, target in self.proxy.asked]

    def assert_hosts(self, credentials, hosts, reference="gcp-sm://sim-project/plain"):
        done = self.get(reference, self.env(credentials, **self.proxies))
        self.assertEqual((done.stderr, done.returncode), (b"", 0))
        self.assertEqual(self.hosts(), hosts)
        self.proxy.asked.clear()

    def test_each_service_has_its_host(self):
        service, tokens = "secretmanager.googleapis.com", "oauth2.googleapis.com"
        file = external_file("https://sts.googleapis.com", {"file": self.file("token", SUBJECT_TOKEN)})
        self.assert_hosts(user_file(), [tokens, service])
        self.assert_hosts(key_file(self.sim), [service])
        self.assert_hosts(file, ["sts.googleapis.com", service])
        del file["token_url"]
        file["service_account_impersonation_url"] = impersonation_url("https://iamcredentials.googleapis.com", READER)
        self.assert_hosts(file, ["sts.googleapis.com", "iamcredentials.googleapis.com", service])
        self.assert_hosts(key_file(self.sim), ["secretmanager.europe-west1.rep.googleapis.com"],
                          "gcp-sm:projects/sim-project/locations/europe-west1/secrets/eu")

    def test_nothing_for_link_local_addresses_goes_through_a_proxy(self):
        source = {"url": "http://169.254.7.7/token", "headers": {"Metadata": "True"}}
        for credentials, env in ((None, {"NO_GCE_CHECK": None, "GCE_METADATA_IP": "169.254.7.7"}),
                                 (None, {"NO_GCE_CHECK": None, "GCE_METADATA_HOST": "169.254.7.7"}),
                                 (external_file("https://sts.googleapis.com", source), {})):
            done = self.get("gcp-sm://sim-project/plain", self.env(credentials, **env, **self.proxies),
                            "--timeout", "1500ms")
            self.assertNotEqual(done.returncode, 0)
        self.assertEqual(self.proxy.asked, [])

    def test_off_google_the_search_ends_soon_and_lists_every_place(self):
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            address = f"127.0.0.1:{silent.getsockname()[1]}"
            took = []
            for _ in range(3):
                start = time.monotonic()
                done = self.get("gcp-sm://sim-project/plain", self.env(NO_GCE_CHECK=None, GCE_METADATA_IP=address,
                                                                       METADATA_SERVER_DETECTION="ping-only"))
                took.append(time.monotonic() - start)
        self.assertEqual(done.returncode, 6, done.stderr)
        for place in ("credentials_file", "GOOGLE_APPLICATION_CREDENTIALS", "gcloud's well-known file",
                      "metadata server: not on Google Cloud"):
            self.assertIn(place, done.stderr.decode())
        self.assertLess(min(took), 1.5, "of three, for the sake of busy machines")


if __name__ == "__main__":
    unittest.main()
