# SPDX-License-Identifier: Apache-2.0
"""A service that repeats whatever it was sent in its refusal, before each plugin and the tool: neither an error, nor a log line at
the most talkative level, nor doctor's report holds what authenticated the request."""
import base64
import json
import os
import sys
import tempfile
import unittest
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from azure_files import APP, TENANT
from gcp_files import user_file
from server import Answering, serve
from simulator import ACCESS_KEY, SECRET_KEY, environment, run

MSTR = os.environ["MSTR_BIN"]
CANARY = "c4nary/7+f3 a9\"1&c2"
TOKEN = "t0ken-canary.s3condpart+/01"
FORMS = ("text", "json", "url", "base64", "aws", "oauth", "google", "vault")


def encode(form, text):
    quoted = json.dumps(text)
    return {
        "text": text,
        "json": json.dumps({"code": "ERR003", "message": text, "ticketId": text}),
        "url": urllib.parse.quote_plus(text),
        "base64": base64.b64encode(text.encode()).decode(),
        "aws": '{"__type":"AccessDeniedException","Message":%s}' % quoted,
        "oauth": '{"error":"invalid_client","error_description":%s,"error_codes":[7000215],"trace_id":%s}' % (quoted, quoted),
        "google": '{"error":{"code":403,"status":"PERMISSION_DENIED","message":%s}}' % quoted,
        "vault": '{"error":{"code":"Forbidden","message":%s,"innererror":{"code":%s}}}' % (quoted, quoted),
    }[form]


class Echo(Answering):
    """Logs in and gives tokens where `gives_tokens` says so, challenges as Key Vault does, and repeats everything else."""
    form = "text"
    gives_tokens = False
    requests = 0

    def repeat(self):
        Echo.requests += 1
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self.gives_tokens and self.path.endswith("/auth/login"):
            self.answer(204, b"", X_MSTR_AuthToken=TOKEN, Set_Cookie=f"JSESSIONID={TOKEN}; Path=/")
        elif self.gives_tokens and "grant_type" in body:
            self.answer(200, json.dumps({"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"}).encode())
        elif self.path.startswith("/secrets/") and "Authorization" not in self.headers:
            host = self.headers["Host"]
            self.answer(401, b"", WWW_Authenticate=f'Bearer authorization="http://{host}/{TENANT}", resource="https://vault.azure.net"')
        else:
            fields = urllib.parse.unquote_plus(body) if "form" in self.headers.get("Content-Type", "") else ""
            sent = " ".join([*self.headers.values(), urllib.parse.unquote_plus(self.path), body, fields])
            told = urllib.parse.quote(sent[:3000])
            self.answer(403, encode(self.form, sent).encode(), x_amzn_requestid=told, x_ms_request_id=told, X_Request_Id=told)

    do_GET = do_POST = do_PUT = repeat


