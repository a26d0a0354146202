# SPDX-License-Identifier: Apache-2.0
"""The AWS plugin through the real binary, against the simulator: Secrets Manager and Parameter Store, identities and their
renewal, retries, regions and endpoints, doctor. What it asks for is looked at, not only what it gets."""
import base64
import contextlib
import json
import os
import shutil
import sys
import tempfile
import unittest
from urllib.parse import parse_qsl

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from opens import opens
from simulator import ACCESS_KEY, SECRET_KEY, Simulator, environment, run
from wire import bound

MSTR = os.environ["MSTR_BIN"]
KEYS = f"aws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\n"
ROLE = "arn:aws:iam::123456789012:role/"
LOGIN = {"accessToken": "sim-sso-access-token", "expiresAt": "2035-01-01T00:00:00Z"}
SSO = ("[default]\nsso_session = dev\nsso_account_id = 123456789012\nsso_role_name = Reader\n"
       "[sso-session dev]\nsso_region = us-east-1\nsso_start_url = https://corp.example/start\n")
SSO_CACHE = ".aws/sso/cache/34c6fceca75e456f25e7e99531e2425c6c1de443.json"  # of the session dev


class Aws(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(os.environ["MSTR_SIM"])
        cls.addClassCleanup(cls.sim.__exit__, None, None, None)
        cls.url = cls.sim.urls["aws"].rstrip("/")

    def setUp(self):
        self.sim.reset()
        self.home = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.home)
        self.config = "/dev/null"

    def file(self, name, content, mode=0o600):
        """A file below the home folder. {home} and {url} in it are filled in."""
        path = os.path.join(self.home, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, mode), "wb") as file:
            text = content.replace("{home}", self.home).replace("{url}", self.url) if isinstance(content, str) else None
            file.write(content if text is None else text.encode())
        return path

    def env(self, **more):
        """An environment in which AWS is the simulator. None takes a variable out."""
        plain = {"HOME": self.home, "AWS_ENDPOINT_URL": self.url, "AWS_REGION": "us-east-1"}
        changed = {name: value.replace("{home}", self.home).replace("{url}", self.url) if value is not None else None
                   for name, value in (plain | more).items()}
        return {name: value for name, value in (environment() | changed).items() if value is not None}

    def keys(self, **more):
        return self.env(**{"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY, **more})

    def mstr(self, *arguments, env=None):
        return run(MSTR, "--config", self.config, *arguments, env=env or self.keys())

    def get(self, *references, env=None, options=()):
        return self.mstr(*options, "get", *references, env=env)

    def put(self, name, **content):
        self.sim.admin("POST", "/secrets", {"name": name, **content})

    def fault(self, action, **rule):
        self.sim.admin("POST", "/faults", {"service": "aws", "action": action, **rule})

    def refuse(self, code, status=400, **rule):
        """The next call is refused as the JSON services do it."""
        self.fault("status", status=status, body={"__type": code, "message": f"because of {code}"}, **rule)

    def knobs(self, **values):
        self.sim.admin("PUT", "/knobs/aws", values)

    def asked(self):
        """What was called, as short as can be: an action, or method and path."""
        names = []
        for entry in self.sim.log("aws"):
            target = self.header(entry, "X-Amz-Target")
            action = dict(parse_qsl(entry["body"])).get("Action") if entry["path"] == "/" else None
            names.append(target.split(".")[1] if target else action or f"{entry['method']} {entry['path']}")
        return names

    @staticmethod
    def header(entry, name):
        return next((value for key, value in entry["headers"] if key.lower() == name.lower()), None)

    def signed(self, index=-1):
        """Access key, region and service of a signature."""
        scope = self.header(self.sim.log("aws")[index], "Authorization").split("Credential=")[1].split(",")[0].split("/")
        return scope[0], scope[2], scope[3]


class Secrets(Aws):
    ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/mstr"
    OLD, NEW = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"

    def test_ids_versions_and_stages(self):
        new, old = b"Simul8-analyst", b"old-password"
        for query, value in (("", new), (f"?version-id={self.NEW}", new), (f"?version-id={self.OLD}", old),
                             ("?version-stage=AWSCURRENT", new), ("?version-stage=AWSPREVIOUS", old),
                             (f"?version-id={self.OLD}&version-stage=AWSPREVIOUS", old)):
            for name in ("prod/mstr", self.ARN + "-AbCdEf", self.ARN):
                with self.subTest(name, query=query):
                    self.assertEqual(self.get(f"aws-sm:{name}{query}#password").stdout, value)
        self.assertEqual(set(self.asked()), {"GetSecretValue"})

    def test_versions_that_are_not_there(self):
        for query, words in ((f"?version-id={self.OLD.replace('1', '9')}", "VersionId"), ("?version-stage=NONE", "staging label"),
                             (f"?version-id={self.OLD}&version-stage=AWSCURRENT", "VersionId")):
            with self.subTest(query):
                done = self.get(f"aws-sm:prod/mstr{query}")
                self.assertEqual(done.returncode, 4)
                self.assertIn(words, done.stderr.decode())

    def test_the_arn_s_region_is_asked(self):
        arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:eu/mstr-EfGhIj"
        self.assertEqual(self.get(f"aws-sm:{arn}").stdout, b"european")
        self.assertEqual(self.signed(), (ACCESS_KEY, "eu-west-1", "secretsmanager"))
        self.assertEqual(self.get("aws-sm:eu/mstr").returncode, 4)

    def test_values_of_every_kind_come_as_they_are(self):
        octets = bytes(range(256)) * 256
        self.put("octets", binary_base64=base64.b64encode(octets).decode())
        texts = {"utf-8": "Größe €, 日本語, 😀, \u2028", "nul": "a\0b\0", "escapes": '"\\/\b\f\n\r\t\x7f\x01', "blank": " \n ",
                 "largest": "x" * 65536, "largest and escaped": '"' * 32768 + "\x01" * 32768, "largest in utf-8": "€" * 21845}
        for name, text in texts.items():
            self.put(name, string=text)
        self.assertEqual(self.get("-o", "raw", "aws-sm:octets").stdout, octets)
        for name, text in texts.items():
            with self.subTest(name):
                self.assertEqual(self.get("-o", "raw", f"aws-sm:{name.replace(' ', '%20')}").stdout, text.encode())
        told = json.loads(self.get("-o", "json", "aws-sm:octets", "aws-sm:utf-8").stdout)
        self.assertEqual(base64.b64decode(told["aws-sm:octets"]["value_base64"]), octets)
        self.assertEqual(told["aws-sm:utf-8"]["value"], texts["utf-8"])

    def test_a_rotated_secret(self):
        self.put("turning", string="first")
        self.assertEqual(self.get("aws-sm:turning").stdout, b"first")
        self.put("turning", string="second")
        self.assertEqual(self.get("aws-sm:turning").stdout, b"second")
        self.assertEqual(self.get("aws-sm:turning?version-stage=AWSPREVIOUS").stdout, b"first")

    def test_a_deleted_secret(self):
        for others in ((), ("aws-sm:prod/plain",)):  # by a call of its own, and in a batch
            done = self.get("aws-sm:prod/deleted", *others)
            self.assertEqual(done.returncode, 4)
            self.assertRegex(done.stderr.decode(), "marked for deletion(.|\n)*hint: .*restore-secret")
        self.config = self.file("config", "[env worker]\nX = ${aws-sm:prod/deleted || text:instead}\n")
        done = self.mstr("run", "--env-set", "worker", "--", "/bin/sh", "-c", "printf %s $X")
        self.assertEqual((done.returncode, done.stdout), (0, b"instead"))


class Batches(Aws):
    def names(self, count):
        names = [f"many-{i}" for i in range(count)]
        for name in names:
            self.put(name, string=f"value of {name}")
        return names

    def test_several_secrets_take_one_call(self):
        names = self.names(3)
        done = self.get(*(f"aws-sm:{name}" for name in reversed(names)))
        self.assertEqual(done.stdout.decode().splitlines(), [f"value of {name}" for name in reversed(names)])
        self.assertEqual(self.asked(), ["BatchGetSecretValue"])

    def test_twenty_are_the_most_of_one_call(self):
        done = self.get(*(f"aws-sm:{name}" for name in self.names(45)))
        self.assertEqual(len(done.stdout.splitlines()), 45)
        self.assertEqual(self.asked(), ["BatchGetSecretValue"] * 3)

    def test_each_entry_has_its_own_failure(self):
        done = self.get("aws-sm:prod/plain", "aws-sm:no/such", "aws-sm:prod/forbidden", "aws-sm:prod/mstr#nope")
        text = done.stderr.decode()
        self.assertEqual(done.stdout, b"")
        for words in (r"aws-sm:no/such: .*ResourceNotFoundException", r"aws-sm:prod/forbidden: .*AccessDeniedException",
                      r'aws-sm:prod/mstr.*: .*"nope"'):
            self.assertRegex(text, words)
        self.assertNotIn("aws-sm:prod/plain:", text)
        self.assertIn("hint: allow this identity secretsmanager:GetSecretValue on the resource, and kms:Decrypt on its key", text)
        self.assertEqual(self.asked(), ["BatchGetSecretValue"])

    def test_versions_and_regions_are_asked_for_apart(self):
        done = self.get("aws-sm:prod/plain", "aws-sm:prod/binary", "aws-sm:prod/mstr?version-stage=AWSPREVIOUS#password",
                        "aws-sm:eu/mstr?region=eu-west-1", "-o", "json")
        self.assertEqual(len(json.loads(done.stdout)), 4)
        self.assertEqual(sorted(self.asked()), ["BatchGetSecretValue", "GetSecretValue", "GetSecretValue"])

    def test_without_the_permission_each_is_asked_for(self):
        names = self.names(5)
        self.refuse("AccessDeniedException", target="*.BatchGetSecretValue", times=-1)
        done = self.get(*(f"aws-sm:{name}" for name in names), "aws-sm:no/such")
        self.assertEqual(done.returncode, 4)
        done = self.get(*(f"aws-sm:{name}" for name in names))
        self.assertEqual(done.stdout.decode().splitlines(), [f"value of {name}" for name in names])
        self.assertEqual(self.asked()[-6:], ["BatchGetSecretValue"] + ["GetSecretValue"] * 5)

    def test_throttling_is_told_after_the_attempts_of_the_batches(self):
        names = self.names(25)
        self.refuse("ThrottlingException", times=-1)
        done = self.get(*(f"aws-sm:{name}" for name in names))
        self.assertEqual((done.returncode, done.stderr.count(b"(ThrottlingException)")), (8, 25))
        self.assertEqual(self.asked(), ["BatchGetSecretValue"] * 6)

    def test_one_secret_that_is_named_twice_is_asked_for_once(self):
        done = self.get("aws-sm:prod/mstr#username", "aws-sm:prod/mstr#password")
        self.assertEqual(done.stdout, b"analyst\nSimul8-analyst\n")
        self.assertEqual(self.asked(), ["GetSecretValue"])


class Parameters(Aws):
    ARN = "arn:aws:ssm:us-east-1:123456789012:parameter"
    SECRET = "/aws/reference/secretsmanager/"

    def test_names_selectors_and_arns(self):
        for name, value in (("/prod/mstr/password", b"Simul8-analyst"), ("/prod/mstr/password:1", b"first"),
                            ("/prod/mstr/password:2", b"Simul8-analyst"), ("/prod/mstr/password:stable", b"first"),
                            (self.ARN + "/prod/mstr/password", b"Simul8-analyst"), (self.ARN + "/prod/mstr/password:1", b"first"),
                            ("hosts", b"a.example,b.example"), (self.ARN + "/hosts", b"a.example,b.example"),
                            (self.SECRET + "prod/mstr#password", b"Simul8-analyst"),
                            (self.SECRET + "prod/mstr:AWSPREVIOUS#password", b"old-password"),
                            (self.SECRET + f"prod/mstr:{Secrets.OLD}#password", b"old-password")):
            with self.subTest(name):
                self.assertEqual(self.get(f"aws-ssm:{name}").stdout, value)
        self.assertEqual(set(self.asked()), {"GetParameter"})
        self.assertTrue(all(json.loads(entry["body"])["WithDecryption"] for entry in self.sim.log("aws")))
        self.assertEqual(self.signed(), (ACCESS_KEY, "us-east-1", "ssm"))

    def test_parameters_that_are_not_there(self):
        for name, words in (("/no/such", "no such parameter"), ("/prod/mstr/password:9", "ParameterVersionNotFound"),
                            ("/prod/mstr/password:none", "ParameterVersionNotFound"), (self.SECRET + "none", "ParameterNotFound")):
            with self.subTest(name):
                done = self.get(f"aws-ssm:{name}")
                self.assertEqual(done.returncode, 4)
                self.assertIn(words, done.stderr.decode())

    def test_ten_are_the_most_of_one_call_and_each_finds_its_value(self):
        names = [f"p{i:02}" for i in range(23)]
        for name in names:
            self.put(name, string=f"value of {name}")
        shuffled = names[::-2] + names[1::2]
        done = self.get(*(f"aws-ssm:{self.SECRET}{name}" for name in shuffled))
        self.assertEqual(done.stdout.decode().splitlines(), [f"value of {name}" for name in shuffled])
        self.assertEqual(self.asked(), ["GetParameters"] * 3)

    def test_versions_of_one_parameter_side_by_side(self):
        name = "aws-ssm:/prod/mstr/password"
        done = self.get(f"{name}:1", name, f"{name}:stable", f"{name}:2")
        self.assertEqual(done.stdout, b"first\nSimul8-analyst\nfirst\nSimul8-analyst\n")

    def test_each_name_has_its_own_failure(self):
        done = self.get("aws-ssm:/prod/mstr/username", "aws-ssm:/no/such", "aws-ssm:/prod/mstr/password:9")
        self.assertEqual((done.returncode, done.stdout), (4, b""))
        self.assertRegex(done.stderr.decode(), r"aws-ssm:/no/such: .*no such parameter\n(.*\n)*.*aws-ssm:/prod/mstr/password:9: ")
        self.assertEqual(self.asked(), ["GetParameters"])

    def test_a_parameter_that_is_forbidden_does_not_hide_the_others(self):
        done = self.get("aws-ssm:/prod/mstr/username", "aws-ssm:/prod/forbidden")
        self.assertEqual(done.returncode, 5)
        self.assertIn("ssm:GetParameter", done.stderr.decode())
        self.assertNotIn("aws-ssm:/prod/mstr/username:", done.stderr.decode())
        self.assertEqual(self.asked(), ["GetParameters", "GetParameter", "GetParameter"])

    def test_values_of_every_kind_come_as_they_are(self):
        for text in ("Größe €, 😀", "a\0b", '"\\\n\t', "x" * 65536):
            with self.subTest(text[:10]):
                self.put("value", string=text)
                self.assertEqual(self.get("-o", "raw", f"aws-ssm:{self.SECRET}value").stdout, text.encode())


class Identities(Aws):
    CONTAINER = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/v2/credentials/simulator",
                 "AWS_CONTAINER_AUTHORIZATION_TOKEN": "sim-container-token"}
    CONTAINER_CALL = "GET /v2/credentials/simulator"
    METADATA = {"AWS_EC2_METADATA_DISABLED": None, "AWS_EC2_METADATA_SERVICE_ENDPOINT": "{url}"}
    LIST = "GET /latest/meta-data/iam/security-credentials"

    def configure(self, **options):
        self.config = self.file("config", "[provider aws-sm]\n" + "".join(f"{name} = {text}\n" for name, text in options.items()))

    def test_an_expired_token_is_renewed_once_and_the_call_is_sent_again(self):
        for code in ("ExpiredTokenException", "ExpiredToken"):
            with self.subTest(code):
                self.sim.reset()
                self.refuse(code, target="*.GetSecretValue")
                self.assertEqual(self.get("aws-sm:prod/plain", env=self.env(**self.CONTAINER)).stdout, b"plain text")
                self.assertEqual(self.asked(), [self.CONTAINER_CALL, "GetSecretValue"] * 2)
                keys = {self.signed(index)[0] for index in (1, 3)}
                self.assertEqual(len(keys), 2)

    def test_a_token_that_stays_expired_is_told_after_one_renewal(self):
        self.refuse("ExpiredTokenException", target="*.GetSecretValue", times=-1)
        done = self.get("aws-sm:prod/plain", env=self.env(**self.CONTAINER))
        self.assertEqual(done.returncode, 6)
        self.assertIn("renew the temporary credentials", done.stderr.decode())
        self.assertEqual(self.asked(), [self.CONTAINER_CALL, "GetSecretValue"] * 2)

    def test_keys_that_the_service_s_clock_calls_expired(self):
        """The simulator itself refuses them, by its own time: they live for a minute and are used after an hour."""
        self.knobs(lifetime=60)
        admin = self.sim.urls["admin"].rstrip("/")
        self.file("late.py", "import json, urllib.request as http\n"
                  "open = http.build_opener(http.ProxyHandler({})).open\n"
                  "asked = http.Request('{url}/v2/credentials/simulator', headers={'Authorization': 'sim-container-token'})\n"
                  "keys = json.load(open(asked))\n"
                  "del keys['Expiration']\n"
                  f"open('{admin}/clock', data=json.dumps(dict(advance_ms=3600000)).encode())\n"
                  "print(json.dumps(keys | dict(Version=1)))\n")
        self.file(".aws/config", "[default]\ncredential_process = /usr/bin/python3 {home}/late.py\n")
        done = self.get("aws-sm:prod/plain", env=self.env())
        self.assertEqual(done.returncode, 6)
        self.assertIn("Expired", done.stderr.decode())
        self.assertEqual(self.asked(), [self.CONTAINER_CALL, "GetSecretValue"] * 2)

    def test_one_identity_serves_all_references(self):
        done = self.get("aws-sm:prod/plain", "aws-sm:prod/mstr?version-stage=AWSPREVIOUS", "aws-sm:eu/mstr?region=eu-west-1", "-o",
                        "json", env=self.env(**self.CONTAINER))
        self.assertEqual(len(json.loads(done.stdout)), 3)
        self.assertEqual(self.asked().count(self.CONTAINER_CALL), 1)

    def test_the_instance_s_role_with_and_without_the_newest_list(self):
        env = self.env(**self.METADATA)
        self.assertEqual(self.get("aws-sm:prod/plain", env=env).stdout, b"plain text")
        self.assertEqual(self.asked(), ["PUT /latest/api/token", f"{self.LIST}-extended/",
                                        f"{self.LIST}-extended/simulator-instance", "GetSecretValue"])
        self.sim.reset()
        self.knobs(imds_extended=False)
        self.assertEqual(self.get("aws-sm:prod/plain", env=env).stdout, b"plain text")
        self.assertEqual(self.asked()[2:4], [f"{self.LIST}/", f"{self.LIST}/simulator-instance"])

    def test_a_metadata_service_that_refuses(self):
        for rule, words in (({"path": "/latest/api/token", "status": 403}, "disabled"),
                            ({"path": "/latest/meta-data/*", "status": 401}, "401")):
            with self.subTest(rule):
                self.sim.reset()
                self.fault("status", times=-1, **rule)
                done = self.get("aws-sm:prod/plain", env=self.env(**self.METADATA))
                self.assertEqual(done.returncode, 6, done.stderr)
                self.assertIn(words, done.stderr.decode())
        self.sim.reset()
        self.knobs(imds_code="AssumeRoleUnauthorizedAccess")
        done = self.get("aws-sm:prod/plain", env=self.env(**self.METADATA))
        self.assertIn("AssumeRoleUnauthorizedAccess", done.stderr.decode())

    def test_a_metadata_service_in_passing_trouble_is_asked_again(self):
        self.fault("status", status=503, path="/latest/api/token")
        self.assertEqual(self.get("aws-sm:prod/plain", env=self.env(**self.METADATA)).stdout, b"plain text")

    def test_options_choose_profile_source_and_role(self):
        self.file(".aws/credentials", "[work]\n" + KEYS + "[other]\naws_access_key_id = A\naws_secret_access_key = b\n")
        cases = (({"profile": "work"}, self.env(AWS_PROFILE="other"), ["GetSecretValue"]),
                 ({"profile": "work"}, self.keys(AWS_SECRET_ACCESS_KEY="wrong"), ["GetSecretValue"]),
                 ({"credential_source": "container"}, self.keys(**self.CONTAINER), [self.CONTAINER_CALL, "GetSecretValue"]),
                 ({"credential_source": "imds"}, self.keys(**self.METADATA), None),
                 ({"role_arn": ROLE + "reader"}, self.keys(), ["AssumeRole", "GetSecretValue"]),
                 ({"role_arn": ROLE + "guarded", "external_id": "simulator-external-id", "profile": "work"}, self.env(),
                  ["AssumeRole", "GetSecretValue"]))
        for options, env, requests in cases:
            with self.subTest(options):
                self.sim.reset()
                self.configure(**options)
                self.assertEqual(self.get("aws-sm:prod/plain", env=env).stdout, b"plain text")
                if requests:
                    self.assertEqual(self.asked(), requests)

    def test_what_a_role_refuses_is_told_with_its_step(self):
        self.configure(role_arn=ROLE + "guarded")
        told = json.loads(self.get("aws-sm:prod/plain", options=("--json",)).stderr)
        self.assertEqual((told["exit_status"], told["service_code"], told["step"]), (5, "AccessDenied", "role_arn"))

    def test_a_login_of_identity_center_is_renewed_and_kept(self):
        self.file(".aws/config", SSO)
        cache = self.file(SSO_CACHE, json.dumps(LOGIN | {
            "accessToken": "old", "expiresAt": "2020-01-01T00:00:00Z", "refreshToken": "sim-sso-refresh-token",
            "clientId": "sim-sso-client", "clientSecret": "sim-sso-client-secret",
            "registrationExpiresAt": "2035-01-01T00:00:00Z"}))
        for requests in (["POST /token", "GET /federation/credentials", "GetSecretValue"],
                         ["GET /federation/credentials", "GetSecretValue"]):
            self.sim.admin("DELETE", "/log")
            self.assertEqual(self.get("aws-sm:prod/plain", env=self.env()).stdout, b"plain text")
            self.assertEqual(self.asked(), requests)
        self.assertEqual(os.stat(cache).st_mode & 0o777, 0o600)


class Files(Aws):
    NAMES = [f"several/{number}" for number in range(20)]

    def settled(self, name, content):
        """A file that did not change just now."""
        path = self.file(name, content)
        os.utime(path, (1e9, 1e9))
        return path

    def test_each_is_opened_once_for_one_reference_and_for_many(self):
        for name in self.NAMES:
            self.put(name, string="x")
        place = "region = us-east-1\nendpoint_url = {url}\n"
        config = self.settled(".aws/config", f"[default]\n{place}[profile ops]\n{place}role_arn = {ROLE}reader\n"
                              "source_profile = default\n")
        credentials = self.settled(".aws/credentials", f"[default]\n{KEYS}")
        for profile in (None, "ops"):
            for names in (self.NAMES[:1], self.NAMES, [f"{name}?version-stage=AWSCURRENT" for name in self.NAMES]):
                with self.subTest(profile=profile, names=names):
                    env = self.env(AWS_REGION=None, AWS_ENDPOINT_URL=None, AWS_PROFILE=profile)
                    with opens(config, credentials) as counts:
                        done = self.get(*(f"aws-sm:{name}" for name in names), env=env)
                    self.assertEqual((done.returncode, done.stderr), (0, b""))
                    self.assertEqual(counts, [1, 1])


class Retries(Aws):
    def test_what_passes_is_tried_again(self):
        soon = {"x-amz-retry-after": "0"}
        for action, rule in (("status", {"status": 500}), ("status", {"status": 503}), ("status", {"status": 429, "headers": soon}),
                             ("status", {"status": 400, "body": {"__type": "ThrottlingException"}, "headers": soon}),
                             ("status", {"status": 400, "body": {"__type": "RequestLimitExceeded"}, "headers": soon}),
                             ("status", {"status": 400, "body": {"__type": "RequestTimeout"}}),
                             ("html", {"status": 502}), ("reset", {}), ("truncate", {"bytes": 20})):
            for reference in ("aws-sm:prod/plain", "aws-ssm:/prod/mstr/username"):
                with self.subTest(action, rule=rule, reference=reference):
                    self.sim.reset()
                    self.fault(action, **rule)
                    self.assertEqual(self.get(reference).returncode, 0)
                    self.assertEqual(len(self.asked()), 2)

    def test_each_attempt_is_signed_anew_and_three_are_the_most(self):
        self.fault("status", status=500, times=-1)
        self.assertEqual(self.get("aws-sm:prod/plain").returncode, 8)
        self.assertEqual(self.asked(), ["GetSecretValue"] * 3)
        self.sim.admin("DELETE", "/log")
        for attempts in (1, 2, 4):
            self.sim.admin("DELETE", "/log")
            self.get("aws-sm:prod/plain", env=self.keys(AWS_MAX_ATTEMPTS=str(attempts)))
            self.assertEqual(len(self.asked()), attempts)

    def test_what_is_final_is_not_tried_again(self):
        for code in ("AccessDeniedException", "ResourceNotFoundException", "ValidationException", "DecryptionFailure",
                     "UnrecognizedClientException", "InvalidSignatureException"):
            with self.subTest(code):
                self.sim.reset()
                self.refuse(code, times=-1)
                done = self.get("aws-sm:prod/plain")
                self.assertIn(code, done.stderr.decode())
                self.assertEqual(len(self.asked()), 1)

    def test_nobody_waits_past_the_deadline(self):
        for headers in ({"Retry-After": "15"}, {"x-amz-retry-after": "15000"}):
            with self.subTest(headers):
                self.sim.reset()
                self.fault("status", status=429, times=-1, headers=headers)
                done = self.get("aws-sm:prod/plain", options=("--timeout", "500ms"))
                self.assertIn(done.returncode, (7, 8), done.stderr)
        self.sim.reset()
        self.fault("hang")
        self.assertEqual(self.get("aws-sm:prod/plain", options=("--timeout", "500ms")).returncode, 7)

    def test_a_wrong_clock_is_found_out_and_made_up_for(self):
        for minutes in (30, -30):
            with self.subTest(minutes):
                self.sim.reset()
                self.sim.admin("POST", "/clock", {"advance_ms": minutes * 60000})
                self.assertEqual(self.get("aws-sm:prod/plain").stdout, b"plain text")
                self.assertEqual([entry["status"] for entry in self.sim.log("aws")], [400, 200])
                told = self.mstr("doctor", "aws-sm:prod/plain").stdout.decode()
                self.assertRegex(told, "clock.*" + ("behind" if minutes > 0 else "ahead"))

    def test_a_wrong_key_is_no_wrong_clock(self):
        done = self.get("aws-sm:prod/plain", env=self.keys(AWS_SECRET_ACCESS_KEY="wrong"))
        self.assertEqual(done.returncode, 6)
        self.assertEqual(len(self.asked()), 1)


class Places(Aws):
    """Regions and endpoints: who wins."""

    def test_regions(self):
        self.file(".aws/config", "[default]\nregion = ap-south-1\n[profile work]\nregion = sa-east-1\n")
        cases = (({"AWS_REGION": None}, "", "ap-south-1"), ({"AWS_REGION": None, "AWS_PROFILE": "work"}, "", "sa-east-1"),
                 ({"AWS_REGION": None, "AWS_DEFAULT_REGION": "eu-west-3"}, "", "eu-west-3"),
                 ({"AWS_REGION": "eu-west-2", "AWS_DEFAULT_REGION": "eu-west-3"}, "", "eu-west-2"),
                 ({"AWS_REGION": "eu-west-2"}, "region = eu-north-1\n", "eu-north-1"))
        for variables, option, region in cases:
            for reference, service in (("aws-sm:x", "secretsmanager"), ("aws-ssm:x", "ssm")):
                with self.subTest(variables, option=option, service=service):
                    self.config = self.file("config", f"[provider aws-sm]\n{option}[provider aws-ssm]\n{option}")
                    env = self.keys(**variables)
                    self.get(reference, env=env)
                    self.assertEqual(self.signed()[1:], (region, service))
                    self.get(f"{reference}?region=us-gov-west-1", env=env)
                    self.assertEqual(self.signed()[1:], ("us-gov-west-1", service))

    def test_the_secret_s_region_serves_sts_and_the_instance_s_all_where_none_is_configured(self):
        self.config = self.file("config", f"[provider aws-sm]\nrole_arn = {ROLE}reader\n")
        self.get("aws-sm:x?region=eu-west-1", env=self.keys(AWS_REGION=None))
        self.assertEqual((self.signed(0)[1:], self.signed(1)[1:]), (("eu-west-1", "sts"), ("eu-west-1", "secretsmanager")))
        self.sim.admin("DELETE", "/log")
        env = self.env(AWS_REGION=None, **Identities.METADATA)
        self.get("aws-sm:x", env=env)
        self.assertEqual((self.signed(-2)[1:], self.signed(-1)[1:]), (("us-east-1", "sts"), ("us-east-1", "secretsmanager")))
        self.assertIn("GET /latest/meta-data/placement/region", self.asked())

    def test_an_instance_s_region_that_fails_is_told_as_that(self):
        env = self.env(AWS_REGION=None, **Identities.METADATA)
        for action, rule, status, part in (("status", {"status": 503}, 8, "placement/region with status 503"),
                                           ("status", {"status": 403}, 5, "placement/region with status 403"),
                                           ("reset", {}, 7, "cannot ask for the instance's region: connection to 127.0.0.1")):
            with self.subTest(action, **rule):
                self.sim.reset()
                self.fault(action, path="/latest/meta-data/placement/region", times=-1, **rule)
                done = self.get("aws-sm:prod/plain", env=env)
                self.assertEqual(done.returncode, status, done.stderr)
                self.assertIn(part, done.stderr.decode())
                told = self.mstr("doctor", "aws-sm:prod/plain", env=env)
                self.assertEqual(told.returncode, status, told.stdout)
                self.assertRegex(told.stdout.decode(), "failed +IMDS .*cannot ask for the instance's region")

    def test_endpoints(self):
        """Whoever is to lose points to a port where nobody is."""
        wrong = "http://127.0.0.1:{}".format(bound(self).getsockname()[1])
        services = "services = s\n{}[services s]\nsecrets_manager =\n  endpoint_url = {}\n"
        right = "{url}"
        cases = (({"AWS_ENDPOINT_URL": right}, f"endpoint_url = {wrong}\n", ""),
                 ({"AWS_ENDPOINT_URL_SECRETS_MANAGER": right, "AWS_ENDPOINT_URL": wrong}, "", ""),
                 ({"AWS_ENDPOINT_URL": right}, services.format("", wrong), ""),
                 ({}, services.format(f"endpoint_url = {wrong}\n", right), ""), ({}, f"endpoint_url = {right}\n", ""),
                 ({"AWS_ENDPOINT_URL_SSM": wrong}, f"endpoint_url = {right}\n", ""),
                 ({"AWS_ENDPOINT_URL_SECRETS_MANAGER": wrong}, f"endpoint_url = {wrong}\n", f"endpoint = {right}\n"),
                 ({"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "AWS_ENDPOINT_URL": wrong}, "", f"endpoint = {right}\n"))
        for variables, profile, option in cases:
            with self.subTest(variables, profile=profile, option=option):
                self.file(".aws/config", f"[default]\n{profile}")
                self.config = self.file("config", f"[provider aws-sm]\n{option}")
                env = self.keys(**{"AWS_ENDPOINT_URL": None, "AWS_MAX_ATTEMPTS": "1", **variables})
                done = self.get("aws-sm:prod/plain", env=env)
                self.assertEqual(done.stdout, b"plain text", done.stderr)

    def test_the_region_s_own_host_is_the_last_resort(self):
        proxy = "http://127.0.0.1:{}".format(bound(self).getsockname()[1])  # so that nobody is asked
        for variables, host in (({}, "secretsmanager.us-east-1.amazonaws.com"),
                                ({"AWS_REGION": "cn-north-1"}, "secretsmanager.cn-north-1.amazonaws.com.cn"),
                                ({"AWS_USE_FIPS_ENDPOINT": "true"}, "secretsmanager-fips.us-east-1.amazonaws.com"),
                                ({"AWS_REGION": "eu-isoe-west-1", "AWS_USE_DUALSTACK_ENDPOINT": "True"}, "api.cloud-aws.adc-e.uk")):
            with self.subTest(host):
                env = self.keys(**{"AWS_ENDPOINT_URL": None, **variables, "https_proxy": proxy})
                told = self.mstr("doctor", "aws-sm:prod/plain", env=env).stdout.decode()
                self.assertIn(host, told)

    def test_an_endpoint_with_a_path_is_signed_with_it(self):
        done = self.get("aws-sm:prod/plain", env=self.keys(AWS_ENDPOINT_URL="{url}/a/../gate way/"))
        self.assertEqual(done.returncode, 3, done.stderr)
        self.get("aws-sm:prod/plain", env=self.keys(AWS_ENDPOINT_URL="{url}/gate%20way/"))
        self.assertEqual((self.sim.log("aws")[-1]["path"], self.sim.log("aws")[-1]["status"]), ("/gate way/", 200))

    def test_no_redirect_is_followed(self):
        self.fault("status", status=307, headers={"Location": self.url + "/elsewhere"}, times=-1)
        self.assertEqual(self.get("aws-sm:prod/plain").returncode, 8)
        self.assertEqual(self.asked(), ["GetSecretValue"])


class Doctor(Aws):
    def steps(self, reference, env=None):
        done = self.mstr("--json", "doctor", reference, env=env)
        return done.returncode, {step["step"]: step for step in json.loads(done.stdout)[0]["steps"]}

    def test_it_tells_the_whole_story(self):
        status, steps = self.steps("aws-sm:prod/plain", self.env(**Identities.CONTAINER))
        self.assertEqual(status, 0)
        self.assertEqual([steps[name]["outcome"] for name in ("environment", "profile", "web identity", "container")],
                         ["skipped"] * 3 + ["used"])
        self.assertIn("us-east-1", steps["region"]["detail"])
        self.assertIn("arn:aws:iam::123456789012:role/simulator-task", steps["caller"]["detail"])
        self.assertEqual(steps["endpoint"]["detail"], self.url)
        self.assertNotIn("clock", steps)

    def test_a_simulator_is_asked_for_the_caller_too(self):
        self.config = self.file("config", f"[provider aws-sm]\nendpoint = {self.url}\n")
        _, steps = self.steps("aws-sm:prod/plain", self.keys(AWS_ENDPOINT_URL=None))
        self.assertIn("arn:aws:iam::123456789012:", steps["caller"]["detail"])

    def test_the_reference_s_own_region_is_the_one_that_is_told(self):
        for reference in ("aws-sm:eu/mstr?region=eu-west-1", "aws-ssm:arn:aws:ssm:eu-west-1:123456789012:parameter/x"):
            self.assertEqual(self.steps(reference)[1]["region"]["detail"], "eu-west-1")

    def test_a_wrong_clock_does_not_hide_the_caller(self):
        self.sim.admin("POST", "/clock", {"advance_ms": 1200000})
        _, steps = self.steps("aws-sm:prod/plain")
        self.assertIn("arn:aws:iam::123456789012:", steps["caller"]["detail"])
        self.assertIn("behind AWS's", steps["clock"]["detail"])

    def test_it_names_the_permission_that_is_missing(self):
        done = self.mstr("doctor", "aws-sm:prod/forbidden")
        self.assertEqual(done.returncode, 5)
        self.assertIn("allow this identity secretsmanager:GetSecretValue", done.stdout.decode())
        env = self.keys(AWS_ACCESS_KEY_ID="AKIASIMULATORDENIED1", AWS_SECRET_ACCESS_KEY="simulatorSecretKey/0000000000000000000002")
        done = self.mstr("doctor", "aws-ssm:hosts", env=env)
        self.assertIn("arn:aws:iam::123456789012:user/nobody", done.stdout.decode())
        self.assertIn("allow this identity ssm:GetParameter ", done.stdout.decode())

    def test_it_ends_the_chain_where_it_breaks(self):
        status, steps = self.steps("aws-sm:prod/plain", self.env(AWS_CONTAINER_CREDENTIALS_FULL_URI="http://198.51.100.7/"))
        self.assertEqual((status, steps["container"]["outcome"]), (3, "failed"))
        self.assertNotIn("IMDS", steps)

    def test_it_goes_on_where_the_caller_cannot_be_told(self):
        self.fault("status", status=403, path="/", times=1)
        status, steps = self.steps("aws-sm:prod/plain")
        self.assertEqual((status, steps["caller"]["outcome"]), (0, "info"))


class MainJob(Aws):
    def test_a_session_by_a_profile_of_the_configuration(self):
        """What a profile needs comes of both services."""
        self.config = self.file("config", "[profile default]\nbase_url = " + self.sim.urls["mstr"] +
                                "\nusername = ${aws-ssm:/prod/mstr/username}\npassword = ${aws-sm:prod/mstr#password}\n")
        done = self.mstr("projects")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"MicroStrategy Tutorial", done.stdout)
        self.assertEqual(sorted(self.asked()), ["GetParameter", "GetSecretValue"])


if __name__ == "__main__":
    unittest.main()
