# SPDX-License-Identifier: Apache-2.0
"""Which identity do boto3, AWS's SDK for JavaScript and our plugin find, in the same environment with the same files? All three
read one secret from the same simulator; the requests on the way to the keys are compared, decoded, and so is the outcome.
Where they differ on purpose, the reason stands beside the case."""
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from urllib.parse import parse_qsl

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import node
from simulator import ACCESS_KEY, SECRET_KEY, Simulator, environment, run

MSTR = os.environ["MSTR_BIN"]
OTHER_KEY, OTHER_SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
KEYS = f"aws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\n"
OTHER_KEYS = f"aws_access_key_id = {OTHER_KEY}\naws_secret_access_key = {OTHER_SECRET}\n"
ENV_KEYS = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
ROLE = "arn:aws:iam::123456789012:role/"
WEB = {"AWS_ROLE_ARN": ROLE + "web", "AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/token", "AWS_ROLE_SESSION_NAME": "peer"}
SSO_SESSION = ("[sso-session corp]\nsso_start_url = https://corp.example/start\nsso_region = us-east-1\n"
               "sso_registration_scopes = sso:account:access\n")
SSO_ROLE = "sso_account_id = 123456789012\nsso_role_name = Reader\n"
SSO_LEGACY = "sso_start_url = https://corp.example/start\nsso_region = us-east-1\n" + SSO_ROLE
PROCESS = "credential_process = {home}/process\n"
CONTAINER = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/v2/credentials/simulator",
             "AWS_CONTAINER_AUTHORIZATION_TOKEN": "sim-container-token"}
IMDS = {"AWS_EC2_METADATA_DISABLED": None, "AWS_EC2_METADATA_SERVICE_ENDPOINT": "{url}"}

LISTS = "the newest list of roles is asked for first, and the older one where it is missing"
PARTIAL = "half a key pair is a mistake to be told, not to be passed over"
OLDER = "variables of older SDKs count as boto3 counts them: ignoring them would sign as another"
WORDS = "names of several words are what the AWS CLI writes into quotes"
EXPLICIT = "keys of the environment come before a profile that the environment names, as AWS documents it"

