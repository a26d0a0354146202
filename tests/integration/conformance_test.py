# SPDX-License-Identifier: Apache-2.0
"""Every plugin of ours passes the conformance run that other authors' must pass, each against its simulated store."""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from azure_files import APP, SECRET as APP_SECRET, TENANT, put_secret
from gcp_files import key_file
from simulator import ACCESS_KEY, SECRET_KEY, Simulator, environment, run

PLUGINS = os.environ["MSTR_PLUGINS"]
PROVIDER_TEST = os.environ["MSTR_PROVIDER_TEST"]
EXAMPLES = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..", "docs", "examples"))
AWS = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
PROGRAM = """#!/bin/sh
[ "$1" = there ] || exit 4
echo value
"""


class Conformance(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(os.environ["MSTR_SIM"])
        cls.addClassCleanup(cls.sim.__exit__, None, None, None)

    def path(self, name, content, mode=0o600):
        path = os.path.join(self.sim.folder.name, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)
        os.chmod(path, mode)
        return path

    def assert_conforms(self, plugin, found, missing, options=(), **variables):
        words = [word for option in options for word in ("--option", option)]
        words += [word for body in found for word in ("--found", body)]
        words += [word for body in missing for word in ("--missing", body)]
        done = run(PROVIDER_TEST, *words, plugin, env=environment(**variables))
        self.assertEqual(done.returncode, 0, (done.stdout + done.stderr).decode())
        self.assertTrue(done.stdout.endswith(b"The plugin conforms.\n"), done.stdout)
        self.assertNotIn(b"FAILED", done.stdout)

    def test_aws_secrets_manager(self):
        for name in ("one", "two"):
            self.sim.admin("POST", "/secrets", {"service": "aws", "name": name, "action": "put", "string": "value"})
        self.assert_conforms(f"{PLUGINS}/aws.so", ["one", "two", "prod/mstr"], ["none", "neither"],
                             ["region=us-east-1", "endpoint=" + self.sim.urls["aws"]], **AWS)

    def test_aws_parameter_store(self):
        self.assert_conforms(f"{PLUGINS}/aws.so", ["/prod/mstr/password", "/prod/mstr/username", "hosts"], ["none"],
                             ["service=ssm", "region=us-east-1", "endpoint=" + self.sim.urls["aws"]], **AWS)

    def test_azure_key_vault(self):
        put_secret(self.sim, "one", string="value")
        put_secret(self.sim, "two", string="value")
        url = self.sim.urls["azure"]
        self.assert_conforms(f"{PLUGINS}/azure.so", ["//corp/one", "//corp/two"], ["//corp/none", "//corp/neither"],
                             ["endpoint=" + url, "authority_host=" + url, "credential=EnvironmentCredential"],
                             AZURE_TENANT_ID=TENANT, AZURE_CLIENT_ID=APP, AZURE_CLIENT_SECRET=APP_SECRET)

    def test_google_secret_manager(self):
        for name in ("one", "two"):
            self.sim.admin("POST", "/secrets", {"service": "gcp", "name": name, "action": "put", "string": "value"})
        self.assert_conforms(f"{PLUGINS}/gcp.so", ["//sim-project/one", "//sim-project/two"], ["//sim-project/none"],
                             ["endpoint=" + self.sim.urls["gcp"]], NO_GCE_CHECK="true",
                             GOOGLE_APPLICATION_CREDENTIALS=self.path("key.json", json.dumps(key_file(self.sim))))

    def test_vault(self):
        self.assert_conforms(f"{PLUGINS}/vault.so", ["secret/prod/mstr", "kv1/mstr", "secret/void"], ["secret/none", "kv1/none"],
                             ["address=" + self.sim.urls["vault"]], VAULT_TOKEN="hvs.sim-reader")

    @unittest.skipUnless(os.path.exists(f"{PLUGINS}/kubernetes.so"), "it is built where libyaml is")
    def test_kubernetes(self):
        self.assert_conforms(f"{PLUGINS}/kubernetes.so", ["mstr", "//default/nested", "tls"], ["none", "//default/neither"],
                             ["server=" + self.sim.urls["k8s"], "token_file=" + self.path("token", "sim-k8s-token")])

    def test_what_is_built_in(self):
        self.assert_conforms("env", ["THERE"], ["MSTR_NOT_SET_ANYWHERE"], THERE="value")
        self.assert_conforms("file", [self.path("secret", "value\n")], ["/nonexistent/secret"])
        self.assert_conforms("cred", ["secret"], ["none"], CREDENTIALS_DIRECTORY=self.sim.folder.name)
        self.assert_conforms("text", ["value", "other/value"], [])
        self.assert_conforms("exec", ["there"], ["elsewhere"],
                             ["format=text", "command=" + self.path("program", PROGRAM, 0o755)])

    def test_a_program_that_stays(self):
        path = self.path("secrets.json", json.dumps({"one": "value", "two": "value"}))
        self.assert_conforms("exec", ["one", "two"], ["none", "neither"],
                             ["protocol=lines", f"command=/usr/bin/python3 {EXAMPLES}/exec/serve-secrets.py",
                              "environment=SECRETS_FILE"], SECRETS_FILE=path)

    def test_a_plugin_that_breaks_the_contract_does_not_conform(self):
        for name in ("silent", "absurd", "odd_option", "endless_options", "short_table", "pasting"):
            with self.subTest(plugin=name):
                path = os.path.join(os.environ["MSTR_TEST_PLUGINS"], name + ".so")
                done = run(PROVIDER_TEST, "--found", "x", path, env=environment())
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertIn(b"The plugin does not conform.", done.stdout)

    def test_a_run_that_cannot_be_made_is_no_success(self):
        folder = os.path.join(self.sim.folder.name, "no", "such", "folder")
        for arguments, variables, status in ((["--found", "x", "env"], {"TMPDIR": folder}, 1),
                                             (["--found", "x"], {}, 2), (["env"], {}, 2), (["--bogus"], {}, 2),
                                             (["--found", "x", "--option", "region", "/nowhere/x.so"], {}, 1)):
            done = run(PROVIDER_TEST, *arguments, env=environment(**variables))
            self.assertEqual(done.returncode, status, (arguments, done.stdout, done.stderr))

    def test_malformed_references_of_every_store_are_told_before_a_run_in_its_words(self):
        cases = [("aws-sm:db?stage=x", 'unknown query key "stage"'), ("aws-sm:arn:aws:ssm:eu-west-1:1:parameter/a", "is no ARN of"),
                 ("aws-ssm:/db?version-id=1", 'unknown query key "version-id"'), ("aws-ssm:db?region=a%20b", "a b"),
                 ("azure-kv://vault", "names no secret after the vault"), ("azure-kv://corp/db_x", "a secret that cannot exist"),
                 ("gcp-sm://p", "is neither //PROJECT/SECRET"), ("gcp-sm://p/s/0", "has a version that is neither"),
                 ("vault:a//b", "two in a row"), ("vault:secret/a?version=0", "no number"),
                 ("file:" + self.sim.folder.name, "neither a regular file nor a pipe")]
        if os.path.exists(f"{PLUGINS}/kubernetes.so"):
            cases += [("k8s://ns", "needs the form //NAMESPACE/NAME"), ("k8s:App", "a name that no secret can have")]
        told = self.path("told", "[env w]\n" + "".join(f"V{i} = a ${{env:UNSET || {one}}} b\n" for i, (one, _) in enumerate(cases)))
        done = run(os.environ["MSTR_BIN"], "--config", told, "config", "check", env=environment(MSTR_PLUGIN_PATH=PLUGINS))
        self.assertEqual(done.returncode, 3)
        lines = done.stderr.decode().splitlines()
        self.assertEqual(len(lines), len(cases), lines)
        for i, (one, words) in enumerate(cases):
            self.assertIn(words, lines[i])
            self.assertTrue(lines[i].startswith(f'{told}:{i + 2}: "V{i}": '), lines[i])
            ran = run(os.environ["MSTR_BIN"], "get", one, env=environment(MSTR_PLUGIN_PATH=PLUGINS))
            self.assertEqual((ran.returncode, words in ran.stderr.decode()), (3, True), ran.stderr)

    def test_what_a_store_refuses_of_its_options_is_told_before_a_run_in_its_words(self):
        cases = [("aws-sm:x", "region = a b", '"a b" is no AWS region'), ("aws-ssm:x", "credential_source = file", 'credential_source "file"'),
                 ("aws-sm:x", "endpoint = https://h/x?y", 'endpoint "https://h/x?y" is not a plain http'),
                 ("azure-kv://corp/x", "credential = VisualStudio", '"VisualStudio" selects no credential'),
                 ("azure-kv://corp/x", "tenant_id = a b", '"a b" is no tenant'), ("vault:a/b", "auth = ldap", 'auth "ldap" names no identity')]
        if os.path.exists(f"{PLUGINS}/kubernetes.so"):
            cases.append(("k8s:x", "namespace = A", '"A" is no name of a namespace'))
        for reference, option, words in cases:
            section = f"[provider {reference.partition(':')[0]}]\n{option}\n"
            self.assert_refused(section, reference, words, **AWS)
        self.assert_refused("[env w]\nA = ${vault:a/b}\n", "vault:a/b", "VAULT_SKIP_VERIFY asks not to verify", VAULT_SKIP_VERIFY="true")

    def assert_refused(self, config, reference, words, **variables):
        """By config check and by a run, in the same words."""
        told = self.path("told", config)
        env = environment(MSTR_PLUGIN_PATH=PLUGINS, **variables)
        for command in (["config", "check"], ["get", reference]):
            done = run(os.environ["MSTR_BIN"], "--config", told, *command, env=env)
            self.assertEqual((done.returncode, words in done.stderr.decode()), (3, True), (command, config, done.stderr))

    def test_options_of_a_later_minor_version_are_told(self):
        path = self.path("config", f"[provider later]\nplugin = {os.environ['MSTR_TEST_PLUGINS']}/newer.so\n")
        done = run(os.environ["MSTR_BIN"], "--config", path, "providers", "--json", env=environment())
        later = [one for one in json.loads(done.stdout) if one["name"] == "later"][0]
        self.assertEqual([(one["name"], one["default"]) for one in later["options"]], [("greeting", "hello"), ("number", "7")])


if __name__ == "__main__":
    unittest.main()
