# SPDX-License-Identifier: Apache-2.0
"""The jobs of docs/examples on a stage of their own: the simulator behind the examples' hosts, the image of the example's
Containerfile, made by its steps in a plain root, a small system with a shell, and volumes as the kubelet mounts them."""
import glob
import json
import os
import re
import shutil
import tempfile
from urllib.parse import urlsplit

import yaml
from azure_files import TENANT
from plain_root import PlainRoot, Volume, libraries
from proxy import Proxy
from simulator import Simulator

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
EXAMPLES = os.path.join(SOURCE, "docs", "examples")
MSTR, PLUGINS = os.environ["MSTR_BIN"], os.environ["MSTR_PLUGINS"]
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
NAMESPACE, ACCOUNT = "reports", "system:serviceaccount:reports:mstr-revenue"
HOSTS = {"mstr.example.com": "mstr", "vault.example.com": "vault", "amazonaws.com": "aws", "vault.azure.net": "azure",
         "login.microsoftonline.com": "azure", "googleapis.com": "gcp"}


def read(*names):
    with open(os.path.join(EXAMPLES, *names), encoding="utf-8") as file:
        return file.read()


def annotation(name):
    """Of the service account in a file: who the job is to the cloud."""
    return next(iter(next(yaml.safe_load_all(read("kubernetes", name)))["metadata"]["annotations"].values()))


def seed():
    """What the simulator knows by itself, and whom and what the examples name."""
    with open(os.path.join(SOURCE, "tests", "sim", "seed.json"), encoding="utf-8") as file:
        known = json.load(file)
    login = {"username": "analyst", "password": "Simul8-analyst"}
    known["mstr"]["users"].append(known["mstr"]["users"][0] | {"username": "svc-revenue", "id": 32 * "5"})
    known["aws"]["roles"].append({"arn": annotation("eks-irsa.yaml"), "web_identity_tokens": ["sim-pod-token"]})
    known["azure"]["vaults"].append({"name": "corp-vault", "tenant": TENANT})
    known["azure"]["secrets"].append({"vault": "corp-vault", "name": "mstr",
                                      "versions": [{"version": 32 * "d", "value": json.dumps(login)}]})
    known["azure"]["apps"].append(known["azure"]["apps"][0] | {
        "client_id": annotation("aks.yaml"), "object_id": "dddddddd-0000-0000-0000-00000000000f",
        "federated_credentials": [{"issuer": "https://oidc.sim.example/cluster", "audience": "api://AzureADTokenExchange",
                                   "subject": ACCOUNT}]})
    known["gcp"]["projects"].append({"id": "corp-prod", "number": "444455556666"})
    known["gcp"]["secrets"].append({"project": "corp-prod", "name": "mstr", "versions": [{"string": json.dumps(login)}]})
    known["k8s"]["accounts"].append({"user": ACCOUNT, "token": "sim-account-token", "rules": [
        {"namespace": NAMESPACE, **{name: value for name, value in rule.items() if name != "apiGroups"}}
        for rule in list(yaml.safe_load_all(read("kubernetes", "secret-by-api.yaml")))[2]["rules"]]})
    known["k8s"]["secrets"].append({"namespace": NAMESPACE, "name": "mstr", "stringData": login})
    method = next(method for method in known["vault"]["auth"] if method["type"] == "kubernetes")
    method["roles"].append({"name": "mstr-revenue", "policies": ["reader"], "ttl": 3600, "service_accounts": [ACCOUNT]})
    return json.dumps(known)