# name: what the environment adds, the config file, the credentials file, what is expected of ours, and peers that differ.
CASES = {
    "nothing at all": ({}, "", "", "error"),
    "keys in the environment": (ENV_KEYS, "", "", ACCESS_KEY),
    "environment before profile": (ENV_KEYS, "[default]\n" + OTHER_KEYS, "", ACCESS_KEY),
    "empty variables are unset": ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "[default]\n" + KEYS, "", ACCESS_KEY),
    "half a pair in the environment": ({"AWS_ACCESS_KEY_ID": ACCESS_KEY}, "[default]\n" + OTHER_KEYS, "", "error",
                                       {"js": PARTIAL}),
    "default profile": ({}, "[default]\n" + KEYS, "", ACCESS_KEY),
    "profile default": ({}, "[profile default]\n" + KEYS, "", ACCESS_KEY),
    "default in both spellings": ({}, "[default]\n" + OTHER_KEYS + "[profile default]\n" + KEYS, "", ACCESS_KEY),
    "credentials file": ({}, "", "[default]\n" + KEYS, ACCESS_KEY),
    "credentials file over config": ({}, "[default]\n" + OTHER_KEYS, "[default]\n" + KEYS, ACCESS_KEY),
    "AWS_PROFILE": ({"AWS_PROFILE": "work"}, "[default]\n" + OTHER_KEYS + "[profile work]\n" + KEYS, "", ACCESS_KEY),
    "AWS_PROFILE in the credentials file": ({"AWS_PROFILE": "work"}, "", "[work]\n" + KEYS, ACCESS_KEY),
    "AWS_PROFILE beside keys": ({"AWS_PROFILE": "work", **ENV_KEYS}, "[profile work]\n" + OTHER_KEYS, "", ACCESS_KEY,
                                {"js": EXPLICIT}),
    "AWS_DEFAULT_PROFILE before AWS_PROFILE": ({"AWS_DEFAULT_PROFILE": "work", "AWS_PROFILE": "other"}, "[profile other]\n" +
                                               OTHER_KEYS + "[profile work]\n" + KEYS, "", ACCESS_KEY, {"js": OLDER}),
    "name of two words": ({"AWS_PROFILE": "my work"}, "[profile 'my work']\n" + KEYS, "", ACCESS_KEY, {"js": WORDS}),
    "unknown AWS_PROFILE": ({"AWS_PROFILE": "nowhere"}, "[default]\n" + KEYS, "", "error"),
    "unknown AWS_PROFILE beside keys": ({"AWS_PROFILE": "nowhere", **ENV_KEYS}, "", "", "error"),
    "comments and blanks": ({}, "# c\n[default]\n; c\n" + KEYS.replace(" = ", "=").replace("\n", "   \n"), "", ACCESS_KEY),
    "wrong secret key": ({**ENV_KEYS, "AWS_SECRET_ACCESS_KEY": "wrong"}, "", "", "error"),
    "invalid session token": ({**ENV_KEYS, "AWS_SESSION_TOKEN": "none"}, "", "", "error"),
    "role over a source profile": ({}, f"[default]\nrole_arn = {ROLE}reader\nsource_profile = base\n"
                                   "role_session_name = peer\n[profile base]\n" + KEYS, "", "role"),
    "role with an external id": ({}, f"[default]\nrole_arn = {ROLE}guarded\nsource_profile = base\nrole_session_name = peer\n"
                                 "external_id = simulator-external-id\n[profile base]\n" + KEYS, "", "role"),
    "role without its external id": ({}, f"[default]\nrole_arn = {ROLE}guarded\nsource_profile = base\n"
                                     "role_session_name = peer\n[profile base]\n" + KEYS, "", "error"),
    "role with a duration": ({}, f"[default]\nrole_arn = {ROLE}reader\nsource_profile = base\nrole_session_name = peer\n"
                             "duration_seconds = 900\n[profile base]\n" + KEYS, "", "role"),
    "role over a role": ({}, f"[default]\nrole_arn = {ROLE}reader\nsource_profile = middle\nrole_session_name = peer\n"
                         f"[profile middle]\nrole_arn = {ROLE}reader\nsource_profile = base\nrole_session_name = first\n"
                         "[profile base]\n" + KEYS, "", "role"),
    "role over itself": ({}, f"[default]\nrole_arn = {ROLE}reader\nsource_profile = default\nrole_session_name = peer\n" + KEYS,
                         "", "role"),
    "roles in a ring": ({}, f"[default]\nrole_arn = {ROLE}reader\nsource_profile = b\n[profile b]\n"
                        f"role_arn = {ROLE}reader\nsource_profile = default\n", "", "error"),
    "source profile that is missing": ({}, f"[default]\nrole_arn = {ROLE}reader\nsource_profile = nowhere\n", "", "error"),
    "role that is not there": ({}, f"[default]\nrole_arn = {ROLE}nobody\nsource_profile = base\nrole_session_name = peer\n"
                               "[profile base]\n" + KEYS, "", "error"),
    "role by keys of the environment": (ENV_KEYS | {"AWS_PROFILE": "r"}, f"[profile r]\nrole_arn = {ROLE}reader\n"
                                        "credential_source = Environment\nrole_session_name = peer\n", "", ACCESS_KEY,
                                        {"js": EXPLICIT}),
    "role by a container": (CONTAINER, f"[default]\nrole_arn = {ROLE}reader\ncredential_source = EcsContainer\n"
                            "role_session_name = peer\n", "", "role"),
    "role by the instance": (IMDS, f"[default]\nrole_arn = {ROLE}reader\ncredential_source = Ec2InstanceMetadata\n"
                             "role_session_name = peer\n", "", "role", {"boto3": LISTS, "js": LISTS}),
    "unknown credential_source": ({}, f"[default]\nrole_arn = {ROLE}reader\ncredential_source = Thin air\n", "", "error"),
    "web identity of the environment": (WEB, "", "", "role"),
    "web identity of a profile": ({}, f"[default]\nrole_arn = {ROLE}web\nweb_identity_token_file = {{home}}/token\n"
                                  "role_session_name = peer\n", "", "role"),
    "web identity without its file": ({**WEB, "AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/none"}, "", "", "error"),
    "identity centre, by session": ({}, "[default]\nsso_session = corp\n" + SSO_ROLE + SSO_SESSION, "", "role"),
    "identity centre, older form": ({}, "[default]\n" + SSO_LEGACY, "", "role"),
    "identity centre, never logged in": ({}, "[default]\nsso_session = other\n" + SSO_ROLE +
                                         SSO_SESSION.replace("corp]", "other]"), "", "error"),
    "credential process": ({}, "[default]\n" + PROCESS, "", ACCESS_KEY),
    "credential process that fails": ({}, "[default]\ncredential_process = {home}/broken\n", "", "error"),
    "container": (CONTAINER, "", "", "role"),
    "container without its token": ({**CONTAINER, "AWS_CONTAINER_AUTHORIZATION_TOKEN": None}, "", "", "error"),
    "container on a foreign host": ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://198.51.100.7/v1"}, "", "", "error"),
    "instance": (IMDS, "", "", "role", {"boto3": LISTS, "js": LISTS}),
    "instance, switched off": ({**IMDS, "AWS_EC2_METADATA_DISABLED": "true"}, "", "", "error"),
    "environment before container": ({**ENV_KEYS, **CONTAINER}, "", "", ACCESS_KEY),
    "endpoint in the profile": ({"AWS_ENDPOINT_URL": None}, "[default]\nendpoint_url = {url}\n" + KEYS, "", ACCESS_KEY,
                                {"boto3": "boto3 of Debian 12 is older than configured endpoints"}),
    "endpoint in a services section": ({"AWS_ENDPOINT_URL": None}, "[default]\nservices = s\n" + KEYS +
                                       "[services s]\nsecrets_manager =\n  endpoint_url = {url}\n", "", ACCESS_KEY,
                                       {"boto3": "boto3 of Debian 12 is older than configured endpoints"}),
    "region in the profile": ({"AWS_REGION": None, "AWS_DEFAULT_REGION": None}, "[default]\nregion = us-east-1\n" + KEYS, "",
                              ACCESS_KEY),
    "no region": ({"AWS_REGION": None, "AWS_DEFAULT_REGION": None}, "[default]\n" + KEYS, "", "error"),
}


