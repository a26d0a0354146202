"""kubectl and the official clients of Kubernetes for Python and JavaScript, by the same kubeconfigs against the same simulator: who
they are to the server, what they ask it, and what they tell of its refusals. Where ours differs on purpose, the reason stands here."""
import base64
import dataclasses
import json
import os
import shutil
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import node
from simulator import Simulator, environment, run

SIM = Simulator(os.environ["MSTR_SIM"], "--tls")
URL, CA, PLAIN = SIM.urls["k8s-tls"], SIM.urls["ca"], SIM.urls["k8s"]
ACCOUNT, TOKEN = "system:serviceaccount:default:mstr", "sim-k8s-token"
for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
    del os.environ[name]
try:
    from kubernetes import client, config
    from kubernetes.config.incluster_config import InClusterConfigLoader
except ImportError:
    SIM.__exit__(None, None, None)
    sys.exit("k8s_test: Debian's package python3-kubernetes is not installed")

# - kubectl asks which resources there are first, once for some minutes, and one that chooses its version by the server's asks for
#   that too after a refusal.
# - kubectl asks a user without anything to prove him for a name.
# - The client for JavaScript reads tokenFile under another name, token-file, and so sends nothing. That for Python sends the newline
#   that such a file ends in, which its own HTTP refuses.

def file(name, content, mode=0o600):
    path = os.path.join(SIM.folder.name, name)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as stream:
        stream.write(content if isinstance(content, str) else json.dumps(content))
    return path


def kubeconfig(name, user, server=URL):
    return file(name + ".json", {"apiVersion": "v1", "kind": "Config", "current-context": "sim",
                       "clusters": [{"name": "sim", "cluster": {"server": server, "certificate-authority": CA}}],
                       "users": [{"name": "sim", "user": user}], "contexts": [{"name": "sim", "context": {"cluster": "sim", "user": "sim"}}]})


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def certificate(user):
    return json.loads(SIM.admin("POST", "/client-certificates", {"name": user}))


def helper(token):
    """A program for the section exec, in the version that all of them know."""
    answer = {"apiVersion": "client.authentication.k8s.io/v1beta1", "kind": "ExecCredential", "status": {"token": token}}
    return {"apiVersion": "client.authentication.k8s.io/v1beta1", "args": [], "env": [],
            "command": file("helper", f"#!/bin/sh\necho '{json.dumps(answer)}'\n", 0o700)}


@dataclasses.dataclass(frozen=True)
class Cell:
    """A read by a kubeconfig: what the server is to be told of who asks, and what the client tells of the answer."""
    kubeconfig: str
    who: dict
    tells: str = "Simul8-analyst"
    name: str = "mstr"
    namespace: str = "default"
    prefix: str = ""
    others: dict = dataclasses.field(default_factory=dict)  # what a client tells in its place, see above

    @property
    def path(self):
        return f"{self.prefix}/api/v1/namespaces/{self.namespace}/secrets/{self.name}"

    @property
    def calls(self):
        return [("POST", "/reset"), ("PUT", "/knobs/k8s", {"prefix": self.prefix})]


def bearer(token):
    return {"authorization": "Bearer " + token}


def cells():
    made, prefix = certificate("analyst"), "/k8s/clusters/c-1"
    files = {"client-certificate": file("own.pem", made["certificate"]), "client-key": file("own.key", made["key"])}
    texts = {"client-certificate-data": encoded(made["certificate"]), "client-key-data": encoded(made["key"])}
    own = kubeconfig("token", {"token": TOKEN})
    return [
        Cell(own, bearer(TOKEN)),
        Cell(kubeconfig("file", {"tokenFile": file("token", TOKEN)}), bearer(TOKEN), others={"javascript": "system:anonymous"}),
        Cell(kubeconfig("helper", {"exec": helper(TOKEN)}), bearer(TOKEN)),
        Cell(kubeconfig("prod", {"token": "sim-k8s-prod-token"}), bearer("sim-k8s-prod-token"), namespace="prod"),
        Cell(kubeconfig("files", files), {}),
        Cell(kubeconfig("texts", texts), {}),
        Cell(kubeconfig("prefix", {"token": TOKEN}, URL + prefix), bearer(TOKEN), prefix=prefix),
        Cell(own, bearer(TOKEN), 'secrets "nowhere" not found', "nowhere"),
        Cell(own, bearer(TOKEN), f'secrets "forbidden" is forbidden: User "{ACCOUNT}" cannot get resource "secrets" in API group "" in '
             'the namespace "default"', "forbidden"),
        Cell(kubeconfig("wrong", {"token": "wrong"}), bearer("wrong"), "Unauthorized"),
        Cell(kubeconfig("nobody", {}), {}, 'User "system:anonymous" cannot get resource "secrets"', others={"kubectl": "EOF"}),
    ]


def told(data):
    return base64.b64decode(data["password"]).decode()


def asked(entries):
    """Method, path and the headers that say who asks, of the requests for secrets."""
    return [(entry["method"], entry["target"],
             {key.lower(): value for key, value in entry["headers"] if key.lower() in ("authorization", "impersonate-user")})
            for entry in entries if "/secrets/" in entry["path"]]


def by_kubectl(cell):
    done = run("kubectl", "--namespace", cell.namespace, "get", "secret", cell.name, "-o", "json",
               env=environment(HOME=SIM.folder.name, KUBECONFIG=cell.kubeconfig))
    return told(json.loads(done.stdout)["data"]) if done.returncode == 0 else done.stderr.decode()


def by_python(cell):
    with config.new_client_from_config(config_file=cell.kubeconfig) as connection:
        try:
            return told(client.CoreV1Api(connection).read_namespaced_secret(cell.name, cell.namespace).data)
        except client.ApiException as error:
            return json.loads(error.body)["message"]


class Peers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cells = cells()

    @classmethod
    def tearDownClass(cls):
        SIM.__exit__(None, None, None)

    def check(self, peer, cell, tells, entries):
        self.assertIn(cell.others.get(peer, cell.tells), tells)
        if peer not in cell.others:
            self.assertEqual(asked(entries), [("GET", cell.path, cell.who)])

    def each(self, peer, read):
        for cell in self.cells:
            with self.subTest(cell):
                for call in cell.calls:
                    SIM.admin(*call)
                self.check(peer, cell, read(cell), SIM.log("k8s"))

    @unittest.skipUnless(shutil.which("kubectl"), "no kubectl is installed")
    def test_kubectl(self):
        self.each("kubectl", by_kubectl)

    def test_python(self):
        self.each("python", by_python)

    def test_javascript(self):
        request = {"admin": SIM.urls["admin"].rstrip("/"),
                   "cells": [dataclasses.asdict(cell) | {"calls": cell.calls} for cell in self.cells]}
        for cell, answer in zip(self.cells, node.ask("k8s.js", request, environment())):
            with self.subTest(cell):
                outcome = answer["outcome"]
                self.check("javascript", cell, outcome["message"] if "error" in outcome else told(outcome["data"]), answer["log"])

    def test_python_in_the_cluster(self):
        place = {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": URL.rsplit(":", 1)[1]}
        settings = client.Configuration()
        SIM.reset()
        InClusterConfigLoader(file("token", TOKEN), CA, environ=place).load_and_set(settings)
        with client.ApiClient(settings) as connection:
            self.assertEqual(told(client.CoreV1Api(connection).read_namespaced_secret("mstr", "default").data), "Simul8-analyst")


if __name__ == "__main__":
    unittest.main()