class Stage:
    """What all jobs share: the simulator behind the examples' hosts, roots to run in, a folder for volumes."""

    def __init__(self):
        self.folder = tempfile.mkdtemp()
        os.chmod(self.folder, 0o755)
        self.roots, self.stand_in = [], {}
        with open(os.path.join(self.folder, "seed.json"), "w", encoding="utf-8") as file:
            file.write(seed())
        self.sim = Simulator(os.environ["MSTR_SIM"], "--tls", "--seed", file.name)
        self.proxy = Proxy(self.port)
        self.image, self.started_as, self.user = self.build(read("container", "Containerfile"))
        self.system = self.root("/bin/sh", "/usr/bin/flock", "/bin/date", "/usr/sbin/chroot")
        self.system.take(MSTR)
        self.system.copy(self.sim.urls["ca"], AUTHORITIES)
        self.finish(self.system)

    def close(self):
        self.proxy.close()
        self.sim.__exit__(None, None, None)
        for root in self.roots:
            root.close()
        shutil.rmtree(self.folder)

    def port(self, target):
        """Where a host of the examples is, by the end of its name."""
        return urlsplit(self.sim.urls[next(service for host, service in HOSTS.items()
                                           if target.rsplit(":", 1)[0].endswith(host)) + "-tls"]).port

    def root(self, *programs):
        self.roots.append(PlainRoot(*programs))
        return self.roots[-1]

    def finish(self, root):
        """Whatever a tool that is no single file opens while it runs."""
        if any("libmstr" in library for library in libraries(MSTR)):
            self.stand_in = {"MSTR_PLUGIN_PATH": "/usr/lib/mstr"}
            root.take(glob.glob("/usr/lib/*/libcurl.so.4")[0], root.library_folder() + "libcurl.so.4")
            for file in glob.glob(os.path.join(PLUGINS, "*")):
                root.take(file, "/usr/lib/mstr/" + os.path.basename(file))

    def build(self, text):
        """An image by the steps of a Containerfile: its root, how it is started, and as whom."""
        stages, entrypoint, user, root = {}, [], 0, None
        for line in re.sub(r"(?m)^#.*\n|\\\n", "", text).splitlines():
            step, _, rest = line.partition(" ")
            if step == "FROM":
                base, _, name = rest.partition(" AS ")
                root = stages[name] = self.root() if base == "scratch" else self.debian()
            elif step == "COPY":
                self.copy(root, stages, *rest.split())
            elif step == "RUN":
                done = root.run(["/bin/sh", "-c", rest], 0, {"PATH": "/usr/bin:/bin"}, read_only=False)
                if done.returncode != 0:
                    raise RuntimeError(done.stderr.decode())
            elif step == "USER":
                user = int(rest.split(":")[0])
            elif step == "ENTRYPOINT":
                entrypoint = json.loads(rest)
            elif step:
                raise RuntimeError(f"the test does not know how to {step}")
        self.finish(root)
        return root, entrypoint, user

    def debian(self):
        """What the image of Debian has of this system, and what the tool needs there if it is no single file."""
        root = self.root("/bin/sh", "/bin/bash", "/usr/bin/ldd", "/bin/grep", "/usr/bin/xargs", "/bin/cp", "/bin/mkdir")
        root.take(MSTR)
        return root

    def copy(self, root, stages, source, target, more=None):
        if source.startswith("--from="):
            shutil.copytree(stages[source.removeprefix("--from=")].path(target), root.path(more), symlinks=True, dirs_exist_ok=True)
        else:
            context = {"mstr": MSTR, "ca-certificates.crt": self.sim.urls["ca"]}
            root.copy(context.get(source) or os.path.join(EXAMPLES, "container", source), target)

    def variables(self, **more):
        return {"HTTPS_PROXY": self.proxy.url, **self.stand_in, **more}

    def volume(self, inside, files, mode=0o644, group=0):
        """Files as the kubelet mounts them: links to links, so that all of them change at once."""
        folder = tempfile.mkdtemp(dir=self.folder)
        real = os.path.join(folder, "..2026_11_29_05_15_00.1")
        os.mkdir(real)
        os.symlink(os.path.basename(real), os.path.join(folder, "..data"))
        for name, text in files.items():
            path = os.path.join(real, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(path, mode)
            os.chown(path, 0, group)
            os.symlink("..data/" + name, os.path.join(folder, name))
        os.chmod(folder, 0o755)
        os.chmod(real, 0o755)
        return Volume(folder, inside)

    def writable(self, inside, owner=0, group=0, mode=0o2770):
        folder = tempfile.mkdtemp(dir=self.folder)
        os.chown(folder, owner, group)
        os.chmod(folder, mode)
        return Volume(folder, inside, read_only=False)
