# SPDX-License-Identifier: Apache-2.0
"""What users get wrong with AWS, and what goes wrong around them: each has its exit status and a message that says what, why and
what to do, and no secret stands in any output, at any log level. Through the real binary and the simulator."""
import json
import os
import time
import unittest

from aws_test import ACCESS_KEY, KEYS, LOGIN, ROLE, SECRET_KEY, SSO, SSO_CACHE, Aws
from wire import bound

CANARY = "c4n4ry-Passw0rd-do-not-print"
EVIL = "x/../evil.com#"
CONFIG, DENIED, AUTHENTICATION, NETWORK, SERVICE = 3, 5, 6, 7, 8  # exit statuses
ROLE_PROFILE = f"[default]\nrole_arn = {ROLE}reader\n"
BASE = "[profile base]\n" + KEYS
PROCESS = "[default]\ncredential_process = {home}/program\n"
KEY_PAIR = f'"AccessKeyId": "{ACCESS_KEY}", "SecretAccessKey": "{CANARY}"'
PROFILE_HINT, PROCESS_HINT, LOGIN_HINT = r"~/\.aws/config", "credential_process by hand", "aws sso login --profile default"
PROXY_HINT, REGION_HINT, PLAIN_HINT = "whether a proxy stands between", "such as eu-west-1", "loopback address"
WEB = {"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/token", "AWS_ROLE_ARN": ROLE + "web"}
CONTAINER = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/v2/credentials/simulator"}
TOKEN_FILE = {**CONTAINER, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "{home}/token"}

# config file: exit status, words of the message, and what the hint says
PROFILES = {
    "[default]\naws_access_key_id = A\n": (CONFIG, ["aws_secret_access_key", '"default"', "half"], PROFILE_HINT),
    f"[default]\naws_secret_access_key = {CANARY}\n": (CONFIG, ["aws_access_key_id", '"default"', "half"], PROFILE_HINT),
    ROLE_PROFILE + "source_profile = base\n[profile base]\naws_access_key_id = A\n":
        (CONFIG, ["aws_secret_access_key", '"base"'], PROFILE_HINT),
    ROLE_PROFILE + f"source_profile = b\n[profile b]\nrole_arn = {ROLE}reader\nsource_profile = default\n":
        (CONFIG, ["loop", "default"], PROFILE_HINT),
    ROLE_PROFILE + "source_profile = default\n": (CONFIG, ["loop", "default"], PROFILE_HINT),
    ROLE_PROFILE + "source_profile = nowhere\n": (CONFIG, ["source profile nowhere", "from default"], PROFILE_HINT),
    ROLE_PROFILE: (CONFIG, ["source_profile", "credential_source"], PROFILE_HINT),
    ROLE_PROFILE + "source_profile = base\ncredential_source = Environment\n" + BASE: (CONFIG, ["not both"], PROFILE_HINT),
    ROLE_PROFILE + "credential_source = Thin air\n": (CONFIG, ['"Thin air"', "EcsContainer"], PROFILE_HINT),
    "[default]\nweb_identity_token_file = {home}/token\n": (CONFIG, ["web_identity_token_file", "role_arn"], PROFILE_HINT),
    "[default\n": (CONFIG, [".aws/config:1:", "']'"], None),
    "[default]\nregion\n": (CONFIG, [".aws/config:2:", "'='"], None),
    "[default]\nsso_session = none\nsso_account_id = 1\nsso_role_name = r\n": (CONFIG, ["`none`", "not found"], PROFILE_HINT),
    SSO.replace("sso_role_name = Reader\n", ""): (CONFIG, ["sso_account_id", "sso_role_name"], PROFILE_HINT),
    SSO: (AUTHENTICATION, ["no login is cached"], LOGIN_HINT),
    "[default]\ncredential_process = /nonexistent/program\n": (CONFIG, ["no program /nonexistent/program"], PROCESS_HINT),
    "[default]\ncredential_process = 'open\n": (CONFIG, ["credential_process", "command line"], PROFILE_HINT),
}

