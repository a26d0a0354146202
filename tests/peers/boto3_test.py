# SPDX-License-Identifier: Apache-2.0
"""Debian's boto3 and our AWS plugin ask the same simulator for the same secret; their requests, decoded, are compared field by
field, and so is what they make of the answer. Where they differ on purpose, the reason stands here."""
import json
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from simulator import ACCESS_KEY, SECRET_KEY, Simulator, environment, run

try:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import ClientError
except ImportError:
    sys.exit("boto3_test: Debian's package python3-boto3 is not installed")

MSTR = os.environ["MSTR_BIN"]

# Headers that only one of the two sends, and why.
INTENDED = {
    "accept-encoding": "boto3 asks for an uncompressed body; we do not ask, which means the same",
    "amz-sdk-invocation-id": "telemetry of AWS's SDKs",
    "amz-sdk-request": "telemetry of AWS's SDKs",
    "user-agent": "each says who it is",
}
AUTHORIZATION = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, "
                           r"SignedHeaders=([^,]+), Signature=([0-9a-f]{64})")


def decoded(entry):
    """A logged request as what it means: headers by name, the body as JSON, the signature's parts without its digits."""
    headers = {name.lower(): value for name, value in entry["headers"]}
    match = AUTHORIZATION.fullmatch(headers.pop("authorization"))
    key, _, region, service, signed, _ = match.groups()
    for name in INTENDED:
        headers.pop(name, None)
    body = json.loads(entry["body"])
    headers.pop("content-length")  # boto3 puts blanks into its JSON
    headers.pop("x-amz-date")  # each its own second
    return {
        "method": entry["method"], "path": entry["path"], "query": entry["query"], "status": entry["status"],
        "headers": headers, "body": body, "key": key, "region": region, "service": service,
        "signed": set(signed.split(";")) - set(INTENDED),
    }


class Boto3(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(os.environ["MSTR_SIM"])
        cls.config = os.path.join(cls.sim.folder.name, "config")
        with open(cls.config, "w", encoding="utf-8") as file:
            for scheme in ("aws-sm", "aws-ssm"):
                file.write(f"[provider {scheme}]\nregion = us-east-1\nendpoint = {cls.sim.urls['aws']}\n")

    @classmethod
    def tearDownClass(cls):
        cls.sim.__exit__(None, None, None)

    def setUp(self):
        self.sim.reset()

    def theirs(self, token=None, service="secretsmanager"):
        return boto3.client(service, endpoint_url=self.sim.urls["aws"], region_name="us-east-1",
                            aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY, aws_session_token=token,
                            config=Config(retries={"max_attempts": 1}, proxies={}))

    def ours(self, reference, token=None):
        return run(MSTR, "--config", self.config, "--json", "get", reference,
                   env=environment(AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY, AWS_SESSION_TOKEN=token))

    def last_two(self):
        theirs, ours = self.sim.log("aws")
        return decoded(theirs), decoded(ours)

    def test_a_secret_by_name(self):
        theirs = self.theirs().get_secret_value(SecretId="prod/mstr")
        ours = json.loads(self.ours("aws-sm:prod/mstr").stdout)["aws-sm:prod/mstr"]
        self.assertEqual(ours["value"], theirs["SecretString"])
        self.assertEqual(ours["version"], theirs["VersionId"])
        self.assertEqual(*self.last_two())

    def test_a_secret_by_arn_and_stage(self):
        arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/mstr-AbCdEf"
        theirs = self.theirs().get_secret_value(SecretId=arn, VersionStage="AWSPREVIOUS")
        reference = f"aws-sm:{arn}?version-stage=AWSPREVIOUS"
        ours = json.loads(self.ours(reference).stdout)[reference]
        self.assertEqual(ours["value"], theirs["SecretString"])
        self.assertEqual(*self.last_two())

    def test_a_binary_secret(self):
        theirs = self.theirs().get_secret_value(SecretId="prod/binary")
        ours = run(MSTR, "--config", self.config, "get", "-o", "raw", "aws-sm:prod/binary",
                   env=environment(AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY))
        self.assertEqual(ours.stdout, theirs["SecretBinary"])
        self.assertEqual(*self.last_two())

    def test_a_parameter_by_name_version_and_arn(self):
        arn = "arn:aws:ssm:us-east-1:123456789012:parameter/prod/mstr/password"
        for name in ("/prod/mstr/password", "/prod/mstr/password:1", "hosts", arn):
            with self.subTest(name):
                self.sim.reset()
                theirs = self.theirs(service="ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]
                ours = json.loads(self.ours(f"aws-ssm:{name}").stdout)[f"aws-ssm:{name}"]
                self.assertEqual((ours["value"], ours["version"]), (theirs["Value"], str(theirs["Version"])))
                self.assertEqual(*self.last_two())

    def test_several_parameters_of_one_call(self):
        names = ["/prod/mstr/password", "/prod/mstr/username"]
        self.theirs(service="ssm").get_parameters(Names=names, WithDecryption=True)
        done = run(MSTR, "--config", self.config, "get", *(f"aws-ssm:{name}" for name in names),
                   env=environment(AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY))
        self.assertEqual(done.stdout, b"Simul8-analyst\nanalyst\n")
        self.assertEqual(*self.last_two())

    def test_refusals_have_the_same_code(self):
        for name in ("no/such", "prod/forbidden", "prod/deleted"):
            with self.subTest(secret=name):
                self.sim.reset()
                with self.assertRaises(ClientError) as raised:
                    self.theirs().get_secret_value(SecretId=name)
                error = json.loads(self.ours(f"aws-sm:{name}").stderr)
                self.assertEqual(error["service_code"], raised.exception.response["Error"]["Code"])
                self.assertIn(raised.exception.response["Error"]["Message"], error["message"])
                self.assertEqual(*self.last_two())

    def test_a_session_token_is_sent_and_signed(self):
        with self.assertRaises(ClientError):
            self.theirs("token").get_secret_value(SecretId="prod/mstr")
        self.assertEqual(self.ours("aws-sm:prod/mstr", "token").returncode, 6)
        theirs, ours = self.last_two()
        self.assertIn("x-amz-security-token", ours["signed"])
        self.assertEqual(theirs, ours)


if __name__ == "__main__":
    unittest.main()
