# SPDX-License-Identifier: Apache-2.0
"""What Azure's clients read: certificates in every form, federated token files, and the identities that the simulator knows."""
import json
import os
import subprocess
import time

TENANT = "00000000-1111-2222-3333-444444444444"
PARTNER = "99999999-8888-7777-6666-555555555555"
APP = "aaaaaaaa-0000-0000-0000-000000000001"
NOBODY = "aaaaaaaa-0000-0000-0000-000000000002"
SECRET = "sim-client-secret~1"
EXPIRED_SECRET = "sim-expired-secret~0"
SYSTEM = "bbbbbbbb-0000-0000-0000-000000000001"
ONE = "bbbbbbbb-0000-0000-0000-000000000002"
TWO = "bbbbbbbb-0000-0000-0000-000000000003"
TWO_OBJECT = "bbbbbbbb-0000-0000-0000-00000000003f"
TWO_RESOURCE = "/subscriptions/0/resourcegroups/sim/providers/Microsoft.ManagedIdentity/userAssignedIdentities/two"
HEADER = "sim-identity-header"
ARC_TOKENS = "/var/opt/azcmagent/tokens"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
PASSWORD = "pfx-Passw0rd"
FEDERATED = {"iss": "https://oidc.sim.example/cluster", "aud": "api://AzureADTokenExchange",
             "sub": "system:serviceaccount:default:mstr"}


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def read(path):
    with open(path, encoding="ascii") as file:
        return file.read()


class Certificates:
    """One key with its certificate, signed by an authority, in the forms that users have them in; made once, since it takes long."""

    def __init__(self, folder):
        self.folder = folder
        self.key, self.leaf, self.authority = (self.path(name) for name in ("key.pem", "leaf.pem", "authority.pem"))
        authority_key, request = self.path("authority.key"), self.path("request.pem")
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", authority_key, "-out", self.authority, "-subj",
                "/CN=sim authority", "-days", "2")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", self.key, "-out", request, "-subj", "/CN=sim client")
        openssl("x509", "-req", "-in", request, "-CA", self.authority, "-CAkey", authority_key, "-CAcreateserial", "-out",
                self.leaf, "-days", "2")
        encrypted = self.path("encrypted.key")
        openssl("pkcs8", "-topk8", "-in", self.key, "-out", encrypted, "-passout", f"pass:{PASSWORD}")
        self.pem = self.joined("client.pem", self.key, self.leaf)
        self.pem_with_chain = self.joined("chain.pem", self.key, self.authority, self.leaf)  # as an authority should not send it
        self.chain_in_order = self.joined("order.pem", self.key, self.leaf, self.authority)
        self.encrypted = self.joined("encrypted.pem", encrypted, self.leaf)
        self.pfx = self.path("client.pfx")
        openssl("pkcs12", "-export", "-inkey", self.key, "-in", self.leaf, "-out", self.pfx, "-passout", f"pass:{PASSWORD}")
        self.open_pfx = self.path("open.pfx")
        openssl("pkcs12", "-export", "-inkey", self.key, "-in", self.leaf, "-out", self.open_pfx, "-passout", "pass:")
        for path in (self.pem, self.pem_with_chain, self.chain_in_order, self.encrypted, self.pfx, self.open_pfx):
            os.chmod(path, 0o600)

    def path(self, name):
        return os.path.join(self.folder, name)

    def joined(self, name, *parts):
        with open(self.path(name), "w", encoding="ascii") as file:
            file.write("".join(read(part) for part in parts))
        return self.path(name)

    def register(self, sim, pem=None, client=APP):
        """The certificate becomes one of the application's, until the simulator's next reset."""
        sim.admin("POST", "/certificates", {"service": "azure", "client_id": client, "pem": read(pem or self.leaf)})


def federated_token(sim, **changes):
    """A token of the simulator's own issuer, as Kubernetes projects it into a pod."""
    now = int(time.time())
    claims = FEDERATED | {"iat": now, "nbf": now, "exp": now + 3600} | changes
    return sim.admin("POST", "/federated-tokens", {"service": "azure", "claims": claims}).decode()


def beside_arc(folder):
    """How a command line begins that runs where the folder of Arc's agent is one of the test's own: the real one belongs to the
    system. Not every machine lets a process have such a namespace."""
    return ["/usr/bin/unshare", "-rm", "/bin/sh", "-c", f"/bin/mount -t tmpfs none /var/opt && /bin/mkdir -p {ARC_TOKENS} && "
            f'/bin/mount --bind "$0" {ARC_TOKENS} && exec "$@"', folder]


def put_secret(sim, name, **more):
    sim.admin("POST", "/secrets", {"service": "azure", "name": name, **more})


def challenge_parameters(header):
    scheme, rest = header.split(" ", 1)
    return scheme, dict(part.strip().replace('"', "").split("=", 1) for part in rest.split(","))


def secret_text(**members):
    return json.dumps(members)
