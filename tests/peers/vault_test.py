# SPDX-License-Identifier: Apache-2.0
"""Debian's hvac and npm's node-vault beside our Vault plugin, against the same simulator: what they ask the server for, by each way
to log in, and what they tell of its refusals. Where ours differs on purpose, the reason stands here."""
import base64
import dataclasses
import datetime
import json
import os
import sys
import time
import unittest
import unittest.mock
from typing import Callable

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import node
from simulator import ACCESS_KEY, SECRET_KEY, Simulator, environment, run

MSTR = os.environ["MSTR_BIN"]
SIM = Simulator(os.environ["MSTR_SIM"], "--tls")
for name in [name for name in os.environ if name.lower().endswith("_proxy") or name.startswith("VAULT_")]:
    del os.environ[name]
os.environ["HOME"] = SIM.folder.name  # where it looks for a token
try:
    import hvac
    import hvac.aws_utils
except ImportError:
    SIM.__exit__(None, None, None)
    sys.exit("vault_test: Debian's package python3-hvac is not installed")

# - Ours asks first what is mounted where, as Vault's own tool does; the two leave it to their users to write data/ into a path.
# - node-vault sends no X-Vault-Request, which an agent may demand. It does not encode a path.
# - Ours looks at who made a wrapping token before it opens it.
# - After a refusal of a token that was given to it, ours asks once what that token is. One of its own it gives back at the end.
# - The two give up where a server is sealed or has enough of requests; ours asks again.
# - node-vault's certLogin fails before it sends anything; the same call is made by its write.
READER, ROOT = "hvs.sim-reader", "hvs.sim-root"
ROLE_ID, SECRET_ID = "11111111-aaaa-4aaa-8aaa-111111111111", "22222222-bbbb-4bbb-8bbb-222222222222"
SECRET = "secret/prod/mstr"


def file(name, content):
    path = os.path.join(SIM.folder.name, name)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
        stream.write(content)
    return path


def federated_token():
    claims = {"iss": "https://oidc.sim.example/cluster", "aud": "vault", "sub": "system:serviceaccount:default:mstr",
              "exp": int(time.time()) + 3600}
    return SIM.admin("POST", "/federated-tokens", {"claims": claims}).decode()


def certificate():
    made = json.loads(SIM.admin("POST", "/client-certificates", {"name": "analyst"}))
    return {"cert": file("own.pem", made["certificate"]), "key": file("own.key", made["key"]), "ca": SIM.urls["ca"]}


def version_2(client):
    return client.secrets.kv.v2.read_secret_version("prod/mstr")["data"]


def after(login):
    """A login, and a secret read with the token that it gave."""
    def read(client):
        login(client)
        return version_2(client)
    return read


READ = ["read", "secret/data/prod/mstr"]


def once(status, text, retry_after=None):
    """What the next answer for a secret is."""
    headers = {"Retry-After": retry_after} if retry_after else {}
    return (("DELETE", "/faults"), ("POST", "/faults", {"service": "vault", "path": "/v1/secret/*", "action": "status", "status": status,
                                                        "headers": headers, "body": {"errors": [text]}}))


@dataclasses.dataclass(frozen=True)
class Cell:
    name: str
    hvac: Callable
    node: list
    reference: str = f"vault:{SECRET}#password"
    token: str = None
    namespace: str = None
    options: dict = dataclasses.field(default_factory=dict)  # of our section
    env: dict = dataclasses.field(default_factory=dict)
    tells: str = "Simul8-analyst"
    we_tell: str = None  # where our words are our own
    calls: tuple = ()  # of the simulator's admin, before each
    times: int = 1  # that ours asks, where the others give up at once


