# SPDX-License-Identifier: Apache-2.0
"""What users get wrong with Google, and what goes wrong around them: each has its exit status and a message that says what,
why and what to do, and no secret stands in any output, at any log level. Through the real binary and the simulator."""
import json
import os
import time
import unittest

from gcp_test import MSTR, Google
from gcp_files import (DEPUTY, NOBODY, READER, SUBJECT_TOKEN, external_file, impersonation_url, key_file, user_file,
                       workforce_user_file)
from in_front import alone
from simulator import environment, run

EXECUTABLES = {"GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES": "1"}


class BadInput(Google):
    def expect(self, status, words, credentials=None, reference="gcp-sm://sim-project/plain", hint=None, options=(), **env):
        """Runs mstr plainly and with all that it can log; every output is searched for secrets."""
        env = self.env(credentials, **env)
        plain = self.get(reference, env, *options)
        text = plain.stderr.decode()
        self.assertEqual(plain.returncode, status, text)
        self.assertEqual(plain.stdout, b"")
        for word in words:
            self.assertIn(word, text)
        if hint:
            self.assertRegex(text, f"\nhint: .*{hint}")
        traced = self.get(reference, env, "--log", "trace", *options)
        secrets = ["sim-client-secret", "1//sim-", "sim-workforce-secret", SUBJECT_TOKEN, "ya29.", "eyJ", "hidden"]
        if isinstance(credentials, dict) and credentials.get("private_key"):
            secrets += [line for line in credentials["private_key"].splitlines() if len(line) > 20 and "KEY" not in line]
        for output in (plain, traced):
            for secret in secrets:
                self.assertNotIn(secret.encode(), output.stdout + output.stderr)

    def user(self, **more):
        return user_file(self.url + "/token", **more)

    def requests(self):
        return len(self.sim.log("gcp"))


class Files(BadInput):
    def test_files_that_are_no_credentials(self):
        key = key_file(self.sim)
        broken = key["private_key"][:200] + key["private_key"][260:]
        for credentials, words in (
                ("not JSON", ["not a JSON object"]), ("[]", ["not a JSON object"]), ({}, ['no "type"']),
                ({"type": "web"}, ['unknown type "web"']), (dict(key, private_key=None), ['"private_key"']),
                (dict(key, private_key=broken), ["no RSA key"]), (dict(key, private_key="nonsense"), ["no RSA key"]),
                (dict(key, client_email=7), ['"client_email"']),
                (dict(key, token_uri="http://tokens.example/token"), ['"token_uri"', "https"]),
                ({"type": "gdch_service_account"}, ["Distributed Cloud"]),
                (self.user(refresh_token=""), ['"refresh_token"']),
                (workforce_user_file("https://evil.example"), ["none of Google's"])):
            with self.subTest(words=words):
                self.expect(3, ["GOOGLE_APPLICATION_CREDENTIALS", *words], credentials)
        self.assertEqual(self.requests(), 0)

    def test_files_that_cannot_be_read(self):
        env = {"GOOGLE_APPLICATION_CREDENTIALS": "/nonexistent/key.json"}
        self.expect(3, ["/nonexistent/key.json", "No such file"], **env)
        self.expect(3, ["regular file"], GOOGLE_APPLICATION_CREDENTIALS=self.sim.folder.name)
        path = self.file("open.json", self.user())
        os.chmod(path, 0o666)
        self.expect(3, ["anybody may write"], GOOGLE_APPLICATION_CREDENTIALS=path, hint="chmod o-w")
        self.assertEqual(self.requests(), 0)

    def test_no_identity_lists_what_was_tried(self):
        self.expect(6, ["credentials_file", "GOOGLE_APPLICATION_CREDENTIALS", "gcloud", "NO_GCE_CHECK"],
                    hint="GOOGLE_APPLICATION_CREDENTIALS")

    def test_a_user_s_universe_is_not_mixed_with_another(self):
        self.expect(3, ["universe.example", "GOOGLE_CLOUD_UNIVERSE_DOMAIN"], self.user(),
                    GOOGLE_CLOUD_UNIVERSE_DOMAIN="universe.example")

    def test_references(self):
        for reference in ("gcp-sm:plain", "gcp-sm://p", "gcp-sm://p/s/0", "gcp-sm://p/s?version=1", "gcp-sm://p/s%2Fx/y/z"):
            self.expect(3, ["the reference"], self.user(), reference)
        self.expect(3, ["knows none"], self.user(), "gcp-sm://-/s", hint="GOOGLE_CLOUD_PROJECT")
        self.assertEqual(self.requests(), 0)


