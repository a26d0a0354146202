# SPDX-License-Identifier: Apache-2.0
"""A canary is planted in every provider, and searched in everything the tool prints, at the most talkative level: it is on
standard output when it was asked for, and nowhere else. And doctor, over set-ups that are broken in one way each."""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from azure_files import APP, SECRET as APP_SECRET, TENANT, put_secret
from gcp_files import key_file
from simulator import ACCESS_KEY, SECRET_KEY, Simulator, environment, run

MSTR = os.environ["MSTR_BIN"]
CANARY = "canary-3f7a91c2d05e"
SECRET = json.dumps({"name": "ann", "password": CANARY})

TEXT_PROGRAM = """#!/bin/sh
cat '{file}'
"""
JSON_PROGRAM = """#!/usr/bin/env python3
import json, sys
asked = json.load(sys.stdin)["references"]
print("asked for", len(asked), file=sys.stderr)
secret = open({file!r}).read()
print(json.dumps({{"version": 1, "results": [{{"value": secret}} for _ in asked]}}))
"""


class Planted(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(os.environ["MSTR_SIM"])
        cls.addClassCleanup(cls.sim.__exit__, None, None, None)
        cls.secret = cls.file("secret", SECRET)
        text = cls.file("text", TEXT_PROGRAM.format(file=cls.secret), 0o755)
        answer = cls.file("answer", JSON_PROGRAM.format(file=cls.secret), 0o755)
        for service, name in (("aws", "canary"), ("gcp", "canary")):
            cls.sim.admin("POST", "/secrets", {"service": service, "name": name, "action": "put", "string": SECRET})
        put_secret(cls.sim, "canary", string=SECRET)
        cls.config = cls.file("config", f"""
[provider aws-sm]
region = us-east-1
endpoint = {cls.sim.urls["aws"]}
[provider azure-kv]
endpoint = {cls.sim.urls["azure"]}
authority_host = {cls.sim.urls["azure"]}
credential = EnvironmentCredential
[provider gcp-sm]
endpoint = {cls.sim.urls["gcp"]}
[provider plain]
plugin = exec
format = text
command = {text}
[provider answer]
plugin = exec
command = {answer}
[profile default]
base_url = {cls.sim.urls["mstr"]}
username = ${{aws-sm:canary#name}}
password = ${{aws-sm:canary#password}}
[profile literal]
base_url = {cls.sim.urls["mstr"]}
username = ann
password = {CANARY}
api_key = {CANARY}
[env worker]
TOKEN = {CANARY}
""")
        cls.env = environment(AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY, NO_GCE_CHECK="true",
                              GOOGLE_APPLICATION_CREDENTIALS=cls.file("key.json", json.dumps(key_file(cls.sim))),
                              AZURE_TENANT_ID=TENANT, AZURE_CLIENT_ID=APP, AZURE_CLIENT_SECRET=APP_SECRET,
                              PLANTED=SECRET)
        cls.references = ["env:PLANTED", f"file:{cls.secret}", "plain:x", "answer:x", "aws-sm:canary",
                          "azure-kv://corp/canary", "gcp-sm://sim-project/canary"]

    @classmethod
    def file(cls, name, content, mode=0o600):
        path = os.path.join(cls.sim.folder.name, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)
        os.chmod(path, mode)
        return path

    def mstr(self, *words, **more):
        return run(MSTR, "--config", self.config, "--log", "trace", *words, env={**self.env, **more})

    def assert_silent(self, done):
        """Neither the canary nor what authenticates to the stores."""
        for hidden in (CANARY, SECRET_KEY, APP_SECRET, "BEGIN PRIVATE KEY"):
            self.assertNotIn(hidden.encode(), done.stdout + done.stderr)


class Canary(Planted):
    def test_value_is_on_standard_output_alone_when_asked_for(self):
        for reference in self.references:
            with self.subTest(reference=reference):
                done = self.mstr("get", reference + "#password")
                self.assertEqual((done.stdout, done.returncode), (CANARY.encode(), 0), done.stderr)
                self.assertNotIn(CANARY.encode(), done.stderr)
                self.assertNotEqual(done.stderr, b"", "the log tells nothing at all")

    def test_failures_about_the_value_do_not_show_it(self):
        for reference in self.references:
            for field in ("#nope", "#/password/deeper", "#password/"):
                with self.subTest(reference=reference + field):
                    done = self.mstr("get", reference + field)
                    self.assertEqual(done.returncode, 4, done.stderr)
                    self.assert_silent(done)

    def test_doctor_shows_no_value(self):
        for reference in self.references:
            with self.subTest(reference=reference):
                done = self.mstr("doctor", reference + "#password")
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assert_silent(done)

    def test_refused_login_shows_no_credential(self):
        for profile in ("default", "literal"):
            for words in (["projects"], ["--json", "projects"], ["doctor", "--profile", profile]):
                with self.subTest(profile=profile, words=words):
                    done = self.mstr("--profile", profile, *words)
                    self.assertEqual(done.returncode, 6, done.stderr)
                    self.assert_silent(done)

    def test_configuration_shows_no_literal_secret(self):
        for words in (["config", "show"], ["config", "show", "--json"], ["config", "check"], ["providers"],
                      ["providers", "--json"]):
            with self.subTest(words=words):
                self.assert_silent(self.mstr(*words))

    def test_literal_secret_with_the_signs_of_a_reference_is_not_shown(self):
        for secret in (f"a${{{CANARY}}}b", f"${{{CANARY}", f"x${{who:{CANARY}}}", f"${{env:X?{CANARY}}}"):
            path = self.file("signs", "[profile default]\nbase_url = http://127.0.0.1:1/api\nusername = u\n"
                                      f"password = {secret}\n[env e]\nA = {secret}\n")
            for words in (["config", "check"], ["projects"], ["--json", "projects"],
                          ["run", "--env-set", "e", "--", "true"]):
                with self.subTest(secret=secret, words=words):
                    done = run(MSTR, "--config", path, *words, env=self.env)
                    self.assertEqual(done.returncode, 3, done.stderr)
                    self.assert_silent(done)

    def test_environment_of_a_program_holds_it_but_no_argument_does(self):
        done = self.mstr("run", "--env", "P=plain:x#password", "--env-set", "worker", "--", "sh", "-c",
                         'test -n "$P" && test -n "$TOKEN" && tr "\\0" " " </proc/$$/cmdline')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_silent(done)


class Doctor(Planted):
    """Each broken set-up: the reference, what is changed, the exit status, the step that failed, and what to do."""

    def test_broken_step_and_remedy_are_named(self):
        cases = [
            ("aws-sn:x", {}, 3, "provider", ["no installed provider brings the scheme", 'did you mean "aws-sm:"']),
            ("aws-sm:", {}, 3, "reference", ["names no secret"]),
            ("env:NOT_SET_ANYWHERE", {}, 4, "", ["NOT_SET_ANYWHERE"]),
            ("file:/nonexistent/secret", {}, 4, "", ["/nonexistent/secret"]),
            ("lost:x", {"config": "[provider lost]\nplugin = lost\n"}, 9, "provider", ["was not found", "[plugins] path"]),
            ("p:x", {"config": "[provider p]\nplugin = exec\ncomand = x\n"}, 3, "provider",
             ["unknown option", 'did you mean "command"']),
            ("p:x", {"config": "[provider p]\nplugin = exec\ncommand = /nonexistent/program\n"}, 3, "provider",
             ["/nonexistent/program", "install it"]),
            ("aws-sm:canary", {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}, 6, "identity",
             ["AWS_ACCESS_KEY_ID"]),
            ("aws-sm:canary", {"AWS_SECRET_ACCESS_KEY": None}, 3, "identity", ["AWS_SECRET_ACCESS_KEY"]),
            ("aws-sm:canary", {"AWS_SECRET_ACCESS_KEY": "wrong"}, 6, "", ["InvalidSignatureException"]),
            ("aws-sm:canary#nope", {}, 4, "secret", ["nope"]),
            ("aws-sm:prod/forbidden", {}, 5, "secret", ["AccessDenied"]),
            ("azure-kv://corp/canary", {"AZURE_CLIENT_ID": None}, 6, "identity", ["AZURE_CLIENT_ID is not set"]),
            ("azure-kv://corp/canary", {"AZURE_CLIENT_SECRET": "wrong"}, 6, "identity",
             ["AADSTS7000215", "secret's id was pasted"]),
            ("azure-kv://corp/canary", {"AZURE_TENANT_ID": "a/b"}, 3, "identity", ["no tenant"]),
            ("azure-kv://corp/forbidden", {}, 5, "secret", ["ForbiddenByRbac", "Key Vault Secrets User"]),
            ("azure-kv://corp/none", {}, 4, "secret", ["SecretNotFound"]),
            ("azure-kv://corp/a_b", {}, 3, "", ["cannot exist", "db-password for db_password"]),
            ("gcp-sm://sim-project/canary", {"GOOGLE_APPLICATION_CREDENTIALS": "/nonexistent.json"}, 3, "",
             ["/nonexistent.json"]),
        ]
        for reference, changed, status, step, told in cases:
            with self.subTest(reference=reference, changed=changed):
                changed = dict(changed)
                config = changed.pop("config", None)
                env = {name: value for name, value in {**self.env, **changed}.items() if value is not None}
                path = self.file("broken", config) if config else self.config
                done = run(MSTR, "--config", path, "doctor", "--json", reference, env=env)
                self.assertEqual(done.returncode, status, done.stdout + done.stderr)
                failed = [one for one in json.loads(done.stdout)[0]["steps"] if one["outcome"] == "failed"]
                self.assertTrue(failed, done.stdout)
                self.assertIn(step, failed[-1]["step"])
                self.assertTrue(failed[-1]["hint"], failed[-1])
                for words in told:
                    self.assertIn(words, done.stdout.decode().replace('\\"', '"'))
                self.assert_silent(done)


if __name__ == "__main__":
    unittest.main()
