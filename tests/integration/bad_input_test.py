# SPDX-License-Identifier: Apache-2.0
"""What users get wrong, and what goes wrong around them: each has its exit status and a message that says what, why and what
to do, and no secret stands in any output, at any log level. Through the real binary and the simulator."""
import contextlib
import json
import os
import re
import socket
import stat
import sys
import tempfile
import textwrap
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from in_front import alone
from simulator import ACCESS_KEY, SECRET_KEY, Simulator, environment, run

MSTR = os.environ["MSTR_BIN"]
DOUBLES = os.environ["MSTR_TEST_PLUGINS"]
CANARY = "c4n4ry-Passw0rd-do-not-print"
PROFILE = """[profile default]
base_url = {base}
username = ${{aws-sm:{secret}#username}}
password = ${{aws-sm:{secret}#password}}
[provider aws-sm]
region = us-east-1
endpoint = {endpoint}
"""


@contextlib.contextmanager
def closed_port():
    """A port at which nobody listens, held so that nobody else can come to listen there meanwhile."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def untimed(text):
    """Without how long each step took, which differs from one run to the next."""
    return re.sub(r" \[\d+ ms\]", "", text)


class BadInput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(os.environ["MSTR_SIM"])
        cls.folder = tempfile.TemporaryDirectory()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()
        cls.sim.__exit__(None, None, None)

    def setUp(self):
        self.sim.reset()
        self.put("canary", json.dumps({"username": "analyst", "password": CANARY}))

    def put(self, name, text):
        self.sim.admin("POST", "/secrets", {"name": name, "string": text})

    def config(self, text=None, base=None, secret="prod/mstr", endpoint=None):
        path = os.path.join(self.folder.name, "config")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text if text is not None else PROFILE.format(
                base=base or self.sim.urls["mstr"], secret=secret, endpoint=endpoint or self.sim.urls["aws"]))
        return path

    def env(self, **more):
        return environment(AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY, **more)

    def expect(self, status, words, arguments, config=None, env=None, hint=True):
        """Runs mstr three times: plainly, with --json, and with --log trace; every output is searched for secrets."""
        common = ["--config", config or self.config()]
        env = env or self.env()
        plain = run(MSTR, *common, *arguments, env=env)
        text = plain.stderr.decode()
        self.assertEqual(plain.returncode, status, text)
        self.assertEqual(plain.stdout, b"", "nothing but data goes to standard output")
        self.assertTrue(text.startswith("mstr: "), text)
        for word in words:
            self.assertIn(word, text)
        if hint:
            self.assertIn("\nhint: ", text)

        as_json = run(MSTR, *common, "--json", *arguments, env=env)
        self.assertEqual(as_json.returncode, status)
        error = json.loads(as_json.stderr)
        self.assertEqual(error["exit_status"], status)
        self.assertIn(untimed(error["message"]), untimed(text))

        traced = run(MSTR, *common, "--log", "trace", *arguments, env=env)
        self.assertEqual(traced.returncode, status)
        for output in (plain, as_json, traced):
            for secret in (CANARY, "Simul8-analyst", SECRET_KEY):
                self.assertNotIn(secret.encode(), output.stdout + output.stderr)
        return error

    def test_a_server_that_cannot_be_reached_is_a_network_failure(self):
        with closed_port() as port:
            base = f"http://127.0.0.1:{port}/MicroStrategyLibrary/api/"
            self.expect(7, ["127.0.0.1"], ["projects"], self.config(base=base), hint=False)

    def test_a_wrong_password_is_told_with_the_server_s_code(self):
        error = self.expect(6, ["ERR003", "auth/login"], ["projects"], self.config(secret="canary"))
        self.assertEqual(error["service_code"], "ERR003")
        self.assertEqual(error["http_status"], 401)

    def test_an_unknown_secret_is_not_found_and_names_the_reference(self):
        error = self.expect(4, ["ResourceNotFoundException"], ["get", "aws-sm:no/such"])
        self.assertEqual(error["reference"], "aws-sm:no/such")
        self.assertEqual(error["provider"], "aws-sm")
        self.assertTrue(error["request_id"])

    def test_a_credential_that_cannot_be_found_is_named(self):
        self.expect(4, ["username"], ["projects"], self.config(secret="no/such"))

    def test_a_field_of_a_secret_that_is_not_json_is_not_found(self):
        self.put("canary", CANARY)
        self.expect(4, ['"password"', "JSON"], ["get", "aws-sm:canary#password"], hint=False)

    def test_a_missing_field_is_named(self):
        self.expect(4, ['"nope"'], ["get", "aws-sm:canary#nope"], hint=False)

    def test_an_unknown_scheme_names_the_nearest_one(self):
        self.expect(3, ['"aws-smm"', '"aws-sm:"'], ["get", "aws-smm:canary"])

    def test_a_malformed_reference_is_told(self):
        self.expect(3, ["not a reference"], ["get", "nonsense"])

    def test_a_missing_plugin_tells_where_it_was_looked_for(self):
        config = self.config("[provider corp]\nplugin = corp_vault\n")
        self.expect(9, ["corp_vault", "looked in"], ["get", "corp:x"], config)

    def test_a_plugin_of_another_abi_tells_both_versions(self):
        config = self.config(f"[provider corp]\nplugin = {DOUBLES}/wrong_major.so\n")
        self.expect(9, ["wrong_major.so", "ABI", "library 1"], ["get", "corp:x"], config)

    def test_a_plugin_that_others_can_write_is_refused(self):
        path = os.path.join(self.folder.name, "echo.so")
        with open(os.path.join(DOUBLES, "echo.so"), "rb") as source, open(path, "wb") as target:
            target.write(source.read())
        os.chmod(path, 0o666)
        config = self.config(f"[provider corp]\nplugin = {path}\n")
        self.expect(9, [path, "writable by others", "chmod o-w"], ["get", "corp:x"], config)
        self.assertTrue(os.stat(path).st_mode & stat.S_IWOTH)

    def test_a_broken_configuration_names_file_line_and_the_nearest_key(self):
        config = self.config(f"[profile default]\nbase_url = https://h/api/\npasword = {CANARY}\n")
        self.expect(3, [f"{config}:3:", '"pasword"', '"password"'], ["projects"], config, hint=False)

    def test_no_credentials_never_become_an_anonymous_login(self):
        config = self.config(f"[profile default]\nbase_url = {self.sim.urls['mstr']}\n")
        self.expect(3, ["no login is configured"], ["projects"], config)
        self.expect(3, ["no login is configured", "there is no configuration", "[profile default]"], ["projects"], "/dev/null")
        config = self.config(f"[profile prod]\nbase_url = {self.sim.urls['mstr']}\nusername = a\n")
        self.expect(3, ["no login is configured", "--profile prod"], ["projects"], config)
        self.expect(3, ["username has no password beside it"], ["--profile", "prod", "projects"], config)
        self.assertEqual(self.sim.log("mstr"), [])

    def test_a_secret_that_resolves_to_nothing_is_an_error_and_no_login(self):
        self.put("canary", json.dumps({"username": "analyst", "password": ""}))
        self.expect(3, ["password", "empty"], ["projects"], self.config(secret="canary"), hint=False)
        self.assertEqual(self.sim.log("mstr"), [])

    def test_a_forbidden_secret_is_denied(self):
        self.expect(5, ["AccessDeniedException"], ["get", "aws-sm:prod/forbidden"])

    def test_a_denied_secret_does_not_fall_through_to_the_alternative(self):
        config = self.config(f"[provider aws-sm]\nregion = us-east-1\nendpoint = {self.sim.urls['aws']}\n"
                             "[profile default]\nbase_url = ${aws-sm:prod/forbidden || env:HOME}\nusername = a\npassword = b\n")
        self.expect(5, ["base_url", "AccessDeniedException"], ["projects"], config)

    def test_a_wrong_secret_key_is_an_authentication_failure(self):
        env = environment(AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=CANARY)
        self.expect(6, ["InvalidSignatureException"], ["get", "aws-sm:canary"], env=env)

    def test_half_a_key_is_a_configuration_error(self):
        env = environment(AWS_ACCESS_KEY_ID=ACCESS_KEY)
        self.expect(3, ["AWS_SECRET_ACCESS_KEY"], ["get", "aws-sm:canary"], env=env, hint=False)

    def test_no_identity_at_all_tells_what_was_tried(self):
        self.expect(6, ["AWS_ACCESS_KEY_ID"], ["get", "aws-sm:canary"], env=environment(), hint=False)

    def test_a_failing_service_is_told_as_such(self):
        self.sim.admin("POST", "/faults", {"service": "mstr", "times": -1, "action": "status", "status": 503,
                                           "body": "<html>busy</html>"})
        self.expect(8, ["503"], ["projects"], hint=False)

    def test_a_redirect_to_another_origin_gets_no_credentials(self):
        self.sim.admin("POST", "/faults", {"service": "mstr", "path": "*/auth/login", "times": -1, "action": "status",
                                           "status": 302, "headers": {"Location": self.sim.urls["aws"] + "/stolen"}})
        self.expect(8, ["redirect"], ["projects"])
        self.assertEqual([e for e in self.sim.log("aws") if e["path"] == "/stolen"], [])

    def test_a_login_page_in_place_of_a_login_is_told(self):
        self.sim.admin("POST", "/faults", {"service": "mstr", "path": "*/auth/login", "times": -1, "action": "status",
                                           "status": 200, "headers": {"Content-Type": "text/html"}, "body": "<html>"})
        self.expect(8, ["without a token"], ["projects"])

    def test_plain_http_to_another_machine_is_refused(self):
        config = self.config(f"[profile default]\nbase_url = http://mstr.example/api/\nusername = a\npassword = {CANARY}\n")
        self.expect(3, ["plain http"], ["projects"], config)

    def test_what_the_command_line_does_not_know_is_usage(self):
        for arguments in (["get"], ["nonsense"], ["get", "--nonsense", "env:HOME"], ["api"]):
            with self.subTest(arguments=arguments):
                self.expect(2, [], arguments)
        bare = run(MSTR, env=self.env())
        self.assertEqual((bare.returncode, bare.stdout), (2, b""))
        self.assertTrue(bare.stderr.startswith(b"Usage: mstr COMMAND "), bare.stderr)


class GoodInput(BadInput):
    """The same set-up, where nothing is wrong: the main job, and that asking for a secret is what shows it."""

    @alone("the agent gives back what it has, and logs out, when it ends")
    def test_the_main_job_takes_four_requests_on_two_connections(self):
        done = run(MSTR, "--config", self.config(), "projects", env=self.env())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"B7CA92F04B9FAE8D941C3E9B7E0CD754\tMicroStrategy Tutorial\n", done.stdout)
        self.assertEqual(done.stderr, b"")
        aws, mstr = self.sim.log("aws"), self.sim.log("mstr")
        self.assertEqual([e["status"] for e in aws], [200])
        self.assertEqual([(e["method"], e["path"].rsplit("/api/")[1]) for e in mstr],
                         [("POST", "auth/login"), ("GET", "projects"), ("POST", "auth/logout")])
        self.assertEqual(len({e["connection"] for e in aws + mstr}), 2)
        sent = {name.lower() for name, _ in mstr[1]["headers"]}
        self.assertLessEqual({"x-mstr-authtoken", "cookie"}, sent)
        self.assertNotIn("x-mstr-projectid", sent)

    def test_a_secret_that_was_asked_for_is_shown_and_nothing_else_is(self):
        done = run(MSTR, "--config", self.config(), "--log", "trace", "get", "aws-sm:canary#password", env=self.env())
        self.assertEqual(done.stdout, CANARY.encode())
        self.assertNotIn(CANARY.encode(), done.stderr)

    def test_each_failure_of_several_names_its_reference(self):
        done = run(MSTR, "--config", self.config(), "get", "aws-sm:none", "env:HOME", "aws-sm:nothing", env=self.env())
        self.assertEqual((done.returncode, done.stdout), (4, b""))
        for reference in (b"mstr: aws-sm:none: BatchGetSecretValue: ", b"mstr: aws-sm:nothing: BatchGetSecretValue: "):
            self.assertIn(reference, done.stderr)

    def test_formats_of_get(self):
        get = lambda *words: run(MSTR, "--config", self.config(), "get", *words, env=self.env())
        self.assertEqual(get("env:HOME", "aws-sm:prod/plain").stdout, b"/proc/nonexistent\nplain text\n")
        self.assertEqual(get("-o", "raw", "aws-sm:prod/binary").stdout, bytes([0, 1, 2, 3, 255]))
        self.assertEqual(json.loads(get("-o", "json", "aws-sm:prod/binary").stdout)["aws-sm:prod/binary"]["value_base64"],
                         "AAECA/8=")
        twice = get("-o", "json", "env:HOME", "aws-sm:prod/plain", "env:HOME").stdout
        self.assertEqual([name for name, _ in json.loads(twice, object_pairs_hook=list)], ["env:HOME", "aws-sm:prod/plain"])
        self.assertEqual(get("-o", "env", "P=aws-sm:prod/plain").stdout, b"P='plain text'\n")

    def test_version_info_tells_where_values_come_from(self):
        get = lambda *words: run(MSTR, "--config", self.config(), "get", "--version-info", *words, env=self.env())
        done = get("aws-sm:prod/plain", "aws-sm:canary#password", "aws-sm:canary#username")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, rb"aws-sm:prod/plain: version 33333333-3333-4333-8333-333333333333, from store, \d+ s old\n")
        self.assertIn(b"2 fetched, 0 from the cache, 0 failed\n", done.stderr)
        told = json.loads(get("-o", "json", "aws-sm:prod/plain").stdout)["aws-sm:prod/plain"]
        self.assertEqual(told["source"], "store")
        self.assertIsInstance(told["age"], int)

    def test_run_becomes_the_program(self):
        go = lambda *words: run(MSTR, "--config", self.config(), "run", *words, env=self.env())
        self.assertEqual(go("--env", "P=aws-sm:canary#password", "--", "sh", "-c", 'printf %s "$P"; exit 7').stdout,
                         CANARY.encode())
        self.assertEqual(go("--", "sh", "-c", "exit 7").returncode, 7)
        self.assertEqual(go("--", "sh", "-c", "kill -TERM $$").returncode, -15)
        self.assertEqual(go("--", "/nonexistent/program").returncode, 127)
        self.assertEqual(go("--", "/etc/passwd").returncode, 126)

    def test_api_sends_what_it_is_told(self):
        api = lambda *words, **more: run(MSTR, "--config", self.config(), "api", *words, env=self.env(), **more)
        self.assertEqual(json.loads(api("sessions").stdout)["fullName"], "Ann Analyst")
        self.assertIn(b"HTTP 204", api("-i", "-X", "PUT", "sessions").stdout)
        self.assertIn(b"iServerVersion", api("--no-auth", "status").stdout)
        report = api("v2/reports/8CCDA29611E943E8B5FB0080EFD5AF44", "--project", "MicroStrategy Tutorial")  # as in README.md
        self.assertEqual(json.loads(report.stdout)["name"], "Revenue by Region")
        self.assertEqual(api("-d", "@-", "-X", "POST", "-q", "a b=c&d", "-H", "X-Own: yes", "projects", stdin='{"x":1}')
                         .returncode, 10)
        sent = [e for e in self.sim.log("mstr") if e["method"] == "POST" and e["path"].endswith("/projects")][-1]
        self.assertEqual(sent["body"], '{"x":1}')
        self.assertIn("X-Own", [name for name, _ in sent["headers"]])
        self.assertIn(["a b", "c&d"], [list(pair) for pair in sent["query"]])

    def test_configuration_shows_references_and_hides_literals(self):
        config = self.config(f"[profile default]\nbase_url = https://mstr.example.com/\nusername = ${{env:USER}}\n"
                             f"password = {CANARY}\n")
        shown = run(MSTR, "--config", config, "config", "show", env=self.env())
        self.assertIn(b"${env:USER}", shown.stdout)
        self.assertNotIn(CANARY.encode(), shown.stdout + shown.stderr)
        self.assertEqual(run(MSTR, "--config", config, "config", "check", env=self.env()).returncode, 0)

    def test_what_a_configuration_of_0_1_meets_is_told_as_the_guide_has_it(self):
        with open(os.path.join(os.path.dirname(__file__), "../../docs/guide/compatibility.md"), encoding="utf-8") as file:
            blocks = re.findall(r"(?<=\n\n)(?:    .*\n)+", file.read())
        blocks = [textwrap.dedent(block) for block in blocks if block.startswith(("    [", "    config:"))]
        self.assertGreater(len(blocks), 12)
        for text, expected in zip(blocks[::2], blocks[1::2]):
            config = self.config(text)
            told = run(MSTR, "--config", config, "config", "check", env=self.env()).stderr.decode().replace(config, "config")
            lines = [line for line in told.splitlines() if "others may read" not in line]
            for line in expected.splitlines():
                self.assertTrue(any(one.startswith(line) for one in lines), f"{line}\nis not in\n{told}")
            self.assertEqual(len(lines), len(expected.splitlines()), told)

    def test_doctor_names_the_broken_step(self):
        done = run(MSTR, "--config", self.config(), "doctor", "aws-sm:no/such", env=self.env())
        self.assertEqual(done.returncode, 4)
        self.assertIn(b"failed", done.stdout)
        self.assertEqual(run(MSTR, "--config", self.config(), "doctor", env=self.env()).returncode, 0)


for name in [name for name in vars(BadInput) if name.startswith("test_")]:
    setattr(GoodInput, name, None)  # run once, by the class they stand in

if __name__ == "__main__":
    unittest.main()
