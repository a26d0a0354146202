# SPDX-License-Identifier: Apache-2.0
"""kubectl, the official clients of Kubernetes for Python and JavaScript and our plugin, by the same kubeconfigs against the same
simulator: who they are to the server, what they ask it, and what they tell of its refusals. Where they differ, the reason stands
here."""
import base64
import dataclasses
import json
import os
import random
import shutil
import sys
import unittest
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import node
from simulator import Simulator, environment, run

MSTR = os.environ["MSTR_BIN"]
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
#   that such a file ends in, which its own HTTP refuses, and knows no impersonation.
# - The client for JavaScript never asks again, the others where the server says when; ours also after 503 without that, twice.

def file(name, content, mode=0o600):
    path = os.path.join(SIM.folder.name, name)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as stream:
        stream.write(content if isinstance(content, str) else json.dumps(content))
    return path


def kubeconfig(name, user, server=URL, **changes):
    """A file with one cluster and one user; None takes a member away."""
    content = {"apiVersion": "v1", "kind": "Config", "current-context": "sim",
               "clusters": [{"name": "sim", "cluster": {"server": server, "certificate-authority": CA}}],
               "users": [{"name": "sim", "user": user}], "contexts": [{"name": "sim", "context": {"cluster": "sim", "user": "sim"}}]}
    content |= {member.replace("_", "-"): value for member, value in changes.items()}
    return file(name + ".json", {member: value for member, value in content.items() if value is not None})


