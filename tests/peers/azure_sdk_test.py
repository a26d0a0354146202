# SPDX-License-Identifier: Apache-2.0
"""Azure's SDK for JavaScript and our Azure plugin, each kind of identity against each thing that its token endpoint may answer, and
secrets of every sort. Where the two differ on purpose, the reason stands here."""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import azure_matrix
import node
from azure_files import SECRET, TENANT
from azure_matrix import IMDS_KINDS, KINDS, MANAGED_KINDS, MSTR, VAULT, principal
from proxy import Proxy
from simulator import Simulator, environment, run
from wire import send

# - The SDK asks the vault without a token first; ours knows Azure's own vaults, and sends one at once.
# - It writes a slash behind the metadata service's path and behind a secret's name, and the hyphen of api-version as %2D; it
#   repeats the id of a request for a token in its query. It sends a Content-Type where there is no content, and Metadata to an App
#   Service of 2017 too.
# - It reads a PFX not at all, and where it gets no answer at all it waits for ever: neither can be compared.


class Matrix(azure_matrix.Matrix):
    kinds = [kind for kind in KINDS if kind.name != "PFX"]
    intended = [
        ({kind.name for kind in KINDS}, {"429"}, ((False, 1), (True, 2)),
         "the SDK gives up on 429 without Retry-After, which is how Azure throttles; ours waits and asks again"),
        (MANAGED_KINDS - IMDS_KINDS, {"404", "410"}, ((True, 2), (False, 1)),
         "the SDK takes every host for the metadata service, whose documents alone say that 404 and 410 pass"),
    ]

    @staticmethod
    def ask(request, env):
        return node.ask("azure.js", request, env)


class Vaults(unittest.TestCase):
    NAMES = ("plain", "certificate", "late", "early", "nowhere", "deleted", "disabled", "forbidden")

    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(os.environ["MSTR_SIM"], "--tls")
        cls.addClassCleanup(cls.sim.__exit__, None, None, None)
        cls.proxy = Proxy(int(cls.sim.urls["azure-tls"].rsplit(":", 1)[1]))
        cls.addClassCleanup(cls.proxy.close)

    def file(self, name, text, mode=0o600):
        path = os.path.join(self.sim.folder.name, name)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def both(self, cells, **settings):
        """The answers of both to each cell, and what ours is asked by."""
        env = environment(HTTPS_PROXY=self.proxy.url, https_proxy=self.proxy.url, NODE_EXTRA_CA_CERTS=self.sim.urls["ca"],
                          **settings)
        config = self.file("config", f"[provider azure-kv]\nca_file = {self.sim.urls['ca']}\n")
        answers = Matrix.ask({"admin": self.sim.urls["admin"].rstrip("/"), "vault": VAULT, "cells": cells}, env)
        for cell, theirs in zip(cells, answers):
            reference = "azure-kv://corp/" + "/".join(cell.values())
            done = run(MSTR, "--config", config, "--json", "get", reference, env=env)
            yield reference, theirs["outcome"], json.loads(done.stdout or done.stderr)

    def test_secrets_and_refusals_are_the_same(self):
        cells = [{"name": name} for name in self.NAMES] + [{"name": "mstr", "version": "0123456789abcdef0123456789abcdef"}]
        for reference, theirs, answer in self.both(cells, **principal(AZURE_CLIENT_SECRET=SECRET)):
            with self.subTest(reference):
                self.assert_same(theirs, answer, reference)

    def test_az_is_run_with_the_same_arguments_but_for_the_tenant(self):
        """The token that a script prints in its place is one that the simulator gave to a machine."""
        url = self.sim.urls["azure"] + "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://vault.azure.net"
        token = send(url, headers={"Metadata": "true"})[2]["access_token"]
        answer = self.file("answer", json.dumps({"accessToken": token, "expires_on": 4102444800, "tenant": TENANT}))
        arguments = self.file("arguments", "")
        self.file("az", f'#!/bin/sh\n[ "$1" = account ] && echo "$@" >>{arguments} && cat {answer}\n', 0o700)
        (reference, theirs, ours_), = self.both([{"name": "plain"}], AZURE_TOKEN_CREDENTIALS="AzureCliCredential",
                                                PATH=self.sim.folder.name + ":" + os.environ["PATH"])
        self.assert_same(theirs, ours_, reference)
        with open(arguments, encoding="utf-8") as file:
            theirs, ours_ = file.read().splitlines()
        self.assertEqual(theirs, f"{ours_} --tenant {TENANT}", "only a challenge tells the tenant, and ours needs none")

    def assert_same(self, theirs, answer, reference):
        if "error" not in theirs:
            self.assertEqual((theirs["value"], theirs["version"]), (answer[reference]["value"], answer[reference]["version"]))
            return
        self.assertIn(f"answered {theirs['status']} ", answer["message"])
        self.assertIn(theirs["code"], answer["message"])
        self.assertIn(" ".join(theirs["message"].split()), " ".join(answer["message"].split()))


if __name__ == "__main__":
    unittest.main()