def decoded(entry):
    """A request on the way, as what it means."""
    headers = {name.lower(): value for name, value in entry["headers"]}
    signed = re.search(r"Credential=([^/]+)/", headers.get("authorization", ""))
    key = signed.group(1) if signed else None
    form = dict(parse_qsl(entry["body"])) if entry["path"] == "/" and "Action=" in entry["body"] else {}
    if form.get("DurationSeconds") == "3600":
        del form["DurationSeconds"]  # the SDK for JavaScript writes out the hour that is the default
    return {
        "request": f"{entry['method']} {entry['path']}", "form": form, "status": entry["status"],
        "key": "temporary" if key and key.startswith("ASIA") else key,
        "target": headers.get("x-amz-target"),
        "token": headers.get("authorization") if not signed else None,
    }


class AwsChain(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(os.environ["MSTR_SIM"])
        cls.addClassCleanup(cls.sim.__exit__, None, None, None)
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.home = os.path.join(folder, "home")
        cls.boto3 = cls.enterClassContext(
            subprocess.Popen(["/usr/bin/python3", os.path.join(os.path.dirname(__file__), "boto3_peer.py")],
                             env=environment(HOME=cls.home), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))

    def put(self, name, content, mode=0o600):
        path = os.path.join(self.home, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)
        os.chmod(path, mode)

    def prepare(self, variables, config, credentials):
        """A fresh home folder for each case, at the same place, and its environment."""
        shutil.rmtree(self.home, ignore_errors=True)
        fill = lambda text: text.replace("{home}", self.home).replace("{url}", self.sim.urls["aws"].rstrip("/"))
        self.put(".aws/config", fill(config))
        self.put(".aws/credentials", fill(credentials))
        self.put("token", "sim-web-identity-token")
        keys = {"Version": 1, "AccessKeyId": ACCESS_KEY, "SecretAccessKey": SECRET_KEY}
        self.put("process", f"#!/bin/sh\ncat <<'EOF'\n{json.dumps(keys)}\nEOF\n", 0o755)
        self.put("broken", "#!/bin/sh\necho broken >&2\nexit 3\n", 0o755)
        login = json.dumps({"accessToken": "sim-sso-access-token", "expiresAt": "2035-01-01T00:00:00Z", "region": "us-east-1",
                            "startUrl": "https://corp.example/start"})
        for name in ("corp", "https://corp.example/start"):
            self.put(f".aws/sso/cache/{hashlib.sha1(name.encode()).hexdigest()}.json", login)
        plain = environment(MSTR_CONFIG="/dev/null")
        plain.update({"HOME": self.home, "AWS_ENDPOINT_URL": self.sim.urls["aws"], "AWS_REGION": "us-east-1",
                      "AWS_DEFAULT_REGION": "us-east-1", "AWS_MAX_ATTEMPTS": "1"})
        plain.update({name: fill(value) if value is not None else None for name, value in variables.items()})
        return {name: value for name, value in plain.items() if value is not None}

    def ask(self, who, env):
        """What one of the three makes of the environment: its outcome, and its requests."""
        self.sim.reset()
        if who == "ours":
            result = run(MSTR, "get", "aws-sm:prod/plain", env=env)
            answer = {"value": result.stdout.decode()} if result.returncode == 0 else {"error": result.stderr.decode()}
        elif who == "js":
            answer = node.ask("aws_sdk.js", {"call": "secret", "region": env.get("AWS_REGION"),
                                             "input": {"SecretId": "prod/plain"}}, env)
        else:
            print(json.dumps({"secret": "prod/plain", "environment": env}), file=self.boto3.stdin, flush=True)
            answer = json.loads(self.boto3.stdout.readline())
        return answer, [decoded(entry) for entry in self.sim.log("aws")]

    def test_every_environment(self):
        self.assertGreaterEqual(len(CASES), 30)
        for name, (variables, config, credentials, expected, *differing) in CASES.items():
            differing = differing[0] if differing else {}
            env = self.prepare(variables, config, credentials)
            answer, requests = self.ask("ours", env)
            with self.subTest(case=name, who="ours"):
                if expected == "error":
                    self.assertIn("error", answer)
                else:
                    self.assertEqual(answer, {"value": "plain text"})
                    self.assertEqual(requests[-1]["key"], "temporary" if expected == "role" else expected)
            for peer in ("boto3", "js"):
                with self.subTest(case=name, who=peer):
                    theirs, their_requests = self.ask(peer, env)
                    same = ("error" in theirs) == ("error" in answer)
                    if "error" not in answer:
                        same = same and their_requests == requests
                    if peer in differing:
                        self.assertFalse(same, f"they agree by now, although: {differing[peer]}")
                    else:
                        self.assertEqual("error" in theirs, "error" in answer, (theirs, answer))
                        if "error" not in answer:
                            self.assertEqual(their_requests, requests)


if __name__ == "__main__":
    unittest.main()