# what a credential_process does, in shell: exit status and words of the message
PROGRAMS = {
    "echo '<html>'": (SERVICE, ["other than JSON"]),
    "true": (SERVICE, ["other than JSON"]),
    "echo '[1]'": (SERVICE, ["other than JSON"]),
    f"echo '{{{KEY_PAIR}}}'": (SERVICE, ["Version 1"]),
    f"echo '{{\"Version\": 2, {KEY_PAIR}}}'": (SERVICE, ["Version 2"]),
    f"echo '{{\"Version\": 1, \"SecretAccessKey\": \"{CANARY}\"}}'": (SERVICE, ["no AccessKeyId"]),
    "echo '{\"Version\": 1, \"AccessKeyId\": \"A\"}'": (SERVICE, ["no SecretAccessKey"]),
    f"echo '{{\"Version\": 1, {KEY_PAIR}, \"Expiration\": \"soon\"}}'": (SERVICE, ["Expiration", "RFC 3339"]),
    f"echo '{{\"Version\": 1, {KEY_PAIR}, \"Expiration\": \"2020-01-01T00:00:00Z\"}}'": (AUTHENTICATION, ["expired"]),
    "echo 'no such vault' >&2; exit 3": (AUTHENTICATION, ["status 3", "no such vault"]),
    "kill -KILL $$": (AUTHENTICATION, ["signal 9"]),
    "exec head -c 10485760 /dev/zero": (SERVICE, ["{home}/program", "65536 octets", "killed"]),
}

# content of the login cache: words of the message
LOGINS = {
    json.dumps(LOGIN | {"expiresAt": "2020-01-01T00:00:00Z"}): "has expired",
    json.dumps(LOGIN | {"accessToken": CANARY}): "no longer valid",
    json.dumps({"accessToken": CANARY}): "incomplete",
    json.dumps(LOGIN | {"expiresAt": "tomorrow"}): "incomplete",
    "<html>": "incomplete", "": "incomplete",
}

