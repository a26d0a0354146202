# SPDX-License-Identifier: Apache-2.0
"""Google's libraries for Node.js and our Google plugin act for the same identities against the same simulator: what they
ask for and read is compared after decoding. Where the libraries know only Google's own hosts, a proxy leads those to the
simulator."""
import base64
import json
import os
import sys
import unittest
from urllib.parse import parse_qs, unquote

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import node
from gcp_files import (AWS_TYPE, DEPUTY, ID_TYPE, NOBODY, READER, SCOPE, SUBJECT_TOKEN, WORKFORCE, external_file,
                       impersonation_url, key_file, user_file, workforce_user_file)
from mutual_tls import Gate, make_certificate
from proxy import Proxy
from simulator import ACCESS_KEY, SECRET_KEY, Simulator, environment, run
from wire import decode_jwt

MSTR = os.environ["MSTR_BIN"]

# Where the two differ on purpose.
# - The library's assertions name neither kid nor typ, and https://oauth2.googleapis.com/token as their audience whatever
#   token_uri says; ours say which key signed, and name the endpoint that the assertion goes to (RFC 7523 3).
# - The library backdates nothing; ours begin ten seconds ago, for clocks that run ahead.
# - x-goog-cloud-target-resource is signed by ours, so that a request for one audience serves no other; the library adds it
#   after signing.
# - The library posts impersonations to an endpoint made of the account's name; ours to the URL of the file, which may be
#   regional.
# - The library looks for a project at Cloud Resource Manager, unless one is set as here; ours never asks there.
# - "delegates" is left out by ours where there are none.


class GoogleNpm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(os.environ["MSTR_SIM"], "--tls")
        cls.addClassCleanup(cls.sim.__exit__, None, None, None)
        cls.url = cls.sim.urls["gcp"]
        cls.host = cls.url.removeprefix("http://")
        cls.proxy = Proxy(int(cls.sim.urls["gcp-tls"].rsplit(":", 1)[1]))
        cls.addClassCleanup(cls.proxy.close)

    def setUp(self):
        self.sim.reset()
        self.authorities = self.sim.urls["ca"]

    def file(self, name, content):
        path = os.path.join(self.sim.folder.name, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content if isinstance(content, str) else json.dumps(content))
        return path

    def env(self, credentials, **more):
        if credentials is not None:
            more["GOOGLE_APPLICATION_CREDENTIALS"] = self.file("credentials.json", credentials)
        detection = "assume-present" if credentials is None else "none"
        proxies = {"https_proxy": self.proxy.url, "HTTPS_PROXY": self.proxy.url, "NO_PROXY": "127.0.0.1",
                   "no_proxy": "127.0.0.1"}
        return environment(GOOGLE_CLOUD_PROJECT="sim-project", METADATA_SERVER_DETECTION=detection,
                           NODE_EXTRA_CA_CERTS=self.authorities, **{**proxies, **more})

    def take_log(self):
        log = self.sim.log("gcp")
        self.sim.admin("DELETE", "/log")
        return log

    def theirs(self, env):
        """What their token reads, and the requests that it took to get it."""
        answer = node.ask("google.js", {"call": "token", "scopes": [SCOPE]}, env)
        self.assertNotIn("error", answer)
        return answer["token"], self.take_log()

    def ours(self, env, reference="gcp-sm://sim-project/plain"):
        config = self.file("config", f"[provider gcp-sm]\nca_file = {self.authorities}\n")
        done = run(MSTR, "--config", config, "get", reference, env=env)
        self.assertEqual(done.stderr, b"")
        return done.stdout, self.take_log()

    def both(self, credentials, **more):
        """The requests of both up to the token, in pairs."""
        env = self.env(credentials, **more)
        _, theirs = self.theirs(env)
        _, ours = self.ours(env)
        self.assertEqual([(entry["method"], entry["path"]) for entry in ours[:-1]],
                         [(entry["method"], entry["path"]) for entry in theirs])
        self.assertEqual({entry["status"] for entry in theirs + ours}, {200})
        return list(zip(theirs, ours))

    def assert_same_form(self, pair, *but):
        """The same fields; those of `but` are compared by the caller."""
        theirs, ours = ({name: values for name, values in parse_qs(entry["body"]).items() if name not in but}
                        for entry in pair)
        self.assertEqual(theirs, ours)
        self.assertEqual(*(header(entry, "authorization") for entry in pair))

    def source(self, **more):
        return {"file": self.file("token", SUBJECT_TOKEN), **more}


