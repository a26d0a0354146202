# SPDX-License-Identifier: Apache-2.0
"""Each kind of Azure identity against each thing that its token endpoint may answer, for a peer and for ours: both are led to the
simulator under Azure's own names, and their requests, what comes of them and how often they are made are held against each
other."""
import os
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs

from azure_files import (APP, HEADER, PASSWORD, SECRET, TENANT, TWO, TWO_OBJECT, TWO_RESOURCE, Certificates, federated_token)
from proxy import Proxy
from simulator import Simulator, environment, run
from wire import decode_jwt

MSTR = os.environ["MSTR_BIN"]
VAULT = "https://corp.vault.azure.net"
TOKEN = "*/token*"
WORKERS = 6  # the machines of continuous integration are small, and most of the time is spent waiting

# What the authority or the metadata service answers the first time; after that all is well.
ANSWERS = {
    "ok": None,
    "400": {"action": "status", "status": 400, "body": {"error": "invalid_request", "error_description": "AADSTS90014: no"}},
    "401": {"action": "status", "status": 401, "body": {"error": "invalid_client", "error_description": "AADSTS7000215: no"}},
    "403": {"action": "status", "status": 403, "body": {"error": "access_denied", "error_description": "AADSTS53003: no"}},
    "404": {"action": "status", "status": 404, "body": {"error": "not_found", "error_description": "no identity"}},
    "410": {"action": "status", "status": 410, "body": {"error": "gone", "error_description": "being updated"}},
    "429": {"action": "status", "status": 429, "body": {"error": "throttled", "error_description": "slow down"}},
    "429 seconds": {"action": "status", "status": 429, "headers": {"Retry-After": "0"}, "body": {"error": "throttled"}},
    "429 date": {"action": "status", "status": 429, "headers": {"Retry-After": "Thu, 01 Jan 2026 00:00:00 GMT"},
                 "body": {"error": "throttled"}},
    "429 ms": {"action": "status", "status": 429, "headers": {"retry-after-ms": "1"}, "body": {"error": "throttled"}},
    "500": {"action": "status", "status": 500, "body": {"error": "server_error", "error_description": "no"}},
    "503": {"action": "status", "status": 503, "body": {"error": "temporarily_unavailable", "error_description": "no"}},
    "malformed": {"action": "status", "status": 200, "headers": {"Content-Type": "application/json"}, "body": "{\"access"},
    "HTML": {"action": "html", "status": 200},
    "reset": {"action": "reset"},
}


class Kind:
    """One kind of identity with a simulator of its own, so that kinds can be gone through side by side."""

    def __init__(self, name, selected, settings, managed=None, options=""):
        self.name, self.selected, self.settings, self.managed, self.options = name, selected, settings, managed, options

    def go(self, files, ask):
        """What both make of each answer: {answer: (theirs, ours)} of (outcome, requests). `ask` gives the peer a request."""
        with Simulator(os.environ["MSTR_SIM"], "--tls") as sim:
            proxy = Proxy(int(sim.urls["azure-tls"].rsplit(":", 1)[1]))
            try:
                return self.compare(sim, proxy, files, ask)
            finally:
                proxy.close()

    def compare(self, sim, proxy, files, ask):
        files.register(sim)
        sim.admin("PUT", "/knobs/azure", {"managed_lifetime": 60})  # which the SDK does not keep
        settings = self.settings(sim, files)
        env = environment(AZURE_TOKEN_CREDENTIALS=self.selected, HTTPS_PROXY=proxy.url, https_proxy=proxy.url,
                          NO_PROXY="127.0.0.1", no_proxy="127.0.0.1", NODE_EXTRA_CA_CERTS=sim.urls["ca"],
                          REQUESTS_CA_BUNDLE=sim.urls["ca"], **settings)
        config = os.path.join(sim.folder.name, "config")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"[provider azure-kv]\nca_file = {sim.urls['ca']}\n{self.options}")
        faults = {name: [{"service": "azure", "path": TOKEN, **rule}] if rule else [] for name, rule in ANSWERS.items()}
        answers = ask({"admin": sim.urls["admin"].rstrip("/"), "vault": VAULT, "name": "plain", "selected": self.selected,
                       "managed": self.managed, "cells": [{"faults": rules} for rules in faults.values()]}, env)
        theirs = {name: ("error" not in answer["outcome"], answer["log"]) for name, answer in zip(ANSWERS, answers)}
        return {name: (theirs[name], ours(sim, config, env, rules)) for name, rules in faults.items()}


def ours(sim, config, env, faults):
    sim.admin("DELETE", "/faults")
    sim.admin("DELETE", "/log")
    for rule in faults:
        sim.admin("POST", "/faults", rule)
    done = run(MSTR, "--config", config, "get", "azure-kv://corp/plain", env=env)
    return done.returncode == 0, sim.log("azure")


def principal(**more):
    return {"AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": APP, **more}


def certificate(form, **more):
    return lambda _, files: principal(AZURE_CLIENT_CERTIFICATE_PATH=getattr(files, form), **more)


def federated(sim, _):
    path = os.path.join(sim.folder.name, "federated")
    with open(path, "w", encoding="ascii") as file:
        file.write(federated_token(sim))
    return principal(AZURE_FEDERATED_TOKEN_FILE=path)


def imds(**more):
    return lambda sim, _: {"AZURE_POD_IDENTITY_AUTHORITY_HOST": sim.urls["azure"], **more}


