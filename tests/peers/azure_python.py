# SPDX-License-Identifier: Apache-2.0
"""Debian's Azure SDK for Python as a peer: reads one secret of a vault for each cell that a JSON request on standard input names,
with the simulator's faults of that cell, and answers with what came of it and with the requests that it took."""
import json
import os
import sys
import time
import urllib.request

from azure.core.exceptions import AzureError
from azure.identity import (CertificateCredential, ClientAssertionCredential, EnvironmentCredential,
                            ManagedIdentityCredential)
from azure.keyvault.secrets import SecretClient

patient = time.sleep
time.sleep = lambda seconds: patient(min(seconds, 0.02))  # pauses between attempts are not what is compared
env = os.environ.get


def admin(request, method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    call = urllib.request.Request(request["admin"] + path, data=data, method=method)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(call) as answer:
        return answer.read()


def federated():
    with open(env("AZURE_FEDERATED_TOKEN_FILE"), encoding="ascii") as file:
        return file.read()


def credential(request):
    """By the environment, which this version reads only in part."""
    principal = env("AZURE_TENANT_ID"), env("AZURE_CLIENT_ID")
    if request["selected"] == "ManagedIdentityCredential":
        names = {"objectId": "object_id", "resourceId": "msi_res_id"}
        named = {names[name]: value for name, value in (request.get("managed") or {}).items()}
        return ManagedIdentityCredential(client_id=env("AZURE_CLIENT_ID"), identity_config=named or None)
    if env("AZURE_FEDERATED_TOKEN_FILE"):
        return ClientAssertionCredential(*principal, federated)
    if env("AZURE_CLIENT_CERTIFICATE_PATH"):
        return CertificateCredential(*principal, env("AZURE_CLIENT_CERTIFICATE_PATH"),
                                     password=env("AZURE_CLIENT_CERTIFICATE_PASSWORD"),
                                     send_certificate_chain=env("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN") == "true")
    return EnvironmentCredential()


def read(request):
    try:
        secret = SecretClient(request["vault"], credential(request)).get_secret(request["name"])
        return {"value": secret.value, "version": secret.properties.version}
    except AzureError as error:
        return {"error": type(error).__name__, "message": str(error)}


def run(request, cell):
    admin(request, "DELETE", "/faults")
    admin(request, "DELETE", "/log")
    for rule in cell.get("faults", []):
        admin(request, "POST", "/faults", rule)
    outcome = read(request | cell)
    log = [entry for entry in json.loads(admin(request, "GET", "/log")) if entry["service"] == "azure"]
    return {"outcome": outcome, "log": log}


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    json.dump([run(asked, cell) for cell in asked["cells"]], sys.stdout)