class PluginEcho(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.server = serve(Echo)
        cls.addClassCleanup(cls.server.server_close)
        cls.addClassCleanup(cls.server.shutdown)
        cls.url = f"http://127.0.0.1:{cls.server.server_port}"

    def file(self, name, content):
        path = os.path.join(self.folder.name, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)
        os.chmod(path, 0o600)
        return path

    def assert_silent(self, config, words, **env):
        """Through every form of echo, at trace level; the parts that no encoding changes are searched too."""
        config = self.file("config", config)
        coded = [base64.b64encode(b"x" * shift + text.encode())[4:-4] for text in (CANARY, TOKEN) for shift in range(3)]
        for form in FORMS:
            with self.subTest(form=form, words=words):
                Echo.form, Echo.requests = form, 0
                done = run(MSTR, "--config", config, "--log", "trace", *words, env=environment(NO_GCE_CHECK="true", **env))
                told = done.stdout + done.stderr
                self.assertNotEqual(done.returncode, 0, told)
                self.assertGreater(Echo.requests, 0, told)
                for hidden in [CANARY.encode(), b"c4nary", b"a9\"1", b"t0ken-canary", b"s3condpart", SECRET_KEY.encode(), *coded]:
                    self.assertNotIn(hidden, told, told)

    def assert_silent_everywhere(self, config, reference, **env):
        for words in (["get", reference], ["doctor", "--json", reference]):
            self.assert_silent(config, words, **env)

    def setUp(self):
        Echo.gives_tokens = False

    def test_aws_session_token_is_not_told(self):
        self.assert_silent_everywhere(f"[provider aws-sm]\nregion = us-east-1\nendpoint = {self.url}\n", "aws-sm:x",
                                      AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY,
                                      AWS_SESSION_TOKEN=TOKEN)

    def test_aws_web_identity_is_not_told(self):
        self.assert_silent_everywhere(f"[provider aws-sm]\nregion = us-east-1\nendpoint = {self.url}\n", "aws-sm:x",
                                      AWS_ROLE_ARN="arn:aws:iam::123456789012:role/x", AWS_ENDPOINT_URL_STS=self.url,
                                      AWS_WEB_IDENTITY_TOKEN_FILE=self.file("web", CANARY))

    def test_aws_container_token_is_not_told(self):
        self.assert_silent_everywhere(f"[provider aws-sm]\nregion = us-east-1\nendpoint = {self.url}\n", "aws-sm:x",
                                      AWS_CONTAINER_CREDENTIALS_FULL_URI=self.url + "/keys",
                                      AWS_CONTAINER_AUTHORIZATION_TOKEN=TOKEN)

    def azure(self):
        return (f"[provider azure-kv]\nendpoint = {self.url}\nauthority_host = {self.url}\ncredential = EnvironmentCredential\n",
                "azure-kv://corp/x")

    def test_azure_client_secret_is_not_told(self):
        self.assert_silent_everywhere(*self.azure(), AZURE_TENANT_ID=TENANT, AZURE_CLIENT_ID=APP, AZURE_CLIENT_SECRET=CANARY)

    def test_azure_token_is_not_told(self):
        Echo.gives_tokens = True
        self.assert_silent_everywhere(*self.azure(), AZURE_TENANT_ID=TENANT, AZURE_CLIENT_ID=APP, AZURE_CLIENT_SECRET=CANARY)

    def google(self):
        user = user_file(client_secret=CANARY, refresh_token=TOKEN, token_uri=self.url + "/token", quota_project_id="p")
        return f"[provider gcp-sm]\nendpoint = {self.url}\n", "gcp-sm://sim-project/x", self.file("user.json", json.dumps(user))

    def test_google_refresh_token_and_client_secret_are_not_told(self):
        config, reference, user = self.google()
        self.assert_silent_everywhere(config, reference, GOOGLE_APPLICATION_CREDENTIALS=user)

    def test_google_token_is_not_told(self):
        Echo.gives_tokens = True
        config, reference, user = self.google()
        self.assert_silent_everywhere(config, reference, GOOGLE_APPLICATION_CREDENTIALS=user)

    def test_credentials_of_a_login_are_not_told(self):
        for credential in ("password = ${env:PLANTED}\nusername = ann", "api_key = ${env:PLANTED}",
                           "identity_token = ${env:PLANTED}"):
            config = f"[profile default]\nbase_url = {self.url}/MicroStrategyLibrary/api\n{credential}\n"
            for words in (["projects"], ["--json", "projects"], ["doctor"], ["api", "users"]):
                self.assert_silent(config, words, PLANTED=CANARY)

    def test_token_of_a_session_is_not_told(self):
        Echo.gives_tokens = True
        config = f"[profile default]\nbase_url = {self.url}/MicroStrategyLibrary/api\npassword = {CANARY}\nusername = ann\n"
        for words in (["projects"], ["--json", "projects"], ["api", "users"], ["api", "-X", "DELETE", "users/1"]):
            self.assert_silent(config, words)


if __name__ == "__main__":
    unittest.main()