ENVIRONMENT, WORKLOAD, MANAGED = "EnvironmentCredential", "WorkloadIdentityCredential", "ManagedIdentityCredential"
KINDS = [
    Kind("secret", ENVIRONMENT, lambda sim, files: principal(AZURE_CLIENT_SECRET=SECRET)),
    Kind("PEM", ENVIRONMENT, certificate("pem")),
    Kind("PEM with chain", ENVIRONMENT, certificate("chain_in_order", AZURE_CLIENT_SEND_CERTIFICATE_CHAIN="true")),
    Kind("encrypted PEM", ENVIRONMENT, certificate("encrypted", AZURE_CLIENT_CERTIFICATE_PASSWORD=PASSWORD)),
    Kind("PFX", ENVIRONMENT, certificate("pfx", AZURE_CLIENT_CERTIFICATE_PASSWORD=PASSWORD)),
    Kind("federated", WORKLOAD, federated),
    Kind("IMDS", MANAGED, imds()),
    Kind("IMDS by client", MANAGED, imds(AZURE_CLIENT_ID=TWO)),
    Kind("IMDS by object", MANAGED, imds(), {"objectId": TWO_OBJECT}, f"managed_identity_object_id = {TWO_OBJECT}\n"),
    Kind("IMDS by resource", MANAGED, imds(), {"resourceId": TWO_RESOURCE}, f"managed_identity_resource_id = {TWO_RESOURCE}\n"),
    Kind("App Service 2019", MANAGED, lambda sim, _: {"IDENTITY_ENDPOINT": sim.urls["azure"] + "/msi/token",
                                                      "IDENTITY_HEADER": HEADER}),
    Kind("App Service 2017", MANAGED, lambda sim, _: {"MSI_ENDPOINT": sim.urls["azure"] + "/msi/token", "MSI_SECRET": HEADER}),
    Kind("Cloud Shell", MANAGED, lambda sim, _: {"MSI_ENDPOINT": sim.urls["azure"] + "/oauth2/token"}),
]


MANAGED_KINDS = {kind.name for kind in KINDS if kind.selected == MANAGED}
IMDS_KINDS = {name for name in MANAGED_KINDS if name.startswith("IMDS")}

# Fields that only the SDKs send: telemetry, and claims that announce that they can answer a challenge for others, which ours does
# unannounced.
TELEMETRY = ("x-", "client-request-id", "client_info", "claims")


def token_requests(log):
    return [entry for entry in log if "/token" in entry["path"]]


def shape(assertion):
    """What stays the same from one assertion to the next; a federated token is sent as it is."""
    header, claims = decode_jwt(assertion)
    if "x5t#S256" not in header and "x5t" not in header:
        return assertion
    return {"header": header, "claims": sorted(claims), "lifetime": claims["exp"] - claims.get("nbf", claims["iat"]),
            "said": {name: claims[name] for name in ("aud", "iss", "sub")}}


def normalised(entry):
    headers = {name.lower(): value for name, value in entry["headers"]}
    form = {name: values[0] for name, values in parse_qs(entry["body"]).items() if not name.startswith(TELEMETRY)}
    if "client_assertion" in form:
        form["client_assertion"] = shape(form["client_assertion"])
    secret = headers.get("secret")
    return {"method": entry["method"], "path": entry["path"].rstrip("/"), "form": form,
            "query": sorted(pair for pair in entry["query"] if pair[0] != "client-request-id"),
            "type": headers.get("content-type", "").split(";")[0] if entry["body"] else "",
            "metadata": None if secret else headers.get("metadata"), "secret": secret,
            "identity": headers.get("x-identity-header")}


class Matrix(unittest.TestCase):
    """Of one peer, which says how it is asked, which kinds it knows, and where it differs on purpose."""
    kinds = KINDS
    intended = []  # kinds, answers, (theirs, ours) as (succeeds, requests), why

    @staticmethod
    def ask(request, env):
        raise NotImplementedError

    def shape_of(self, normal):
        """What of a normalised request is compared."""
        return normal

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        files = Certificates(folder.name)
        with ThreadPoolExecutor(WORKERS) as pool:
            cls.results = dict(zip((kind.name for kind in cls.kinds), pool.map(lambda kind: kind.go(files, cls.ask), cls.kinds)))

    def intended_pair(self, kind, answer):
        return next((pair for kinds, answers, pair, _ in self.intended if kind in kinds and answer in answers), None)

    def cells(self):
        return [(kind, answer, *both) for kind, answers in self.results.items() for answer, both in answers.items()]

    def test_the_outcome_and_the_number_of_requests_are_the_same_but_for_what_is_intended(self):
        for kind, answer, (succeeds, log), (ours_succeeds, our_log) in self.cells():
            with self.subTest(kind=kind, answer=answer):
                pair = (succeeds, len(token_requests(log))), (ours_succeeds, len(token_requests(our_log)))
                self.assertEqual(pair, self.intended_pair(kind, answer) or (pair[0], pair[0]))

    def test_all_requests_for_tokens_are_the_same(self):
        for kind, answer, (_, log), (_, our_log) in self.cells():
            with self.subTest(kind=kind, answer=answer):
                for theirs, our_entry in zip(token_requests(log), token_requests(our_log)):
                    self.assertEqual(self.shape_of(normalised(our_entry)), self.shape_of(normalised(theirs)))

    def test_the_secret_is_asked_for_in_the_same_way_with_a_token(self):
        for kind, answers in self.results.items():
            with self.subTest(kind=kind):
                (_, log), (_, our_log) = answers["ok"]
                self.assertEqual([entry["status"] for entry in log if entry["path"].startswith("/secrets")][-1], 200)
                self.assertEqual([entry["status"] for entry in our_log if entry["path"].startswith("/secrets")], [200])
                for entry in (log[-1], our_log[-1]):
                    self.assertEqual((entry["method"], entry["path"].rstrip("/")), ("GET", "/secrets/plain"))
                    self.assertEqual([name for name, _ in entry["query"]], ["api-version"])
                    self.assertTrue(dict(entry["headers"])["Authorization"].startswith("Bearer sim."))