def status(code, message, **headers):
    """A fault: the next answer for a secret."""
    return {"action": "status", "status": code, "headers": {name.replace("_", "-"): value for name, value in headers.items()},
            "body": {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": code}}


BUSY = status(429, "too many requests", Retry_After="0")
AWAY = status(503, "away for a moment")

# As a person writes it.
WRITTEN = f"""---
apiVersion: "v1"  # quoted
kind: Config
current-context: 'sim'
clusters:
- cluster: {{server: "{URL}", certificate-authority: {CA}}}
  name: sim
contexts: [{{name: sim, context: {{cluster: sim, user: me}}}}]
users:
  -  name: me
     user:
       token: >-
         {TOKEN}
preferences: {{}}
"""


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
    faults: tuple = ()
    # Where a client differs: what it tells, and who it is (None: it does not ask); how often it asks, if not once.
    others: dict = dataclasses.field(default_factory=dict)
    times: dict = dataclasses.field(default_factory=dict)

    @property
    def path(self):
        return f"{self.prefix}/api/v1/namespaces/{self.namespace}/secrets/{self.name}"

    @property
    def calls(self):
        faults = [("POST", "/faults", {"service": "k8s", "path": "*/secrets/*"} | rule) for rule in self.faults]
        return [("POST", "/reset"), ("PUT", "/knobs/k8s", {"prefix": self.prefix}), *faults]


def bearer(token):
    return {"authorization": "Bearer " + token}


def cells():
    made, prefix = certificate("analyst"), "/k8s/clusters/c-1"
    files = {"client-certificate": file("own.pem", made["certificate"]), "client-key": file("own.key", made["key"])}
    texts = {"client-certificate-data": encoded(made["certificate"]), "client-key-data": encoded(made["key"])}
    own = kubeconfig("token", {"token": TOKEN})
    return [
        Cell(own, bearer(TOKEN)),
        Cell(kubeconfig("file", {"tokenFile": file("token", TOKEN)}), bearer(TOKEN), others={"javascript": ("system:anonymous", {})}),
        Cell(kubeconfig("helper", {"exec": helper(TOKEN)}), bearer(TOKEN)),
        Cell(kubeconfig("prod", {"token": "sim-k8s-prod-token"}), bearer("sim-k8s-prod-token"), namespace="prod"),
        Cell(kubeconfig("files", files), {}),
        Cell(kubeconfig("texts", texts), {}),
        Cell(kubeconfig("prefix", {"token": TOKEN}, URL + prefix), bearer(TOKEN), prefix=prefix),
        Cell(file("written.yaml", WRITTEN), bearer(TOKEN)),
        Cell(kubeconfig("deputy", {"token": "sim-k8s-deputy-token", "as": "analyst"}),
             bearer("sim-k8s-deputy-token") | {"impersonate-user": "analyst"},
             others={"python": ("deputy", bearer("sim-k8s-deputy-token"))}),
        Cell(own, bearer(TOKEN), 'secrets "nowhere" not found', "nowhere"),
        Cell(own, bearer(TOKEN), f'secrets "forbidden" is forbidden: User "{ACCOUNT}" cannot get resource "secrets" in API group "" in '
             'the namespace "default"', "forbidden", others={"ours": (f'user "{ACCOUNT}" may not get secrets "forbidden"', bearer(TOKEN))}),
        Cell(own, bearer(TOKEN), faults=(BUSY,), times={"kubectl": 2, "python": 2, "ours": 2},
             others={"javascript": ("too many requests", bearer(TOKEN))}),
        Cell(own, bearer(TOKEN), "away for a moment", faults=(AWAY,), times={"ours": 2}, others={"ours": ("Simul8-analyst", bearer(TOKEN))}),
        Cell(kubeconfig("wrong", {"token": "wrong"}), bearer("wrong"), "Unauthorized"),
        Cell(kubeconfig("nobody", {}), {}, 'User "system:anonymous" cannot get resource "secrets"', 
             others={"kubectl": ("EOF", None), "ours": ("the API server saw no credentials", {})}),
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
    connection = config.new_client_from_config(config_file=cell.kubeconfig)
    try:
        return told(client.CoreV1Api(connection).read_namespaced_secret(cell.name, cell.namespace).data)
    except client.ApiException as error:
        return json.loads(error.body)["message"]
    finally:
        connection.rest_client.pool_manager.clear()


def by_us(cell):
    done = run(MSTR, "get", f"k8s://{cell.namespace}/{cell.name}#password", env=environment(KUBECONFIG=cell.kubeconfig))
    return (done.stdout or done.stderr).decode()


KUBECTL = unittest.skipUnless(shutil.which("kubectl"), "no kubectl is installed")
OURS = unittest.skipUnless(os.path.exists(f"{os.environ['MSTR_PLUGINS']}/kubernetes.so"), "it is built where libyaml is")


class Peers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cells = cells()

    @classmethod
    def tearDownClass(cls):
        SIM.__exit__(None, None, None)

    def check(self, peer, cell, tells, entries):
        text, who = cell.others.get(peer, (cell.tells, cell.who))
        self.assertIn(text, tells)
        self.assertEqual(asked(entries), [] if who is None else [("GET", cell.path, who)] * cell.times.get(peer, 1))

    def each(self, peer, read):
        for cell in self.cells:
            with self.subTest(cell):
                for call in cell.calls:
                    SIM.admin(*call)
                self.check(peer, cell, read(cell), SIM.log("k8s"))

    @KUBECTL
    def test_kubectl(self):
        self.each("kubectl", by_kubectl)

    @OURS
    def test_ours(self):
        self.each("ours", by_us)

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
        connection = client.ApiClient(settings)
        self.addCleanup(connection.rest_client.pool_manager.clear)
        self.assertEqual(told(client.CoreV1Api(connection).read_namespaced_secret("mstr", "default").data), "Simul8-analyst")

    @KUBECTL
    @OURS
    def test_bad_files(self):
        """Neither asks for a secret by one."""
        user, made = {"token": TOKEN}, certificate("analyst")
        cluster = {"server": URL, "certificate-authority": CA}
        files = [
            kubeconfig("two methods", user | {"username": "u", "password": "p"}),
            kubeconfig("no key", {"client-certificate-data": encoded(made["certificate"])}),
            kubeconfig("no base64", {"client-certificate-data": "%", "client-key-data": encoded(made["key"])}),
            kubeconfig("two authorities", user, clusters=[
                {"name": "sim", "cluster": cluster | {"insecure-skip-tls-verify": True}}]),
            kubeconfig("another version", user, apiVersion="v2"),
            kubeconfig("twice", user, users=[{"name": "sim", "user": user}] * 2),
            kubeconfig("no such context", user, current_context="other"),
            kubeconfig("no such cluster", user, clusters=None),
            kubeconfig("a helper of another version", {"exec": helper(TOKEN) | {"apiVersion": "client.authentication.k8s.io/v9"}}),
            kubeconfig("a helper that fails", {"exec": helper(TOKEN) | {"command": "/bin/false"}}),
            file("no kubeconfig", "{[}"),
        ]
        for path in files:
            for read in (by_kubectl, by_us):
                with self.subTest(os.path.basename(path), peer=read.__name__):
                    SIM.reset()
                    self.assertNotIn("Simul8-analyst", read(Cell(path, {})))
                    self.assertEqual(asked(SIM.log("k8s")), [])

    @KUBECTL
    @OURS
    def test_several_files(self):
        """The first that names a thing has it, and one that is missing is passed over; the others know one file alone."""
        only = {"apiVersion": "v1", "kind": "Config"}
        first = file("first", only | {"users": [{"name": "sim", "user": {"token": TOKEN}}], "current-context": "sim"})
        paths = ":".join((first, "/nonexistent", kubeconfig("second", {"token": "wrong"})))
        for peer, read in (("kubectl", by_kubectl), ("ours", by_us)):
            with self.subTest(peer):
                SIM.reset()
                cell = Cell(paths, bearer(TOKEN))
                self.check(peer, cell, read(cell), SIM.log("k8s"))

    @KUBECTL
    @OURS
    def test_merging(self):
        """Of files by chance, those of kubectl's view: the server's path, the namespace and the token."""
        chance = random.Random(1)
        for number in range(20):
            texts = [part(chance, place) for place in range(3)]
            with self.subTest(number=number, texts=texts):
                SIM.reset()
                paths = [file(f"part-{place}", text) for place, text in enumerate(texts)]
                done = run(MSTR, "get", "k8s:none", env=environment(KUBECONFIG=":".join(paths)))
                who = [(target, headers.get("authorization")) for _, target, headers in asked(SIM.log("k8s"))]
                self.assertEqual(who, view(paths), done.stderr.decode())


def part(chance, place):
    """A file that names some things, and leaves some of them bare; JSON or YAML."""
    def named(kind, *contents):
        return [{"name": name, kind: chance.choice(contents)} if chance.random() < 0.9 else {"name": name}
                for name in "ab" if chance.random() < 0.7]
    by_file = {"tokenFile": os.path.basename(file(f"token-{place}", f"by-file-{place}"))}
    content = {
        "clusters": named("cluster", {"server": f"{PLAIN.rstrip('/')}/from-{place}"}),
        "users": named("user", {"token": f"from-{place}"}, by_file, by_file, {}, None),
        "contexts": named("context", {"cluster": "a"}, *({"cluster": cluster, "user": user, "namespace": f"in-{place}"}
                                                         for cluster in "ab" for user in "ab"))}
    content = {member: content[member] for member in content if chance.random() < 0.9}
    if chance.random() < 0.7:
        content["current-context"] = chance.choice(("a", "a", "b", ""))
    if chance.random() < 0.5:
        return json.dumps(content)
    return "".join(f"{member}: {json.dumps(content[member])}\n" for member in content)


def view(paths):
    """What is to be asked, and by which token, by kubectl's view of the files; nothing without a server."""
    done = run("kubectl", "config", "view", "--raw", "--minify", "-o", "json",
               env=environment(HOME=SIM.folder.name, KUBECONFIG=":".join(paths)))
    config = json.loads(done.stdout) if done.returncode == 0 else {}
    server = config["clusters"][0]["cluster"]["server"] if config.get("clusters") else ""
    if not server:
        return []
    context = config["contexts"][0]["context"]
    user = config["users"][0]["user"] if config["users"] else {}
    token = user.get("token")
    if "tokenFile" in user:
        with open(os.path.join(SIM.folder.name, user["tokenFile"]), encoding="utf-8") as stream:
            token = stream.read()
    return [(f"{urllib.parse.urlsplit(server).path}/api/v1/namespaces/{context.get('namespace', 'default')}/secrets/none",
             "Bearer " + token if token else None)]


if __name__ == "__main__":
    unittest.main()