def header(entry, name):
    return {key.lower(): value for key, value in entry["headers"]}.get(name)


class Tokens(GoogleNpm):
    def test_a_user_s_refresh_token(self):
        pair, = self.both(user_file())
        self.assert_same_form(pair)

    def test_a_workforce_user_s_refresh_token(self):
        pair, = self.both(workforce_user_file(self.url))
        self.assert_same_form(pair)

    def test_an_assertion_of_a_key(self):
        key = key_file(self.sim) | {"token_uri": "https://oauth2.googleapis.com/token"}
        del key["private_key_id"]
        pair, = self.both(key)
        self.assert_same_form(pair, "assertion")
        theirs, ours = (decode_jwt(parse_qs(entry["body"])["assertion"][0]) for entry in pair)
        self.assertEqual((theirs[0]["alg"], ours[0]["alg"]), ("RS256", "RS256"))
        for name in ("iss", "scope", "aud"):
            self.assertEqual(theirs[1][name], ours[1][name])
        for _, claims in (theirs, ours):
            self.assertEqual(claims["exp"] - claims["iat"], 3600)
        self.assertEqual(set(theirs[1]), set(ours[1]))

    def test_a_token_of_a_file(self):
        pair, = self.both(external_file(self.url, self.source()))
        self.assert_same_form(pair)

    def test_a_token_of_a_url_that_impersonates(self):
        source = {"url": self.url + "/subject?format=json", "headers": {"Metadata": "True"},
                  "format": {"type": "json", "subject_token_field_name": "access_token"}}
        asked, exchanged, impersonated = self.both(external_file(self.url, source, impersonate=READER))
        self.assertEqual(*(header(entry, "metadata") for entry in asked))
        self.assert_same_form(exchanged)
        theirs, ours = (json.loads(entry["body"]) for entry in impersonated)
        self.assertEqual(theirs, ours)

    def test_a_token_of_a_program(self):
        answer = {"version": 1, "success": True, "token_type": ID_TYPE, "id_token": SUBJECT_TOKEN}
        seen = os.path.join(self.sim.folder.name, "seen")
        path = self.file("program", f"#!/bin/sh\nenv | grep ^GOOGLE_EXTERNAL | sort >>{seen}\n"
                         f"cat <<'END'\n{json.dumps(answer)}\nEND\n")
        os.chmod(path, 0o700)
        file = external_file(self.url, {"executable": {"command": path, "timeout_millis": 20000}}, token_type=ID_TYPE)
        pair, = self.both(file, GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES="1")
        self.assert_same_form(pair)
        with open(seen, encoding="ascii") as lines:
            seen = lines.read().splitlines()
        self.assertEqual(seen[:len(seen) // 2], seen[len(seen) // 2:], "the same environment")

    def test_a_request_signed_for_aws(self):
        file = external_file(self.url, {"environment_id": "aws1", "regional_cred_verification_url":
                             "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15"},
                             "aws", AWS_TYPE)
        pair, = self.both(file, AWS_REGION="us-east-1", AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY)
        self.assert_same_form(pair, "subject_token")
        theirs, ours = (json.loads(unquote(parse_qs(entry["body"])["subject_token"][0])) for entry in pair)
        for token in (theirs, ours):
            token["headers"] = {item["key"].lower(): item["value"] for item in token["headers"]}
            token["headers"].pop("x-amz-date")
            authorization = token["headers"].pop("authorization")
            token["key"] = authorization.split("Credential=")[1].split("/")[0]
            token["scope"] = authorization.split("/", 2)[2].split(",")[0]
        self.assertEqual(theirs, ours)

    def test_a_certificate(self):
        leaf, key = make_certificate(self.sim.folder.name, "workload")
        server = make_certificate(self.sim.folder.name, "localhost")
        gate = Gate(self.url, *server, leaf)
        self.addCleanup(gate.close)
        with open(self.sim.urls["ca"], encoding="ascii") as own, open(server[0], encoding="ascii") as other:
            self.authorities = self.file("authorities.pem", own.read() + other.read())
        config = self.file("certificates.json", {"cert_configs": {"workload": {"cert_path": leaf, "key_path": key}}})
        file = external_file(gate.url, {"certificate": {"certificate_config_location": config}}, "x509",
                             "urn:ietf:params:oauth:token-type:mtls")
        pair, = self.both(file, no_proxy="127.0.0.1,localhost", NO_PROXY="127.0.0.1,localhost")
        self.assert_same_form(pair)
        self.assertEqual(gate.subjects, ["workload", "workload"])

    def test_a_workforce_pool(self):
        file = external_file(self.url, self.source(), token_type=ID_TYPE, workforce_pool_user_project="111122223333")
        file["audience"] = WORKFORCE
        pair, = self.both(file)
        self.assert_same_form(pair)

    def test_impersonation(self):
        url = impersonation_url("https://iamcredentials.googleapis.com", READER)
        _, impersonated = self.both({"type": "impersonated_service_account", "source_credentials": user_file(),
                                     "service_account_impersonation_url": url})
        theirs, ours = (json.loads(entry["body"]) for entry in impersonated)
        self.assertEqual(theirs.pop("delegates"), [])
        self.assertEqual(theirs, ours)

    def test_impersonation_by_way_of_a_delegate(self):
        env = self.env({"type": "impersonated_service_account", "source_credentials": key_file(self.sim, NOBODY),
                        "delegates": [DEPUTY], "service_account_impersonation_url":
                        impersonation_url("https://iamcredentials.googleapis.com", READER)})
        _, theirs = self.theirs(env)
        _, ours = self.ours(env, "gcp-sm://sim-project/for-reader")
        self.assertEqual([len(theirs), len(ours)], [2, 2], "the library exchanges the key's token first; ours is one")
        self.assertEqual(json.loads(theirs[1]["body"]), json.loads(ours[0]["body"]))

    def test_the_metadata_server(self):
        env = self.env(None, GCE_METADATA_HOST=self.host)
        _, theirs = self.theirs(env)
        _, ours = self.ours(env)
        asked = [next(entry for entry in log if entry["path"].endswith("/token")) for log in (theirs, ours)]
        self.assertEqual(*(entry["path"] for entry in asked))
        self.assertEqual(*(header(entry, "metadata-flavor") for entry in asked))
        self.assertEqual([pair for pair in asked[1]["query"]], [["scopes", SCOPE]])


class Secrets(GoogleNpm):
    def test_a_secret_has_the_same_value_and_version(self):
        key = key_file(self.sim)
        host, port = self.host.split(":")
        options = {"apiEndpoint": host, "port": int(port), "protocol": "http"}
        config = self.file("config", f"[provider gcp-sm]\nendpoint = {self.url}\n")
        for secret, version in (("mstr", "latest"), ("mstr", "1"), ("mstr", "stable"), ("binary", "latest"),
                                ("for-reader", "latest")):
            with self.subTest(secret=secret, version=version):
                env = self.env(key)
                name = f"projects/sim-project/secrets/{secret}/versions/{version}"
                theirs = node.ask("google.js", {"call": "secret", "name": name, "options": options}, env)
                asked = self.take_log()[-1]
                done = run(MSTR, "--config", config, "--json", "get", f"gcp-sm:{name}", env=env)
                ours = json.loads(done.stdout)[f"gcp-sm:{name}"]
                value = base64.b64decode(ours["value_base64"]) if "value_base64" in ours else ours["value"].encode()
                self.assertEqual(base64.b64decode(theirs["value"]), value)
                self.assertEqual(theirs["name"].rsplit("/", 1)[1], ours["version"])
                sent, = self.take_log()
                self.assertEqual(asked["path"], sent["path"])
                self.assert_same_claims(asked, sent)

    def assert_same_claims(self, *entries):
        """Both sign their own token, by the same key for the same scope."""
        theirs, ours = (decode_jwt(header(entry, "authorization").removeprefix("Bearer ")) for entry in entries)
        self.assertEqual(theirs[0] | {"typ": "JWT"}, ours[0])
        for name in ("iss", "sub", "scope"):
            self.assertEqual(theirs[1][name], ours[1][name])
        self.assertEqual(set(theirs[1]), set(ours[1]))

    def test_refusals_say_the_same(self):
        key = key_file(self.sim)
        host, port = self.host.split(":")
        config = self.file("config", f"[provider gcp-sm]\nendpoint = {self.url}\n")
        for secret in ("nope", "disabled", "destroyed", "forbidden"):
            with self.subTest(secret=secret):
                env = self.env(key)
                name = f"projects/sim-project/secrets/{secret}/versions/latest"
                theirs = node.ask("google.js", {"call": "secret", "name": name, "options":
                                  {"apiEndpoint": host, "port": int(port), "protocol": "http"}}, env)
                ours = json.loads(run(MSTR, "--config", config, "--json", "get", f"gcp-sm:{name}", env=env).stderr)
                self.assertIn(ours["message"].split(": ", 1)[1], theirs["message"].replace('\\"', '"'))


if __name__ == "__main__":
    unittest.main()