class Executables(BadInput):
    def program(self, text, **more):
        path = self.file("program", "#!/bin/sh\n" + text)
        os.chmod(path, 0o700)
        return external_file(self.url, {"executable": {"command": path, **more}})

    def test_it_runs_only_when_that_is_allowed(self):
        ran = os.path.join(self.sim.folder.name, "ran")
        self.expect(3, ["not allowed"], self.program(f"touch {ran}\n"), hint="GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1")
        self.expect(3, ["not allowed"], self.program(f"touch {ran}\n"), GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES="true")
        self.assertFalse(os.path.exists(ran))

    @alone("the agent has a time of its own for what it asks others")
    def test_one_that_hangs_is_ended_with_all_its_children(self):
        left = os.path.join(self.sim.folder.name, "pid")
        self.expect(7, ["program"], self.program(f"sleep 600 & echo $! >{left}; wait\n"), options=("--timeout", "2s"),
                    **EXECUTABLES)
        with open(left, encoding="ascii") as file:
            pid = file.read().strip()
        deadline = time.monotonic() + 10
        while running(pid) and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertFalse(running(pid))

    def test_what_it_prints_is_checked(self):
        good = {"version": 1, "success": True, "token_type": "urn:ietf:params:oauth:token-type:jwt", "id_token": "x"}
        for answer, status, words in (
                ("hello", 8, ["no JSON"]), (good | {"version": 2}, 8, ["version 2"]),
                (good | {"success": False, "code": "401", "message": "log in first"}, 6, ["401: log in first"]),
                (good | {"expiration_time": 1}, 6, ["expired"]), (good | {"token_type": "x"}, 8, ["token_type"]),
                (good | {"id_token": None}, 8, ["token_type"])):
            with self.subTest(words=words):
                text = answer if isinstance(answer, str) else json.dumps(answer)
                self.expect(status, words, self.program(f"cat <<'END'\n{text}\nEND\n"), **EXECUTABLES)
        self.expect(6, ["status 3"], self.program("exit 3\n"), **EXECUTABLES)
        self.expect(3, ["5000 to 120000"], self.program("exit\n", timeout_millis=100), **EXECUTABLES)