def cells():
    jwt, own, host = federated_token(), certificate(), SIM.urls["vault"].removeprefix("http://")
    tls = {"address": SIM.urls["vault-tls"], "ca_file": own["ca"], "client_cert": own["cert"], "client_key": own["key"]}
    return [
        Cell("version 2", version_2, [READ], token=READER),
        Cell("an older version", lambda client: client.secrets.kv.v2.read_secret_version("prod/mstr", version=1)["data"],
             [["read", "secret/data/prod/mstr?version=1"]], f"vault:{SECRET}?version=1#password", READER, tells="old-password"),
        Cell("version 1", lambda client: client.secrets.kv.v1.read_secret("mstr", mount_point="kv1"), [["read", "kv1/mstr"]],
             "vault:kv1/mstr#password", READER),
        Cell("characters of all kinds", lambda client: client.secrets.kv.v2.read_secret_version("a b/c%d#?é")["data"],
             [["read", "secret/data/a%20b/c%25d%23%3F%C3%A9"]], "vault:secret/a%20b/c%25d%23%3F%C3%A9#value", READER,
             tells="encoded"),
        Cell("a namespace", lambda client: client.secrets.kv.v2.read_secret_version("mstr")["data"], [["read", "secret/data/mstr"]],
             "vault:secret/mstr#value", "hvs.sim-member", "team", tells="of the team"),
        Cell("approle", after(lambda client: client.auth.approle.login(ROLE_ID, SECRET_ID)),
             [["approleLogin", {"role_id": ROLE_ID, "secret_id": SECRET_ID}], READ],
             options={"auth": "approle", "role_id": ROLE_ID, "secret_id": SECRET_ID}),
        Cell("kubernetes", after(lambda client: client.auth.kubernetes.login("mstr", "sim-k8s-token")),
             [["kubernetesLogin", {"mount_point": "kubernetes", "role": "mstr", "jwt": "sim-k8s-token"}], READ],
             options={"auth": "kubernetes", "role": "mstr", "jwt_file": file("account", "sim-k8s-token")}),
        Cell("jwt", after(lambda client: client.auth.jwt.jwt_login("mstr", jwt)), [["jwtLogin", {"role": "mstr", "jwt": jwt}], READ],
             options={"auth": "jwt", "role": "mstr", "jwt_file": file("jwt", jwt)}),
        Cell("certificate", after(lambda client: client.auth.cert.login("mstr", cert_pem=own["cert"], key_pem=own["key"])),
             [["write", "auth/cert/login", {"name": "mstr"}], READ], options={"auth": "cert", "role": "mstr", **tls}),
        Cell("no permission", lambda client: client.secrets.kv.v2.read_secret_version("forbidden"),
             [["read", "secret/data/forbidden"]], "vault:secret/forbidden", READER, tells="permission denied"),
        Cell("nothing there", lambda client: client.secrets.kv.v1.read_secret("nowhere", mount_point="kv1"), [["read", "kv1/nowhere"]],
             "vault:kv1/nowhere", READER, tells="404"),
        Cell("a deleted version", lambda client: client.secrets.kv.v2.read_secret_version("deleted"),
             [["read", "secret/data/deleted"]], "vault:secret/deleted", READER, tells="2026-02-01T12:00:00.123456789Z"),
        Cell("a token that is none", version_2, [READ], token="hvs.none", options={"kv": "2"}, tells="invalid token",
             we_tell="Vault does not take the token from VAULT_TOKEN"),
        Cell("a server that is sealed", version_2, [READ], token=READER, tells="Vault is sealed", calls=once(503, "Vault is sealed"),
             we_tell="Simul8-analyst", times=2),
        Cell("a server that has enough", version_2, [READ], token=READER, tells="quota exceeded",
             calls=once(429, "rate limit quota exceeded", "0"), we_tell="Simul8-analyst", times=2),
        Cell("a node that stands by", version_2, [READ], token=READER, options={"redirect_hosts": "localhost", "kv": "2"},
             calls=(("PUT", "/knobs/vault", {"standby": host, "active": SIM.urls["vault"].replace("127.0.0.1", "localhost")}),)),
        Cell("a failed login", lambda client: client.auth.approle.login(ROLE_ID, "none"),
             [["approleLogin", {"role_id": ROLE_ID, "secret_id": "none"}]],
             options={"auth": "approle", "role_id": ROLE_ID, "secret_id": "none"}, tells="invalid role or secret ID",
             calls=(("PUT", "/knobs/vault", {"standby": ""}),)),
    ]


