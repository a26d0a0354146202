# SPDX-License-Identifier: Apache-2.0
"""The calls of the Python original, made with Debian's python3-requests as its documentation tells, and the same calls of ours:
against one simulator, the requests of both are compared in method, path, query, headers and body. Where they differ on
purpose, the reason stands here, and the difference is asserted."""
import email.parser
import json
import os
import re
import subprocess
import sys
import unittest
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from simulator import Simulator, environment

try:
    import requests
except ImportError:
    sys.exit("requests_test: Debian's package python3-requests is not installed")

CALLS = os.environ["MSTR_SESSION_CALLS"]
PROJECT = "B7CA92F04B9FAE8D941C3E9B7E0CD754"
PAIRS = [("name", "a b&c=d"), ("type", "3"), ("type", "8"), ("umlaut", "ä/?")]

# Headers whose values are not compared, and why.
INTENDED = {
    "accept": "we ask for JSON, which is what the API gives; requests takes anything",
    "accept-encoding": "each names what its own library can inflate",
    "connection": "requests says what is HTTP/1.1's default",
    "content-length": "requests puts blanks into JSON; bodies are compared by what they say",
    "user-agent": "each says who it is",
}
# Headers that the original sends in a call where it should not, and why.
FOR_EVER = "every X-MSTR header of an answer is sent with all later requests"
REPAIRED = {
    "without_auth": ("x-mstr-authtoken", "include_auth=False has no effect: the token sits in the session's headers"),
    "identity_token_and_status": ("x-mstr-identitytoken", FOR_EVER),
    "get_params": ("x-mstr-total-count", FOR_EVER),
}


class Original:
    """What the original does with requests, as its documentation and tests have it."""

    def __init__(self, base):
        self.base = base.rstrip("/") + "/"
        self.session = requests.Session()
        self.session.trust_env = False

    def request(self, method, path, project_id=None, headers=None, **more):
        headers = dict(headers or {})
        if project_id is not None:
            headers["X-MSTR-ProjectID"] = project_id
        response = self.session.request(method, urllib.parse.urljoin(self.base, path), headers=headers, **more)
        if response.ok:
            captured = {name: value for name, value in response.headers.items() if name.lower().startswith("x-mstr")}
            self.session.headers.update(captured)
        return response

    def login(self, **body):
        self.request("POST", "auth/login", json={**body, "applicationType": 8})

    def logout(self):
        self.request("POST", "auth/logout")


CALL = {
    "login_and_logout": lambda o: None,
    "login_api_key": lambda o: None,
    "login_anonymous": lambda o: None,
    "extend": lambda o: o.request("PUT", "sessions"),
    "info": lambda o: o.request("GET", "sessions"),
    "userinfo": lambda o: o.request("GET", "sessions/userInfo"),
    "projects": lambda o: o.request("GET", "projects"),
    "identity_token_and_status": lambda o: [o.request("POST", "auth/identityToken"), o.request("GET", "status")],
    "get": lambda o: o.request("GET", "v2/reports/x"),
    "get_params": lambda o: o.request("GET", "searches/results", params=PAIRS, project_id=PROJECT),
    "get_query_in_url": lambda o: o.request("GET", "searches/results?limit=5", params=[("type", "3")]),
    "get_headers": lambda o: o.request("GET", "status", headers={"X-Team": "blue", "Prefer": "respond-async"}),
    "get_cookies": lambda o: o.request("GET", "status", cookies={"route": "node2"}),
    "head": lambda o: o.request("HEAD", "cubes/x", project_id=PROJECT),
    "options": lambda o: o.request("OPTIONS", "status"),
    "delete": lambda o: o.request("DELETE", "v2/reports/x/instances/y", project_id=PROJECT),
    "post_nothing": lambda o: o.session.post(o.base + "auth/identityToken"),
    "post_json": lambda o: o.request("POST", "v2/reports/x/instances", json={"a": [1, 2.5, None, True], "b": "ä"}),
    "put_json": lambda o: o.request("PUT", "reports/x/instances/y/prompts/answers", json={"prompts": []}),
    "patch_json": lambda o: o.request("PATCH", "objects/x", json={"name": "n"}),
    "post_form": lambda o: o.request("POST", "auth/x", data=PAIRS),
    "post_raw": lambda o: o.request("POST", "x", data=b"raw text", headers={"Content-Type": "text/plain"}),
    "post_multipart": lambda o: o.request("POST", "x", data={"note": "hello"},
                                          files={"file": ("data.csv", b"a,b\r\n1,2\r\n", "text/csv")}),
    "without_auth": lambda o: o.request("GET", "status"),
}
LOGIN = {
    "login_api_key": {"username": "sim-api-token-analyst", "loginMode": 4096},
    "login_anonymous": {"loginMode": 8},
}