def running(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Tokens(BadInput):
    def test_grants_that_are_refused(self):
        gone = key_file(self.sim)
        gone["private_key_id"] = ""
        gone["client_email"] = NOBODY
        for credentials, words, hint in (
                (self.user(refresh_token="1//sim-unknown"), ["invalid_grant"], "sign in again"),
                (self.user(refresh_token="1//sim-guarded-token"), ["invalid_grant"], "sign in again"),
                (self.user(client_secret="wrong"), ["invalid_client"], "client_id and client_secret"),
                (gone, ["invalid_grant", "Signature"], "make a new key")):
            with self.subTest(words=words, hint=hint):
                self.expect(6, words, credentials, hint=hint)

    def test_a_clock_that_is_wrong_is_put_right_by_those_who_refuse_it(self):
        self.sim.admin("POST", "/clock", {"advance_ms": 7200000})
        for name in ("private_key_id", "none"):  # exchanged for a token, or signed by itself
            with self.subTest(without=name):
                key = key_file(self.sim)
                key.pop(name, None)
                done = self.get("gcp-sm://sim-project/plain", self.env(key))
                self.assertEqual((done.returncode, done.stdout), (0, b"plain text"), done.stderr)

    def test_federation_that_is_refused(self):
        source = {"file": self.file("token", SUBJECT_TOKEN)}
        for provider, words, hint in (("off", ["invalid_target"], "audience"), ("nope", ["invalid_target"], "audience"),
                                      ("picky", ["unauthorized_client"], "attribute condition")):
            self.expect(6, words, external_file(self.url, source, provider), hint=hint)
        self.expect(6, ["invalid_grant"], external_file(self.url, {"file": self.file("token", "other")}))
        self.expect(6, ["answered 400"], external_file(self.url, {"url": self.url + "/subject"}))
        self.expect(3, ["holds none"], external_file(self.url, {"file": self.file("token", "")}))

    def test_impersonation_that_is_refused(self):
        file = {"type": "impersonated_service_account", "source_credentials": self.user(),
                "service_account_impersonation_url": impersonation_url(self.url, DEPUTY)}
        self.expect(5, ["getAccessToken"], file, hint="serviceAccountTokenCreator")

    def test_answers_that_are_none(self):
        without = "/token answered without"
        for body, words in (("", without), ("<html>", without), ("{}", without), ('{"access_token":""}', without),
                            ('{"access_token":"a\\nb"}', without),
                            ('{"access_token":"a","expires_in":0}', "/token gave a token that has expired already"),
                            ('{"access_token":"a","token_type":["Bearer"]}', "/token gave a token of type")):
            with self.subTest(body=body):
                self.sim.admin("DELETE", "/faults")
                self.sim.admin("POST", "/faults", {"service": "gcp", "path": "/token", "action": "status", "status": 200,
                                                   "body": body, "times": -1})
                self.expect(8, [words, "GOOGLE_APPLICATION_CREDENTIALS (", "(before it: credentials_file: not set"], self.user())


class Metadata(BadInput):
    def metadata(self, status, words, hint=None):
        self.expect(status, words, hint=hint, NO_GCE_CHECK=None, GCE_METADATA_HOST=self.url.removeprefix("http://"))

    def test_an_answer_without_its_flavor_is_not_google_s(self):
        self.sim.admin("PUT", "/knobs/gcp", {"flavor": False})
        self.metadata(8, ["Metadata-Flavor"])
        self.sim.admin("PUT", "/knobs/gcp", {"metadata": False})
        self.metadata(8, ["Metadata-Flavor"])

    def test_a_machine_without_an_account(self):
        self.sim.admin("PUT", "/knobs/gcp", {"metadata_account": False})
        self.metadata(6, ["404"], "attach a service account")

    def test_a_machine_without_the_scope(self):
        self.sim.admin("PUT", "/knobs/gcp", {"metadata_scopes": "https://www.googleapis.com/auth/devstorage.read_only"})
        self.metadata(5, ["insufficient authentication scopes"], "cloud-platform scope")


class Store(BadInput):
    def test_versions_that_cannot_be_read(self):
        for name, status, words, hint in (
                ("nope", 4, ["404 NOT_FOUND"], None), ("mstr/9", 4, ["404 NOT_FOUND"], None),
                ("empty", 4, ["404 NOT_FOUND"], None),
                ("disabled", 4, ["DISABLED state", "versions/2"], "whatever its state"),
                ("destroyed", 4, ["DESTROYED state"], "gone for good"),
                ("forbidden", 5, ["versions.access", "may not exist"], "secretAccessor")):
            with self.subTest(name=name):
                self.expect(status, words, self.user(), f"gcp-sm://sim-project/{name}", hint)
        self.expect(5, ["may not exist"], self.user(), "gcp-sm://unknown/s", "check project and name")
        self.expect(5, ["has not been used"], self.user(), "gcp-sm://sim-disabled/s", "enable the API")
        self.expect(5, ["unknown"], self.user(quota_project_id="unknown"), hint="serviceusage.services.use")

    def test_a_refusal_names_the_identity(self):
        self.expect(5, ["may not exist"], key_file(self.sim, NOBODY), "gcp-sm://sim-project/for-reader", NOBODY)
        self.expect(6, ["invalid authentication credentials"], key_file(self.sim) | {"client_email": NOBODY},
                    "gcp-sm://sim-project/plain")
        self.assertNotEqual(NOBODY, READER)

    def test_payloads_that_are_none(self):
        name = "projects/1/secrets/plain/versions/1"
        for payload, words in (({"data": "cGxhaW4=", "dataCrc32c": "7"}, ["CRC-32C"]), ({"data": "***"}, ["not base64"]),
                               ({"data": "QUFB" * 21847}, ["64 KiB"]), ({"data": 1}, ["no text"]),
                               (None, ["neither name nor payload"])):
            with self.subTest(words=words):
                self.sim.admin("DELETE", "/faults")
                self.sim.admin("POST", "/faults", {"service": "gcp", "path": "*:access", "action": "status", "status": 200,
                                                   "body": {"name": name, "payload": payload}, "times": -1})
                self.expect(8, words, self.user())

    def test_an_answer_without_end_is_cut(self):
        self.sim.admin("POST", "/faults", {"service": "gcp", "path": "*:access", "action": "status", "status": 200,
                                           "body": "x" * 300000, "times": -1})
        self.expect(8, ["larger than 262144"], self.user())

    @alone("the agent has a time of its own for what it asks others")
    def test_a_service_that_stays_down(self):
        self.sim.admin("POST", "/faults", {"service": "gcp", "path": "*:access", "action": "status", "status": 503,
                                           "body": {"error": {"status": "UNAVAILABLE", "message": "busy"}}, "times": -1})
        self.expect(8, ["busy"], self.user(), options=("--timeout", "3s"))

    def test_a_page_in_place_of_an_answer(self):
        self.sim.admin("POST", "/faults", {"service": "gcp", "path": "*:access", "action": "html", "status": 404,
                                           "times": -1})
        self.expect(8, ["404", "no error that Google's APIs would give"], self.user())

    def test_plain_http_to_another_machine(self):
        self.config = self.file("config", "[provider gcp-sm]\n")
        file = external_file("http://sts.googleapis.com", {"file": "/nonexistent"})
        self.expect(3, ["token_url", "https"], file)

    def test_an_unknown_option_names_the_nearest(self):
        config = self.file("config", "[provider gcp-sm]\nquota_projekt = x\n")
        done = run(MSTR, "--config", config, "get", "gcp-sm://p/s", env=environment())
        self.assertEqual(done.returncode, 3)
        self.assertIn(b'"quota_project"', done.stderr)


if __name__ == "__main__":
    unittest.main()
