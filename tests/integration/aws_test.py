"""The AWS plugin through the real binary, against the simulator: Secrets Manager and Parameter Store, identities and their
renewal, retries, regions and endpoints, doctor. What it asks for is looked at, not only what it gets."""
import contextlib
import json
import os
import shutil
import sys
import tempfile
import unittest
from urllib.parse import parse_qsl

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from simulator import ACCESS_KEY, SECRET_KEY, Simulator, environment, run

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