def by_hvac(cell):
    tls = cell.options.get("client_cert")
    client = hvac.Client(cell.options.get("address", SIM.urls["vault"]), cell.token, namespace=cell.namespace,
                         verify=cell.options.get("ca_file", True), cert=(tls, cell.options["client_key"]) if tls else None)
    try:
        with client.session:
            return json.dumps(cell.hvac(client))
    except hvac.exceptions.VaultError as error:
        return f"{error} 404" if isinstance(error, hvac.exceptions.InvalidPath) else str(error)


def by_us(cell):
    settings = {"address": SIM.urls["vault"], **cell.options}
    config = file("config", "[provider vault]\n" + "".join(f"{name} = {value}\n" for name, value in settings.items()))
    done = run(MSTR, "--config", config, "get", cell.reference,
               env=environment(VAULT_TOKEN=cell.token, VAULT_NAMESPACE=cell.namespace, HOME="/proc/nonexistent", **cell.env))
    return (done.stdout or done.stderr).decode()


def asked(entries):
    """Method, path, who asks in which namespace, and what is sent; tokens that the server has just made are all the same."""
    requests = []
    for entry in entries:
        headers = {key.lower(): value for key, value in entry["headers"]}
        token = headers.get("x-vault-token")
        who = token if not token or token.startswith(("hvs.sim-", "hvs.none")) else "issued"
        requests.append((entry["method"], entry["target"], who, headers.get("x-vault-namespace"), json.loads(entry["body"] or "{}")))
    return requests


def first_asked(requests):
    """Without the calls that ours alone makes, see above."""
    alone = ("/v1/sys/internal/ui/mounts/", "/v1/auth/token/lookup-self", "/v1/auth/token/revoke-self")
    return [request for request in requests if not request[1].startswith(alone)]