def parts(body, content_type):
    """A multipart body as its parts, whatever the boundary."""
    text = f"Content-Type: {content_type}\r\n\r\n{body}"
    message = email.parser.Parser().parsestr(text)
    return [(part.get_param("name", header="content-disposition"), part.get_filename(), part.get("Content-Type"),
             part.get_payload()) for part in message.get_payload()]


def decoded(entry):
    """A logged request as what it means."""
    headers = {name.lower(): value for name, value in entry["headers"]}
    kind = headers.get("content-type", "")
    body = entry["body"]
    if kind == "application/json":
        body = json.loads(body)
    elif kind == "application/x-www-form-urlencoded":
        body = urllib.parse.parse_qsl(body, keep_blank_values=True)
    elif kind.startswith("multipart/form-data"):
        body = parts(body, kind)
        headers["content-type"] = re.sub("boundary=.*", "boundary", kind)
    for name in INTENDED:
        headers.pop(name, None)
    if "cookie" in headers:
        cookies = headers["cookie"].split("; ")
        headers["cookie"] = sorted(re.sub("^JSESSIONID=.*", "JSESSIONID", cookie) for cookie in cookies)
    if "x-mstr-authtoken" in headers:
        headers["x-mstr-authtoken"] = "the token"
    headers.pop("host")
    return {"method": entry["method"], "path": entry["path"], "query": [tuple(pair) for pair in entry["query"]],
            "headers": headers, "body": body, "status": entry["status"]}


class Requests(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(os.environ["MSTR_SIM"])
        cls.base = cls.sim.urls["mstr"]

    @classmethod
    def tearDownClass(cls):
        cls.sim.__exit__(None, None, None)

    def theirs(self, call):
        self.sim.reset()
        original = Original(self.base)
        original.login(**LOGIN.get(call, {"username": "analyst", "password": "Simul8-analyst", "loginMode": 1}))
        CALL[call](original)
        original.logout()
        return [decoded(entry) for entry in self.sim.log("mstr")]

    def ours(self, call):
        self.sim.reset()
        subprocess.run([CALLS, self.base, call], env=environment(), check=True, timeout=60)
        return [decoded(entry) for entry in self.sim.log("mstr")]

    def test_each_call_says_the_same(self):
        for call in CALL:
            with self.subTest(call=call):
                theirs, ours = self.theirs(call), self.ours(call)
                if call in REPAIRED:
                    name, reason = REPAIRED[call]
                    wrong = [their["headers"] for their, our in zip(theirs, ours)
                             if name in their["headers"].keys() - our["headers"]]
                    self.assertTrue(wrong, reason)
                    for headers in wrong:
                        headers.pop(name)
                self.assertEqual(theirs, ours)

    def test_a_leading_slash_does_not_leave_the_api(self):
        """requests resolves as RFC 3986 has it, so that the original loses its base; the paths of ours are always appended."""
        theirs = Original(self.base)
        self.sim.reset()
        theirs.request("GET", "/status")
        lost = self.sim.log("mstr")[0]["path"]
        ours = self.ours("leading_slash")
        self.assertEqual((lost, ours[1]["path"], ours[1]["status"]), ("/status", "/MicroStrategyLibrary/api/status", 200))


if __name__ == "__main__":
    unittest.main()
