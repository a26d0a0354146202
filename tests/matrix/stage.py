# SPDX-License-Identifier: Apache-2.0
"""Where the cells of the matrix are played: a simulator with what leads to it, and the real mstr in a home of its own."""
import contextlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from urllib.parse import parse_qsl

from gcp_files import key_file
from mutual_tls import make_certificate
from proxy import Proxy
from simulator import SECRET_KEY, Simulator, environment, run as run_program
from sources import VALUE

# Under which names secrets are sent, in headers, queries, forms and JSON.
NAMES = ("Authorization", "password", "client_secret", "client_assertion", "assertion", "refresh_token", "refreshToken",
         "clientSecret", "subject_token", "WebIdentityToken", "X-Amz-Security-Token", "x-aws-ec2-metadata-token",
         "x-amz-sso_bearer_token", "DPoP", "X-IDENTITY-HEADER", "X-MSTR-AuthToken", "X-Vault-Token", "secret_id")
SECRET_MIN = 8  # octets: what is shorter stands anywhere by chance


class Stage:
    """One worker's, for the sources of a store: cells are played on it one after the other."""

    def __init__(self, store, certificates):
        self.store, self.certificates = store, certificates
        self.sim = Simulator(os.environ["MSTR_SIM"], "--tls")
        self.proxy = Proxy(int(re.search(r":(\d+)", self.sim.urls[store + "-tls"]).group(1)))
        self.google_key = key_file(self.sim) if store == "gcp" else None
        if store == "azure":
            certificates.register(self.sim)
        self.authority, self.nothing = self.sim.urls["ca"], os.path.join(self.sim.folder.name, "nothing.pem")
        self.stranger, _ = make_certificate(self.sim.folder.name, "stranger")
        self.authorities = os.path.join(self.sim.folder.name, "authorities")  # a folder of hashed names
        digest = subprocess.run(["openssl", "x509", "-noout", "-hash", "-in", self.authority], check=True, text=True,
                                stdout=subprocess.PIPE).stdout.strip()
        os.mkdir(self.authorities)
        os.symlink(self.authority, os.path.join(self.authorities, digest + ".0"))

    def close(self):
        self.proxy.close()
        self.sim.__exit__(None, None, None)

    def play(self, source, column):
        run = Run(self, column.host is not None)
        try:
            source.arrange(run)
            if column.change:
                column.change(run)
            self.prepare(source, column)
            with self.ahead(column.minutes):
                return Outcome(run, run.go())
        finally:
            shutil.rmtree(run.home)

    def prepare(self, source, column):
        self.proxy.asked.clear()
        for name in ("/faults", "/log"):
            self.sim.admin("DELETE", name)
        if column.fault:
            fault = {"service": self.store, **source.rule, **column.fault}
            if fault.get("body") == "refusal":
                fault.update(body=source.refusal, sent=NAMES)
            self.sim.admin("POST", "/faults", fault)

    @contextlib.contextmanager
    def ahead(self, minutes):
        self.sim.admin("POST", "/clock", {"advance_ms": minutes * 60000})
        try:
            yield
        finally:
            self.sim.admin("POST", "/clock", {"advance_ms": -minutes * 60000})


class Run:
    """A run of mstr that is being arranged, by a source and then by a column."""

    def __init__(self, stage, real):
        self.stage, self.sim = stage, stage.sim
        self.home = tempfile.mkdtemp(dir=self.sim.folder.name)
        self.plain = self.sim.urls[stage.store].rstrip("/")
        self.https = re.sub(r"(:\d+)/.*", r"\1", self.sim.urls[stage.store + "-tls"])
        self.real = real  # the services' own names, by way of the proxy
        proxies = {name: stage.proxy.url for name in ("http_proxy", "https_proxy")} if real else {}
        self.env = environment(HOME=self.home, **proxies)
        self.section, self.options = None, {"ca_file": stage.authority}  # of mstr's configuration
        self.profile, self.more = [], ""  # of ~/.aws/config
        self.prefix, self.arguments, self.answer = [], [], VALUE

    def at(self, host):
        return f"https://{host}" if self.real else self.https

    def file(self, name, text):
        path = os.path.join(self.home, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def configuration(self):
        options = [f"{name} = {value}" for name, value in self.options.items()]
        return "\n".join([f"[{self.section}]", *options, ""])

    def write(self, more=""):
        """All files; the path of mstr's own."""
        if self.profile or self.more:
            self.file(".aws/config", "\n".join(["[default]", *self.profile, self.more]))
        return self.file("config", self.configuration() + more)

    def go(self):
        return run_program(*self.prefix, os.environ["MSTR_BIN"], "--config", self.write(), "--log", "trace", "--timeout", "60s",
                           *self.arguments, env=self.env)


class Outcome:
    """What came of a run, as far as it is judged."""

    def __init__(self, run, done):
        log = json.loads(run.sim.admin("GET", "/log"))
        output, self.told = done.stdout.decode(), done.stderr.decode()
        self.status, self.answered = done.returncode, run.answer in output
        self.requests = len(log)
        self.struck = [secrets_of(entry) for entry in log if "fault" in entry]  # what was sent to whom the fault befell
        self.proxied = [target.removesuffix(":443") for _, target in run.stage.proxy.asked]
        self.leaked = leaked(log, self.told + output.replace(run.answer, ""))

    def wrongs(self, source, column):
        """What is not as it should be, each in a few words."""
        expect = column.expected(source)
        checks = (
            (self.status in expect.status, f"status {self.status}"),
            (self.answered == (self.status == 0), "another answer"),
            (expect.words in self.told, f"\"{expect.words}\" is not said"),
            (self.requests <= expect.most(source), f"{self.requests} requests"),
            (not self.leaked, "secrets are shown: " + ", ".join(secret[:6] + "…" for secret in self.leaked)),
            (not column.fault or self.struck, "the fault befell nobody"),
            (column.name != "echo" or any(self.struck), "nothing secret was echoed"),
            (column.host is None or expect.status != (0,) or not source.hosts or source.hosts[column.host] in self.proxied,
             "the proxy was asked for " + ", ".join(self.proxied)),
            (not any("127.0.0.1" in target for target in self.proxied), "the proxy was asked for what is near"),
        )
        return [words for good, words in checks if not good]


def leaked(log, shown, *more):
    """What is secret and is shown all the same: of what was sent, and what stores keep."""
    known = {SECRET_KEY, VALUE, *more}.union(*map(secrets_of, log))
    return sorted(secret for secret in known if is_shown(secret, shown))


def secrets_of(entry):
    """What of a request is secret."""
    fields = [*entry["headers"], *entry["query"], *parse_qsl(entry.get("body", ""))]
    with contextlib.suppress(ValueError):
        body = json.loads(entry.get("body", ""))
        fields += body.items() if isinstance(body, dict) else []
    names = {name.lower() for name in NAMES}
    values = {secret_part(str(value)) for name, value in fields if name.lower() in names}
    return {value for value in values if len(value) >= SECRET_MIN}


def secret_part(value):
    """Of an authorization what follows its scheme, of one by AWS no more than the signature."""
    return value.rsplit("Signature=", 1)[-1] if value.startswith("AWS4") else value.split(" ", 1)[-1]


def is_shown(secret, text):
    """Whole, or a part of either end of a long one."""
    part = len(secret) if len(secret) < 32 else 16
    return secret[:part] in text or secret[-part:] in text