class Peers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cells = cells()
        cls.expected = {cell.name: cls.observed(by_us, cell) for cell in cls.cells}

    @classmethod
    def tearDownClass(cls):
        SIM.__exit__(None, None, None)

    @staticmethod
    def observed(read, cell):
        for call in (*cell.calls, ("DELETE", "/log")):
            SIM.admin(*call)
        return read(cell), SIM.log("vault")

    def check(self, cell, tells, entries):
        self.assertIn(cell.tells, tells)
        ours, requests = self.expected[cell.name]
        self.assertIn(cell.we_tell or cell.tells, ours)
        self.assertEqual(asked(entries) * cell.times, first_asked(asked(requests)))

    def test_hvac(self):
        for cell in self.cells:
            with self.subTest(cell.name):
                self.check(cell, *self.observed(by_hvac, cell))

    def test_node_vault(self):
        request = []
        for cell in self.cells:
            settings = {"endpoint": cell.options.get("address", SIM.urls["vault"]), "token": cell.token, "namespace": cell.namespace}
            tls = certificate() if "client_cert" in cell.options else {}
            request.append({"settings": settings, "files": tls, "steps": cell.node, "calls": cell.calls})
        answers = node.ask("vault.js", {"admin": SIM.urls["admin"].rstrip("/"), "cells": request}, environment())
        for cell, answer in zip(self.cells, answers):
            with self.subTest(cell.name):
                self.check(cell, json.dumps(answer["outcome"]), answer["log"])

    # Wrapped secret ids are good once, so that each has one of its own.

    @staticmethod
    def by_hvac(token, call):
        return json.loads(by_hvac(Cell("", call, [], token=token)))

    def wrapped(self):
        return self.by_hvac(ROOT, lambda client: client.write("auth/approle/role/mstr/secret-id", wrap_ttl="60s"))["wrap_info"]["token"]

    def test_wrapped_secret_ids_are_opened_once(self):
        secret_id = self.by_hvac(self.wrapped(), lambda client: client.sys.unwrap())["data"]["secret_id"]
        self.assertIn("Simul8-analyst", by_hvac(Cell("", after(lambda client: client.auth.approle.login(ROLE_ID, secret_id)), [])))
        options = {"auth": "approle", "role_id": ROLE_ID, "secret_id_wrapped": "yes"}
        cell = Cell("", None, [], options=options | {"secret_id": self.wrapped()})
        tells, requests = self.observed(by_us, cell)
        self.assertIn("Simul8-analyst", tells)
        self.assertEqual([entry["path"] for entry in requests if "wrapping" in entry["path"]],
                         ["/v1/sys/wrapping/lookup", "/v1/sys/wrapping/unwrap"])
        self.assertIn("wrapping token is not valid or does not exist", by_us(cell))

    # Credentials with a lease, of which each read makes another.

    def leased(self, client):
        made = client.read("database/creds/reader")
        self.assertEqual(client.sys.renew_lease(made["lease_id"])["lease_duration"], 3600)
        client.sys.revoke_lease(made["lease_id"])
        return made

    def test_leases_are_ended_alike(self):
        cell = Cell("", self.leased, [], "vault:database/creds/reader#username", READER, options={"revoke": "yes"})
        (theirs, asked_by_them), (ours, asked_by_us) = (self.observed(read, cell) for read in (by_hvac, by_us))
        self.assertNotIn(ours.strip(), theirs)
        ended = [[(method, path, who, list(body)) for method, path, who, _, body in first_asked(asked(entries)) if "renew" not in path]
                 for entries in (asked_by_them, asked_by_us)]
        self.assertEqual(*ended)
        self.assertEqual(json.loads(SIM.admin("GET", "/state"))["vault"]["leases"], 0)

    # A request to AWS, signed by hvac too.

    def login_to_aws(self, read):
        body, = [json.loads(entry["body"]) for entry in self.observed(*read)[1] if entry["path"].endswith("/login")]
        decoded = {name: base64.b64decode(body[name]).decode() for name in body if name not in ("role", "iam_http_request_method")}
        headers = json.loads(decoded.pop("iam_request_headers"))
        return body | decoded | {"iam_request_headers": {name.lower(): value for name, value in headers.items()}}

    def test_requests_to_aws_are_signed_alike(self):
        for server_id in (None, "vault.example.com"):
            mount = "aws-named" if server_id else "aws"
            options = {"auth": "aws", "role": "mstr", "auth_mount": mount, **({"iam_server_id": server_id} if server_id else {})}
            cell = Cell("", after(lambda client: client.auth.aws.iam_login(ACCESS_KEY, SECRET_KEY, header_value=server_id,
                                                                           mount_point=mount, role="mstr")),
                        [], options=options, env={"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY})
            self.assertIn("Simul8-analyst", by_hvac(cell))
            self.assertIn("Simul8-analyst", by_us(cell))
            theirs, ours = (self.login_to_aws((read, cell)) for read in (by_hvac, by_us))
            self.assertEqual(ours["iam_request_headers"].keys(), theirs["iam_request_headers"].keys())
            self.assertEqual({name: ours[name] for name in ours if name != "iam_request_headers"},
                             {name: theirs[name] for name in theirs if name != "iam_request_headers"})
            self.assertEqual(ours["iam_request_headers"]["authorization"],
                             self.signed_by_hvac(server_id, ours["iam_request_headers"]["x-amz-date"]))

    @staticmethod
    def signed_by_hvac(server_id, date):
        """What it signs at the time of ours."""
        date = date[0] if isinstance(date, list) else date
        request = hvac.aws_utils.generate_sigv4_auth_request(server_id)
        with unittest.mock.patch("hvac.aws_utils.datetime") as clock:
            clock.utcnow.return_value = datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ")
            hvac.aws_utils.SigV4Auth(ACCESS_KEY, SECRET_KEY).add_auth(request)
        return [request.headers["Authorization"]]


if __name__ == "__main__":
    unittest.main()
