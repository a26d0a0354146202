# SPDX-License-Identifier: Apache-2.0
"""The simulator's Kubernetes: what the other suites rest on must refuse what the API server refuses."""
import base64
import json
import os
import ssl
import sys
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from mutual_tls import make_certificate
from simulator import Simulator
from wire import send

ACCOUNT, TOKEN = "system:serviceaccount:default:mstr", "sim-k8s-token"


class Kubernetes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(os.environ["MSTR_SIM"], "--tls")
        cls.url, cls.https = cls.sim.urls["k8s"], cls.sim.urls["k8s-tls"]

    @classmethod
    def tearDownClass(cls):
        cls.sim.__exit__(None, None, None)

    def setUp(self):
        self.sim.reset()

    def read(self, name, token=TOKEN, namespace="default", method=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return send(f"{self.url}/api/v1/namespaces/{namespace}/secrets/{name}", method=method,
                    headers=headers | ({"Authorization": f"Bearer {token}"} if token else {}))

    def tokens(self, **arguments):
        return json.loads(self.sim.admin("POST", "/tokens", {"service": "k8s", **arguments}) or "{}").get("token")

    def read_in_tls(self, certificate, key):
        context = ssl.create_default_context(cafile=self.sim.urls["ca"])
        context.load_cert_chain(certificate, key)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
        try:
            with opener.open(self.https + "/api/v1/namespaces/default/secrets/mstr", timeout=30) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    def test_a_secret_is_shown_in_base64(self):
        status, _, body = self.read("mstr")
        self.assertEqual((status, body["kind"], body["type"]), (200, "Secret", "Opaque"))
        self.assertEqual(base64.b64decode(body["data"]["password"]), b"Simul8-analyst")
        self.assertEqual(base64.b64decode(self.read("binary")[2]["data"]["octets"]), b"\0\1\2\3\xff")
        self.assertNotIn("data", self.read("empty")[2])
        self.assertNotIn("stringData", json.dumps(body))

    def test_what_rbac_does_not_allow_is_forbidden_in_its_words(self):
        cases = [("mstr", {"token": None}, 'User "system:anonymous" cannot get resource "secrets"'),
                 ("forbidden", {}, f'User "{ACCOUNT}" cannot get resource "secrets" in API group "" in the namespace "default"'),
                 ("mstr", {"namespace": "prod"}, 'in the namespace "prod"'),
                 ("other", {"token": "sim-k8s-prod-token", "namespace": "prod"}, 'secrets "other" is forbidden'),
                 ("mstr", {"token": "sim-k8s-nobody-token"}, 'User "system:serviceaccount:default:nobody"'),
                 ("mstr", {"method": "DELETE"}, 'cannot delete resource "secrets"'),
                 ("mstr", {"method": "PUT"}, 'cannot update resource "secrets"'),
                 ("", {}, f'secrets is forbidden: User "{ACCOUNT}" cannot list resource "secrets"'),
                 ("mstr", {"Impersonate_User": "analyst"}, 'cannot impersonate resource "users"')]
        for name, options, expected in cases:
            with self.subTest(expected):
                status, _, body = self.read(name, **options)
                self.assertEqual((status, body["kind"], body["reason"], body["code"]), (403, "Status", "Forbidden", 403))
                self.assertIn(expected, body["message"])
        self.assertEqual(self.read("mstr", token="sim-k8s-deputy-token", Impersonate_User="analyst")[0], 200)

    def test_other_refusals(self):
        status, _, body = self.read("nowhere")
        self.assertEqual((status, body["reason"], body["message"], body["details"]),
                         (404, "NotFound", 'secrets "nowhere" not found', {"name": "nowhere", "kind": "secrets"}))
        self.assertEqual(self.read("mstr", Accept="text/html")[2]["reason"], "NotAcceptable")
        self.assertEqual(send(self.url + "/nowhere", headers={"Authorization": "Bearer " + TOKEN})[2], b"404 page not found\n")
        self.sim.admin("PUT", "/knobs/k8s", {"throttled": True, "retry_after": 3})
        status, headers, body = self.read("mstr")
        self.assertEqual((status, headers["Retry-After"], body["details"]["retryAfterSeconds"]), (429, "3", 3))

    def test_tokens_expire_and_rotate(self):
        token = self.tokens(user=ACCOUNT, lifetime=600)
        self.assertEqual(self.read("mstr", token)[0], 200)
        self.sim.admin("POST", "/clock", {"advance_ms": 600001})
        self.assertEqual(self.read("mstr", token)[2]["message"], "Unauthorized")
        self.assertEqual(self.read("mstr", self.tokens(user=ACCOUNT, action="rotate"))[0], 200)
        self.assertEqual(self.read("mstr")[0], 401)
        self.sim.admin("PUT", "/knobs/k8s", {"anonymous": False})
        self.assertEqual(self.read("mstr", None)[0], 401)

    def test_certificates_of_the_authority_name_a_user(self):
        made = json.loads(self.sim.admin("POST", "/client-certificates", {"name": "analyst"}))
        for kind, text in made.items():
            with open(os.path.join(self.sim.folder.name, kind), "w", encoding="ascii") as file:
                file.write(text)
        own = [os.path.join(self.sim.folder.name, kind) for kind in ("certificate", "key")]
        self.assertEqual(self.read_in_tls(*own), 200)
        self.assertEqual(self.read_in_tls(*make_certificate(self.sim.folder.name, "analyst")), 401, "of somebody else")

    def test_discovery_and_the_prefix_of_a_proxy(self):
        self.sim.admin("PUT", "/knobs/k8s", {"prefix": "/k8s/clusters/c-1"})
        allowed = {"Authorization": "Bearer " + TOKEN}
        self.assertEqual(send(self.url + "/api", headers=allowed)[0], 404)
        for path, kind in (("/api", "APIVersions"), ("/apis", "APIGroupList"), ("/api/v1", "APIResourceList")):
            self.assertEqual(send(self.url + "/k8s/clusters/c-1" + path, headers=allowed)[2]["kind"], kind)
            self.assertEqual(send(self.url + "/k8s/clusters/c-1" + path)[2]["reason"], "Forbidden")
        review = "/k8s/clusters/c-1/apis/authentication.k8s.io/v1/selfsubjectreviews"
        self.assertEqual(send(self.url + review, headers=allowed, body=b"{}")[2]["status"]["userInfo"]["username"], ACCOUNT)

    def test_secrets_change_through_the_admin_listener(self):
        before = self.read("mstr")[2]["metadata"]["resourceVersion"]
        self.sim.admin("POST", "/secrets", {"service": "k8s", "name": "mstr", "stringData": {"password": "new"}})
        body = self.read("mstr")[2]
        self.assertEqual(base64.b64decode(body["data"]["password"]), b"new")
        self.assertNotEqual(body["metadata"]["resourceVersion"], before)
        self.sim.admin("POST", "/secrets", {"service": "k8s", "name": "mstr", "action": "delete"})
        self.assertEqual(self.read("mstr")[0], 404)


if __name__ == "__main__":
    unittest.main()
