# SPDX-License-Identifier: Apache-2.0
"""Debian's google-auth and our Google plugin act for the same identities against the same simulator; what they ask for
is compared after decoding, and so is what they read."""
import base64
import json
import os
import sys
import unittest
from urllib.parse import parse_qs

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from gcp_files import READER, SCOPE, key_file, user_file
from simulator import Simulator, environment, run
from wire import decode_jwt

MSTR = os.environ["MSTR_BIN"]
SIM = Simulator(os.environ["MSTR_SIM"])
URL = SIM.urls["gcp"]
for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
    del os.environ[name]
# The library reads these when it is imported.
os.environ.update(GCE_METADATA_ROOT=URL.removeprefix("http://"), GCE_METADATA_IP=URL.removeprefix("http://"))
try:
    from google.auth import compute_engine, jwt
    from google.auth.transport.requests import AuthorizedSession, Request
    from google.oauth2 import credentials, service_account
except ImportError:
    SIM.__exit__(None, None, None)
    sys.exit("google_auth_test: Debian's packages python3-google-auth and python3-requests are not installed")

# Where the two differ on purpose.
# - This release of the library leaves the padding of base64 in its tokens; ours are as RFC 7515 has them.
# - Its self-signed tokens name the service as audience; ours carry the scope (AIP-4111 allows both), which also holds for
#   regional hosts.
# - Ours begin ten seconds ago, for clocks that run ahead.
# - The library asks the metadata server for the account first, and asks for its token by e-mail address; ours asks for the
#   default account's at once, with the scope that Cloud Run honours.


def header(entry, name):
    return {key.lower(): value for key, value in entry["headers"]}.get(name)


class GoogleAuth(unittest.TestCase):
    @classmethod
    def tearDownClass(cls):
        SIM.__exit__(None, None, None)

    def setUp(self):
        SIM.reset()

    def file(self, name, content):
        path = os.path.join(SIM.folder.name, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content if isinstance(content, str) else json.dumps(content))
        return path

    def theirs(self, identity, secret="for-reader"):
        with AuthorizedSession(identity) as session:
            answer = session.get(f"{URL}/v1/projects/sim-project/secrets/{secret}/versions/latest:access")
        self.assertEqual(answer.status_code, 200, answer.text)
        return base64.b64decode(answer.json()["payload"]["data"]), self.take_log()

    def ours(self, file=None, secret="for-reader", **more):
        config = self.file("config", f"[provider gcp-sm]\nendpoint = {URL}\n")
        if file is not None:
            more["GOOGLE_APPLICATION_CREDENTIALS"] = self.file("credentials.json", file)
        done = run(MSTR, "--config", config, "get", f"gcp-sm://sim-project/{secret}", env=environment(**more))
        self.assertEqual(done.stderr, b"")
        return done.stdout, self.take_log()

    def take_log(self):
        log = SIM.log("gcp")
        SIM.admin("DELETE", "/log")
        return log

    def test_an_assertion_of_a_key(self):
        key = key_file(SIM)
        del key["private_key_id"]
        theirs, their_log = self.theirs(service_account.Credentials.from_service_account_info(key, scopes=[SCOPE]))
        ours, our_log = self.ours(key)
        self.assertEqual(theirs, ours)
        pair = [{name: values[0] for name, values in parse_qs(log[0]["body"]).items()} for log in (their_log, our_log)]
        self.assertEqual(*(form["grant_type"] for form in pair))
        (head, claims), (our_head, our_claims) = (decode_jwt(form["assertion"]) for form in pair)
        self.assertEqual((head["alg"], head["typ"]), (our_head["alg"], our_head["typ"]))
        self.assertEqual(set(claims), set(our_claims))
        for name in ("iss", "aud", "scope"):
            self.assertEqual(claims[name], our_claims[name])
        self.assertEqual(claims["exp"] - claims["iat"], our_claims["exp"] - our_claims["iat"])

    def test_a_token_signed_by_the_key_itself(self):
        key = key_file(SIM)
        identity = jwt.Credentials.from_service_account_info(key, audience="https://secretmanager.googleapis.com/")
        theirs, their_log = self.theirs(identity)
        ours, our_log = self.ours(key)
        self.assertEqual(theirs, ours)
        self.assertEqual([len(their_log), len(our_log)], [1, 1])
        (head, claims), (our_head, our_claims) = (
            decode_jwt(header(log[0], "authorization").removeprefix("Bearer ")) for log in (their_log, our_log))
        self.assertEqual(head, our_head)
        self.assertEqual((claims["iss"], claims["sub"]), (READER, READER))
        self.assertEqual((our_claims["iss"], our_claims["sub"]), (READER, READER))
        self.assertEqual(set(claims) - {"aud"}, set(our_claims) - {"scope"})

    def test_a_user_s_refresh_token(self):
        file = user_file(URL + "/token")
        identity = credentials.Credentials(None, refresh_token=file["refresh_token"], token_uri=file["token_uri"],
                                           client_id=file["client_id"], client_secret=file["client_secret"])
        theirs, their_log = self.theirs(identity, "plain")
        ours, our_log = self.ours(file, "plain")
        self.assertEqual(theirs, ours)
        self.assertEqual(*(parse_qs(log[0]["body"]) for log in (their_log, our_log)))

    def test_the_metadata_server(self):
        identity = compute_engine.Credentials()
        identity.refresh(Request())
        theirs, their_log = self.theirs(identity, "plain")
        ours, our_log = self.ours(secret="plain", GCE_METADATA_ROOT=URL.removeprefix("http://"))
        self.assertEqual(theirs, ours)
        for log in (their_log, our_log):
            asked = [entry for entry in log if entry["path"].endswith("/token")]
            self.assertEqual([entry["method"] for entry in asked], ["GET"])
            self.assertEqual(header(asked[0], "metadata-flavor"), "Google")
        self.assertEqual(*(header(log[-1], "authorization") for log in (their_log, our_log)),
                         "the server hands out one token until shortly before its end")


if __name__ == "__main__":
    unittest.main(warnings="ignore")  # the library leaves sockets to the collector