# environment, content of {home}/token: exit status, words and hint
PLACES = [
    ({"AWS_ACCESS_KEY_ID": ACCESS_KEY}, "", CONFIG, ["AWS_ACCESS_KEY_ID is set", "AWS_SECRET_ACCESS_KEY is not"], "set both"),
    ({"AWS_SECRET_ACCESS_KEY": CANARY}, "", CONFIG, ["AWS_SECRET_ACCESS_KEY is set", "AWS_ACCESS_KEY_ID is not"], "set both"),
    ({"AWS_PROFILE": "nobody"}, "", CONFIG, ['no profile "nobody"'], "list-profiles"),
    (TOKEN_FILE, f"{CANARY}\r\nX-Evil: 1", CONFIG, ["authorization token", "line break"], "AUTHORIZATION_TOKEN_FILE"),
    (TOKEN_FILE, f"{CANARY}\0X", CONFIG, ["authorization token", "a NUL, in {home}/token"], "AUTHORIZATION_TOKEN_FILE"),
    ({**TOKEN_FILE, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/nonexistent/token"}, "", CONFIG, ["/nonexistent/token"],
     "AUTHORIZATION_TOKEN_FILE"),
    (CONTAINER, "", AUTHENTICATION, ["agent", "401", "token is not known"], "AUTHORIZATION_TOKEN_FILE"),
    *(({"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://{host}/v1"}, "", CONFIG, ["plain http", host, "not safe"], PLAIN_HINT)
      for host in ("198.51.100.7", "169.254.169.254", "0.0.0.0")),
    *(({"AWS_CONTAINER_CREDENTIALS_FULL_URI": uri}, "", CONFIG, ["FULL_URI", "did not specify a host"], "FULL_URI")
      for uri in ("/v1", "ftp://127.0.0.1/", "http://169.254.170.2@evil.example/", "http:///v1", "http://127.0.0.1/a b")),
    ({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "@evil.example/"}, "", CONFIG, ["RELATIVE_URI", "host"], "RELATIVE_URI"),
    ({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": ".evil.example/"}, "", CONFIG, ["RELATIVE_URI", "slash"], "RELATIVE_URI"),
    (WEB, "", CONFIG, ["{home}/token", "no token"], "AWS_WEB_IDENTITY_TOKEN_FILE"),
    (WEB, "x" * 30000, CONFIG, ["{home}/token", "20000 octets"], "AWS_WEB_IDENTITY_TOKEN_FILE"),
    (WEB, CANARY, AUTHENTICATION, ["InvalidIdentityToken"], "issuer and audience"),
    ({**WEB, "AWS_ROLE_ARN": None}, "x", CONFIG, ["AWS_ROLE_ARN is not"], "AWS_ROLE_ARN"),
    ({**WEB, "AWS_WEB_IDENTITY_TOKEN_FILE": "/nonexistent/token"}, "", CONFIG, ["/nonexistent/token"], "TOKEN_FILE"),
]

# reference, environment: all are refused for the region, and no host of that name is asked
REGIONS = [
    ("aws-sm:prod/plain", {"AWS_REGION": EVIL}),
    ("aws-sm:prod/plain", {"AWS_REGION": None, "AWS_DEFAULT_REGION": EVIL}),
    ("aws-sm:prod/plain", {"AWS_REGION": EVIL, "AWS_ENDPOINT_URL": None}),
    ("aws-ssm:/prod/mstr/username", {"AWS_REGION": EVIL}),
    ("aws-sm:prod/plain?region=x%2F..%2Fevil.com%23", {}),
    ("aws-ssm:/prod/mstr/username?region=x%2F..%2Fevil.com%23", {}),
    ("aws-sm:arn:aws:secretsmanager:x%2F..%2Fevil.com%23:123456789012:secret:p", {}),
    ("aws-ssm:arn:aws:ssm:x%2F..%2Fevil.com%23:123456789012:parameter/p", {}),
]

# body of an answer of status 200: exit status and words of the message, for a secret and for a parameter
ANSWERS = {
    '{"__type": "InternalServiceError", "message": "oh"}': (SERVICE, ["InternalServiceError", "oh"]),
    '{"__type": "x.y#AccessDeniedException:http://z/", "Message": "no"}': (DENIED, ["(AccessDeniedException)", "no"]),
    "<html>Log in</html>": (SERVICE, ["status 200", "no JSON object"]),
    "": (SERVICE, ["no JSON object"]), "[]": (SERVICE, ["no JSON object"]), "{}": (SERVICE, ["answered with"]),
    f'{{"SecretString": "{CANARY}"': (SERVICE, ["no JSON object"]),
    f'{{"Name": "prod/plain", "Value": ["{CANARY}"]}}': (SERVICE, ["answered with"]),
}


class BadInput(Aws):
    def expect(self, status, words, env, reference="aws-sm:prod/plain", hint=None, options=()):
        """Runs mstr plainly, with --json and with all that it can log; every output is searched for secrets."""
        plain = self.get(reference, env=env, options=options)
        text = plain.stderr.decode()
        self.assertEqual((plain.returncode, plain.stdout), (status, b""), text)
        self.assertTrue(text.startswith(f"mstr: {reference.split('#')[0]}: "), text)
        for word in words:
            self.assertIn(word.replace("{home}", self.home), text)
        if hint:
            self.assertRegex(text, f"\nhint: .*{hint}")
        requests = self.asked()
        as_json = self.get(reference, env=env, options=("--json", *options))
        told = json.loads(as_json.stderr)
        self.assertEqual((told["exit_status"], told["provider"]), (status, reference.split(":")[0]))
        traced = self.get(reference, env=env, options=("--log", "trace", *options))
        for output in (plain, as_json, traced):
            for secret in (CANARY, SECRET_KEY, "sim-sso-access-token", "sim-container-token"):
                self.assertNotIn(secret.encode(), output.stdout + output.stderr)
        return requests, told

    def test_profiles(self):
        for text, (status, words, hint) in PROFILES.items():
            with self.subTest(text):
                self.file(".aws/config", text)
                requests, told = self.expect(status, words, self.env(), hint=hint)
                self.assertEqual(requests, [])
                if hint:
                    self.assertEqual(told["step"], "profile")

    def test_programs_that_give_keys(self):
        self.file(".aws/config", PROCESS)
        for script, (status, words) in PROGRAMS.items():
            with self.subTest(script):
                self.file("program", f"#!/bin/sh\n{script}\n", 0o755)
                requests, _ = self.expect(status, words, self.env(), hint=PROCESS_HINT)
                self.assertEqual(requests, [])

    def test_a_program_that_does_not_end(self):
        """It has a minute, and no longer than the caller; what it started is ended with it."""
        self.file(".aws/config", PROCESS)
        self.file("program", "#!/bin/sh\nsleep 300 &\necho $! >>{home}/started\nwait\n", 0o755)
        self.expect(NETWORK, ["{home}/program", "in time", "killed"], self.env(), hint=PROCESS_HINT, options=("--timeout", "1s"))
        with open(os.path.join(self.home, "started"), encoding="ascii") as file:
            started = file.read().split()
        self.assertEqual(len(started), 3)
        end = time.monotonic() + 30  # a killed process is gone soon, not at once
        while any(self.is_running(number) for number in started):
            self.assertLess(time.monotonic(), end, started)
            time.sleep(0.01)

    @staticmethod
    def is_running(number):
        try:
            with open(f"/proc/{number}/stat", encoding="ascii") as file:
                return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
        except (FileNotFoundError, ProcessLookupError):
            return False

    def test_logins_of_identity_center(self):
        self.file(".aws/config", SSO)
        for text, words in LOGINS.items():
            with self.subTest(text):
                self.file(SSO_CACHE, text)
                self.expect(AUTHENTICATION, ["SSO", words], self.env(), hint=LOGIN_HINT)

    def test_places_of_keys(self):
        for variables, token, status, words, hint in PLACES:
            with self.subTest(variables, token=token[:20]):
                self.file("token", token)
                self.expect(status, words, self.env(**variables), hint=hint)

    def test_line_ends_at_the_end_of_a_token_file_are_no_mistake(self):
        for variables, token in ((TOKEN_FILE, "sim-container-token"), (WEB, "sim-web-identity-token")):
            for end in ("\r\n", "\n", "\n\n"):
                with self.subTest(token, end=end):
                    self.file("token", token + end)
                    self.assertEqual(self.get("aws-sm:prod/plain", env=self.env(**variables)).stdout, b"plain text")

    def test_regions(self):
        for reference, variables in REGIONS:
            with self.subTest(reference, variables=variables):
                requests, _ = self.expect(CONFIG, [f'"{EVIL}" is no AWS region'], self.keys(**variables), reference, REGION_HINT)
                self.assertEqual(requests, [])

    def test_regions_of_profiles(self):
        self.file(SSO_CACHE, json.dumps(LOGIN))
        for text in (f"[default]\nregion = {EVIL}\n{KEYS}", SSO.replace("us-east-1", EVIL) + "[default]\nregion = us-east-1\n",
                     ROLE_PROFILE + f"source_profile = base\nregion = {EVIL}\n{BASE}"):
            with self.subTest(text):
                self.file(".aws/config", text)
                env = self.env(AWS_REGION=None, AWS_ENDPOINT_URL=None)
                requests, _ = self.expect(CONFIG, [f'"{EVIL}" is no AWS region'], env, hint=REGION_HINT)
                self.assertEqual(requests, [])

    def test_an_arn_of_another_kind_or_partition(self):
        for arn, words in (("arn:aws:s3:us-east-1:1:secret:x", "no ARN of a Secrets Manager secret"),
                           ("arn:aws:secretsmanager:us-east-1", "no ARN of a Secrets Manager secret"),
                           ("arn:aws-cn:secretsmanager:us-east-1:1:secret:x", "us-east-1 is not of partition aws-cn"),
                           ("arn:aws:secretsmanager:us-east-1:1:secret:x?region=eu-west-1", "asks for eu-west-1")):
            with self.subTest(arn):
                requests, _ = self.expect(CONFIG, [words], self.keys(), f"aws-sm:{arn}")
                self.assertEqual(requests, [])

    def test_answers_that_no_service_gives(self):
        for body, (status, words) in ANSWERS.items():
            for reference in ("aws-sm:prod/plain", "aws-ssm:/prod/mstr/username"):
                with self.subTest(body, reference=reference):
                    self.sim.reset()
                    self.fault("status", status=200, times=-1, body=body)
                    requests, _ = self.expect(status, words, self.keys(), reference)
                    self.assertEqual(len(requests), 1)

    def test_an_answer_that_is_none_is_no_reason_for_the_alternative(self):
        self.config = self.file("config", "[profile default]\nbase_url = ${aws-sm:prod/plain || env:HOME}\n"
                                "username = a\npassword = b\n")
        for action, status in (("html", 404), ("html", 403), ("html", 200)):
            with self.subTest(status):
                self.sim.reset()
                self.fault(action, status=status, times=-1)
                done = self.mstr("projects")
                self.assertEqual(done.returncode, SERVICE, done.stderr)
                self.assertIn(f"status {status}", done.stderr.decode())

    def test_pages_of_a_proxy(self):
        for status in (200, 302, 401, 403, 404, 407, 502):
            with self.subTest(status):
                self.sim.reset()
                self.fault("html", status=status, times=-1)
                self.expect(SERVICE, [f"status {status}"], self.keys(AWS_MAX_ATTEMPTS="1"), hint=PROXY_HINT)

    def test_pages_of_a_proxy_on_the_way_to_keys(self):
        self.file("token", "sim-web-identity-token")
        self.file(".aws/config", SSO)
        self.file(SSO_CACHE, json.dumps(LOGIN))
        for variables in (WEB | {"AWS_PROFILE": "other"}, {}, TOKEN_FILE | {"AWS_PROFILE": "other"}):
            for status in (200, 404):
                with self.subTest(variables, status=status):
                    self.file(".aws/credentials", "[other]\n")
                    self.sim.reset()
                    self.fault("html", status=status, times=-1)
                    requests, told = self.expect_no_keys(variables)
                    self.assertEqual(len(requests), 1)
                    self.assertTrue(told["hint"])

    def expect_no_keys(self, variables):
        env = self.env(**variables)
        done = self.get("aws-sm:prod/plain", env=env, options=("--json",))
        told = json.loads(done.stderr)
        self.assertIn(told["exit_status"], (AUTHENTICATION, SERVICE), told)
        return self.asked(), told

    def test_settings(self):
        for name, value in (("AWS_MAX_ATTEMPTS", "0"), ("AWS_MAX_ATTEMPTS", "many"), ("AWS_RETRY_MODE", "often"),
                            ("AWS_ENDPOINT_URL", "nowhere"), ("AWS_ENDPOINT_URL", "https://user@host/")):
            with self.subTest(name, value=value):
                requests, _ = self.expect(CONFIG, [value], self.keys(**{name: value}))
                self.assertEqual(requests, [])
        self.expect(CONFIG, ["no AWS region"], self.keys(AWS_REGION=None), hint="AWS_REGION")


class Nowhere(Aws):
    """Not on AWS, and nothing configured."""

    def assert_gives_up(self, server):
        """Every source stands in the message with its reason, and the search takes about a second."""
        proxy = bound(self, listen=True)
        address = "http://127.0.0.1:{}".format(proxy.getsockname()[1])
        metadata = "http://127.0.0.1:{}".format(server.getsockname()[1])
        env = self.env(AWS_EC2_METADATA_DISABLED="false", AWS_EC2_METADATA_SERVICE_ENDPOINT=metadata,
                       http_proxy=address, HTTP_PROXY=address, all_proxy=address)
        done = self.get("aws-sm:prod/plain", env=env, options=("--json",))
        told = json.loads(done.stderr)
        self.assertEqual(told["exit_status"], AUTHENTICATION)
        places = [told["message"].find(f"{step}: ") for step in ("environment", "profile", "web identity", "container", "IMDS")]
        self.assertNotIn(-1, places)
        self.assertEqual(places, sorted(places))
        self.assertIn("does not answer", told["message"])
        self.assertIn("log in with the AWS CLI", told["hint"])
        steps = json.loads(self.mstr("--json", "doctor", "aws-sm:prod/plain", env=env).stdout)[0]["steps"]
        self.assertLess(sum(step["ms"] for step in steps if step["outcome"] == "skipped"), 1900)
        self.assertIn("hop limit", next(step["hint"] for step in steps if step["step"] == "IMDS"))
        proxy.setblocking(False)
        with self.assertRaises(BlockingIOError):
            proxy.accept()

    def test_nothing_at_the_address_is_not_waited_for(self):
        self.assert_gives_up(bound(self))

    def test_something_that_never_answers_is_waited_for_a_second(self):
        self.assert_gives_up(bound(self, listen=True))


if __name__ == "__main__":
    unittest.main()
